/** Where time comes from. Handed in, so that a test can drive it. */
export interface Clock {
  /** Nanoseconds since 1970, UTC. May jump in both directions, as the machine's clock does. */
  nowNs(): bigint;
  /**
   * Calls `run` once, `delayMs` milliseconds from now, unless the returned function is called before. A chore is what is
   * done again and again, and is as good if it is done later: a clock may leave out all but one of several in a row.
   */
  schedule(run: () => void, delayMs: number, isChore?: boolean): () => void;
}

const NS_PER_MS = 1_000_000n;
/** Node refuses longer timers; a longer delay is made of several. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * The machine's clock. `Date.now()` has only milliseconds, so the nanoseconds between come from the monotonic
 * clock, anchored to the wall clock and anchored anew when the two drift apart, which is how a step of the
 * wall clock shows.
 */
export class SystemClock implements Clock {
  #anchorWallNs = 0n;
  #anchorMonotonicNs = 0n;

  constructor() {
    this.#anchor();
  }

  nowNs(): bigint {
    const ns = this.#anchorWallNs + (process.hrtime.bigint() - this.#anchorMonotonicNs);
    const driftMs = Number(ns / NS_PER_MS) - Date.now();
    if (driftMs > 2 || driftMs < -2) {
      this.#anchor();
      return this.#anchorWallNs;
    }
    return ns;
  }

  schedule(run: () => void, delayMs: number): () => void {
    const step = Math.min(delayMs, TIMER_MAX_MS);
    let cancelNext: (() => void) | undefined;
    const timer = setTimeout(() => {
      if (delayMs > step) cancelNext = this.schedule(run, delayMs - step);
      else run();
    }, step);
    timer.unref();
    return () => {
      clearTimeout(timer);
      cancelNext?.();
    };
  }

  #anchor(): void {
    this.#anchorWallNs = BigInt(Date.now()) * NS_PER_MS;
    this.#anchorMonotonicNs = process.hrtime.bigint();
  }
}
