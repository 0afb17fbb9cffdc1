import type { Database } from '../../src/storage/databases.ts';
import { MemoryDatabases } from '../../src/storage/databases.ts';
import { encodeTapeKey } from '../../src/storage/frame.ts';
import type { AppendFrame } from '../../src/storage/store.ts';
import { Tape } from '../../src/storage/tape.ts';
import { TapeScanner } from '../../src/storage/tape-scanner.ts';
import { entryOf, indexKey, TopicIndex } from '../../src/storage/topic-index.ts';
import { TopicPages } from '../../src/storage/topic-pages.ts';
import { FaultyDatabases } from './faulty-databases.ts';

/** Tape and index in memory, put together as the store does, and ways to damage them. */
export class StorageParts {
  readonly databases: FaultyDatabases;
  readonly tape: Tape;
  readonly index: TopicIndex;
  readonly scanner: TapeScanner;
  readonly pages: TopicPages;
  readonly #tapeDatabase: Database;
  readonly #indexDatabase: Database;

  private constructor(databases: FaultyDatabases, tape: Database, index: Database) {
    this.databases = databases;
    this.#tapeDatabase = tape;
    this.#indexDatabase = index;
    this.tape = new Tape(tape);
    this.index = new TopicIndex(index);
    this.scanner = new TapeScanner(this.tape, this.index);
    this.pages = new TopicPages(this.tape, this.index, this.scanner);
  }

  static async open(): Promise<StorageParts> {
    const databases = new FaultyDatabases(new MemoryDatabases());
    const create = { createIfMissing: true };
    const tape = await databases.open('tape', create);
    return new StorageParts(databases, tape, await databases.open('index', create));
  }

  async append(frames: readonly AppendFrame[]): Promise<void> {
    await this.tape.append(frames, true);
    const entries = frames.map(({ frame }) => entryOf(frame));
    const last = entries.at(-1);
    if (last === undefined) return;
    await this.index.write(entries, {
      tapeSequence: last.tapeSequence + 1n,
      endNs: last.timestampNs + BigInt(Math.max(last.messageCount, 1)),
    });
  }

  /** Makes the tape forget frames, as when LevelDB drops a part of its log. */
  async lose(...frames: readonly (AppendFrame | undefined)[]): Promise<void> {
    await this.tape.remove(frames.flatMap((frame) => frame?.timestampNs ?? []));
  }

  /** Puts a wrong bit into a frame. */
  async damage(frame: AppendFrame | undefined): Promise<void> {
    if (frame === undefined) throw new TypeError('no such frame');
    const value = Buffer.from(frame.value);
    value[20] = (value[20] ?? 0) ^ 1;
    const put = { type: 'put', key: encodeTapeKey(frame.timestampNs), value } as const;
    await this.#tapeDatabase.batch([put], { sync: false });
  }

  /** Makes the index forget frames. */
  async unindex(...frames: readonly (AppendFrame | undefined)[]): Promise<void> {
    for (const each of frames) {
      if (each === undefined) throw new TypeError('no such frame');
      const key = indexKey(each.frame.topicId, each.timestampNs);
      await this.#indexDatabase.batch([{ type: 'del', key }], { sync: false });
    }
  }
}

/** What it says of a damaged block. */
export const CORRUPTION = { message: 'Corruption: bad entry in block' };
