import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import { STORE_READS } from '../limits.ts';
import type { Observer } from '../observer.ts';
import type { Store } from '../storage/store.ts';
import type { Committer } from './committer.ts';
import type { RecentFrames } from './recent-frames.ts';
import type { Topics } from './topics.ts';
import type { Followers } from './wakeup.ts';

/** What readers share. */
export interface ReadContext {
  readonly topics: Topics;
  readonly committer: Committer;
  readonly recent: RecentFrames;
  readonly clock: Clock;
  readonly gate: StoreGate;
  /** Woken by every commit. */
  readonly tapeFollowers: Followers;
  /** Grows with every topic that is deleted. */
  readonly deletions: { count: number };
  readonly observer: Observer;
}

/** Lets few reads into the store at once, so that commits never wait behind readers who catch up. */
export class StoreGate {
  readonly #store: Store;
  readonly #onFailure: (cause: unknown) => BrokerError;
  readonly #waiting: (() => void)[] = [];
  #free = STORE_READS;

  constructor(store: Store, onFailure: (cause: unknown) => BrokerError) {
    this.#store = store;
    this.#onFailure = onFailure;
  }

  /** Runs a read in its turn. What fails in the storage itself becomes STORAGE_FAILED. */
  async read<T>(run: (store: Store) => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await run(this.#store);
    } catch (error) {
      throw error instanceof BrokerError ? error : this.#onFailure(error);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}

/** Calls `run` when `untilNs` has come and everything that was stamped before is visible. */
export function callAt(untilNs: bigint, context: ReadContext, run: () => void): () => void {
  const { clock, committer } = context;
  let cancel: () => void = () => {};
  let isCancelled = false;
  const wait = () => {
    const restNs = untilNs - clock.nowNs();
    const restMs = restNs > 0n ? Number(restNs / 1_000_000n) + 1 : 0;
    cancel = clock.schedule(() => {
      if (clock.nowNs() < untilNs) wait();
      else void committer.barrier().then(() => isCancelled || run());
    }, restMs);
  };
  wait();
  return () => {
    isCancelled = true;
    cancel();
  };
}
