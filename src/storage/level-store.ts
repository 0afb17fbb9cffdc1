import { join } from 'node:path';
import { BrokerError } from '../errors.ts';
import { REMOVE_STEP_FRAMES } from '../limits.ts';
import type { DataDirectory } from './data-directory.ts';
import type { Database, DatabaseName, Databases, Space } from './databases.ts';
import { isCorruption } from './databases.ts';
import type { Frame } from './frame.ts';
import { encodeTapeKey, frameEndNs } from './frame.ts';
import { IndexWriter } from './index-writer.ts';
import type { CheckpointRecords, MetaContents, TopicRecord } from './meta.ts';
import { Meta } from './meta.ts';
import type { Recovered, Recovery } from './recovery.ts';
import { rebuildIndex, recover } from './recovery.ts';
import type {
  AppendFrame,
  FramePlace,
  RemovedStep,
  Store,
  TopicPage,
  TopicRead,
  TopicSpan,
} from './store.ts';
import { Tape } from './tape.ts';
import { earliestFrameNs, TapeScanner } from './tape-scanner.ts';
import type { TapeHead } from './topic-index.ts';
import { entryOf, TopicIndex } from './topic-index.ts';
import { TopicPages } from './topic-pages.ts';

/** The databases while they are open. */
interface Opened {
  readonly tape: Tape;
  readonly index: TopicIndex;
  readonly meta: Meta;
  readonly scanner: TapeScanner;
  readonly pages: TopicPages;
  readonly indexWriter: IndexWriter;
}

/**
 * The store on LevelDB: the tape keyed by time, an index by topic that can be made again from the tape, and the
 * records.
 */
export class LevelStore implements Store {
  readonly #databases: Databases;
  readonly #directory: DataDirectory | undefined;
  #opened: Opened | undefined;
  #mayCreate: boolean;
  #isChecked = false;
  /** What was found behind the checkpoint and is not in the records yet. */
  #news: CheckpointRecords | undefined;
  #newsWrite: Promise<void> = Promise.resolve();

  /** Without a directory nothing is locked and everything is created, which is what memory wants. */
  constructor(databases: Databases, directory?: DataDirectory) {
    this.#databases = databases;
    this.#directory = directory;
    this.#mayCreate = directory?.isNew ?? true;
  }

