import type { Clock } from '../clock.ts';

const ANCHOR_US = 1_000_000;

/**
 * The time of events. Events of one microsecond share a timestamp: to make a bigint for each would be a third of what an
 * event takes.
 */
export class EventClock {
  readonly #clock: Clock | undefined;
  #originNs = 0n;
  #anchorUs = Number.NEGATIVE_INFINITY;
  #lastUs = -1;
  #lastNs = 0n;

  /** Of the machine, unless one is given. */
  constructor(clock?: Clock) {
    this.#clock = clock;
  }

  nowNs(): bigint {
    if (this.#clock !== undefined) return this.#clock.nowNs();
    const us = Math.floor(performance.now() * 1000);
    if (us === this.#lastUs) return this.#lastNs;
    // The wall clock is set now and then: it is looked at once a second.
    if (us - this.#anchorUs > ANCHOR_US) {
      this.#anchorUs = us;
      this.#originNs = BigInt(Date.now() * 1000 - us) * 1000n;
    }
    this.#lastUs = us;
    this.#lastNs = this.#originNs + BigInt(us) * 1000n;
    return this.#lastNs;
  }
}
