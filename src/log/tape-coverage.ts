import type { Frame } from '../storage/frame.ts';
import { frameEndNs } from '../storage/frame.ts';
import type { ReadContext } from './read-context.ts';
import type { ReadEvent } from './read-event.ts';
import type { Topic } from './topic.ts';
import { dataLoss } from './topic.ts';

/** How far a reader has come in one topic. */
interface Seen {
  /** Topic sequence of the next message. */
  readonly sequence: bigint;
  /** Behind the last frame. */
  readonly endNs: bigint;
}

/**
 * Proves that a reader of many topics was shown everything. A frame that is missing shows when the next one of its topic
 * comes, or when the reader ends; by then messages of other topics from behind it were delivered. So a loss is told
 * with one range for all topics that match: from the first frame that is missing to where the reader stands. What was
 * delivered is not delivered again to who goes on behind the range, and nothing that is missing lies outside.
 */
export class TapeCoverage {
  readonly #context: ReadContext;
  readonly #fromNs: bigint;
  readonly #matches: (topic: Topic) => boolean;
  readonly #seen = new Map<Topic, Seen>();
  #firstTapeSequence: bigint | undefined;
  #nextTapeSequence: bigint | undefined;
  /** True as long as no frame of the tape was missing between two others, of whatever topic. */
  #isDense = true;

  constructor(context: ReadContext, fromNs: bigint, matches: (topic: Topic) => boolean) {
    this.#context = context;
    this.#fromNs = fromNs;
    this.#matches = matches;
  }

  /** Topics of which frames were seen. */
  topics(): Iterable<Topic> {
    return this.#seen.keys();
  }

  forget(topic: Topic): void {
    this.#seen.delete(topic);
  }

  /** Takes note of a frame of any topic that came by. */
  pass({ tapeSequence }: Frame): void {
    this.#firstTapeSequence ??= tapeSequence;
    const expected = this.#nextTapeSequence ?? tapeSequence;
    if (tapeSequence < expected) return;
    if (tapeSequence > expected) this.#isDense = false;
    this.#nextTapeSequence = tapeSequence + 1n;
  }

  /**
   * Takes note of a frame that is to be delivered. Answers with an event if messages before it were trimmed under
   * the reader; throws DATA_LOSS if messages before it are missing.
   */
  async follow(topic: Topic, frame: Frame): Promise<ReadEvent | undefined> {
    const known = this.#seen.get(topic)?.sequence;
    let expected = known ?? (await this.#sequenceAt(topic, this.#fromNs));
    let trimmed: ReadEvent | undefined;
    if (topic.floor.sequence > expected) {
      expected = topic.floor.sequence;
      const firstTimestampNs = topic.firstTimestampNs;
      if (known !== undefined) trimmed = { type: 'trimmed', topic: topic.name, firstTimestampNs };
    }
    if (frame.topicSequence > expected) {
      await this.check(frame.timestampNs);
      throw dataLoss(topic.name, this.#seenUntil(topic), frame.timestampNs - 1n);
    }
    const next = frame.topicSequence + BigInt(frame.messageCount);
    // What is trimmed is told once, not for every frame that is still there.
    const sequence = next > expected ? next : expected;
    this.#seen.set(topic, { sequence, endNs: frameEndNs(frame) });
    return trimmed;
  }

  /** Throws DATA_LOSS if a message before `untilNs` is missing, which must be where the reader stands or before. */
  async check(untilNs: bigint): Promise<void> {
    let first: { topic: Topic; fromNs: bigint } | undefined;
    for (const topic of this.#context.topics.all()) {
      if (topic.endNs <= this.#fromNs || topic.floor.timestampNs >= untilNs) continue;
      const isTail = topic.endNs <= untilNs;
      if (isTail && this.#lossAtTail(topic) === undefined) continue;
      if (!this.#matches(topic)) continue;
      const fromNs = isTail ? this.#lossAtTail(topic) : await this.#lossBefore(topic, untilNs);
      if (fromNs !== undefined && (first === undefined || fromNs < first.fromNs)) {
        first = { topic, fromNs };
      }
    }
    if (first !== undefined) throw dataLoss(first.topic.name, first.fromNs, untilNs - 1n);
  }

  /** As {@link check}, for a reader that ends before the tape does: cheap if no frame of the tape is missing. */
  async checkEnd(untilNs: bigint): Promise<void> {
    const isAtTail = untilNs >= this.#context.committer.endNs;
    if (isAtTail || !(await this.#isGapless(untilNs))) await this.check(untilNs);
  }

  /** True if the tape has every frame, of whatever topic, from the reader's beginning to `untilNs`. */
  async #isGapless(untilNs: bigint): Promise<boolean> {
    if (!this.#isDense) return false;
    const { gate, committer } = this.#context;
    const { endNs, tapeSequence } = committer;
    const [before, next] = await gate.read(async (store) => [
      (await store.readTapeReverse(this.#fromNs)).frames[0],
      (await store.readTape(untilNs)).frames[0],
    ]);
    const startsAt = before === undefined ? 0n : before.tapeSequence + 1n;
    const endsAt =
      next === undefined || next.timestampNs >= endNs ? tapeSequence : next.tapeSequence;
    const first = this.#firstTapeSequence ?? startsAt;
    const isWithin = before !== undefined && first === before.tapeSequence;
    return (first === startsAt || isWithin) && endsAt === (this.#nextTapeSequence ?? startsAt);
  }

  /** From where on messages are missing of a topic that ends where the reader stands or before. */
  #lossAtTail(topic: Topic): bigint | undefined {
    const { floor, sequence, endNs, lastTimestampNs, retainedMessages } = topic;
    const seen = this.#seen.get(topic);
    const isMessageMissing =
      seen === undefined
        ? lastTimestampNs >= this.#fromNs && retainedMessages > 0n
        : max(seen.sequence, floor.sequence) < sequence;
    if (isMessageMissing) return this.#seenUntil(topic);
    const isMarkerMissing = topic.isClosed && (seen?.endNs ?? 0n) < endNs;
    return isMarkerMissing ? endNs - 1n : undefined;
  }

  /** From where on messages before `untilNs` are missing of a topic that goes on behind. */
  async #lossBefore(topic: Topic, untilNs: bigint): Promise<bigint | undefined> {
    const expected = await this.#sequenceAt(topic, untilNs);
    const have = this.#seen.get(topic)?.sequence ?? (await this.#sequenceAt(topic, this.#fromNs));
    return max(have, topic.floor.sequence) < expected ? this.#seenUntil(topic) : undefined;
  }

  /** Behind the last frame of the topic that was seen, or where the reader began in it. */
  #seenUntil(topic: Topic): bigint {
    return this.#seen.get(topic)?.endNs ?? max(this.#fromNs, topic.floor.timestampNs);
  }

  /** Topic sequence of the topic's first message at or behind a timestamp. */
  async #sequenceAt(topic: Topic, timestampNs: bigint): Promise<bigint> {
    if (timestampNs <= topic.floor.timestampNs) return topic.floor.sequence;
    const place = await this.#context.gate.read((store) =>
      store.findFirst(topic.span, timestampNs, (each) => frameEndNs(each) > timestampNs),
    );
    if (place === undefined) return topic.sequence;
    const skipped = timestampNs > place.timestampNs ? timestampNs - place.timestampNs : 0n;
    return place.topicSequence + skipped;
  }
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
