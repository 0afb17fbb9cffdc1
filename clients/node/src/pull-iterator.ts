/** What a {@link PullIterator} hands out. */
export interface PullSource<T> {
  /** The next value, if it is here. */
  takeNow(): T | undefined;
  /**
   * Resolves when takeNow() may have something again; false at the end. Never called while an earlier call is under way.
   */
  wait(): Promise<boolean>;
  /** Ends the source, and wait() with it. */
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
  /** Calls that are not answered yet. */
  #queued = 0;
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
    this.#queued += 1;
    const mine = this.#waiting === undefined ? take() : this.#waiting.then(take, take);
    // At the end it is answered already.
    if (this.#queued > 0) this.#waiting = mine;
    return mine;
  }

  async #take(): Promise<IteratorResult<T, undefined>> {
    try {
      while (!this.#isDone) {
        const value = this.#source.takeNow();
        if (value !== undefined) return { value, done: false };
        if (!(await this.#source.wait())) return await this.return();
      }
      return { value: undefined, done: true };
    } catch (error) {
      return await this.#fail(error);
    } finally {
      this.#queued -= 1;
      if (this.#queued === 0) this.#waiting = undefined;
    }
  }

  /** Ends with an error, once; what is asked for behind it is the end. */
  async #fail(error: unknown): Promise<never> {
    await this.return();
    throw error;
  }
}
