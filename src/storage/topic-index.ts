import { crc32 } from 'node:zlib';
import type { Database, Operation } from './databases.ts';
import { readRange } from './databases.ts';
import type { Frame } from './frame.ts';

/**
 * Where the frames of each topic are on the tape. Everything here can be made again from the tape. Integers are
 * big-endian.
 *
 * ```
 * key    4  topic id                     8  timestamp: the frame's key on the tape
 * value  8  topic sequence               4  message count          8  topic bytes
 *        4  bytes of messages            8  tape sequence          1  kind, as in the frame
 *        4  CRC-32 (IEEE) over key and value before it
 * ```
 *
 * Topic id 0xFFFFFFFF belongs to no topic: it is how far the tape reached at the last write. If the tape ends
 * before, it has lost its tail.
 *
 * ```
 * key    4  0xFFFFFFFF                   8  tape sequence of the next frame
 * value  8  end of the last frame        4  CRC-32 (IEEE) over key and value before it
 * ```
 */
export interface IndexEntry {
  readonly topicId: number;
  readonly timestampNs: bigint;
  readonly topicSequence: bigint;
  readonly messageCount: number;
  readonly topicBytes: bigint;
  readonly bytes: number;
  readonly tapeSequence: bigint;
  readonly isClose: boolean;
}

/** How far the tape reached when the index was last written. */
export interface TapeHead {
  /** Tape sequence of the next frame. */
  readonly tapeSequence: bigint;
  /** End of the last frame. */
  readonly endNs: bigint;
}

const HEAD_TOPIC_ID = 0xffffffff;
const KEY_BYTES = 12;
const VALUE_BYTES = 37;
const HEAD_VALUE_BYTES = 12;
/** Behind every timestamp. */
export const LAST = 0xffffffffffffffffn;
/** There is one head; behind a damaged one there may be one that LevelDB had deleted. */
const HEADS_MAX = 16;

export function indexKey(topicId: number, timestampNs: bigint): Buffer {
  const key = Buffer.allocUnsafe(KEY_BYTES);
  key.writeUInt32BE(topicId);
  key.writeBigUInt64BE(timestampNs, 4);
  return key;
}

export function encodeIndexValue(
  key: Buffer,
  entry: Omit<IndexEntry, 'topicId' | 'timestampNs'>,
): Buffer {
  const value = Buffer.allocUnsafe(VALUE_BYTES);
  value.writeBigUInt64BE(entry.topicSequence, 0);
  value.writeUInt32BE(entry.messageCount, 8);
  value.writeBigUInt64BE(entry.topicBytes, 12);
  value.writeUInt32BE(entry.bytes, 20);
  value.writeBigUInt64BE(entry.tapeSequence, 24);
  value[32] = entry.isClose ? 1 : 0;
  value.writeUInt32BE(crc32(value.subarray(0, 33), crc32(key)), 33);
  return value;
}

/** The entry, or undefined if it is damaged. */
export function decodeIndexEntry(key: Buffer, value: Buffer): IndexEntry | undefined {
  if (key.length !== KEY_BYTES || value.length !== VALUE_BYTES) return undefined;
  if (value.readUInt32BE(33) !== crc32(value.subarray(0, 33), crc32(key))) return undefined;
  return {
    topicId: key.readUInt32BE(0),
    timestampNs: key.readBigUInt64BE(4),
    topicSequence: value.readBigUInt64BE(0),
    messageCount: value.readUInt32BE(8),
    topicBytes: value.readBigUInt64BE(12),
    bytes: value.readUInt32BE(20),
    tapeSequence: value.readBigUInt64BE(24),
    isClose: value[32] === 1,
  };
}

export function entryOf(frame: Frame): IndexEntry {
  return {
    topicId: frame.topicId,
    timestampNs: frame.timestampNs,
    topicSequence: frame.topicSequence,
    messageCount: frame.messageCount,
    topicBytes: frame.topicBytes,
    bytes: frame.kind === 'data' ? frame.body.length : 0,
    tapeSequence: frame.tapeSequence,
    isClose: frame.kind === 'close',
  };
}

function encodeHeadValue(key: Buffer, endNs: bigint): Buffer {
  const value = Buffer.allocUnsafe(HEAD_VALUE_BYTES);
  value.writeBigUInt64BE(endNs);
  value.writeUInt32BE(crc32(value.subarray(0, 8), crc32(key)), 8);
  return value;
}

