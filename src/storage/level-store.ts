import { BrokerError } from '../errors.ts';
import { PAGE_FRAMES, REMOVE_STEP_FRAMES } from '../limits.ts';
import type { DataDirectory } from './data-directory.ts';
import type { Database, DatabaseName, Databases } from './databases.ts';
import { isCorruption } from './databases.ts';
import type { Frame } from './frame.ts';
import { encodeTapeKey, frameEndNs } from './frame.ts';
import type { CheckpointRecords, TopicRecord } from './meta.ts';
import { Meta } from './meta.ts';
import type { Recovered } from './recovery.ts';
import { rebuildIndex, recover } from './recovery.ts';
import type { AppendFrame, FramePlace, RemovedStep, Store, TopicPage, TopicRead } from './store.ts';
import { Tape } from './tape.ts';
import { earliestFrameNs, TapeScanner } from './tape-scanner.ts';
import type { IndexEntry, TapeHead } from './topic-index.ts';
import { entryOf, TopicIndex } from './topic-index.ts';
import { TopicPages } from './topic-pages.ts';

/** The databases while they are open. */
interface Opened {
  readonly tape: Tape;
  readonly index: TopicIndex;
  readonly meta: Meta;
  readonly scanner: TapeScanner;
  readonly pages: TopicPages;
}

/**
 * The store on LevelDB: the tape keyed by time, an index by topic that can be made again from the tape, and the
 * records. The index is written behind the tape and not synced: what it does not have yet is kept here.
 */
export class LevelStore implements Store {
  readonly #databases: Databases;
  readonly #directory: DataDirectory | undefined;
  #opened: Opened | undefined;
  #mayCreate: boolean;
  /** Entries whose write to the index has not ended. */
  #unindexed: IndexEntry[] = [];
  #indexWrite: Promise<void> = Promise.resolve();
  #head: TapeHead = { tapeSequence: 0n, endNs: 0n };

  /** Without a directory nothing is locked and everything is created, which is what memory wants. */
  constructor(databases: Databases, directory?: DataDirectory) {
    this.#databases = databases;
    this.#directory = directory;
    this.#mayCreate = directory?.isNew ?? true;
  }

