import type { Clock } from '../../src/clock.ts';

interface Timer {
  readonly atNs: bigint;
  readonly run: () => void;
}

/** A clock driven by hand: time passes when the test says so. */
export class ManualClock implements Clock {
  #nowNs: bigint;
  readonly #timers = new Set<Timer>();

  /** Begins in 2026 unless told otherwise. */
  constructor(nowNs = 1_790_000_000_000_000_000n) {
    this.#nowNs = nowNs;
  }

  get timerCount(): number {
    return this.#timers.size;
  }

  nowNs(): bigint {
    return this.#nowNs;
  }

  schedule(run: () => void, delayMs: number): () => void {
    const timer = { atNs: this.#nowNs + BigInt(Math.ceil(delayMs)) * 1_000_000n, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets time pass and runs what falls due, in order. */
  advance(ms: number): void {
    const endNs = this.#nowNs + BigInt(ms) * 1_000_000n;
    for (;;) {
      const due = [...this.#timers]
        .filter((timer) => timer.atNs <= endNs)
        .sort((a, b) => (a.atNs < b.atNs ? -1 : 1))[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      if (due.atNs > this.#nowNs) this.#nowNs = due.atNs;
      due.run();
    }
    this.#nowNs = endNs;
  }

  /** Sets the wall clock, as a bad time server does: timers keep their distance. */
  jump(ms: number): void {
    const ns = BigInt(ms) * 1_000_000n;
    this.#nowNs += ns;
    const moved = [...this.#timers].map((timer) => ({ timer, atNs: timer.atNs + ns }));
    for (const { timer, atNs } of moved) Object.assign(timer, { atNs });
  }
}
