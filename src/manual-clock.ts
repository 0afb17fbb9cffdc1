import { inspect } from 'node:util';
import type { Clock } from './clock.ts';
import { CLOCK_NS_MAX } from './limits.ts';

const NS_PER_MS = 1_000_000n;
/** Turns of the event loop that what falls due is given, before the next falls due. */
const TURNS = 12;

interface Timer {
  atNs: bigint;
  readonly run: () => void;
  readonly isChore: boolean;
}

/** Time that is passing. Its end moves when more is added meanwhile, by what falls due for example. */
interface Passage {
  endNs: bigint;
}

/** A clock driven by hand: time passes when the program says so. It has a time from 1970 to 2250. */
export class ManualClock implements Clock {
  #nowNs: bigint;
  readonly #timers = new Set<Timer>();
  readonly #passages = new Set<Passage>();
  #advanced: Promise<void> = Promise.resolve();

  /** Begins at this time, in nanoseconds since 1970; in 2026 unless told otherwise. */
  constructor(nowNs = 1_790_000_000_000_000_000n) {
    if (typeof nowNs !== 'bigint') {
      const kind = `a bigint of nanoseconds since 1970, not ${inspect(nowNs)}`;
      throw new TypeError(`what a ManualClock begins at must be ${kind}`);
    }
    checkTime(nowNs);
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
    const passage = this.#begin(nsOf(ms));
    try {
      while (this.#runNext(passage.endNs));
      this.#nowNs = passage.endNs;
    } finally {
      this.#passages.delete(passage);
    }
  }

  /**
   * As {@link advance}, but what falls due is given some turns of the event loop before time goes on, so that a broker in
   * memory has done what follows from it: a message that is due is delivered, and its lease runs out, at their times.
   * Chores, such as retention, are done before each time at which something else falls due, and at the end.
   *
   * A broker on a disk takes real time, which no turn of the event loop waits for: there, what follows from a timer may
   * come at a later time than its own. Called again before it has resolved, the second goes on where the first ends.
   */
  async advanceAsync(ms: number): Promise<void> {
    const ns = nsOf(ms);
    const advancing = this.#advanced.then(() => this.#pass(ns));
    // Whoever waits for the first is told of its failure; the second takes place all the same.
    this.#advanced = advancing.catch(() => {});
    await advancing;
  }

  /** Sets the wall clock, as a bad time server does: timers keep their distance. */
  jump(ms: number): void {
    if (!Number.isSafeInteger(ms)) {
      throw new TypeError(`a clock jumps by whole milliseconds, not ${inspect(ms)}`);
    }
    const ns = BigInt(ms) * NS_PER_MS;
    checkTime(this.#nowNs + ns);
    this.#extend(ns);
    this.#nowNs += ns;
    for (const timer of this.#timers) timer.atNs += ns;
  }

  async #pass(ns: bigint): Promise<void> {
    const passage = this.#begin(ns);
    try {
      await turns();
      for (;;) {
        const firstNs = this.#firstUntil(passage.endNs, false)?.atNs ?? passage.endNs;
        const nextNs = firstNs > this.#nowNs ? firstNs : this.#nowNs;
        this.#nowNs = nextNs;
        const chores = [...this.#timers].filter(({ atNs, isChore }) => isChore && atNs <= nextNs);
        for (const chore of chores) if (this.#timers.delete(chore)) chore.run();
        if (chores.length > 0) await turns();
        const due = this.#firstUntil(this.#nowNs, false);
        if (due === undefined && this.#nowNs === passage.endNs) return;
        if (due === undefined) continue;
        this.#timers.delete(due);
        due.run();
        await turns();
      }
    } finally {
      this.#passages.delete(passage);
    }
  }

  /** Lets so much time pass from now. What is passing already ends later by as much: nothing of it is skipped. */
  #begin(ns: bigint): Passage {
    checkTime(this.#nowNs + ns);
    this.#extend(ns);
    const passage = { endNs: this.#nowNs + ns };
    this.#passages.add(passage);
    return passage;
  }

  #extend(ns: bigint): void {
    for (const { endNs } of this.#passages) checkTime(endNs + ns);
    for (const passage of this.#passages) passage.endNs += ns;
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

/** Throws for what cannot be told in int64, or leaves no room there for what is due later. */
function checkTime(nowNs: bigint): void {
  if (nowNs >= 0n && nowNs <= CLOCK_NS_MAX) return;
  throw new TypeError(`the time must be from 0 to ${CLOCK_NS_MAX} ns since 1970, not ${nowNs}`);
}

function nsOf(ms: number): bigint {
  if (Number.isSafeInteger(ms) && ms >= 0) return BigInt(ms) * NS_PER_MS;
  throw new TypeError(`time passes by whole milliseconds, 0 or more, not ${inspect(ms)}`);
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
