/** How fast the tape runs: so many times as fast as it was written, or as fast as it can be read. */
export type Speed = 1 | 10 | 'max';

export const SPEEDS: readonly Speed[] = [1, 10, 'max'];

export function speedLabel(speed: Speed): string {
  return speed === 'max' ? 'max' : `${speed}×`;
}

const NS_PER_MS_NUMBER = 1_000_000;

/** Where the playhead is while it plays: a place on the tape that moves with the clock of the browser. */
export class Pacer {
  #fromNs: bigint;
  #sinceMs: number;
  #speed: Speed;

  constructor(fromNs: bigint, nowMs: number, speed: Speed) {
    this.#fromNs = fromNs;
    this.#sinceMs = nowMs;
    this.#speed = speed;
  }

  get speed(): Speed {
    return this.#speed;
  }

  /** The time on the tape that has been reached; undefined if nothing holds it back. */
  position(nowMs: number): bigint | undefined {
    if (this.#speed === 'max') return undefined;
    // The time since the last change is a number of the browser's: what it adds is rounded to a nanosecond.
    const playedNs = Math.round((nowMs - this.#sinceMs) * NS_PER_MS_NUMBER * this.#speed);
    return this.#fromNs + BigInt(playedNs);
  }

  /** Goes on from another place, or at another speed. */
  restart(fromNs: bigint, nowMs: number, speed: Speed = this.#speed): void {
    this.#fromNs = fromNs;
    this.#sinceMs = nowMs;
    this.#speed = speed;
  }
}
