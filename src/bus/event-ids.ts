import { randomInt } from 'node:crypto';

const RADIX = 36;
const SUFFIXES = Array.from({ length: RADIX ** 2 }, (_, i) => digits(i, 2));
const NODES = RADIX ** 4;

function digits(value: number, length: number): string {
  return value.toString(RADIX).padStart(length, '0');
}

/** How many ids share a beginning. */
const RUN = SUFFIXES.length;

/**
 * Ids of 16 characters that sort as they were made, as far as one process goes: 8 of the time in milliseconds, 4 that
 * are random for each bus, and 4 that count. Only the last two are joined anew for each id.
 */
export class EventIds {
  readonly #node = digits(randomInt(NODES), 4);
  #ms = 0;
  #block = 0;
  #prefix = '';
  #index = RUN;

  /** Unique in this process, and very likely in all. */
  next(): string {
    if (this.#index === RUN) this.#begin();
    return this.#prefix + SUFFIXES[this.#index++];
  }

  /** A beginning that was never used: of now, or if the clock has not moved on, the next of the same time. */
  #begin(): void {
    const nowMs = Date.now();
    if (nowMs > this.#ms) {
      this.#ms = nowMs;
      this.#block = 0;
    } else {
      this.#block += 1;
      if (this.#block === RUN) {
        this.#ms += 1;
        this.#block = 0;
      }
    }
    this.#prefix = digits(this.#ms, 8) + this.#node + digits(this.#block, 2);
    this.#index = 0;
  }
}
