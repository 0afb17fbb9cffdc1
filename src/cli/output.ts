import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** A pipe of Linux holds so much. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Standard output for data. What is pushed goes out in large pieces, and at the latest when the event loop turns. A
 * reader that goes away (`| head`) is no error: `readerGone` aborts, and the rest is dropped in silence. Any
 * other failure to write is thrown by the next `ready()` or `flush()`.
 */
export class DataOutput {
  readonly #stream: Writable;
  readonly #readerGone = new AbortController();
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #timer: NodeJS.Immediate | undefined;
  #isBlocked = false;
  #failure: Error | undefined;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // Windows says EOF where Unix says EPIPE.
      if (error.code !== 'EPIPE' && error.code !== 'EOF') this.#failure = error;
      this.#readerGone.abort();
    });
  }

  /** Aborts once nobody takes the data any more. */
  get readerGone(): AbortSignal {
    return this.#readerGone.signal;
  }

  /** True if it is time to wait for `ready()`. */
  get isFull(): boolean {
    return this.#bytes >= CHUNK_BYTES || this.#isBlocked || this.#failure !== undefined;
  }

  /** Takes bytes, which must not be changed afterwards. */
  push(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    this.#timer ??= setImmediate(() => this.#send());
  }

  /** Takes a line of text. */
  pushLine(text: string): void {
    this.push(Buffer.from(`${text}\n`));
  }

  /** Resolves when there is room again. */
  async ready(): Promise<void> {
    this.#send();
    if (this.#isBlocked && !this.readerGone.aborted) {
      // Rejects when the reader goes away or the write fails: the error listener has noted which.
      await once(this.#stream, 'drain', { signal: this.readerGone }).catch(() => undefined);
    }
    this.#isBlocked = false;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Resolves when all that was pushed has left the process, or never will. */
  async flush(): Promise<void> {
    this.#send();
    if (!this.readerGone.aborted) {
      await new Promise<void>((resolve) => {
        const finish = () => {
          this.readerGone.removeEventListener('abort', finish);
          resolve();
        };
        this.readerGone.addEventListener('abort', finish);
        // The callback of an empty write comes behind all writes before it.
        this.#stream.write('', finish);
      });
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #send(): void {
    clearImmediate(this.#timer);
    this.#timer = undefined;
    const [first] = this.#parts;
    if (first === undefined) return;
    const data = this.#parts.length === 1 ? first : Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
    if (!this.readerGone.aborted && !this.#stream.write(data)) this.#isBlocked = true;
  }
}
