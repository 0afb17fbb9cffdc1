import type { Clock } from './clock.ts';

const NS_PER_MS = 1_000_000n;
/** Turns of the event loop that what falls due is given, before the next falls due. */
const TURNS = 12;

interface Timer {
  atNs: bigint;
  readonly run: () => void;
  readonly isChore: boolean;
}

/** A clock driven by hand: time passes when the program says so. */
export class ManualClock implements Clock {
  #nowNs: bigint;
  readonly #timers = new Set<Timer>();

  /** Begins at this time, in nanoseconds since 1970; in 2026 unless told otherwise. */
  constructor(nowNs = 1_790_000_000_000_000_000n) {
    this.#nowNs = nowNs;
  }

  /** Timers that are set. */
  get timerCount(): number {
    return this.#timers.size;
  }

  nowNs(): bigint {
    return this.#nowNs;
  }

  schedule(run: () => void, delayMs: number, isChore = false): () => void {
    const atNs = this.#nowNs + BigInt(Math.ceil(delayMs)) * NS_PER_MS;
    const timer = { atNs, run, isChore };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /**
   * Lets so many milliseconds pass, and runs what falls due, in order, each at its time. What that sets going in later
   * turns of the event loop happens when all of the time has passed; see {@link advanceAsync}.
   */
  advance(ms: number): void {
    const endNs = this.#endOf(ms);
    while (this.#runNext(endNs));
    this.#nowNs = endNs;
  }

  /**
   * As {@link advance}, but what falls due is given some turns of the event loop before time goes on, so that a broker in
   * memory has done what follows from it: a message that is due is delivered, and its lease runs out, at their times.
   * Chores, such as retention, are done before each time at which something else falls due, and at the end.
   */
  async advanceAsync(ms: number): Promise<void> {
    const endNs = this.#endOf(ms);
    await turns();
    for (;;) {
      const firstNs = this.#firstUntil(endNs, false)?.atNs ?? endNs;
      const nextNs = firstNs > this.#nowNs ? firstNs : this.#nowNs;
      this.#nowNs = nextNs;
      const chores = [...this.#timers].filter(({ atNs, isChore }) => isChore && atNs <= nextNs);
      for (const chore of chores) if (this.#timers.delete(chore)) chore.run();
      if (chores.length > 0) await turns();
      const due = this.#firstUntil(nextNs, false);
      if (due === undefined && nextNs === endNs) return;
      if (due === undefined) continue;
      this.#timers.delete(due);
      due.run();
      await turns();
    }
  }

  /** Sets the wall clock, as a bad time server does: timers keep their distance. */
  jump(ms: number): void {
    const ns = BigInt(ms) * NS_PER_MS;
    this.#nowNs += ns;
    for (const timer of this.#timers) timer.atNs += ns;
  }

  #endOf(ms: number): bigint {
    if (!(Number.isSafeInteger(ms) && ms >= 0)) {
      throw new TypeError(`time passes by whole milliseconds, 0 or more, not ${ms}`);
    }
    return this.#nowNs + BigInt(ms) * NS_PER_MS;
  }

  /** Runs the first timer that falls due until then; false if there is none. */
  #runNext(endNs: bigint): boolean {
    const next = this.#firstUntil(endNs, true);
    if (next === undefined) return false;
    this.#timers.delete(next);
    if (next.atNs > this.#nowNs) this.#nowNs = next.atNs;
    next.run();
    return true;
  }

  #firstUntil(endNs: bigint, withChores: boolean): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.atNs > endNs || (timer.isChore && !withChores)) continue;
      if (first === undefined || timer.atNs < first.atNs) first = timer;
    }
    return first;
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
