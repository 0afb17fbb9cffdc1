import type { Clock } from '../clock.ts';
import {
  COMPACT_BYTES,
  COMPACT_REST_MS_MAX,
  COMPACT_STEP_BYTES,
  RETENTION_INTERVAL_MS,
} from '../limits.ts';
import type { Observer } from '../observer.ts';
import type { RemovedStep, Store } from '../storage/store.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { Committer } from './committer.ts';
import type { Producers } from './producers.ts';
import { floorBehind, retentionCutoff } from './retention.ts';
import type { Topic } from './topic.ts';
import type { Topics } from './topics.ts';
import { hasRetention } from './topics.ts';

const EVERYTHING = 1n << 63n;

/** What the sweeper works with. */
export interface SweeperContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly topics: Topics;
  readonly producers: Producers;
  readonly committer: Committer;
  readonly checkpointer: Checkpointer;
  readonly observer: Observer;
  /** False while the storage must not be written to. */
  readonly isWritable: () => boolean;
  readonly onError: (error: unknown) => void;
}

/**
 * Applies retention, and gives the disk space of what is trimmed or deleted back, in the background and in steps
 * small enough that no commit waits long. What readers see was decided before: a crash in the middle loses
 * nothing but the work, which is taken up at the next start.
 */
export class Sweeper {
  readonly #context: SweeperContext;
  /** Topics of which frames are to be removed. */
  readonly #removable = new Set<Topic>();
  /** What was removed and not yet compacted. */
  #removed: Removed | undefined;
  #cancel: (() => void) | undefined;
  #endRest: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #isClosed = false;

  constructor(context: SweeperContext) {
    this.#context = context;
  }