function isHead(key: Buffer, value: Buffer): boolean {
  if (key.length !== KEY_BYTES || value.length !== HEAD_VALUE_BYTES) return false;
  return value.readUInt32BE(8) === crc32(value.subarray(0, 8), crc32(key));
}

/** The index database: writes entries, finds them by topic and time. */
export class TopicIndex {
  readonly #database: Database;
  #lastHeadKey: Buffer | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  /** Writes entries, and how far the tape now reaches. With `sync`, all writes before are durable too. */
  async write(entries: readonly IndexEntry[], head: TapeHead, sync = false): Promise<void> {
    const operations = entries.map(putEntry);
    const headKey = indexKey(HEAD_TOPIC_ID, head.tapeSequence);
    operations.push({ type: 'put', key: headKey, value: encodeHeadValue(headKey, head.endNs) });
    if (this.#lastHeadKey !== undefined && !this.#lastHeadKey.equals(headKey)) {
      operations.push({ type: 'del', key: this.#lastHeadKey });
    }
    await this.#database.batch(operations, { sync });
    this.#lastHeadKey = headKey;
  }

  /** Writes entries that were missing. */
  async put(entries: readonly IndexEntry[]): Promise<void> {
    await this.#database.batch(entries.map(putEntry), { sync: false });
  }

  async head(): Promise<TapeHead | undefined> {
    const found = await readRange(this.#database, {
      gte: indexKey(HEAD_TOPIC_ID, 0n),
      lte: indexKey(HEAD_TOPIC_ID, LAST),
      reverse: true,
      limit: HEADS_MAX,
    });
    const last = found.find(([key, value]) => isHead(key, value));
    if (last === undefined) return undefined;
    this.#lastHeadKey = last[0];
    return { tapeSequence: last[0].readBigUInt64BE(4), endNs: last[1].readBigUInt64BE(0) };
  }

  /** The topic's last entry that begins at or before the timestamp. */
  async floor(topicId: number, timestampNs: bigint): Promise<IndexEntry | undefined> {
    const entries = await readRange(this.#database, {
      gte: indexKey(topicId, 0n),
      lte: indexKey(topicId, timestampNs),
      reverse: true,
      limit: 1,
    });
    return decodeAll(entries)[0];
  }

  /** Entries of the topic from a timestamp on, in order; damaged ones are left out. */
  async range(topicId: number, fromNs: bigint, limit: number): Promise<IndexEntry[]> {
    const entries = await readRange(this.#database, {
      gte: indexKey(topicId, fromNs),
      lte: indexKey(topicId, LAST),
      limit,
    });
    return decodeAll(entries);
  }

  /** Entries of the topic that begin before a timestamp, the last one first; damaged ones are left out. */
  async rangeReverse(topicId: number, beforeNs: bigint, limit: number): Promise<IndexEntry[]> {
    const entries = await readRange(this.#database, {
      gte: indexKey(topicId, 0n),
      lt: indexKey(topicId, beforeNs),
      reverse: true,
      limit,
    });
    return decodeAll(entries);
  }

  /** Entries of all topics behind a key, in the order of keys; for when the tape cannot be scanned. */
  async page(after: Buffer, limit: number): Promise<{ entries: IndexEntry[]; last?: Buffer }> {
    const found = await readRange(this.#database, {
      gt: after,
      lt: indexKey(HEAD_TOPIC_ID, 0n),
      limit,
      fillCache: false,
    });
    const last = found.at(-1)?.[0];
    return { entries: decodeAll(found), ...(last && { last }) };
  }

  async remove(topicId: number, timestamps: readonly bigint[]): Promise<void> {
    const operations = timestamps.map((timestampNs): Operation => {
      return { type: 'del', key: indexKey(topicId, timestampNs) };
    });
    await this.#database.batch(operations, { sync: false });
  }
}

function putEntry(entry: IndexEntry): Operation {
  const key = indexKey(entry.topicId, entry.timestampNs);
  return { type: 'put', key, value: encodeIndexValue(key, entry) };
}

function decodeAll(found: readonly [Buffer, Buffer][]): IndexEntry[] {
  return found
    .map(([key, value]) => decodeIndexEntry(key, value))
    .filter((entry) => entry !== undefined);
}
