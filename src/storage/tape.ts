import { PAGE_BYTES, PAGE_FRAMES } from '../limits.ts';
import type { Database, DatabaseIterator, Operation } from './databases.ts';
import { isCorruption, readRange } from './databases.ts';
import type { Frame } from './frame.ts';
import { decodeFrame, encodeTapeKey } from './frame.ts';

/** A frame as it is written: its key and its bytes. */
export interface EncodedFrame {
  readonly timestampNs: bigint;
  readonly value: Buffer;
}

/** What one look at a stretch of the tape found. */
export interface TapePage {
  /** Whole frames, in order. Damaged ones are left out: the dense sequences tell. */
  readonly frames: readonly Frame[];
  /** Where the next page begins; undefined if there is nothing behind. */
  readonly nextNs: bigint | undefined;
  /** False if there was something that is no whole frame. More may be missing: LevelDB skips what is out of order. */
  readonly isWhole: boolean;
}

const LAST_KEY = Buffer.alloc(8, 0xff);
/** Read ahead by one look backwards. */
const REVERSE_BYTES = 1024 * 1024;

/** The tape database: frames of all topics, keyed by time. Keys are written once and never again. */
export class Tape {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get database(): Database {
    return this.#database;
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  /** Writes frames, all or none. With `sync` they are on disk when this resolves. */
  async append(frames: readonly EncodedFrame[], sync: boolean): Promise<void> {
    const [first, second] = frames;
    if (first === undefined) return;
    if (second === undefined) {
      // Of a batch the binding makes two copies on this thread, of a put one.
      await this.#database.put(encodeTapeKey(first.timestampNs), first.value, { sync });
      return;
    }
    const operations = frames.map((frame): Operation => {
      return { type: 'put', key: encodeTapeKey(frame.timestampNs), value: frame.value };
    });
    await this.#database.batch(operations, { sync });
  }

  /** The frames with these keys. Undefined for one that is missing or damaged. */
  async get(timestamps: readonly bigint[]): Promise<(Frame | undefined)[]> {
    const keys = timestamps.map(encodeTapeKey);
    let values: (Buffer | undefined)[];
    try {
      values = await this.#database.getMany(keys);
    } catch (error) {
      if (!isCorruption(error)) throw error;
      values = await Promise.all(keys.map((key) => this.#getAlone(key)));
    }
    return Promise.all(
      values.map(async (value, i) => {
        const key = keys[i] as Buffer;
        const found = value ?? (await this.#seekAlone(key));
        return found === undefined ? undefined : decodeFrame(key, found);
      }),
    );
  }

  /** Frames that begin at or behind `fromNs`, about `pageBytes` of them. Throws if LevelDB cannot read on. */
  async page(fromNs: bigint, pageBytes = PAGE_BYTES): Promise<TapePage> {
    const iterator = this.#database.iterator({
      gte: encodeTapeKey(fromNs),
      highWaterMarkBytes: pageBytes,
      fillCache: false,
    });
    try {
      return await readPage(iterator, PAGE_FRAMES, (last) => last + 1n);
    } finally {
      await iterator.close();
    }
  }

  /** Frames that begin before `beforeNs`, the last one first. Throws if LevelDB cannot read on. */
  async pageReverse(beforeNs: bigint, limit: number): Promise<TapePage> {
    const iterator = this.#database.iterator({
      lt: encodeTapeKey(beforeNs),
      reverse: true,
      highWaterMarkBytes: REVERSE_BYTES,
      fillCache: false,
    });
    try {
      return await readPage(iterator, limit, (last) => last);
    } finally {
      await iterator.close();
    }
  }

  async remove(timestamps: readonly bigint[]): Promise<void> {
    const operations = timestamps.map((timestampNs): Operation => {
      return { type: 'del', key: encodeTapeKey(timestampNs) };
    });
    await this.#database.batch(operations, { sync: false });
  }

  /** Reads one key where reading many at once failed: damage to one block is not the loss of the others. */
  async #getAlone(key: Buffer): Promise<Buffer | undefined> {
    try {
      return await this.#database.get(key);
    } catch (error) {
      if (isCorruption(error)) return undefined;
      throw error;
    }
  }

  /** Finds a key by a scan. A damaged Bloom filter hides a key from a look-up, but not from a scan. */
  async #seekAlone(key: Buffer): Promise<Buffer | undefined> {
    try {
      const [found] = await readRange(this.#database, { gte: key, lte: LAST_KEY, limit: 1 });
      return found?.[0].equals(key) ? found[1] : undefined;
    } catch (error) {
      if (isCorruption(error)) return undefined;
      throw error;
    }
  }
}

/** The next page is found by a whole frame alone: a damaged key may say anything. */
async function readPage(
  iterator: DatabaseIterator,
  limit: number,
  next: (lastNs: bigint) => bigint,
): Promise<TapePage> {
  for (let isWhole = true; ; isWhole = false) {
    const found = await iterator.nextv(limit);
    if (found.length === 0) return { frames: [], nextNs: undefined, isWhole };
    const frames = found
      .map(([key, value]) => decodeFrame(key, value))
      .filter((frame) => frame !== undefined);
    const last = frames.at(-1);
    if (last === undefined) continue;
    const nextNs = next(last.timestampNs);
    return { frames, nextNs, isWhole: isWhole && frames.length === found.length };
  }
}
