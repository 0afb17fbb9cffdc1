/** A queue that stays fast when it is long: to shift an array moves all that is behind. */
export class Fifo<T> implements Iterable<T> {
  #pushed: T[] = [];
  /** What is next, last. */
  #next: T[] = [];

  get length(): number {
    return this.#pushed.length + this.#next.length;
  }

  /** What shift() would answer. */
  get first(): T | undefined {
    return this.#next.at(-1) ?? this.#pushed[0];
  }

  push(item: T): void {
    this.#pushed.push(item);
  }

  shift(): T | undefined {
    if (this.#next.length === 0) {
      this.#next = this.#pushed.toReversed();
      this.#pushed = [];
    }
    return this.#next.pop();
  }

  /** Takes everything out, in order. */
  drain(): T[] {
    const items = [...this];
    this.#pushed = [];
    this.#next = [];
    return items;
  }

  *[Symbol.iterator](): Iterator<T> {
    yield* this.#next.toReversed();
    yield* this.#pushed;
  }
}