  async open(): Promise<Recovered> {
    const tapeDatabase = await this.#openTape();
    const closing: { close(): Promise<void> }[] = [tapeDatabase];
    try {
      await this.#directory?.writeOwner();
      const tape = new Tape(tapeDatabase);
      const meta = new Meta(await this.#openDatabase('meta'));
      closing.push(meta);
      const dropped = await this.#databases.dropped('meta');
      if (dropped !== undefined) {
        throw new BrokerError(
          'DATA_LOSS',
          `meta/ has lost records (${dropped}); restore the data directory`,
        );
      }
      const contents = await meta.load();
      const { index, isRebuilt } = await this.#openIndex();
      closing.push(index);
      const scanner = new TapeScanner(tape, index);
      const head = await index.head();
      if (isRebuilt) await rebuildIndex(scanner, index);
      const recovered = await recover(contents, scanner, index, head);
      if (this.#mayCreate) await this.#directory?.markCreated();
      this.#mayCreate = this.#directory === undefined;
      this.#unindexed = [];
      this.#indexWrite = Promise.resolve();
      this.#head = { tapeSequence: recovered.tapeSequence, endNs: recovered.endNs };
      this.#opened = { tape, index, meta, scanner, pages: new TopicPages(tape, index, scanner) };
      return recovered;
    } catch (error) {
      await Promise.allSettled(closing.map((each) => each.close()));
      throw error;
    }
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    if (opened === undefined) return;
    this.#opened = undefined;
    await this.#indexWrite.catch(() => {
      // The index is made again from the tape where it lacks something.
    });
    const closed = await Promise.allSettled([
      opened.tape.close(),
      opened.index.close(),
      opened.meta.close(),
    ]);
    const failed = closed.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async append(frames: readonly AppendFrame[], options: { sync: boolean }): Promise<void> {
    const { tape, index } = this.#open();
    await tape.append(frames, options.sync);
    // Waits for the entries of the append before, so that at most two appends are not in the index.
    await this.#indexWrite;
    const entries = frames.map(({ frame }) => entryOf(frame));
    const last = frames.at(-1);
    if (last === undefined) return;
    this.#head = { tapeSequence: last.frame.tapeSequence + 1n, endNs: frameEndNs(last.frame) };
    this.#unindexed = entries;
    this.#indexWrite = index.write(entries, this.#head).then(() => {
      this.#unindexed = this.#unindexed.filter((entry) => !entries.includes(entry));
    });
    this.#indexWrite.catch(() => {
      // The next append rejects with it.
    });
  }

  readTopic(read: TopicRead): Promise<TopicPage> {
    const unindexed = this.#unindexed.filter((entry) => entry.topicId === read.topicId);
    return this.#open().pages.read(read, unindexed);
  }

  async frameStart(timestampNs: bigint): Promise<bigint> {
    try {
      const [before] = (await this.#open().tape.pageReverse(timestampNs, 1)).frames;
      const isWithin = before !== undefined && frameEndNs(before) > timestampNs;
      return isWithin ? before.timestampNs : timestampNs;
    } catch (error) {
      if (!isCorruption(error)) throw error;
      return earliestFrameNs(timestampNs);
    }
  }

  readTape(fromNs: bigint): Promise<{ frames: readonly Frame[]; nextNs: bigint | undefined }> {
    return this.#open().scanner.page(fromNs);
  }

  readTapeReverse(
    beforeNs: bigint,
  ): Promise<{ frames: readonly Frame[]; nextNs: bigint | undefined }> {
    return this.#open().tape.pageReverse(beforeNs, 64);
  }

  async findFirst(
    topicId: number,
    fromNs: bigint,
    isWanted: (place: FramePlace) => boolean,
  ): Promise<FramePlace | undefined> {
    const { index } = this.#open();
    const unindexed = this.#unindexed.filter((entry) => entry.topicId === topicId);
    const floor = await index.floor(topicId, fromNs);
    for (let next = floor?.timestampNs ?? fromNs; ; ) {
      const entries = await index.range(topicId, next, PAGE_FRAMES);
      const found = entries.find(isWanted);
      if (found !== undefined) return found;
      const last = entries.at(-1);
      if (last === undefined || entries.length < PAGE_FRAMES) return unindexed.find(isWanted);
      next = last.timestampNs + 1n;
    }
  }

  async findLast(
    topicId: number,
    isWanted: (place: FramePlace) => boolean,
  ): Promise<FramePlace | undefined> {
    const { index } = this.#open();
    const unindexed = this.#unindexed.filter(
      (entry) => entry.topicId === topicId && isWanted(entry),
    );
    if (unindexed.length > 0) return unindexed.at(-1);
    for (let before = this.#head.endNs + 1n; ; ) {
      const entries = await index.rangeReverse(topicId, before, PAGE_FRAMES);
      const found = entries.find(isWanted);
      const last = entries.at(-1);
      if (found !== undefined || last === undefined) return found;
      before = last.timestampNs;
    }
  }

  async removeStep(topicId: number, untilNs: bigint): Promise<RemovedStep> {
    const { tape, index } = this.#open();
    const entries = await index.range(topicId, 0n, REMOVE_STEP_FRAMES);
    const removed = entries.filter((entry) => frameEndNs(entry) <= untilNs);
    const timestamps = removed.map((entry) => entry.timestampNs);
    const firstNs = timestamps[0] ?? 0n;
    if (removed.length > 0) {
      // The tape first: what is in the index can be found and removed again.
      await tape.remove(timestamps);
      await index.remove(topicId, timestamps);
    }
    return {
      frameCount: removed.length,
      bytes: removed.reduce((sum, entry) => sum + entry.bytes, 0),
      firstNs,
      lastNs: timestamps.at(-1) ?? firstNs,
      isLast: removed.length < REMOVE_STEP_FRAMES,
    };
  }

  compact(fromNs: bigint, toNs: bigint): Promise<void> {
    const { tape } = this.#open();
    return this.#databases.compact(tape.database, encodeTapeKey(fromNs), encodeTapeKey(toNs));
  }

  async putTopics(topics: readonly TopicRecord[]): Promise<void> {
    await this.#open().meta.putTopics(topics);
  }

  async removeTopics(topicIds: readonly number[]): Promise<void> {
    await this.#open().meta.removeTopics(topicIds);
  }

  async putCheckpoint(records: CheckpointRecords): Promise<void> {
    const { index, meta } = this.#open();
    await this.#indexWrite;
    await index.write([], this.#head, true);
    await meta.putCheckpoint(records);
  }

  space(): Promise<{ freeBytes: number; totalBytes: number } | undefined> {
    return this.#databases.space();
  }

  #open(): Opened {
    if (this.#opened === undefined) {
      throw new BrokerError('STORAGE_FAILED', 'the storage is not open');
    }
    return this.#opened;
  }

  async #openTape(): Promise<Database> {
    try {
      return await this.#openDatabase('tape');
    } catch (error) {
      if (isLocked(error) && this.#directory !== undefined) {
        throw await this.#directory.lockedError(error);
      }
      throw isUnreadable(error)
        ? new BrokerError('DATA_LOSS', `tape/ is damaged: ${causes(error)}`, {}, error)
        : error;
    }
  }

  async #openDatabase(name: DatabaseName): Promise<Database> {
    return this.#databases.open(name, { createIfMissing: this.#mayCreate });
  }

  /** Opens the index, or begins a new one if it is damaged or gone. */
  async #openIndex(): Promise<{ index: TopicIndex; isRebuilt: boolean }> {
    try {
      return { index: new TopicIndex(await this.#openDatabase('index')), isRebuilt: false };
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      await this.#databases.destroy('index');
      const database = await this.#databases.open('index', { createIfMissing: true });
      return { index: new TopicIndex(database), isRebuilt: true };
    }
  }
}

function isLocked(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED';
}

/** True if a database is damaged or gone, and not just out of reach. */
function isUnreadable(error: unknown): boolean {
  return isCorruption(error) || /does not exist/.test(causes(error));
}

function causes(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${causes(error.cause)}`;
}
