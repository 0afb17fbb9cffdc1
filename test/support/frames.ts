import type { ProducerEntry } from '../../src/storage/frame.ts';
import { encodeFrame } from '../../src/storage/frame.ts';
import type { AppendFrame, TopicSpan } from '../../src/storage/store.ts';

/** 2026, in nanoseconds. */
export const START_NS = 1_790_000_000_000_000_000n;

/** Makes frames as a log would, with dense sequences; bodies are texts, which the storage does not look into. */
export class FrameMaker {
  #nextNs = START_NS;
  #tapeSequence = 0n;
  readonly #topics = new Map<number, { sequence: bigint; bytes: bigint; endNs: bigint }>();

  /** Leaves so many nanoseconds before the next frame. */
  wait(ns: bigint): void {
    this.#nextNs += ns;
  }

  /** A frame of `messageCount` messages whose body is `text`. */
  data(
    topicId: number,
    text: string,
    messageCount = 1,
    producers: ProducerEntry[] = [],
  ): AppendFrame {
    return this.#make('data', topicId, Buffer.from(text), messageCount, producers);
  }

  close(topicId: number): AppendFrame {
    return this.#make('close', topicId, Buffer.from([0]), 0, []);
  }

  /** The topic, of which nothing is trimmed. */
  span(topicId: number): TopicSpan {
    const { sequence = 0n, endNs = 0n } = this.#topics.get(topicId) ?? {};
    return {
      topicId,
      floor: { timestampNs: 0n, sequence: 0n, bytes: 0n },
      end: { endNs, sequence },
    };
  }

  #make(
    kind: 'data' | 'close',
    topicId: number,
    body: Buffer,
    messageCount: number,
    producers: ProducerEntry[],
  ): AppendFrame {
    const { sequence = 0n, bytes = 0n } = this.#topics.get(topicId) ?? {};
    const timestampNs = this.#nextNs;
    const fields = {
      timestampNs,
      kind,
      lane: 0,
      topicId,
      messageCount,
      tapeSequence: this.#tapeSequence++,
      topicSequence: sequence,
      topicBytes: bytes,
      producers,
    };
    const count = BigInt(Math.max(messageCount, 1));
    this.#nextNs += count;
    this.#topics.set(topicId, {
      sequence: sequence + BigInt(messageCount),
      bytes: bytes + (kind === 'data' ? BigInt(body.length) : 0n),
      endNs: timestampNs + count,
    });
    const value = encodeFrame({ ...fields, body: [body], bodyBytes: body.length });
    return { timestampNs, value, frame: { ...fields, body } };
  }
}

export function topicRecord(id: number, name = `topic-${id}`) {
  return {
    id,
    name,
    createdTimestampNs: START_NS,
    config: { maxAgeMs: 0n, maxBytes: 0n, maxMessages: 0n, maxMessageBytes: 0 },
    floor: { timestampNs: 0n, sequence: 0n, bytes: 0n },
    isDeleted: false,
  };
}
