import { createHash } from 'node:crypto';

/** Values are gathered up to this size: a call of the hash costs more than the hashing of a small value. */
const GATHER_BYTES = 32 * 1024;

/** MD5 over values in order, as the writer and the readers of a channel compute it. */
export class Checksum {
  readonly #hash;
  #gathered: Buffer | undefined;
  #length = 0;

  constructor() {
    this.#hash = createHash('md5');
  }

  update(value: Uint8Array): void {
    if (value.length >= GATHER_BYTES) {
      this.#drain();
      this.#hash.update(value);
      return;
    }
    this.#gathered ??= Buffer.allocUnsafeSlow(GATHER_BYTES);
    if (this.#length + value.length > GATHER_BYTES) this.#drain();
    this.#gathered.set(value, this.#length);
    this.#length += value.length;
  }

  /** The checksum of what came so far, and of `more` behind it. */
  digest(more: readonly Uint8Array[] = []): Buffer {
    this.#drain();
    const hash = this.#hash.copy();
    for (const value of more) hash.update(value);
    return hash.digest();
  }

  #drain(): void {
    if (this.#gathered !== undefined && this.#length > 0) {
      this.#hash.update(this.#gathered.subarray(0, this.#length));
    }
    this.#length = 0;
  }
}
