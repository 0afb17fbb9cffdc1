import { invalidArgument } from '../errors.ts';
import { HISTOGRAM_BUCKETS_DEFAULT, HISTOGRAM_BUCKETS_MAX } from '../limits.ts';
import type { FramePlace } from '../storage/store.ts';
import type { Log } from './log.ts';
import type { Position } from './position.ts';
import { checkTimestamp, resolveOnTopic } from './position.ts';
import type { Topic } from './topic.ts';

/** What is asked for. */
export interface HistogramRequest {
  readonly topic: string;
  /** By default the first message. */
  readonly from: Position | undefined;
  /** Not included; by default behind the last message. */
  readonly untilNs: bigint | undefined;
  /** By default {@link HISTOGRAM_BUCKETS_DEFAULT}. */
  readonly buckets: number | undefined;
}

/**
 * Messages over time: of `n` counts, that with index `i` is of the messages from `fromNs + (untilNs - fromNs) * i / n`
 * on and before that of `i + 1`, each division rounded down.
 */
export interface Histogram {
  readonly fromNs: bigint;
  readonly untilNs: bigint;
  /** Exact. */
  readonly messageCounts: readonly number[];
  /** Of a frame that lies in several buckets, in proportion to its messages. */
  readonly byteCounts: readonly number[];
}

/** Messages and bytes of the topic before a timestamp, trimmed ones included. */
interface Total {
  readonly sequence: bigint;
  readonly bytes: bigint;
}

/**
 * Counts a topic's messages over time, from the index: two totals make the count between them, since an entry knows
 * how many messages are before it and the timestamps in a frame are contiguous. It costs the same for ten million
 * messages as for ten. Throws INVALID_ARGUMENT, TOPIC_NOT_FOUND.
 */
export async function histogram(log: Log, request: HistogramRequest): Promise<Histogram> {
  const { buckets = HISTOGRAM_BUCKETS_DEFAULT } = request;
  if (buckets < 1 || buckets > HISTOGRAM_BUCKETS_MAX) {
    throw invalidArgument('buckets', `${buckets} is not between 1 and ${HISTOGRAM_BUCKETS_MAX}`);
  }
  const topic = log.topic(request.topic);
  const { fromNs, untilNs } = await rangeOf(log, topic, request);
  const spanNs = untilNs - fromNs;
  const count = spanNs < BigInt(buckets) ? Number(spanNs) : buckets;
  const totals = new Totals(log, topic);
  const messageCounts: number[] = [];
  const byteCounts: number[] = [];
  let before = await totals.before(fromNs);
  for (let i = 1; i <= count; i++) {
    const next = await totals.before(fromNs + (spanNs * BigInt(i)) / BigInt(count));
    messageCounts.push(difference(next.sequence, before.sequence));
    byteCounts.push(difference(next.bytes, before.bytes));
    before = next;
  }
  return { fromNs, untilNs, messageCounts, byteCounts };
}

async function rangeOf(
  log: Log,
  topic: Topic,
  { from = { at: 'earliest' }, untilNs = behindLast(topic) }: HistogramRequest,
): Promise<{ fromNs: bigint; untilNs: bigint }> {
  const { gate, committer } = log.readContext;
  const { fromNs } = await gate.read((store) =>
    resolveOnTopic(from, topic, committer.endNs, log.clock, store),
  );
  checkTimestamp('until', untilNs);
  // What was asked for relative to the topic may lie behind: then there is nothing between.
  if (untilNs < fromNs && from.at === 'timestamp') {
    throw invalidArgument('until', `${untilNs} is before from, which is ${fromNs}`);
  }
  return { fromNs, untilNs: untilNs < fromNs ? fromNs : untilNs };
}

function behindLast(topic: Topic): bigint {
  return topic.retainedMessages > 0n ? topic.lastTimestampNs + 1n : topic.floor.timestampNs;
}

/** Counts what is before one timestamp after the other, in order. */
class Totals {
  readonly #log: Log;
  readonly #topic: Topic;
  /** The frame that was found last: it may hold the next timestamp too, or come behind it. */
  #place: FramePlace | undefined;

  constructor(log: Log, topic: Topic) {
    this.#log = log;
    this.#topic = topic;
  }

  async before(timestampNs: bigint): Promise<Total> {
    const { floor, endNs, sequence, bytes, span } = this.#topic;
    if (timestampNs <= floor.timestampNs) return floor;
    if (timestampNs >= endNs) return { sequence, bytes };
    const { gate } = this.#log.readContext;
    if (this.#place === undefined || endOf(this.#place) <= timestampNs) {
      this.#place = await gate.read((store) => store.placeAt(span, timestampNs));
    }
    if (this.#place === undefined) return { sequence, bytes };
    const total = totalWithin(this.#place, timestampNs);
    return total.sequence < floor.sequence ? floor : total;
  }
}

function endOf({ timestampNs, messageCount }: FramePlace): bigint {
  return timestampNs + BigInt(messageCount);
}

/** What is before a timestamp that the frame holds, or that lies before it. */
function totalWithin(place: FramePlace, timestampNs: bigint): Total {
  const { topicSequence, topicBytes, messageCount, bytes } = place;
  if (timestampNs <= place.timestampNs) return { sequence: topicSequence, bytes: topicBytes };
  const messages = timestampNs - place.timestampNs;
  return {
    sequence: topicSequence + messages,
    bytes: topicBytes + (BigInt(bytes) * messages) / BigInt(messageCount),
  };
}

/** Not negative: what was counted first may have been trimmed meanwhile. */
function difference(next: bigint, before: bigint): number {
  return next > before ? Number(next - before) : 0;
}
