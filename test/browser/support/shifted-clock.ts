import { SystemClock } from '../../../src/clock.ts';

/** The machine's clock, some time ago: a tape that is days long is made in a moment. */
export class ShiftedClock extends SystemClock {
  #agoNs = 0n;

  /** What is published from now on was published so long ago; less than before, since time goes forward. */
  setAgo(seconds: number): void {
    this.#agoNs = BigInt(Math.round(seconds * 1e9));
  }

  override nowNs(): bigint {
    return super.nowNs() - this.#agoNs;
  }
}
