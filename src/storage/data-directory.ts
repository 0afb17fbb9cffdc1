import {
  access,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { BrokerError } from '../errors.ts';

/** Version of everything below the data directory. A broker opens its own format and older ones. */
const FORMAT = 1;

/** What may be in a directory that is not made to the end; the root of a file system has `lost+found`. */
const OWN: ReadonlySet<string> = new Set([
  'tape',
  'index',
  'meta',
  'owner.json',
  '.writable',
  'FORMAT.new',
  'DAMAGED.new',
  'lost+found',
]);

const formatFile = z.object({ format: z.number() });
const ownerFile = z.object({ pid: z.number(), host: z.string(), startedAt: z.string() });

/** The directories that brokers of this process have open, by device and inode: a path has many spellings. */
const held = new Set<string>();

/**
 * The directory that holds a broker's data: `FORMAT` says how to read it, `owner.json` who has it open, `DAMAGED`
 * what was lost that cannot be told otherwise, and the databases are below.
 */
export class DataDirectory {
  readonly path: string;
  /** True until the databases exist: from then on one that is missing is a loss, not a beginning. */
  readonly isNew: boolean;
  /** False if the broker before has ended in the middle: killed, or by an assertion of LevelDB. */
  readonly wasClosed: boolean;

  private constructor(path: string, isNew: boolean, wasClosed: boolean) {
    this.path = path;
    this.isNew = isNew;
    this.wasClosed = wasClosed;
  }

  /**
   * Throws STORAGE_FAILED if the directory cannot be written, is of a newer format or is somebody else's; DATA_LOSS if
   * it is damaged. A directory that is refused stays as it is.
   */
  static async open(path: string): Promise<DataDirectory> {
    const names = await orUnwritable(path, async () => {
      await makeDirectory(path);
      return await readdir(path);
    });
    const damage = await readFile(join(path, 'DAMAGED'), 'utf8').catch(() => undefined);
    if (damage !== undefined) {
      const unsaid = `${join(path, 'DAMAGED')} says that data is lost, and not which`;
      throw new BrokerError('DATA_LOSS', damage.trim() || unsaid);
    }
    const isNew = !names.includes('FORMAT');
    if (isNew) await checkUnmade(path, names);
    else checkFormat(path, await orUnwritable(path, () => readFile(join(path, 'FORMAT'), 'utf8')));
    await orUnwritable(path, () => writeFile(join(path, '.writable'), ''));
    return new DataDirectory(path, isNew, !names.includes('owner.json'));
  }

  /**
   * Keeps other brokers of this process out; what it answers with ends that. LevelDB's own lock knows a directory by the
   * text of its path, and when it refuses one that this process has open, it closes the lock's file, which ends the lock
   * against other processes. So nobody may come that far.
   */
  async hold(): Promise<() => void> {
    const { dev, ino } = await stat(this.path, { bigint: true });
    const key = `${dev}:${ino}`;
    if (held.has(key)) throw await this.lockedError(undefined);
    held.add(key);
    return () => held.delete(key);
  }

  /** Notes, durably, that the databases exist. */
  async markCreated(): Promise<void> {
    await this.#writeDurably('FORMAT', JSON.stringify({ format: FORMAT }));
  }

  /**
   * Notes, durably, a loss that LevelDB tells of only once, so that no later start goes on without a word. Answers
   * with the error for this one.
   */
  async markDamaged(what: string): Promise<BrokerError> {
    const text = `${what}; restore ${this.path} from a copy, or remove ${join(this.path, 'DAMAGED')} to go on without what is lost`;
    await this.#writeDurably('DAMAGED', text);
    return new BrokerError('DATA_LOSS', text);
  }

  /** Leaves a note for whoever finds the databases locked. */
  async writeOwner(): Promise<void> {
    const owner = { pid: process.pid, host: hostname(), startedAt: new Date().toISOString() };
    await writeFile(join(this.path, 'owner.json'), `${JSON.stringify(owner)}\n`);
  }

  /** Notes that the databases are closed. */
  async removeOwner(): Promise<void> {
    await rm(join(this.path, 'owner.json'), { force: true });
  }

  /** The error of a directory that another broker has open. */
  async lockedError(cause: unknown): Promise<BrokerError> {
    const content = await readFile(join(this.path, 'owner.json'), 'utf8').catch(() => '');
    const { data: owner } = ownerFile.safeParse(parse(content));
    const holder =
      owner === undefined
        ? 'another process'
        : `process ${owner.pid} on ${owner.host}, since ${owner.startedAt}`;
    return new BrokerError(
      'STORAGE_FAILED',
      `data directory ${this.path} is in use by ${holder}`,
      {},
      cause,
    );
  }

  async #writeDurably(name: string, text: string): Promise<void> {
    const temporary = join(this.path, `${name}.new`);
    const file = await open(temporary, 'w');
    await file.writeFile(`${text}\n`);
    await file.sync();
    await file.close();
    await rename(temporary, join(this.path, name));
    const directory = await open(this.path);
    await directory.sync();
    await directory.close();
  }
}

