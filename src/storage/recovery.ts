import { BrokerError } from '../errors.ts';
import { PRODUCER_REQUESTS } from '../limits.ts';
import type { Frame } from './frame.ts';
import { frameEndNs } from './frame.ts';
import type {
  CheckpointRecords,
  Floor,
  MetaContents,
  ProducerRecord,
  ProducerRequest,
  TailRecord,
  TopicRecord,
} from './meta.ts';
import type { TapeScanner } from './tape-scanner.ts';
import type { IndexEntry, TapeHead, TopicIndex } from './topic-index.ts';
import { entryOf, LAST } from './topic-index.ts';

/** What the databases hold, as of the last frame of the tape. */
export interface Recovered {
  readonly topics: readonly TopicRecord[];
  readonly tails: ReadonlyMap<number, TailRecord>;
  readonly producers: readonly ProducerRecord[];
  readonly lastTopicId: number;
  /** Tape sequence of the next frame. */
  readonly tapeSequence: bigint;
  /** The next timestamp is this one or a later one. */
  readonly endNs: bigint;
  /** True if frames are missing or damaged: reading them will say so. */
  readonly isDamaged: boolean;
  /** False if some of it is behind the checkpoint: the next one notes that too, and the sooner, the shorter the next start. */
  readonly isNoted: boolean;
}

/** What was recovered, and what of it is behind the checkpoint and to be noted in a new one. */
export interface Recovery {
  readonly recovered: Recovered;
  /** Undefined if there was nothing behind the checkpoint. */
  readonly news: CheckpointRecords | undefined;
}

/**
 * Reads the tape from the checkpoint on. Records and index are as of some moment at or after the checkpoint, so
 * everything behind it is applied again, which changes nothing where it had been applied. No frame behind the
 * checkpoint is ever removed: a hole in the tape sequence there is a loss. So is a tape that ends before the
 * place that the index has seen. Topics that have lost frames keep their place: their tails are taken from
 * the index, so that the lost range is told to readers and never used again.
 *
 * The index's head stays as it is: until there is a new checkpoint it is the one witness of a tail that is lost.
 */
export async function recover(
  meta: MetaContents,
  scanner: TapeScanner,
  index: TopicIndex,
  indexHead: TapeHead | undefined,
): Promise<Recovery> {
  const checkpoint = meta.checkpoint ?? { tapeSequence: 0n, endNs: 0n, lastTopicId: 0 };
  const tails = new Map(meta.tails.map((tail) => [tail.topicId, tail]));
  const floors = new Map(meta.topics.map((topic) => [topic.id, floorOf(topic, tails)]));
  const producers = new ProducerReplay(meta.producers);
  const changed = new Set<number>();
  let { tapeSequence, endNs } = checkpoint;
  let isDamaged = false;
  let entries: IndexEntry[] = [];
  for await (const frame of scanner.frames(checkpoint.endNs)) {
    if (!floors.has(frame.topicId)) throw topicLost(frame.topicId);
    isDamaged ||= frame.tapeSequence !== tapeSequence;
    tapeSequence = frame.tapeSequence + 1n;
    endNs = frameEndNs(frame);
    tails.set(frame.topicId, tailAfter(frame, tails.get(frame.topicId)));
    changed.add(frame.topicId);
    noteFirstRetained(floors, frame);
    producers.add(frame);
    entries.push(entryOf(frame));
    if (entries.length < 1000) continue;
    await index.put(entries);
    entries = [];
  }
  await index.put(entries);
  if (indexHead !== undefined && indexHead.tapeSequence > tapeSequence) {
    isDamaged = true;
    tapeSequence = indexHead.tapeSequence;
    if (indexHead.endNs > endNs) endNs = indexHead.endNs;
  }
  if (isDamaged) for (const id of await raiseTails(tails, meta.topics, index)) changed.add(id);
  const lastTopicId = meta.topics.reduce(
    (max, topic) => Math.max(max, topic.id),
    checkpoint.lastTopicId,
  );
  const topics = meta.topics.map((topic) => {
    return { ...topic, floor: floors.get(topic.id) ?? topic.floor };
  });
  const place = { tapeSequence, endNs, lastTopicId };
  const isNews = changed.size > 0 || isDamaged;
  const isNoted = isDamaged || !isNews;
  const recovered = { topics, tails, producers: producers.records(), ...place, isDamaged, isNoted };
  if (!isNews) return { recovered, news: undefined };
  const news = {
    checkpoint: place,
    tails: topics
      .filter((topic) => changed.has(topic.id) && !topic.isDeleted)
      .flatMap((topic) => tailRecordOf(topic, tails) ?? []),
    producers: producers.changed(),
    forgottenProducers: [],
  };
  return { recovered, news };
}