  async open(): Promise<Recovered> {
    const isIndexDamaged = await this.#checkTables();
    const tapeDatabase = await this.#openTape();
    const closing: { close(): Promise<void> }[] = [tapeDatabase];
    try {
      const tape = new Tape(tapeDatabase);
      const opened = await this.#openOthers(isIndexDamaged, closing);
      const { meta } = opened;
      let { index, isNew } = opened;
      const contents = await this.#loadMeta(meta);
      let recovery: Recovery;
      try {
        recovery = await recoverAll(contents, tape, index, isNew);
      } catch (error) {
        await index.close();
        if (!isCorruption(error) || isNew) throw error;
        ({ index, isNew } = await this.#openIndex(true));
        closing.push(index);
        recovery = await recoverAll(contents, tape, index, isNew);
      }
      const { recovered, news } = recovery;
      const head: TapeHead = { tapeSequence: recovered.tapeSequence, endNs: recovered.endNs };
      this.#news = undefined;
      this.#newsWrite = Promise.resolve();
      if (news !== undefined && recovered.isDamaged) {
        // The places of topics whose last frames are lost are known from the index alone.
        await index.write([], head, true);
        await meta.putCheckpoint(news);
      } else {
        // A start would wait for it. Until it is written, a crash leads to the same checkpoint and the same frames.
        this.#news = news;
      }
      if (this.#mayCreate) await this.#directory?.markCreated();
      this.#mayCreate = this.#directory === undefined;
      const scanner = new TapeScanner(tape, index);
      const pages = new TopicPages(tape, index, scanner);
      const indexWriter = new IndexWriter(index, head);
      this.#opened = { tape, index, meta, scanner, pages, indexWriter };
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
    await opened.indexWriter.flush().catch(() => {
      // The index is made again from the tape where it lacks something.
    });
    const closed = await Promise.allSettled([
      opened.tape.close(),
      opened.index.close(),
      opened.meta.close(),
    ]);
    const failed = closed.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    await this.#directory?.removeOwner();
  }

  async append(frames: readonly AppendFrame[], options: { sync: boolean }): Promise<void> {
    const { tape, indexWriter } = this.#open();
    await tape.append(frames, options.sync);
    const last = frames.at(-1);
    if (last === undefined) return;
    const head = { tapeSequence: last.frame.tapeSequence + 1n, endNs: frameEndNs(last.frame) };
    await indexWriter.add(
      frames.map(({ frame }) => entryOf(frame)),
      head,
    );
  }

  readTopic(read: TopicRead): Promise<TopicPage> {
    const { pages, indexWriter } = this.#open();
    return pages.read(read, indexWriter.entriesOf(read.topicId));
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
    return this.#open().scanner.pageReverse(beforeNs, 64);
  }

  findFirst(
    topic: TopicSpan,
    fromNs: bigint,
    isWanted: (place: FramePlace) => boolean,
  ): Promise<FramePlace | undefined> {
    const { pages, indexWriter } = this.#open();
    return pages.findFirst(topic, fromNs, isWanted, indexWriter.entriesOf(topic.topicId));
  }

  placeAt(topic: TopicSpan, timestampNs: bigint): Promise<FramePlace | undefined> {
    const { pages, indexWriter } = this.#open();
    return pages.placeAt(topic, timestampNs, indexWriter.entriesOf(topic.topicId));
  }

  findLast(
    topic: TopicSpan,
    isWanted: (place: FramePlace) => boolean,
  ): Promise<FramePlace | undefined> {
    const { pages, indexWriter } = this.#open();
    return pages.findLast(topic, isWanted, indexWriter.entriesOf(topic.topicId));
  }

  async removeStep(topicId: number, untilNs: bigint): Promise<RemovedStep> {
    const { tape, index, pages, indexWriter } = this.#open();
    await this.#noteNews();
    await indexWriter.flush();
    const entries = await pages.firstEntries(topicId, REMOVE_STEP_FRAMES);
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

  sizeBetween(fromNs: bigint, toNs: bigint): Promise<number> {
    const { tape } = this.#open();
    return this.#databases.sizeOf(tape.database, encodeTapeKey(fromNs), encodeTapeKey(toNs + 1n));
  }

  compact(fromNs: bigint, toNs: bigint): Promise<void> {
    const { tape } = this.#open();
    return this.#databases.compact(tape.database, encodeTapeKey(fromNs), encodeTapeKey(toNs));
  }

  async putTopics(topics: readonly TopicRecord[]): Promise<void> {
    await this.#open().meta.putTopics(topics);
  }

  async removeTopics(topicIds: readonly number[]): Promise<void> {
    await this.#noteNews();
    await this.#open().meta.removeTopics(topicIds);
  }

  async putCheckpoint(records: CheckpointRecords): Promise<void> {
    // It notes only what has changed since the start.
    await this.#noteNews();
    await this.#writeCheckpoint(records);
  }

  space(): Promise<Space | undefined> {
    return this.#databases.space();
  }

  /** Notes what the start has found: before any later checkpoint, and before anything is removed. */
  #noteNews(): Promise<void> {
    const news = this.#news;
    this.#news = undefined;
    if (news !== undefined) this.#newsWrite = this.#writeCheckpoint(news);
    return this.#newsWrite;
  }

  async #writeCheckpoint(records: CheckpointRecords): Promise<void> {
    const { meta, indexWriter } = this.#open();
    await indexWriter.flush({ sync: true });
    await meta.putCheckpoint(records);
  }

  #open(): Opened {
    if (this.#opened === undefined) {
      throw new BrokerError('STORAGE_FAILED', 'the storage is not open');
    }
    return this.#opened;
  }

  /**
   * Looks for damaged tables if the process before this one has not closed them, for they may have been what
   * ended it. True if the index must be made again. Throws DATA_LOSS.
   */
  async #checkTables(): Promise<boolean> {
    const mustCheck = !this.#isChecked && this.#directory?.wasClosed === false;
    this.#isChecked = true;
    if (!mustCheck) return false;
    const databases = this.#databases;
    const damage = (await databases.damage('tape')) ?? (await databases.damage('meta'));
    if (damage !== undefined) throw new BrokerError('DATA_LOSS', damage);
    return (await databases.damage('index')) !== undefined;
  }