  /** Begins to apply retention, and takes up what a crash has left. */
  start(): void {
    const { topics } = this.#context;
    for (const topic of topics.deleted()) this.#removable.add(topic);
    for (const topic of topics.all()) if (topic.floor.sequence > 0n) this.#removable.add(topic);
    this.#schedule();
    if (this.#removable.size > 0) this.sweep();
  }

  /** Removes what is before the topic's floor, or all of it if it is deleted. */
  remove(topic: Topic): void {
    this.#removable.add(topic);
    this.sweep();
  }

  /** Resolves when there is nothing to do for the moment. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Sweeps now, if it is not already under way. */
  sweep(): void {
    if (this.#isClosed || !this.#context.isWritable()) return;
    this.#running ??= this.#sweep()
      .catch(this.#context.onError)
      .finally(() => {
        this.#running = undefined;
        if (this.#removable.size > 0 && !this.#isClosed) this.#schedule();
      });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel?.();
    this.#endRest?.();
    await this.#running;
  }

  #schedule(): void {
    this.#cancel?.();
    this.#cancel = this.#context.clock.schedule(
      () => {
        this.sweep();
        this.#schedule();
      },
      RETENTION_INTERVAL_MS,
      true,
    );
  }

  async #sweep(): Promise<void> {
    await this.#applyRetention();
    let isAsked = false;
    while (this.#removable.size > 0 && !this.#isClosed) {
      const goals = [...this.#removable].map(goalOf);
      this.#removable.clear();
      try {
        isAsked = (await this.#reach(goals)) || isAsked;
      } catch (error) {
        for (const { topic } of goals) this.#removable.add(topic);
        throw error;
      }
    }
    if (isAsked && !this.#isClosed) await this.#compact();
  }

  /** Removes what is to go now, and not what is added to it meanwhile. */
  async #reach(goals: readonly Goal[]): Promise<boolean> {
    const { checkpointer, committer } = this.#context;
    // Appends that were under way when a topic was deleted are on the tape after this, and found.
    await committer.barrier();
    // Nothing behind the checkpoint may be removed: a hole there means a loss.
    await checkpointer.run();
    let isAsked = false;
    for (const goal of goals) {
      isAsked = (await this.#removeFrames(goal)) || isAsked;
      if (this.#isClosed) break;
    }
    return isAsked;
  }

  async #applyRetention(): Promise<void> {
    const { topics, clock, store } = this.#context;
    const nowNs = clock.nowNs();
    for (const topic of topics.withRetention()) {
      const cutoff = retentionCutoff(topic, nowNs);
      if (cutoff === undefined) continue;
      const floor = await floorBehind(topic, cutoff, store);
      if (this.#isClosed) return;
      if (topic.isDeleted || floor.sequence <= topic.floor.sequence) continue;
      const messageCount = floor.sequence - topic.floor.sequence;
      await topics.change(topic, { floor });
      this.#context.observer.trimmed(Number(messageCount));
      this.#removable.add(topic);
    }
  }

  /** Removes the topic's frames in steps; answers whether someone has asked for the space. */
  async #removeFrames({ topic, untilNs, isDeleted }: Goal): Promise<boolean> {
    const { store, topics, producers } = this.#context;
    // What is consumed goes as by retention. What the broker notes for itself is small and lies between messages: it
    // goes when they are compacted.
    const goesOnItsOwn = hasRetention(topic) || topic.config.trimConsumed === true;
    const isAsked = !topic.isSystem && (isDeleted || !goesOnItsOwn);
    let hasRemoved = false;
    for (;;) {
      const step = await store.removeStep(topic.id, untilNs);
      hasRemoved ||= step.frameCount > 0;
      this.#context.observer.removed(step.bytes);
      if (step.frameCount > 0 && !topic.isSystem) await this.#note(step, isAsked);
      if (step.isLast) break;
      if (this.#isClosed) return false;
    }
    if (isDeleted) {
      await store.removeTopics([topic.id]);
      producers.forgetTopic(topic.id);
      topics.forget(topic);
    }
    return hasRemoved && isAsked;
  }

  async #note(step: RemovedStep, isAsked: boolean): Promise<void> {
    const before = this.#removed;
    this.#removed = {
      isAsked: isAsked || before?.isAsked === true,
      bytes: (before?.bytes ?? 0) + step.bytes,
      firstNs:
        before !== undefined && before.firstNs < step.firstNs ? before.firstNs : step.firstNs,
      lastNs: before !== undefined && before.lastNs > step.lastNs ? before.lastNs : step.lastNs,
    };
    if (this.#removed.bytes >= COMPACT_BYTES) await this.#compact();
  }

  async #compact(): Promise<void> {
    const removed = this.#removed;
    if (removed === undefined) return;
    this.#removed = undefined;
    const { firstNs, lastNs, isAsked } = removed;
    const { store } = this.#context;
    // What goes by retention lies together and is dropped without much work, but must keep up with publishers. What is
    // trimmed or deleted lies between what stays, which is rewritten.
    if (!isAsked) return store.compact(firstNs, lastNs);
    // Brings what LevelDB has in memory into tables: only these have a size.
    await this.#compactStep(firstNs, firstNs);
    for await (const [fromNs, toNs] of this.#partsOf(firstNs, lastNs)) {
      if (this.#isClosed) return;
      await this.#compactStep(fromNs, toNs);
    }
  }

  /**
   * A range of time in parts that take so much of the disk, in order, without those that take nothing. What stays
   * counts too: where little is removed, most of the work is to rewrite it.
   */
  async *#partsOf(firstNs: bigint, lastNs: bigint): AsyncGenerator<[bigint, bigint]> {
    const bytes = await this.#context.store.sizeBetween(firstNs, lastNs);
    if (bytes <= COMPACT_STEP_BYTES || firstNs >= lastNs) {
      if (bytes > 0) yield [firstNs, lastNs];
      return;
    }
    const middleNs = (firstNs + lastNs) / 2n;
    yield* this.#partsOf(firstNs, middleNs);
    yield* this.#partsOf(middleNs + 1n, lastNs);
  }

  async #compactStep(fromNs: bigint, toNs: bigint): Promise<void> {
    const { store, clock } = this.#context;
    const startNs = clock.nowNs();
    await store.compact(fromNs, toNs);
    const tookMs = Number((clock.nowNs() - startNs) / 1_000_000n);
    // As long a rest as the work took: commits need the disk, too. The clock may have jumped meanwhile.
    const restMs = Math.min(tookMs, COMPACT_REST_MS_MAX);
    if (restMs > 0 && !this.#isClosed) await this.#rest(restMs);
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#context.clock.schedule(resolve, ms);
      this.#endRest = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** What was removed of the tape. */
interface Removed {
  readonly bytes: number;
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  /** True if some of it was trimmed or deleted on request. */
  readonly isAsked: boolean;
}

/** What is to go of one topic. */
interface Goal {
  readonly topic: Topic;
  readonly isDeleted: boolean;
  /** Frames that end at or before this timestamp. */
  readonly untilNs: bigint;
}

function goalOf(topic: Topic): Goal {
  const { isDeleted, floor } = topic;
  return { topic, isDeleted, untilNs: isDeleted ? EVERYTHING : floor.timestampNs };
}
