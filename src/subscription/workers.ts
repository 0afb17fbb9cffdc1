import type { DeliveryMode } from './subscription-config.ts';
import type { Worker } from './worker.ts';

/** The workers of a subscription, in the order in which they came, and whose turn it is. */
export class Workers {
  readonly #all: Worker[] = [];
  #isExclusive = false;
  #next = 0;

  get size(): number {
    return this.#all.length;
  }

  /** Workers that could be served now. */
  get eligibleCount(): number {
    return Math.max(1, this.#active().filter((worker) => worker.hasCredit).length);
  }

  setMode(mode: DeliveryMode): void {
    this.#isExclusive = mode === 'exclusive';
  }

  add(worker: Worker): void {
    this.#all.push(worker);
  }

  has(worker: Worker): boolean {
    return this.#all.includes(worker);
  }

  remove(worker: Worker): void {
    const place = this.#all.indexOf(worker);
    if (place >= 0) this.#all.splice(place, 1);
  }

  /** The workers as they are now. */
  all(): readonly Worker[] {
    return [...this.#all];
  }

  /** The first worker, which takes over an exclusive subscription when the one before it goes. */
  first(): Worker | undefined {
    return this.#all[0];
  }

  /** A worker that holds nothing and can take a message. */
  idle(): Worker | undefined {
    return this.#active().find((worker) => worker.hasCredit && worker.inFlight === 0);
  }

  /**
   * The worker whose turn it is. While something has to be delivered alone, the one that holds least is left out, so
   * that it will be free for that.
   */
  next(mustFreeOne: boolean): Worker | undefined {
    const active = this.#active();
    const spared = mustFreeOne ? leastLoaded(active) : undefined;
    for (let i = 0; i < active.length; i++) {
      const worker = active[(this.#next + i) % active.length];
      if (worker?.hasCredit && !worker.isAlone && worker !== spared) return worker;
    }
    return undefined;
  }

  /** The worker has got something: it is the others' turn. */
  served(worker: Worker): void {
    this.#next = this.#all.indexOf(worker) + 1;
  }

  #active(): readonly Worker[] {
    return this.#isExclusive ? this.#all.slice(0, 1) : this.#all;
  }
}

/** Without those that would be free, but take nothing. */
function leastLoaded(workers: readonly Worker[]): Worker | undefined {
  return workers
    .filter((worker) => !worker.isAlone && (worker.hasCredit || worker.inFlight > 0))
    .reduce<Worker | undefined>(
      (least, worker) => (least === undefined || worker.inFlight < least.inFlight ? worker : least),
      undefined,
    );
}
