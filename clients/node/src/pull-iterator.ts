/** What a {@link PullIterator} hands out. */
export interface PullSource<T> {
  /** The next value, if it is here. */
  takeNow(): T | undefined;
  /** The next value as soon as it is here; undefined at the end. Never called while an earlier call is under way. */
  takeLater(): Promise<T | undefined>;
  /** Ends the source, and takeLater() with it. */
  close(): Promise<void>;
}

/**
 * Hands out values one by one, in order also to calls that do not wait for each other. Two things set it apart from an
 * async generator: what is here costs one promise, and what was handed out is not held while the next one is awaited,
 * which for a thousand subscriptions is a thousand batches.
 */
export class PullIterator<T> implements AsyncGenerator<T, undefined> {
  readonly #source: PullSource<T>;
  #waiting: Promise<IteratorResult<T, undefined>> | undefined;
  #isDone = false;

  constructor(source: PullSource<T>) {
    this.#source = source;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#waiting !== undefined || this.#isDone) return this.#queueUp();
    let value: T | undefined;
    try {
      value = this.#source.takeNow();
    } catch (error) {
      return this.#fail(error);
    }
    if (value === undefined) return this.#queueUp();
    return Promise.resolve({ value, done: false });
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#isDone = true;
    await this.#source.close();
    return { value: undefined, done: true };
  }

  async throw(error: unknown): Promise<IteratorResult<T, undefined>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #queueUp(): Promise<IteratorResult<T, undefined>> {
    const take = () => this.#take();
    const mine = this.#waiting === undefined ? take() : this.#waiting.then(take, take);
    this.#waiting = mine;
    const settle = () => {
      if (this.#waiting === mine) this.#waiting = undefined;
    };
    mine.then(settle, settle);
    return mine;
  }

  async #take(): Promise<IteratorResult<T, undefined>> {
    if (this.#isDone) return { value: undefined, done: true };
    try {
      const value = this.#source.takeNow() ?? (await this.#source.takeLater());
      if (value !== undefined) return { value, done: false };
    } catch (error) {
      return this.#fail(error);
    }
    return this.return();
  }

  /** Ends with an error, once; what is asked for behind it is the end. */
  async #fail(error: unknown): Promise<never> {
    await this.return();
    throw error;
  }
}
