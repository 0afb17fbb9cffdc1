import { machineClock } from './clock.ts';

export interface BackoffOptions {
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  /** From the first failure in a row; infinite: never. */
  readonly giveUpAfterMs: number;
}

/**
 * Pauses between tries: doubling, half of each random, so that many clients of a broker that restarts do not come back
 * in step. The first tries, one for each further address, follow without a pause.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #nowMs: () => number;
  readonly #random: () => number;
  #failures = 0;
  #sinceMs = 0;

  constructor(
    options: BackoffOptions,
    nowMs: () => number = () => machineClock.nowMs(),
    random: () => number = Math.random,
  ) {
    this.#options = options;
    this.#nowMs = nowMs;
    this.#random = random;
  }

  /** Number of failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /**
   * Counts a failure. Returns how long to wait before the next try, or undefined when it is time to give up. Each of
   * the `addresses` is tried once before the first pause.
   */
  fail(addresses = 1): number | undefined {
    const nowMs = this.#nowMs();
    if (this.#failures === 0) this.#sinceMs = nowMs;
    this.#failures += 1;
    if (this.#failures < addresses) return 0;
    const leftMs = this.#options.giveUpAfterMs - (nowMs - this.#sinceMs);
    if (leftMs <= 0) return undefined;
    const { initialBackoffMs, maxBackoffMs } = this.#options;
    const doublings = Math.min(this.#failures - addresses, 30);
    const fullMs = Math.min(initialBackoffMs * 2 ** doublings, maxBackoffMs);
    // The last try is made at the end of the time, not given up before it.
    return Math.min(fullMs * (0.5 + this.#random() / 2), leftMs);
  }

  /** The next failure is a first one again. */
  succeed(): void {
    this.#failures = 0;
  }
}
