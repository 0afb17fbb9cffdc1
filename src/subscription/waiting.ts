import type { WaitingEntry } from 'playhead-proto/storage';
import { compareBigInts, LazyHeap } from './lazy-heap.ts';
import type { Run } from './run.ts';
import { endSequence, partOf } from './run.ts';

/** Messages that wait to be delivered again, or for the first time where they were passed over. */
export interface WaitingRun extends Omit<WaitingEntry, 'run'> {
  readonly run: Run;
  /** By what it is ordered among all that is not settled. */
  readonly orderSequence: bigint;
}

/** What waits, until its time has come and then in the order of the topic. */
export class Waiting {
  readonly #byFirst = new Map<bigint, WaitingRun>();
  readonly #isLive = (waiting: WaitingRun) => this.has(waiting);
  readonly #delayed = new LazyHeap<WaitingRun>(
    (a, b) => compareBigInts(a.notBeforeNs, b.notBeforeNs),
    this.#isLive,
  );
  readonly #ready = new LazyHeap<WaitingRun>(bySequence, this.#isLive);
  readonly #suspects = new LazyHeap<WaitingRun>(bySequence, this.#isLive);
  #messageCount = 0;

  get messageCount(): number {
    return this.#messageCount;
  }

  /** When the next run that is not ready will be; undefined if there is none. */
  get nextDueNs(): bigint | undefined {
    return this.#delayed.peek()?.notBeforeNs;
  }

  has(waiting: WaitingRun): boolean {
    return this.#byFirst.get(waiting.run.firstSequence) === waiting;
  }

  add(fields: Omit<WaitingRun, 'orderSequence'>): WaitingRun {
    const waiting = { ...fields, orderSequence: fields.run.firstSequence };
    this.#byFirst.set(waiting.orderSequence, waiting);
    this.#messageCount += waiting.run.messageCount;
    this.#delayed.push(waiting);
    return waiting;
  }

  /** The first run that may be delivered now; of those whose worker may have died of them, or of the others. */
  next(nowNs: bigint, kind: 'ordinary' | 'suspect'): WaitingRun | undefined {
    this.#wake(nowNs);
    return kind === 'suspect' ? this.#suspects.peek() : this.#ready.peek();
  }

  /** Puts a run aside: it is not ready any more until it is {@link release}d. */
  setAside(waiting: WaitingRun): void {
    (waiting.isSuspect ? this.#suspects : this.#ready).pop();
  }

  release(waiting: WaitingRun): void {
    if (this.has(waiting)) this.#delayed.push(waiting);
  }

  /** Takes the run out, which is the beginning of one that waits. Answers with what of that waits on. */
  take(run: Run): WaitingRun | undefined {
    const waiting = this.#byFirst.get(run.firstSequence);
    return waiting && this.#takeOut(waiting, run.messageCount);
  }

  /** Forgets all before a sequence. Answers with what of the runs that it falls into waits on. */
  dropBefore(sequence: bigint): WaitingRun[] {
    const rests: WaitingRun[] = [];
    for (const waiting of this.#byFirst.values()) {
      const { run } = waiting;
      if (run.firstSequence >= sequence) continue;
      const isWhole = endSequence(run) <= sequence;
      const count = isWhole ? run.messageCount : Number(sequence - run.firstSequence);
      const rest = this.#takeOut(waiting, count);
      if (rest !== undefined) rests.push(rest);
    }
    return rests;
  }

  all(): IterableIterator<WaitingRun> {
    return this.#byFirst.values();
  }

  clear(): void {
    this.#byFirst.clear();
    this.#delayed.clear();
    this.#ready.clear();
    this.#suspects.clear();
    this.#messageCount = 0;
  }

  /** Takes so many messages from the beginning of a run; the rest waits on by itself. */
  #takeOut(waiting: WaitingRun, messageCount: number): WaitingRun | undefined {
    const { run } = waiting;
    this.#byFirst.delete(run.firstSequence);
    this.#messageCount -= run.messageCount;
    const restCount = run.messageCount - messageCount;
    if (restCount <= 0) return undefined;
    return this.add({ ...waiting, run: partOf(run, messageCount, restCount) });
  }

  #wake(nowNs: bigint): void {
    for (;;) {
      const waiting = this.#delayed.peek();
      if (waiting === undefined || waiting.notBeforeNs > nowNs) return;
      this.#delayed.pop();
      (waiting.isSuspect ? this.#suspects : this.#ready).push(waiting);
    }
  }
}

function bySequence(a: WaitingRun, b: WaitingRun): number {
  return compareBigInts(a.run.firstSequence, b.run.firstSequence);
}