/** Throws unless this is what a FORMAT says that can be read here. */
function checkFormat(path: string, content: string): void {
  const { success, data } = formatFile.safeParse(parse(content));
  const readable = `this broker reads formats up to ${FORMAT}: use a newer one`;
  if (success) {
    if (data.format <= FORMAT) return;
    const text = `data directory ${path} has format ${data.format}; ${readable}`;
    throw new BrokerError('STORAGE_FAILED', text);
  }
  const file = join(path, 'FORMAT');
  const said = content.slice(0, 80).trim();
  // What was written here begins as an object does; a text of another kind may be how later brokers say it.
  if (/^[^{\p{C}]+$/u.test(said)) {
    throw new BrokerError('STORAGE_FAILED', `${file} says ${JSON.stringify(said)}; ${readable}`);
  }
  throw new BrokerError('DATA_LOSS', `${file} is damaged: ${said}`);
}

/** Throws unless a directory without FORMAT is one in which nothing was stored yet, by anybody. */
async function checkUnmade(path: string, names: readonly string[]): Promise<void> {
  if (names.includes('tape')) {
    if (!(await hasRecords(join(path, 'tape')))) return;
    const text = `${join(path, 'FORMAT')} is missing, though there is a tape: restore it from a copy, or write {"format":${FORMAT}} into it if this broker wrote the tape`;
    throw new BrokerError('DATA_LOSS', text);
  }
  const foreign = names.filter((name) => !OWN.has(name)).sort();
  if (foreign.length === 0) return;
  const others = foreign.length === 1 ? '' : ' and others';
  throw new BrokerError(
    'STORAGE_FAILED',
    `data directory ${path} is not empty and has no data of a broker, but ${JSON.stringify(foreign[0])}${others}: name an empty one, or one that does not exist yet`,
  );
}

/** Whether anything was ever written to a LevelDB: a start that was broken off leaves one without. */
async function hasRecords(path: string): Promise<boolean> {
  for (const name of await readdir(path).catch(() => [])) {
    if (/\.(?:ldb|sst)$/.test(name)) return true;
    if (!name.endsWith('.log')) continue;
    const size = (await stat(join(path, name)).catch(() => undefined))?.size ?? 0;
    if (size > 0) return true;
  }
  return false;
}

/** What `run` answers; what it throws is why the directory cannot be written. */
async function orUnwritable<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const message = `data directory ${path} cannot be written: ${text(error)}`;
    throw new BrokerError('STORAGE_FAILED', message, {}, error);
  }
}

/**
 * Makes a directory and those above it. Node's own recursive mkdir never ends where the file system answers ENOENT
 * although the directory above exists, as /proc does.
 */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path || (await exists(parent))) throw error;
    await makeDirectory(parent);
    await makeDirectory(path);
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // Not JSON is as little what we wrote as JSON of another shape; the schema refuses both.
    return undefined;
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
