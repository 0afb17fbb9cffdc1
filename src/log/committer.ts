import type { Clock } from '../clock.ts';
import type { BrokerError } from '../errors.ts';
import { COMMIT_BYTES, PENDING_BYTES } from '../limits.ts';
import type { CommitFigures, Observer } from '../observer.ts';
import { silentObserver } from '../observer.ts';
import { frameEndNs } from '../storage/frame.ts';
import type { Append } from './append.ts';
import type { CommitFrame } from './commit.ts';
import { Commit } from './commit.ts';
import { TIMESTAMP_MIN_NS } from './message-run.ts';
import type { Producers } from './producers.ts';
import { Followers } from './wakeup.ts';

/** What the committer does with a commit; both in its name, in this order. */
export interface CommitTarget {
  /** Makes the frames durable, all or none. */
  write(frames: readonly CommitFrame[]): Promise<void>;
  /** Makes them visible. Synchronous: no reader sees half a commit. */
  apply(frames: readonly CommitFrame[]): void;
  /** The write has failed; answers with what to tell those who wait. */
  fail(cause: unknown): BrokerError;
}

/**
 * Group commit, the one writer of the tape. While one commit is under way everything that arrives waits for the
 * next, which takes it all in one write and one fsync.
 */
export class Committer {
  readonly #target: CommitTarget;
  readonly #clock: Clock;
  readonly #producers: Producers;
  readonly #observer: Observer;
  readonly #roomFollowers = new Followers();
  #waiting: Append[] = [];
  #pendingBytes = 0;
  #running: Promise<void> | undefined;
  #writing: Promise<void> | undefined;
  #endNs = TIMESTAMP_MIN_NS;
  #tapeSequence = 0n;
  #appliedMs = 0;

  constructor(target: CommitTarget, clock: Clock, producers: Producers, observer = silentObserver) {
    this.#target = target;
    this.#clock = clock;
    this.#producers = producers;
    this.#observer = observer;
  }

  /** Bytes that wait or are being written. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  get hasRoom(): boolean {
    return this.#pendingBytes < PENDING_BYTES;
  }

  /** Woken when there is room again. */
  get roomFollowers(): Followers {
    return this.#roomFollowers;
  }

  /** Where the tape ends: all committed messages have smaller timestamps, all later ones have not. */
  get endNs(): bigint {
    return this.#endNs;
  }

  /** When the last commit was made visible, by the clock of `performance.now()`. */
  get appliedMs(): number {
    return this.#appliedMs;
  }

  get tapeSequence(): bigint {
    return this.#tapeSequence;
  }

  /** Goes on behind what the storage holds. */
  restore(endNs: bigint, tapeSequence: bigint): void {
    if (endNs > this.#endNs) this.#endNs = endNs;
    this.#tapeSequence = tapeSequence;
  }

  /** Takes an append; it is settled once it is durable, or refused. Never throws. */
  enqueue(append: Append): void {
    append.takenMs ??= performance.now();
    this.#waiting.push(append);
    this.#pendingBytes += sizeOf(append);
    this.#running ??= this.#run();
  }

  /** Resolves when everything that was taken before is settled. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Resolves when the commit that is under way now, if any, is applied or has failed. */
  async barrier(): Promise<void> {
    await this.#writing;
  }

  /** Refuses everything that waits. What is being written is not touched. */
  refuseWaiting(error: BrokerError): void {
    const refused = this.#waiting;
    this.#waiting = [];
    for (const append of refused) {
      this.#pendingBytes -= sizeOf(append);
      append.settle(error);
    }
  }

  async #run(): Promise<void> {
    // Lets everything that has arrived in this turn of the event loop join the first commit.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      this.#writing = this.#commit(this.#take());
      await this.#writing;
      this.#writing = undefined;
      if (this.hasRoom) this.#roomFollowers.wakeAll();
    }
    this.#running = undefined;
  }

  /** The appends of the next commit. */
  #take(): Append[] {
    let bytes = 0;
    let count = 0;
    for (const append of this.#waiting) {
      bytes += sizeOf(append);
      if (count > 0 && bytes > COMMIT_BYTES) break;
      count++;
    }
    if (count === this.#waiting.length) {
      const all = this.#waiting;
      this.#waiting = [];
      return all;
    }
    return this.#waiting.splice(0, count);
  }

  async #commit(appends: readonly Append[]): Promise<void> {
    const startMs = performance.now();
    const commit = new Commit(this.#producers);
    for (const append of appends) commit.add(append);
    const nowNs = this.#clock.nowNs();
    const firstNs = nowNs > this.#endNs ? nowNs : this.#endNs;
    const hasAll = this.#waiting.length === 0;
    const frames = commit.seal(firstNs, this.#tapeSequence, { hasAll });
    const sealedMs = performance.now();
    try {
      if (frames.length > 0) await this.#target.write(frames);
    } catch (error) {
      this.#release(appends);
      commit.fail(this.#target.fail(error));
      return;
    }
    const last = frames.at(-1);
    const writtenMs = performance.now();
    if (last !== undefined) {
      this.#endNs = frameEndNs(last.frame);
      this.#tapeSequence += BigInt(frames.length);
      this.#appliedMs = writtenMs;
      this.#target.apply(frames);
    }
    this.#release(appends);
    this.#observe(commit.settle(), frames, { startMs, sealedMs, writtenMs });
  }

  #observe(
    acknowledged: readonly Append[],
    frames: readonly CommitFrame[],
    { startMs, sealedMs, writtenMs }: { startMs: number; sealedMs: number; writtenMs: number },
  ): void {
    const figures = { appendCount: 0, messageCount: 0, byteCount: 0 };
    for (const { topic, frame } of frames) {
      if (topic.isSystem) continue;
      figures.messageCount += frame.messageCount;
      if (frame.kind === 'data') figures.byteCount += frame.body.length;
    }
    const nowMs = performance.now();
    for (const { topic, takenMs = nowMs } of acknowledged) {
      if (topic.isSystem) continue;
      figures.appendCount++;
      this.#observer.published((nowMs - takenMs) / 1000);
    }
    const durations: Pick<CommitFigures, 'writeSeconds' | 'commitSeconds'> = {
      writeSeconds: (writtenMs - sealedMs) / 1000,
      commitSeconds: (nowMs - startMs) / 1000,
    };
    if (frames.length > 0) this.#observer.committed({ ...figures, ...durations });
  }

  #release(appends: readonly Append[]): void {
    for (const append of appends) this.#pendingBytes -= sizeOf(append);
  }
}

/** What an append costs while it waits; the constant is for what is not message. */
function sizeOf(append: Append): number {
  return 256 + (append.run?.bytes.length ?? 0) + (append.along?.run.bytes.length ?? 0);
}
