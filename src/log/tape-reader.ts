import { BrokerError } from '../errors.ts';
import type { Frame } from '../storage/frame.ts';
import { frameEndNs } from '../storage/frame.ts';
import { sliceFrame } from './frame-slice.ts';
import type { ReadContext } from './read-context.ts';
import { callAt } from './read-context.ts';
import type { ReadEvent, Reader, ReadOptions } from './read-event.ts';
import { MessagesBuilder } from './read-event.ts';
import { TapeCoverage } from './tape-coverage.ts';
import type { Topic } from './topic.ts';
import { Wakeup } from './wakeup.ts';

const FOREVER = 1n << 63n;

/**
 * Reads all topics that match, merged in the order of the tape, those created later included. It scans the
 * tape and passes over what does not match. What is missing it sees by the sequences, at the latest when it has
 * caught up or ends.
 */
export class TapeReader implements Reader {
  readonly #context: ReadContext;
  readonly #options: ReadOptions;
  readonly #matchesName: (name: string) => boolean;
  readonly #untilNs: bigint;
  readonly #wakeup = new Wakeup();
  /** Whether a topic matches, by id. */
  readonly #matches = new Map<number, boolean>();
  readonly #coverage: TapeCoverage;
  #positionNs: bigint;
  /** Where the scan of the tape goes on: no frame that begins before reaches beyond the position. */
  #scanNs: bigint | undefined;
  #remaining: number;
  #deletions: number;
  #isFollowing = false;
  #isClosed = false;
  #hasUntilCome = false;

  constructor(context: ReadContext, matchesName: (name: string) => boolean, options: ReadOptions) {
    this.#context = context;
    this.#options = options;
    this.#matchesName = matchesName;
    this.#untilNs = options.untilNs ?? FOREVER;
    this.#positionNs = options.fromNs;
    this.#remaining = options.maxMessages ?? Number.POSITIVE_INFINITY;
    this.#deletions = context.deletions.count;
    const matchesTopic = (topic: Topic) => this.#isWanted(topic);
    this.#coverage = new TapeCoverage(context, options.fromNs, matchesTopic);
  }

  proveWhole(untilNs: bigint): Promise<void> {
    return this.#coverage.checkEnd(untilNs);
  }

  close(): void {
    this.#isClosed = true;
    this.#wakeup.wake();
  }

