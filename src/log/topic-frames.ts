import { PAGE_BYTES } from '../limits.ts';
import type { Frame } from '../storage/frame.ts';
import { frameEndNs } from '../storage/frame.ts';
import type { FramePlace } from '../storage/store.ts';
import type { ReadContext } from './read-context.ts';
import type { Topic } from './topic.ts';
import { dataLoss } from './topic.ts';

export type { Frame };

/** Reads frames of a topic for who knows where it stands by sequence; from memory if they are there. */
export class TopicFrames {
  readonly #context: ReadContext;
  readonly #topic: Topic;
  /** What was looked up behind the last page, and its first frame. */
  #ahead: readonly FramePlace[] = [];
  /** Where the last page ended: between two frames. */
  #endSequence: bigint | undefined;

  readonly #pageBytes: number;

  constructor(context: ReadContext, topic: Topic, pageBytes = PAGE_BYTES) {
    this.#context = context;
    this.#topic = topic;
    this.#pageBytes = pageBytes;
  }

  /**
   * Data frames from the one that holds the message with this sequence on, which is at this timestamp or behind it;
   * about a page, or one frame. None if the topic was trimmed or deleted meanwhile: look again. Throws DATA_LOSS.
   */
  read(sequence: bigint, timestampNs: bigint): readonly Frame[] | Promise<readonly Frame[]> {
    return this.#fromMemory(sequence, timestampNs) ?? this.#fromStore(sequence, timestampNs);
  }

  #fromMemory(sequence: bigint, timestampNs: bigint): Frame[] | undefined {
    const { recent, recentFromNs } = this.#topic;
    if (timestampNs < recentFromNs) return undefined;
    const frames: Frame[] = [];
    let bytes = 0;
    const place = recent.firstPlace((frame) => endSequence(frame) > sequence);
    for (let i = place; bytes < this.#pageBytes; i++) {
      const frame = recent.at(i);
      if (frame === undefined) break;
      if (frame.kind === 'close') continue;
      frames.push(frame);
      bytes += frame.body.length;
    }
    return frames;
  }

  async #fromStore(sequence: bigint, timestampNs: bigint): Promise<readonly Frame[]> {
    const topic = this.#topic;
    const { floor, endNs } = topic;
    const page = await this.#context.gate.read((store) =>
      store.readTopic({
        topicId: topic.id,
        fromNs: timestampNs,
        // Within a frame the store looks for itself.
        sequence: this.#endSequence === sequence ? sequence : undefined,
        ahead: this.#ahead,
        floor,
        end: { endNs, sequence: topic.sequence },
        maxBytes: this.#pageBytes,
      }),
    );
    const isTrimmed = topic.floor.sequence > floor.sequence && topic.floor.sequence > sequence;
    if (topic.isDeleted || isTrimmed) return [];
    this.#ahead = page.ahead;
    const last = page.frames.at(-1);
    this.#endSequence = last && endSequence(last);
    const frames = page.frames.filter(
      (frame) => frame.kind === 'data' && endSequence(frame) > sequence,
    );
    if (frames.length === 0 && page.lost !== undefined) {
      throw dataLoss(topic.name, page.lost.firstNs, page.lost.lastNs);
    }
    return frames;
  }
}

/** Where the next message is, at the earliest. */
export function endOfFrame(frame: Frame): {
  readonly sequence: bigint;
  readonly timestampNs: bigint;
} {
  return { sequence: endSequence(frame), timestampNs: frameEndNs(frame) };
}

/** Sequence behind the last message of a frame. */
function endSequence(frame: Frame): bigint {
  return frame.topicSequence + BigInt(frame.messageCount);
}

/** The timestamp of a message by its sequence, which is in this frame or before it. */
export function timestampIn(frame: Frame, sequence: bigint): bigint {
  return sequence > frame.topicSequence
    ? frame.timestampNs + (sequence - frame.topicSequence)
    : frame.timestampNs;
}
