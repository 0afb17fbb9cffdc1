import type { Payloads } from './verify.ts';
import { VerificationError } from './workload.ts';

/** Sees to it that each message comes once, in whatever order. */
export class OnceEach {
  readonly #payloads: Payloads;
  readonly #topic: string;
  readonly #isTaken: Uint8Array;
  #takenCount = 0;

  constructor(payloads: Payloads, topic: string, count: number) {
    this.#payloads = payloads;
    this.#topic = topic;
    this.#isTaken = new Uint8Array(count);
  }

  get takenCount(): number {
    return this.#takenCount;
  }

  /** Takes the value of a message. Answers with its index. Throws if it is none of them, or came before. */
  takeValue(value: Buffer): number {
    const index = value.length === this.#payloads.bytes ? value.readUInt32LE(0) : Number.NaN;
    if (!this.#payloads.isLike(value, index) || this.#isTaken[index] === undefined) {
      throw new VerificationError(
        `${this.#topic}: a message is not what was published (${value.length} bytes, index ${index})`,
      );
    }
    if (this.#isTaken[index] === 1) {
      throw new VerificationError(`${this.#topic}: message ${index} came twice`);
    }
    this.#isTaken[index] = 1;
    this.#takenCount += 1;
    return index;
  }

  /** Throws unless all have come. */
  finish(): void {
    const missing = this.#isTaken.indexOf(0);
    if (missing < 0) return;
    throw new VerificationError(
      `${this.#topic}: of ${this.#isTaken.length} messages ${this.#takenCount} came, not message ${missing}`,
    );
  }
}
