import { access, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { BrokerError } from '../errors.ts';

/** Version of everything below the data directory. A broker opens its own format and older ones. */
const FORMAT = 1;

const formatFile = z.object({ format: z.number() });
const ownerFile = z.object({ pid: z.number(), host: z.string(), startedAt: z.string() });

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

  /** Throws STORAGE_FAILED if the directory cannot be written or is of a newer format, DATA_LOSS if it is damaged. */
  static async open(path: string): Promise<DataDirectory> {
    try {
      await makeDirectory(path);
      await writeFile(join(path, '.writable'), '');
    } catch (error) {
      throw new BrokerError(
        'STORAGE_FAILED',
        `data directory ${path} cannot be written: ${text(error)}`,
        {},
        error,
      );
    }
    const damage = await readFile(join(path, 'DAMAGED'), 'utf8').catch(() => undefined);
    if (damage !== undefined) {
      const unsaid = `${join(path, 'DAMAGED')} says that data is lost, and not which`;
      throw new BrokerError('DATA_LOSS', damage.trim() || unsaid);
    }
    const wasClosed = !(await exists(join(path, 'owner.json')));
    const content = await readFile(join(path, 'FORMAT'), 'utf8').catch(() => undefined);
    if (content === undefined) return new DataDirectory(path, true, wasClosed);
    const { success, data } = formatFile.safeParse(parse(content));
    if (!success)
      throw new BrokerError(
        'DATA_LOSS',
        `${join(path, 'FORMAT')} is damaged: ${content.slice(0, 80)}`,
      );
    if (data.format > FORMAT) {
      throw new BrokerError(
        'STORAGE_FAILED',
        `data directory ${path} has format ${data.format}; this broker reads formats up to ${FORMAT}: use a newer one`,
      );
    }
    return new DataDirectory(path, false, wasClosed);
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
