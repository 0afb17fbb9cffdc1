import { BrokerError } from '../errors.ts';
import { FOLLOW_BYTES } from '../limits.ts';
import type { Frame } from '../storage/frame.ts';
import { frameEndNs } from '../storage/frame.ts';
import type { FramePlace } from '../storage/store.ts';
import { sliceFrame } from './frame-slice.ts';
import type { ReadContext } from './read-context.ts';
import { callAt } from './read-context.ts';
import type { EndReason, MessagesEvent, ReadEvent, Reader, ReadOptions } from './read-event.ts';
import { MessagesBuilder } from './read-event.ts';
import type { Topic } from './topic.ts';
import { dataLoss } from './topic.ts';
import { Wakeup } from './wakeup.ts';

const FOREVER = 1n << 63n;

/**
 * Reads one topic, once and in order:
 *
 * - *waiting for the topic* until a topic of the name exists;
 * - *catching up*, from the frames that are in memory where they reach far enough back, else from the store;
 * - *following* at the tail: asleep until something is committed.
 *
 * A reader that falls behind catches up again. After every wait it looks anew whether the topic was trimmed, closed or
 * deleted meanwhile.
 */
export class TopicReader implements Reader {
  readonly #context: ReadContext;
  readonly #name: string;
  readonly #topic: Topic | undefined;
  readonly #options: ReadOptions;
  readonly #untilNs: bigint;
  readonly #wakeup = new Wakeup();
  #positionNs: bigint;
  #remaining: number;
  /** Topic sequence at the position, if it is behind a frame that was read. */
  #sequence: bigint | undefined;
  #ahead: readonly FramePlace[] = [];
  #isFollowing = false;
  #isFirstPage = true;
  #isClosed = false;
  #hasUntilCome = false;

  /** Reads `topic`, or the topic of this name that is created next. */
  constructor(context: ReadContext, name: string, topic: Topic | undefined, options: ReadOptions) {
    this.#context = context;
    this.#name = name;
    this.#topic = topic;
    this.#options = options;
    this.#untilNs = options.untilNs ?? FOREVER;
    this.#positionNs = options.fromNs;
    this.#remaining = options.maxMessages ?? Number.POSITIVE_INFINITY;
  }

  close(): void {
    this.#isClosed = true;
    this.#wakeup.wake();
  }

