import { onAbort } from './abort.ts';
import type { PlayheadError } from './errors.ts';
import type { PublishOutcome, PublishRequest } from './publish-request.ts';
import type { Publishable } from './publishable.ts';

export interface PublishAllOptions {
  /** Called after each acknowledgement with the number of messages stored so far. */
  readonly onProgress?: ((count: number) => void) | undefined;
  /** Stops taking messages, and waiting. What has been handed over may be stored nevertheless. */
  readonly signal?: AbortSignal | undefined;
}

export interface PublishAllResult {
  readonly count: number;
  /** Undefined if nothing was published. */
  readonly firstTimestampNs: bigint | undefined;
  readonly lastTimestampNs: bigint | undefined;
}

/** What it needs of the publisher. */
export interface PublishAllTarget {
  /** The request that the message went into. */
  readonly add: (message: Publishable) => PublishRequest;
  /** Undefined if there is room now. */
  readonly room: () => Promise<void> | undefined;
  /** Sends what is not full yet. */
  readonly send: () => void;
  readonly cancelled: (signal: AbortSignal) => PlayheadError;
}

/** Publishes a source. Other messages may go into the same requests meanwhile, so it counts its own in each. */
export class PublishAll {
  readonly #target: PublishAllTarget;
  readonly #options: PublishAllOptions;
  readonly #outcomes = new Set<Promise<void>>();
  #request: PublishRequest | undefined;
  #countInRequest = 0;
  #firstIndex = 0;
  #lastIndex = 0;
  #stored = 0;
  #firstTimestampNs: bigint | undefined;
  #lastTimestampNs: bigint | undefined;
  #error: PlayheadError | undefined;
  #wakeOnError: () => void = () => {};

  constructor(target: PublishAllTarget, options: PublishAllOptions) {
    this.#target = target;
    this.#options = options;
  }

  async run(
    source: Iterable<Publishable> | AsyncIterable<Publishable>,
  ): Promise<PublishAllResult> {
    let stop = () => {};
    const cancelled = new Promise<void>((resolve) => {
      stop = onAbort([this.#options.signal], (signal) => {
        this.#fail(this.#target.cancelled(signal));
        resolve();
      });
    });
    try {
      if (Symbol.asyncIterator in source) await this.#takeAsync(source);
      else await this.#take(source);
    } finally {
      // What was taken before the source threw is waited for, too.
      this.#finishRequest();
      this.#target.send();
      await Promise.race([cancelled, Promise.all(this.#outcomes)]);
      stop();
    }
    if (this.#error !== undefined) throw this.#error;
    return {
      count: this.#stored,
      firstTimestampNs: this.#firstTimestampNs,
      lastTimestampNs: this.#lastTimestampNs,
    };
  }

  async #take(source: Iterable<Publishable>): Promise<void> {
    for (const message of source) {
      const room = this.#target.room();
      if (room !== undefined) await this.#orError(room);
      if (this.#error !== undefined) return;
      this.#add(message);
    }
  }

  async #takeAsync(source: AsyncIterable<Publishable>): Promise<void> {
    const iterator = source[Symbol.asyncIterator]();
    for (;;) {
      const next = await this.#orError(iterator.next());
      if (next?.done === true) return;
      const room = this.#target.room();
      if (room !== undefined) await this.#orError(room);
      if (next === undefined || this.#error !== undefined) {
        // A source that waits for its next message answers this only afterwards: nobody waits for that.
        iterator.return?.().catch(() => {});
        return;
      }
      this.#add(next.value);
    }
  }

  /** Waits for the promise, but no longer than for an error; then undefined. */
  #orError<T>(promise: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.#wakeOnError = () => resolve(undefined);
      promise.then(resolve, reject);
      if (this.#error !== undefined) resolve(undefined);
    });
  }

  #add(message: Publishable): void {
    const request = this.#target.add(message);
    const index = request.batch.count - 1;
    if (request !== this.#request) {
      this.#finishRequest();
      this.#request = request;
      this.#countInRequest = 0;
      this.#firstIndex = index;
    }
    this.#countInRequest += 1;
    this.#lastIndex = index;
  }

  #finishRequest(): void {
    const request = this.#request;
    if (request === undefined) return;
    this.#request = undefined;
    const count = this.#countInRequest;
    const firstIndex = BigInt(this.#firstIndex);
    const lastIndex = BigInt(this.#lastIndex);
    const outcome = request.outcome().then((result: PublishOutcome) => {
      this.#outcomes.delete(outcome);
      if (result.error !== undefined) {
        this.#fail(result.error);
        return;
      }
      const { firstTimestampNs } = result.ack;
      this.#firstTimestampNs ??= firstTimestampNs + firstIndex;
      this.#lastTimestampNs = firstTimestampNs + lastIndex;
      this.#stored += count;
      this.#options.onProgress?.(this.#stored);
    });
    this.#outcomes.add(outcome);
  }

  #fail(error: PlayheadError): void {
    this.#error ??= error;
    this.#wakeOnError();
  }
}
