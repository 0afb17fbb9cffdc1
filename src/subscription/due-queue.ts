import TinyQueue from 'tinyqueue';

/** Cancelled places that are not worth the work of removing them. */
const CANCELLED_MIN = 1024;

/**
 * Places in the order in which they fall due: small numbers that are given out, and given out again when they are taken
 * or have come out of the queue cancelled. There may be a million, so there is no object for any of them. Cancelled
 * ones that are still in the queue are never more than those that wait, but for a few.
 */
export class DueQueue {
  #dueUs = new Float64Array(1024);
  #isCancelled = new Uint8Array(1024);
  #queue = new TinyQueue<number>([], (a, b) => this.#compare(a, b));
  #free: number[] = [];
  #cancelledCount = 0;
  #placeCount = 0;

  /** Places that wait. */
  get length(): number {
    return this.#queue.length - this.#cancelledCount;
  }

  /** Places there are, in use or not. */
  get placeCount(): number {
    return this.#placeCount;
  }

  /** When the first place is due, in microseconds; undefined if none waits. */
  get nextUs(): number | undefined {
    this.#dropCancelled();
    const first = this.#queue.peek();
    return first === undefined ? undefined : this.#dueUs[first];
  }

  /** When a place is due. */
  dueUs(place: number): number {
    return this.#dueUs[place] ?? 0;
  }

  /** Gives out a place that is due then. */
  push(dueUs: number): number {
    const place = this.#free.pop() ?? this.#placeCount++;
    if (place === this.#dueUs.length) this.#grow();
    this.#dueUs[place] = dueUs;
    this.#queue.push(place);
    return place;
  }

  /** Takes the first place if it is due: it is free from now on. */
  take(nowUs: number): number | undefined {
    const nextUs = this.nextUs;
    if (nextUs === undefined || nextUs > nowUs) return undefined;
    const place = this.#queue.pop();
    if (place !== undefined) this.#free.push(place);
    return place;
  }

  /** Takes a place out that waits. */
  cancel(place: number): void {
    this.#isCancelled[place] = 1;
    this.#cancelledCount++;
    if (this.#cancelledCount > CANCELLED_MIN && this.#cancelledCount > this.length) this.#rebuild();
  }

  #compare(a: number, b: number): number {
    return (this.#dueUs[a] as number) - (this.#dueUs[b] as number);
  }

  #dropCancelled(): void {
    for (let first = this.#queue.peek(); first !== undefined; first = this.#queue.peek()) {
      if (this.#isCancelled[first] === 0) return;
      this.#queue.pop();
      this.#release(first);
    }
  }

  #rebuild(): void {
    const waiting: number[] = [];
    for (const place of this.#queue.data) {
      if (this.#isCancelled[place] === 0) waiting.push(place);
      else this.#release(place);
    }
    this.#queue = new TinyQueue(waiting, (a, b) => this.#compare(a, b));
  }

  #release(place: number): void {
    this.#isCancelled[place] = 0;
    this.#cancelledCount--;
    this.#free.push(place);
  }

  #grow(): void {
    const { length } = this.#dueUs;
    const dueUs = new Float64Array(length * 2);
    const isCancelled = new Uint8Array(length * 2);
    dueUs.set(this.#dueUs);
    isCancelled.set(this.#isCancelled);
    this.#dueUs = dueUs;
    this.#isCancelled = isCancelled;
  }
}