  #endByTime(): void {
    this.#hasUntilCome = true;
    this.#wakeup.wake();
  }

  async *events(): AsyncGenerator<ReadEvent, void> {
    const { untilNs } = this.#options;
    const cancelTimer =
      untilNs === undefined ? undefined : callAt(untilNs, this.#context, () => this.#endByTime());
    try {
      const topic = this.#topic ?? (yield* this.#awaitTopic());
      if (topic === undefined) return;
      topic.followers.add(this.#wakeup);
      topic.subscriberCount++;
      try {
        yield* this.#read(topic);
      } finally {
        topic.followers.remove(this.#wakeup);
        topic.subscriberCount--;
      }
    } finally {
      cancelTimer?.();
    }
  }

  async *#awaitTopic(): AsyncGenerator<ReadEvent, Topic | undefined> {
    const { topics } = this.#context;
    const awaited = topics.awaited(this.#name);
    awaited.add(this.#wakeup);
    try {
      while (!this.#isClosed) {
        const topic = topics.get(this.#name);
        if (topic !== undefined) {
          yield { type: 'created', createdTimestampNs: topic.createdTimestampNs };
          return topic;
        }
        if (!this.#isFollowing) {
          this.#isFollowing = true;
          yield { type: 'caught_up', nextNs: this.#positionNs };
        } else if (this.#untilHasCome()) {
          yield end('until');
          return undefined;
        } else {
          await this.#wakeup.wait();
        }
      }
      return undefined;
    } finally {
      awaited.remove(this.#wakeup);
      topics.releaseAwaited(this.#name);
    }
  }

  async *#read(topic: Topic): AsyncGenerator<ReadEvent, void> {
    // Of a topic that came after the reader, nothing goes that the reader has not missed.
    let isTold = this.#options.isExact || this.#topic === undefined;
    while (!this.#isClosed) {
      if (topic.isDeleted) {
        yield { type: 'deleted', topic: topic.name };
        yield end('deleted');
        return;
      }
      const isToBeTold = isTold;
      isTold = true;
      if (this.#positionNs < topic.floor.timestampNs && topic.floor.sequence > 0n) {
        const firstTimestampNs = topic.firstTimestampNs;
        const hasMissed = this.#positionNs < topic.trimmedUntilNs;
        this.#positionNs = topic.floor.timestampNs;
        this.#sequence = undefined;
        if (isToBeTold && hasMissed) {
          yield { type: 'trimmed', topic: topic.name, firstTimestampNs };
          // While that was taken more may have been trimmed.
          continue;
        }
      }
      const isMarkerAsked = topic.isClosed && topic.endNs <= this.#untilNs;
      if (this.#positionNs >= this.#untilNs && !isMarkerAsked) return yield end('until');
      if (this.#positionNs < topic.endNs) {
        // What is in memory is taken without a promise: a thousand followers take it after each commit.
        const recent = recentFrames(topic, this.#positionNs);
        const event =
          recent === undefined ? await this.#fetch(topic) : this.#takeRecent(recent, topic.endNs);
        if (event === undefined) continue;
        this.#note(topic, event);
        yield event;
        if (this.#remaining === 0) return yield end('limit');
      } else if (topic.isClosed) {
        return yield* closed(topic, this.#options.fromNs);
      } else if (this.#untilHasCome()) {
        return yield end('until');
      } else if (!this.#isFollowing) {
        this.#isFollowing = true;
        yield { type: 'caught_up', nextNs: this.#positionNs };
      } else {
        await this.#wakeup.wait();
      }
    }
  }

  #note(topic: Topic, { messageCount, bytes }: MessagesEvent): void {
    if (topic.isSystem) return;
    const { observer, committer } = this.#context;
    topic.noteRead(messageCount, bytes);
    observer.read(messageCount, bytes);
    const isUpToDate = this.#isFollowing && this.#positionNs >= topic.endNs;
    if (isUpToDate) observer.followed((performance.now() - committer.appliedMs) / 1000);
  }

  #takeRecent(frames: Iterable<Frame>, endNs: bigint): MessagesEvent | undefined {
    return this.#take(frames, endNs, Math.min(this.#options.chunkBytes, FOLLOW_BYTES));
  }

  /** The next messages of the store; undefined if there were none or if the topic has changed under the read. */
  async #fetch(topic: Topic): Promise<MessagesEvent | undefined> {
    this.#isFollowing = false;
    const { chunkBytes, firstChunkBytes = chunkBytes } = this.#options;
    const maxBytes = this.#isFirstPage ? firstChunkBytes : chunkBytes;
    const { floor, endNs, sequence } = topic;
    const page = await this.#context.gate.read((store) =>
      store.readTopic({
        topicId: topic.id,
        fromNs: this.#positionNs,
        sequence: this.#sequence,
        ahead: this.#ahead,
        floor,
        end: { endNs, sequence },
        maxBytes,
      }),
    );
    const isTrimmed =
      topic.floor.sequence > floor.sequence && topic.floor.timestampNs > this.#positionNs;
    if (this.#isClosed || topic.isDeleted || isTrimmed) return undefined;
    if (page.lost !== undefined && page.lost.firstNs < this.#untilNs) {
      throw dataLoss(topic.name, page.lost.firstNs, page.lost.lastNs);
    }
    this.#ahead = page.ahead;
    this.#isFirstPage = false;
    return this.#take(page.frames, endNs, maxBytes);
  }

  #take(frames: Iterable<Frame>, endNs: bigint, maxBytes: number): MessagesEvent | undefined {
    const builder = new MessagesBuilder();
    for (const frame of frames) {
      if (frameEndNs(frame) <= this.#positionNs || frame.kind === 'close') continue;
      const room = maxBytes - builder.bytes;
      if (builder.bytes > 0 && frame.body.length > room) break;
      const slice = sliceFrame(frame, {
        fromNs: this.#positionNs,
        untilNs: this.#untilNs,
        messages: this.#remaining,
        bytes: room,
      });
      if (slice.messageCount === 0) break;
      builder.add(slice.bytes, slice.messageCount);
      this.#remaining -= slice.messageCount;
      this.#positionNs = slice.nextNs;
      this.#sequence = undefined;
      if (slice.nextNs < frameEndNs(frame)) break;
      this.#sequence = frame.topicSequence + BigInt(frame.messageCount);
    }
    if (builder.messageCount > 0) return builder.take(this.#positionNs);
    // Only a close marker, or nothing before `until`, was left.
    this.#positionNs = endNs < this.#untilNs ? endNs : this.#untilNs;
    this.#sequence = undefined;
    return undefined;
  }

  /** True if no message before `until` can come any more. */
  #untilHasCome(): boolean {
    return this.#hasUntilCome || this.#untilNs <= this.#context.committer.endNs;
  }
}

/** Frames in memory from the one that holds the position on; undefined if memory does not reach so far back. */
function recentFrames(topic: Topic, positionNs: bigint): Iterable<Frame> | undefined {
  const { recent } = topic;
  if (positionNs < topic.recentFromNs) return undefined;
  const place = recent.firstPlace((frame) => frameEndNs(frame) > positionNs);
  return (function* () {
    for (let i = place; ; i++) {
      const frame = recent.at(i);
      if (frame === undefined) return;
      yield frame;
    }
  })();
}

function* closed(topic: Topic, fromNs: bigint): Generator<ReadEvent, void> {
  const marker = topic.closeMarker();
  if (marker instanceof BrokerError) {
    // Who begins behind a marker that is lost was told before.
    if (fromNs < topic.endNs) throw marker;
  } else if (marker !== undefined) yield { type: 'closed', topic: topic.name, marker };
  yield end('closed');
}

function end(reason: EndReason): ReadEvent {
  return { type: 'end', reason };
}
