import TinyQueue from 'tinyqueue';

/** So few dead items are not worth a clean-up. */
const GARBAGE_MIN = 1024;

/**
 * A priority queue whose items die without being taken out: they are passed over when they come to the front, and
 * cleaned away when they are more than what lives.
 */
export class LazyHeap<T> {
  readonly #compare: (a: T, b: T) => number;
  readonly #isLive: (item: T) => boolean;
  #queue: TinyQueue<T>;
  #cleanAt = GARBAGE_MIN;

  constructor(compare: (a: T, b: T) => number, isLive: (item: T) => boolean) {
    this.#compare = compare;
    this.#isLive = isLive;
    this.#queue = new TinyQueue<T>([], compare);
  }

  push(item: T): void {
    this.#queue.push(item);
    if (this.#queue.length > this.#cleanAt) this.#clean();
  }

  /** The first live item; it stays. */
  peek(): T | undefined {
    for (;;) {
      const item = this.#queue.peek();
      if (item === undefined || this.#isLive(item)) return item;
      this.#queue.pop();
    }
  }

  /** Takes the first live item out. */
  pop(): T | undefined {
    const item = this.peek();
    if (item !== undefined) this.#queue.pop();
    return item;
  }

  clear(): void {
    this.#queue = new TinyQueue<T>([], this.#compare);
    this.#cleanAt = GARBAGE_MIN;
  }

  #clean(): void {
    const live = this.#queue.data.filter(this.#isLive);
    this.#queue = new TinyQueue(live, this.#compare);
    this.#cleanAt = 2 * live.length + GARBAGE_MIN;
  }
}

export function compareBigInts(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
