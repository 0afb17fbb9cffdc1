import { readdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { liveTables } from './level-manifest.ts';
import { tableDamage } from './level-table.ts';

/** What playhead uses of a LevelDB. */
export interface Database {
  put(key: Buffer, value: Buffer, options: { sync: boolean }): Promise<void>;
  batch(operations: Operation[], options: { sync: boolean }): Promise<void>;
  get(key: Buffer): Promise<Buffer | undefined>;
  getMany(keys: Buffer[], options?: { fillCache: boolean }): Promise<(Buffer | undefined)[]>;
  iterator(options: RangeOptions): DatabaseIterator;
  open(): Promise<void>;
  close(): Promise<void>;
}

export type Operation = { type: 'put'; key: Buffer; value: Buffer } | { type: 'del'; key: Buffer };

export interface RangeOptions {
  gte?: Buffer;
  gt?: Buffer;
  lt?: Buffer;
  lte?: Buffer;
  reverse?: boolean;
  limit?: number;
  /** Bytes that one `nextv` reads ahead. */
  highWaterMarkBytes?: number;
  /** False for scans that nobody repeats. */
  fillCache?: boolean;
}

export interface DatabaseIterator {
  nextv(size: number): Promise<[Buffer, Buffer][]>;
  close(): Promise<void>;
}

export type DatabaseName = 'tape' | 'index' | 'meta';

const DATABASES: readonly DatabaseName[] = ['tape', 'index', 'meta'];

/** What there is of a disk. */
export interface Space {
  readonly freeBytes: number;
  /** Size of the file system. */
  readonly totalBytes: number;
  /** What the storage has in logs, and writes out once more when it is opened. */
  readonly logBytes?: number;
}

/** Where the three databases live: on a disk or in memory. */
export interface Databases {
  open(name: DatabaseName, options: { createIfMissing: boolean }): Promise<Database>;
  /** Gives the space of removed keys back. */
  compact(database: Database, from: Buffer, to: Buffer): Promise<void>;
  /** About how many bytes the keys of a range take in tables; with those that are removed and not yet compacted. */
  sizeOf(database: Database, from: Buffer, to: Buffer): Promise<number>;
  /** Removes a database that can be made again. It must be closed. */
  destroy(name: DatabaseName): Promise<void>;
  /**
   * What is wrong with the tables of a database that is closed, which LevelDB itself would not see, or not survive.
   */
  damage(name: DatabaseName): Promise<string | undefined>;
  /** What LevelDB dropped when it opened the database. It goes on without a word; only its log tells. */
  dropped(name: DatabaseName): Promise<string | undefined>;
  /** What there is of the file system. Undefined where nothing can fill up. */
  space(): Promise<Space | undefined>;
}

const MiB = 1024 * 1024;
const encodings = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const;

/**
 * Measured with frames of 50 kB: without compression and with large buffers and blocks, LevelDB writes at
 * the speed of the disk, and keys that only grow make its compaction move files instead of rewriting them.
 */
const tuning: Readonly<Record<DatabaseName, object>> = {
  tape: {
    compression: false,
    // Larger ones are no faster, and a start after a crash reads so much again.
    writeBufferSize: 16 * MiB,
    // Of what is rewritten when frames are removed: each file is synced whole, and ten of them are the most that one
    // file is merged with. What is appended stays in files of the write buffer's size.
    maxFileSize: 2 * MiB,
    blockSize: 64 * 1024,
    cacheSize: 64 * MiB,
  },
  index: {
    compression: false,
    writeBufferSize: 8 * MiB,
    maxFileSize: 16 * MiB,
    cacheSize: 32 * MiB,
  },
  meta: { compression: false, writeBufferSize: 4 * MiB, cacheSize: 4 * MiB },
};

export class DiskDatabases implements Databases {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async open(name: DatabaseName, options: { createIfMissing: boolean }): Promise<Database> {
    const database = new ClassicLevel<Buffer, Buffer>(join(this.#directory, name), {
      ...encodings,
      ...tuning[name],
      createIfMissing: options.createIfMissing,
    });
    await database.open();
    return database;
  }

  async compact(database: Database, from: Buffer, to: Buffer): Promise<void> {
    if (database instanceof ClassicLevel) await database.compactRange(from, to);
  }

  async sizeOf(database: Database, from: Buffer, to: Buffer): Promise<number> {
    return database instanceof ClassicLevel ? database.approximateSize(from, to) : 0;
  }

  async destroy(name: DatabaseName): Promise<void> {
    await rm(join(this.#directory, name), { recursive: true, force: true });
  }

  async damage(name: DatabaseName): Promise<string | undefined> {
    // The frames of the tape have their own checksums, and are most of what there is.
    const depth = name === 'tape' ? 'structure' : 'everything';
    for (const table of await liveTables(join(this.#directory, name))) {
      const damage = tableDamage(table, depth);
      if (damage !== undefined) return `${name}/${basename(table.path)} ${damage}`;
    }
    return undefined;
  }

  async dropped(name: DatabaseName): Promise<string | undefined> {
    const log = await readFile(join(this.#directory, name, 'LOG'), 'utf8').catch(() => '');
    return log.split('\n').find((line) => /dropping \d+ bytes|Corruption/.test(line));
  }

  async space(): Promise<Space> {
    const { bavail, blocks, bsize } = await statfs(this.#directory);
    const logBytes = await Promise.all(DATABASES.map((name) => this.#logBytes(name)));
    return {
      freeBytes: bavail * bsize,
      totalBytes: blocks * bsize,
      logBytes: logBytes.reduce((sum, bytes) => sum + bytes, 0),
    };
  }

  async #logBytes(name: DatabaseName): Promise<number> {
    const directory = join(this.#directory, name);
    let bytes = 0;
    for (const file of await readdir(directory)) {
      // A log that is not needed any more may be gone by now.
      if (file.endsWith('.log')) {
        bytes += (await stat(join(directory, file)).catch(() => undefined))?.size ?? 0;
      }
    }
    return bytes;
  }
}

/** Databases that live as long as this object: closing and opening one again finds what was there. */
export class MemoryDatabases implements Databases {
  readonly #databases = new Map<DatabaseName, Database>();

  async open(name: DatabaseName): Promise<Database> {
    // A broker with a disk never needs it, and starts sooner without.
    const { MemoryLevel } = await import('memory-level');
    const database = this.#databases.get(name) ?? new MemoryLevel<Buffer, Buffer>(encodings);
    this.#databases.set(name, database);
    await database.open();
    return database;
  }

  async compact(): Promise<void> {}

  async sizeOf(): Promise<number> {
    return 0;
  }

  async destroy(name: DatabaseName): Promise<void> {
    this.#databases.delete(name);
  }

  async damage(): Promise<undefined> {
    return undefined;
  }

  async dropped(): Promise<undefined> {
    return undefined;
  }

  async space(): Promise<undefined> {
    return undefined;
  }
}

/** What one call into LevelDB is asked for at most. */
const CALL_ENTRIES = 1024;

/** Reads a range in one go. Iterators are snapshots, which make LevelDB keep what is removed, so none stays open. */
export async function readRange(
  database: Database,
  range: RangeOptions & { limit: number },
): Promise<[Buffer, Buffer][]> {
  const iterator = database.iterator({ highWaterMarkBytes: MiB, ...range });
  try {
    const entries: [Buffer, Buffer][] = [];
    while (entries.length < range.limit) {
      // One call returns less than it was asked for when it has read ahead enough bytes. For what it is asked for it
      // takes the memory at once, and ends the process if there is none.
      const more = await iterator.nextv(Math.min(range.limit - entries.length, CALL_ENTRIES));
      if (more.length === 0) break;
      entries.push(...more);
    }
    return entries;
  } finally {
    await iterator.close();
  }
}

/** True if LevelDB refused to read something because it is damaged, and not because the disk failed. */
export function isCorruption(error: unknown): boolean {
  return error instanceof Error && /corrupt/i.test(`${error.message} ${causeOf(error)}`);
}

function causeOf(error: Error): string {
  return error.cause instanceof Error ? `${error.cause.message} ${causeOf(error.cause)}` : '';
}