  async *events(): AsyncGenerator<ReadEvent, void> {
    const { tapeFollowers } = this.#context;
    const { untilNs } = this.#options;
    const cancelTimer =
      untilNs === undefined ? undefined : callAt(untilNs, this.#context, () => this.#endByTime());
    tapeFollowers.add(this.#wakeup);
    try {
      if (this.#options.isExact) yield* this.#trimmedAtStart();
      yield* this.#read();
    } finally {
      tapeFollowers.remove(this.#wakeup);
      cancelTimer?.();
    }
  }

  #endByTime(): void {
    this.#hasUntilCome = true;
    this.#wakeup.wake();
  }

  async *#read(): AsyncGenerator<ReadEvent, void> {
    const { committer } = this.#context;
    while (!this.#isClosed) {
      yield* this.#deletedTopics();
      if (this.#positionNs >= this.#untilNs) return yield* this.#end('until');
      if (this.#positionNs < committer.endNs) {
        yield* this.#next();
        if (this.#remaining === 0) return yield* this.#end('limit');
      } else if (this.#hasUntilCome) {
        return yield* this.#end('until');
      } else if (!this.#isFollowing) {
        await this.#coverage.check(this.#positionNs);
        this.#isFollowing = true;
        yield { type: 'caught_up', nextNs: this.#positionNs };
      } else {
        await this.#wakeup.wait();
      }
    }
  }

  async *#end(reason: 'until' | 'limit'): AsyncGenerator<ReadEvent, void> {
    await this.#coverage.checkEnd(this.#positionNs);
    yield { type: 'end', reason };
  }

  /** Delivers the next stretch of the tape, up to what is committed now. */
  async *#next(): AsyncGenerator<ReadEvent, void> {
    const { committer, recent } = this.#context;
    const endNs = committer.endNs;
    if (this.#positionNs >= recent.fromNs) {
      this.#scanNs = undefined;
      const frames: Frame[] = [];
      let bytes = 0;
      const place = recent.frames.firstPlace(({ frame }) => frameEndNs(frame) > this.#positionNs);
      for (let i = place; bytes < this.#options.chunkBytes; i++) {
        const next = recent.frames.at(i);
        if (next === undefined) break;
        frames.push(next.frame);
        bytes += next.frame.body.length;
      }
      const last = frames.at(-1);
      if (this.#isFollowing && last !== undefined) {
        this.#context.observer.followed((performance.now() - committer.appliedMs) / 1000);
      }
      yield* this.#deliver(frames, last === undefined ? endNs : frameEndNs(last));
      return;
    }
    this.#isFollowing = false;
    const page = await this.#context.gate.read(async (store) =>
      store.readTape(this.#scanNs ?? (await store.frameStart(this.#positionNs))),
    );
    const visible = page.frames.filter((frame) => frame.timestampNs < endNs);
    const nextNs = page.nextNs === undefined || page.nextNs > endNs ? endNs : page.nextNs;
    yield* this.#deliver(visible, nextNs);
    this.#scanNs = nextNs;
  }

  async *#deliver(frames: readonly Frame[], nextNs: bigint): AsyncGenerator<ReadEvent, void> {
    const builder = new MessagesBuilder();
    for (const frame of frames) {
      if (this.#isClosed || frame.timestampNs >= this.#untilNs) break;
      this.#coverage.pass(frame);
      const topic = this.#topicOf(frame);
      if (frameEndNs(frame) <= this.#positionNs) continue;
      if (topic === undefined) {
        this.#positionNs = frameEndNs(frame);
        continue;
      }
      let trimmed: ReadEvent | undefined;
      try {
        trimmed = await this.#coverage.follow(topic, frame);
      } catch (error) {
        // What is before the loss is delivered first.
        if (builder.messageCount > 0) yield builder.take(this.#positionNs);
        throw error;
      }
      if (trimmed !== undefined) {
        if (builder.messageCount > 0) yield builder.take(this.#positionNs);
        yield trimmed;
      }
      if (frame.kind === 'close') {
        if (builder.messageCount > 0) yield builder.take(this.#positionNs);
        this.#positionNs = frameEndNs(frame);
        yield closedEvent(topic);
        continue;
      }
      yield* this.#deliverFrame(topic, frame, builder);
      if (this.#remaining === 0) break;
    }
    if (builder.messageCount > 0) yield builder.take(this.#positionNs);
    const isAtEnd = this.#remaining > 0 && !this.#isClosed;
    const reachedNs = nextNs < this.#untilNs ? nextNs : this.#untilNs;
    if (isAtEnd && this.#positionNs < reachedNs) this.#positionNs = reachedNs;
  }

  *#deliverFrame(topic: Topic, frame: Frame, builder: MessagesBuilder): Generator<ReadEvent, void> {
    if (this.#positionNs < frame.timestampNs) this.#positionNs = frame.timestampNs;
    while (this.#remaining > 0) {
      // Anew in each round: while the last chunk was taken more may have been trimmed.
      const isTrimmed = topic.floor.sequence > 0n && topic.floor.timestampNs > this.#positionNs;
      if (isTrimmed) this.#positionNs = min(topic.floor.timestampNs, frameEndNs(frame));
      if (this.#positionNs >= min(frameEndNs(frame), this.#untilNs)) return;
      const room = this.#options.chunkBytes - builder.bytes;
      if (builder.bytes > 0 && frame.body.length > room) {
        yield builder.take(this.#positionNs);
        continue;
      }
      const slice = sliceFrame(frame, {
        fromNs: this.#positionNs,
        untilNs: this.#untilNs,
        messages: this.#remaining,
        bytes: room,
      });
      builder.add(slice.bytes, slice.messageCount, topic.name);
      topic.noteRead(slice.messageCount, slice.bytes.length);
      this.#context.observer.read(slice.messageCount, slice.bytes.length);
      this.#remaining -= slice.messageCount;
      this.#positionNs = slice.nextNs;
    }
  }

  /** The frame's topic, if it is there and matches. */
  #topicOf(frame: Frame): Topic | undefined {
    const topic = this.#context.topics.byId(frame.topicId);
    if (topic === undefined || topic.isDeleted) return undefined;
    return this.#isWanted(topic) ? topic : undefined;
  }

  #isWanted(topic: Topic): boolean {
    let matches = this.#matches.get(topic.id);
    if (matches === undefined) {
      matches = this.#matchesName(topic.name);
      this.#matches.set(topic.id, matches);
    }
    return matches;
  }

  *#trimmedAtStart(): Generator<ReadEvent, void> {
    for (const topic of this.#context.topics.all()) {
      const { name, firstTimestampNs, trimmedUntilNs } = topic;
      if (trimmedUntilNs > this.#options.fromNs && this.#matchesName(name)) {
        yield { type: 'trimmed', topic: name, firstTimestampNs };
      }
    }
  }

  *#deletedTopics(): Generator<ReadEvent, void> {
    if (this.#deletions === this.#context.deletions.count) return;
    this.#deletions = this.#context.deletions.count;
    for (const topic of this.#coverage.topics()) {
      if (!topic.isDeleted) continue;
      this.#coverage.forget(topic);
      this.#matches.delete(topic.id);
      yield { type: 'deleted', topic: topic.name };
    }
  }
}

function closedEvent(topic: Topic): ReadEvent {
  const marker = topic.closeMarker();
  if (marker instanceof BrokerError) throw marker;
  if (marker === undefined)
    throw new BrokerError('INTERNAL', `topic ${topic.name} has a close frame and is open`);
  return { type: 'closed', topic: topic.name, marker };
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
