import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { BrokerError } from '../errors.ts';
import type { Database, Operation } from './databases.ts';

/**
 * What is known of topics and producers, small enough to be held in memory. The database is read once, at the
 * start, and only written afterwards.
 *
 * ```
 * key    't'  4  topic id                   topic: name, settings, what is trimmed
 *        'l'  4  topic id                   tail of the topic at the last checkpoint
 *        'p'  4  topic id  …  name, UTF-8   producer at the last checkpoint
 *        'c'                                the last checkpoint
 * value  4  CRC-32 (IEEE) over key and the rest, big-endian   …  JSON, integers of 64 bits as strings
 * ```
 */
const int64 = z.coerce.bigint();

/** Settings of a topic; 0 means no limit, or the broker's. */
const topicConfig = z.object({
  maxAgeMs: int64,
  maxBytes: int64,
  maxMessages: int64,
  maxMessageBytes: z.number(),
  /** What every subscription is done with is trimmed. */
  trimConsumed: z.boolean().optional(),
});

/** Where a topic begins: everything before is trimmed. */
const floor = z.object({
  /** Timestamp of the first retained message, or the topic's end if none is. */
  timestampNs: int64,
  /** Behind the last message that is trimmed, which may be long before the first retained one. */
  trimmedUntilNs: int64.optional(),
  /** Messages before it, ever. */
  sequence: int64,
  /** Bytes of these. */
  bytes: int64,
});

const topicRecord = z.object({
  id: z.number(),
  name: z.string(),
  createdTimestampNs: int64,
  config: topicConfig,
  floor,
  /** Deleted for readers and writers; its frames are being removed. The id is never used again. */
  isDeleted: z.boolean(),
});

/** Where a topic ends. */
const tailRecord = z.object({
  topicId: z.number(),
  /** Timestamp of the last message; 0 if there never was one. */
  lastTimestampNs: int64,
  /** Behind the last frame; 0 if there never was one. */
  endNs: int64,
  sequence: int64,
  bytes: int64,
  /** Timestamp of the first retained message: the floor's, or that of a message that came behind it. */
  floorTimestampNs: int64,
  /** Body of the close frame in base64, if the topic is closed; empty if the frame is lost. */
  closed: z.string().optional(),
});

/** A request of a producer that was stored. */
const producerRequest = z.object({
  sequence: int64,
  messageCount: z.number(),
  crc: z.number(),
  /** Of the first message. */
  timestampNs: int64,
});

const producerRecord = z.object({
  topicId: z.number(),
  name: z.string(),
  /** The last requests, oldest first. */
  requests: z.array(producerRequest),
});

/** All before it is in the records; all behind it is read again from the tape at the next start. */
const checkpoint = z.object({
  tapeSequence: int64,
  endNs: int64,
  /** The last topic id that was given out. */
  lastTopicId: z.number(),
});

export type TopicConfig = Readonly<z.infer<typeof topicConfig>>;
export type Floor = Readonly<z.infer<typeof floor>>;
export type TopicRecord = Readonly<z.infer<typeof topicRecord>>;
export type TailRecord = Readonly<z.infer<typeof tailRecord>>;
export type ProducerRequest = Readonly<z.infer<typeof producerRequest>>;
export type ProducerRecord = Readonly<z.infer<typeof producerRecord>>;
export type Checkpoint = Readonly<z.infer<typeof checkpoint>>;

export interface MetaContents {
  topics: TopicRecord[];
  tails: TailRecord[];
  producers: ProducerRecord[];
  checkpoint: Checkpoint | undefined;
}

export interface CheckpointRecords {
  readonly checkpoint: Checkpoint;
  readonly tails: readonly TailRecord[];
  readonly producers: readonly ProducerRecord[];
  readonly forgottenProducers: readonly Pick<ProducerRecord, 'topicId' | 'name'>[];
}

export class Meta {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  /** Reads everything. Throws DATA_LOSS if a record is damaged: without it nothing else can be trusted. */
  async load(): Promise<MetaContents> {
    const contents: MetaContents = { topics: [], tails: [], producers: [], checkpoint: undefined };
    const iterator = this.#database.iterator({ highWaterMarkBytes: 1024 * 1024 });
    try {
      for (;;) {
        const found = await iterator.nextv(1000);
        if (found.length === 0) return contents;
        for (const [key, value] of found) addRecord(contents, key, value);
      }
    } finally {
      await iterator.close();
    }
  }

  putTopics(topics: readonly TopicRecord[]): Promise<void> {
    return this.#write(topics.map((topic) => put(idKey('t', topic.id), topic)));
  }

  /** Forgets topics whose frames are gone from the tape. */
  removeTopics(topicIds: readonly number[]): Promise<void> {
    return this.#write(
      topicIds.flatMap((id) => [
        { type: 'del', key: idKey('t', id) },
        { type: 'del', key: idKey('l', id) },
      ]),
    );
  }

  putCheckpoint(records: CheckpointRecords): Promise<void> {
    return this.#write([
      ...records.tails.map((tail) => put(idKey('l', tail.topicId), tail)),
      ...records.forgottenProducers.map(
        (each): Operation => ({ type: 'del', key: producerKey(each) }),
      ),
      ...records.producers.map((each) => put(producerKey(each), each)),
      put(Buffer.from('c'), records.checkpoint),
    ]);
  }

  #write(operations: Operation[]): Promise<void> {
    return this.#database.batch(operations, { sync: true });
  }
}

function idKey(kind: 't' | 'l', id: number): Buffer {
  const key = Buffer.allocUnsafe(5);
  key.write(kind, 0, 'latin1');
  key.writeUInt32BE(id, 1);
  return key;
}

function producerKey(producer: Pick<ProducerRecord, 'topicId' | 'name'>): Buffer {
  const name = Buffer.from(producer.name);
  const key = Buffer.allocUnsafe(5 + name.length);
  key.write('p', 0, 'latin1');
  key.writeUInt32BE(producer.topicId, 1);
  name.copy(key, 5);
  return key;
}

function put(key: Buffer, record: object): Operation {
  const json = Buffer.from(
    JSON.stringify(record, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)),
  );
  const value = Buffer.allocUnsafe(4 + json.length);
  json.copy(value, 4);
  value.writeUInt32BE(crc32(json, crc32(key)));
  return { type: 'put', key, value };
}

function addRecord(contents: MetaContents, key: Buffer, value: Buffer): void {
  const json = value.subarray(4);
  if (value.length < 4 || value.readUInt32BE() !== crc32(json, crc32(key))) {
    throw new BrokerError(
      'DATA_LOSS',
      'meta/: a record is damaged; restore the data directory from a copy',
    );
  }
  const record: unknown = JSON.parse(json.toString());
  const kind = String.fromCharCode(key[0] ?? 0);
  if (kind === 't') contents.topics.push(topicRecord.parse(record));
  else if (kind === 'l') contents.tails.push(tailRecord.parse(record));
  else if (kind === 'p') contents.producers.push(producerRecord.parse(record));
  else if (kind === 'c') contents.checkpoint = checkpoint.parse(record);
}