  async #openTape(): Promise<Database> {
    try {
      return await this.#openIrreplaceable('tape');
    } catch (error) {
      if (!isLocked(error) || this.#directory === undefined) throw error;
      throw await this.#directory.lockedError(error);
    }
  }

  /** Opens what is beside the tape, at one time: each waits for the disk. What is open then is added to `closing`. */
  async #openOthers(
    isIndexDamaged: boolean,
    closing: { close(): Promise<void> }[],
  ): Promise<{ meta: Meta; index: TopicIndex; isNew: boolean }> {
    const [owner, meta, index] = await Promise.allSettled([
      this.#directory?.writeOwner(),
      this.#openIrreplaceable('meta').then((database) => new Meta(database)),
      this.#openIndex(isIndexDamaged),
    ]);
    if (meta.status === 'fulfilled') closing.push(meta.value);
    if (index.status === 'fulfilled') closing.push(index.value.index);
    if (owner.status === 'rejected') throw owner.reason;
    if (meta.status === 'rejected') throw meta.reason;
    if (index.status === 'rejected') throw index.reason;
    return { meta: meta.value, ...index.value };
  }

  /** Opens a database that cannot be made again. */
  async #openIrreplaceable(name: 'tape' | 'meta'): Promise<Database> {
    try {
      return await this.#openDatabase(name);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      const path = this.#directory === undefined ? name : join(this.#directory.path, name);
      const text = `${path} is missing or damaged; restore the data directory from a copy (${causes(error)})`;
      throw new BrokerError('DATA_LOSS', text, {}, error);
    }
  }

  async #loadMeta(meta: Meta): Promise<MetaContents> {
    const dropped = await this.#databases.dropped('meta');
    if (dropped !== undefined && this.#directory !== undefined) {
      throw await this.#directory.markDamaged(`meta/ has lost records (${dropped})`);
    }
    try {
      return await meta.load();
    } catch (error) {
      if (!isCorruption(error)) throw error;
      throw new BrokerError('DATA_LOSS', `meta/ is damaged: ${causes(error)}`, {}, error);
    }
  }

  /** Opens the index, or begins a new one if it is damaged or gone. */
  async #openIndex(isDamaged: boolean): Promise<{ index: TopicIndex; isNew: boolean }> {
    try {
      if (!isDamaged)
        return { index: new TopicIndex(await this.#openDatabase('index')), isNew: false };
    } catch (error) {
      if (!isUnreadable(error)) throw error;
    }
    await this.#databases.destroy('index');
    const database = await this.#databases.open('index', { createIfMissing: true });
    return { index: new TopicIndex(database), isNew: true };
  }

  #openDatabase(name: DatabaseName): Promise<Database> {
    return this.#databases.open(name, { createIfMissing: this.#mayCreate });
  }
}

/** Finds what the databases hold; a new index is made from the tape first. */
async function recoverAll(
  contents: MetaContents,
  tape: Tape,
  index: TopicIndex,
  isNew: boolean,
): Promise<Recovery> {
  const scanner = new TapeScanner(tape, index);
  const head = isNew ? undefined : await index.head();
  if (isNew) await rebuildIndex(scanner, index);
  return recover(contents, scanner, index, head);
}

function isLocked(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED';
}

/** True if a database is damaged or gone, and not just out of reach. */
function isUnreadable(error: unknown): boolean {
  return (
    isCorruption(error) ||
    /does not exist|No such file or directory|Not a directory|Is a directory/.test(causes(error))
  );
}

function causes(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${causes(error.cause)}`;
}
