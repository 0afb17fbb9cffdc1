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
  readonly hasRoom: () => boolean;
  readonly waitForRoom: () => Promise<void>;
  /** Sends what is not full yet. */
  readonly send: () => void;
  readonly cancelled: (signal: AbortSignal) => PlayheadError;
}

/** Its messages in one request, by their index there. */
interface Part {
  readonly request: PublishRequest;
  readonly firstIndex: number;
  lastIndex: number;
  count: number;
}

/** Publishes a source. Other messages may go into the same requests meanwhile, so it counts its own in each. */
export class PublishAll {
  readonly #target: PublishAllTarget;
  readonly #options: PublishAllOptions;
  readonly #outcomes = new Set<Promise<void>>();
  #current: Part | undefined;
  #stored = 0;
  #firstTimestampNs: bigint | undefined;
  #lastTimestampNs: bigint | undefined;
  #error: PlayheadError | undefined;
  #wakeOnError: () => void = () => {};

  constructor(target: PublishAllTarget, options: PublishAllOptions) {
    this.#target = target;
    this.#options = options;
  }

  async run(source: Iterable<Publishable> | AsyncIterable<Publishable>): Promise<PublishAllResult> {
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
      if (!this.#target.hasRoom()) await this.#room();
      if (this.#error !== undefined) return;
      this.#add(message);
    }
  }

  async #takeAsync(source: AsyncIterable<Publishable>): Promise<void> {
    const iterator = source[Symbol.asyncIterator]();
    let isExhausted = false;
    try {
      for (;;) {
        const next = await this.#orError(iterator.next());
        isExhausted = next?.done === true;
        if (next === undefined || next.done === true) return;
        if (!this.#target.hasRoom()) await this.#room();
        if (this.#error !== undefined) return;
        this.#add(next.value);
      }
    } finally {
      // A source that waits for its next message answers this only afterwards: nobody waits for that.
      if (!isExhausted) iterator.return?.().catch(() => {});
    }
  }

  /** Waits for room, or for an error. */
  async #room(): Promise<void> {
    // Others publish, too, and may have filled it meanwhile.
    while (!this.#target.hasRoom() && this.#error === undefined) {
      await this.#orError(this.#target.waitForRoom());
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
    if (this.#current?.request !== request) {
      this.#current = { request, firstIndex: index, lastIndex: index, count: 0 };
      this.#watch(this.#current);
    }
    this.#current.count += 1;
    this.#current.lastIndex = index;
  }

  #watch(part: Part): void {
    const outcome = part.request.outcome().then((result: PublishOutcome) => {
      this.#outcomes.delete(outcome);
      if (result.error !== undefined) {
        this.#fail(result.error);
        return;
      }
      const { firstTimestampNs } = result.ack;
      this.#firstTimestampNs ??= firstTimestampNs + BigInt(part.firstIndex);
      this.#lastTimestampNs = firstTimestampNs + BigInt(part.lastIndex);
      this.#stored += part.count;
      this.#options.onProgress?.(this.#stored);
    });
    this.#outcomes.add(outcome);
  }

  #fail(error: PlayheadError): void {
    this.#error ??= error;
    this.#wakeOnError();
  }
}