/** A record is written before the topic's first frame, and removed only when its frames are before the checkpoint. */
function topicLost(topicId: number): BrokerError {
  return new BrokerError(
    'DATA_LOSS',
    `meta/ has lost the record of topic number ${topicId}; restore the data directory from a copy`,
  );
}

function tailRecordOf(
  { id, floor }: TopicRecord,
  tails: ReadonlyMap<number, TailRecord>,
): TailRecord | undefined {
  const tail = tails.get(id);
  return tail && { ...tail, floorTimestampNs: floor.timestampNs };
}

/** Makes the index again from everything that is on the tape. */
export async function rebuildIndex(scanner: TapeScanner, index: TopicIndex): Promise<void> {
  let entries: IndexEntry[] = [];
  for await (const frame of scanner.frames(0n)) {
    entries.push(entryOf(frame));
    if (entries.length < 1000) continue;
    await index.put(entries);
    entries = [];
  }
  await index.put(entries);
}

/** The tail of the frame's topic behind the frame. */
export function tailAfter(frame: Frame, before: TailRecord | undefined): TailRecord {
  const count = BigInt(frame.messageCount);
  const isData = frame.kind === 'data';
  return {
    topicId: frame.topicId,
    lastTimestampNs: isData ? frame.timestampNs + count - 1n : (before?.lastTimestampNs ?? 0n),
    endNs: frameEndNs(frame),
    sequence: frame.topicSequence + count,
    bytes: frame.topicBytes + (isData ? BigInt(frame.body.length) : 0n),
    floorTimestampNs: before?.floorTimestampNs ?? 0n,
    closed: isData ? before?.closed : frame.body.toString('base64'),
  };
}

function floorOf(topic: TopicRecord, tails: ReadonlyMap<number, TailRecord>): Floor {
  const noted = tails.get(topic.id)?.floorTimestampNs ?? 0n;
  return noted > topic.floor.timestampNs ? { ...topic.floor, timestampNs: noted } : topic.floor;
}

/** A floor behind which there was nothing gets the timestamp of the message that came. */
function noteFirstRetained(floors: Map<number, Floor>, frame: Frame): void {
  const floor = floors.get(frame.topicId);
  if (floor === undefined || frame.kind !== 'data') return;
  const place = floor.sequence - frame.topicSequence;
  if (place < 0n || place >= BigInt(frame.messageCount)) return;
  floors.set(frame.topicId, { ...floor, timestampNs: frame.timestampNs + place });
}

/** Answers with the ids of the topics that reach further than the tape does. */
async function raiseTails(
  tails: Map<number, TailRecord>,
  topics: readonly TopicRecord[],
  index: TopicIndex,
): Promise<number[]> {
  const raised: number[] = [];
  for (const { id } of topics) {
    const [last, before] = await index.rangeReverse(id, LAST, 2);
    const tail = tails.get(id);
    if (last === undefined || last.timestampNs < (tail?.endNs ?? 0n)) continue;
    const count = BigInt(last.messageCount);
    const lastData = last.isClose ? before : last;
    raised.push(id);
    tails.set(id, {
      topicId: id,
      lastTimestampNs:
        lastData === undefined ? (tail?.lastTimestampNs ?? 0n) : frameEndNs(lastData) - 1n,
      endNs: frameEndNs(last),
      sequence: last.topicSequence + count,
      bytes: last.topicBytes + BigInt(last.bytes),
      floorTimestampNs: tail?.floorTimestampNs ?? 0n,
      // Without its frame all that is left of a close marker is that there was one.
      closed: last.isClose ? (tail?.closed ?? '') : tail?.closed,
    });
  }
  return raised;
}

/** The producers' requests, as they come by on the tape. */
class ProducerReplay {
  readonly #producers = new Map<string, ProducerRecord & { requests: ProducerRequest[] }>();
  readonly #changed = new Set<string>();

  constructor(records: readonly ProducerRecord[]) {
    for (const { topicId, name, requests } of records) {
      this.#producers.set(`${topicId}/${name}`, { topicId, name, requests: [...requests] });
    }
  }

  add(frame: Frame): void {
    const { topicId, timestampNs } = frame;
    for (const { name, sequence, messageCount, crc, index } of frame.producers) {
      const key = `${topicId}/${name}`;
      const producer = this.#producers.get(key) ?? { topicId, name, requests: [] };
      // Behind all others: the least recently used producer is the first.
      this.#producers.delete(key);
      this.#producers.set(key, producer);
      this.#changed.add(key);
      const request = { sequence, messageCount, crc, timestampNs: timestampNs + BigInt(index) };
      producer.requests.push(request);
      if (producer.requests.length > PRODUCER_REQUESTS) producer.requests.shift();
    }
  }

  records(): ProducerRecord[] {
    return [...this.#producers.values()];
  }

  /** Those of which a request came by. */
  changed(): ProducerRecord[] {
    return [...this.#changed].flatMap((key) => this.#producers.get(key) ?? []);
  }
}
