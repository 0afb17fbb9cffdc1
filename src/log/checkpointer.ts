import type { Clock } from '../clock.ts';
import { CHECKPOINT_BYTES, CHECKPOINT_INTERVAL_MS, CHECKPOINT_RECOVERED_MS } from '../limits.ts';
import type { Store } from '../storage/store.ts';
import type { CommitFrame } from './commit.ts';
import type { Committer } from './committer.ts';
import type { Producers } from './producers.ts';
import type { Topic } from './topic.ts';
import type { Topics } from './topics.ts';

/** Notes from time to time where every topic stands, so that a start need not read the whole tape. */
export class Checkpointer {
  readonly #store: Pick<Store, 'putCheckpoint'>;
  readonly #clock: Clock;
  readonly #topics: Topics;
  readonly #producers: Producers;
  readonly #committer: Committer;
  readonly #onError: (error: unknown) => void;
  readonly #dirty = new Set<Topic>();
  #bytes = 0;
  /** True if the storage has something to note that is not in {@link #dirty}. */
  #isDue = false;
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;

  constructor(
    store: Pick<Store, 'putCheckpoint'>,
    clock: Clock,
    log: { topics: Topics; producers: Producers; committer: Committer },
    onError: (error: unknown) => void,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#topics = log.topics;
    this.#producers = log.producers;
    this.#committer = log.committer;
    this.#onError = onError;
  }

  /** Notes frames that were committed; a checkpoint follows when it is worth it. */
  committed(frames: readonly CommitFrame[]): void {
    for (const { topic, value } of frames) {
      this.#dirty.add(topic);
      this.#bytes += value.length;
    }
    if (this.#bytes >= CHECKPOINT_BYTES) this.#runInBackground();
    else
      this.#cancel ??= this.#clock.schedule(
        () => this.#runInBackground(),
        CHECKPOINT_INTERVAL_MS,
        true,
      );
  }

  /** Takes note that the storage was opened with frames behind its checkpoint: one follows soon. */
  recovered(): void {
    this.#isDue = true;
    this.close();
    this.#cancel = this.#clock.schedule(
      () => this.#runInBackground(),
      CHECKPOINT_RECOVERED_MS,
      true,
    );
  }

  /** Takes a checkpoint of everything that is committed now. */
  async run(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    if (this.#dirty.size === 0 && !this.#isDue) return;
    this.#running = this.#checkpoint().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  /** Stops the timer. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  async #checkpoint(): Promise<void> {
    this.close();
    const topics = [...this.#dirty].filter((topic) => !topic.isDeleted);
    this.#dirty.clear();
    this.#bytes = 0;
    this.#isDue = false;
    const { changed, forgotten } = this.#producers.takeChanges();
    // All of this is read in one turn of the event loop: it is the state behind one commit.
    await this.#store.putCheckpoint({
      checkpoint: {
        tapeSequence: this.#committer.tapeSequence,
        endNs: this.#committer.endNs,
        lastTopicId: this.#topics.lastId,
      },
      tails: topics.map((topic) => topic.tail()),
      producers: changed,
      forgottenProducers: forgotten,
    });
  }

  #runInBackground(): void {
    this.run().catch(this.#onError);
  }
}
