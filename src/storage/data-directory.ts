import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { BrokerError } from '../errors.ts';

/** Version of everything below the data directory. A broker opens its own format and older ones. */
const FORMAT = 1;

const formatFile = z.object({ format: z.number() });
const ownerFile = z.object({ pid: z.number(), host: z.string(), startedAt: z.string() });

/**
 * The directory that holds a broker's data: `FORMAT` says how to read it, `owner.json` who opened it last, and the
 * databases are below.
 */
export class DataDirectory {
  readonly path: string;
  /** True until the databases exist: from then on one that is missing is a loss, not a beginning. */
  readonly isNew: boolean;

  private constructor(path: string, isNew: boolean) {
    this.path = path;
    this.isNew = isNew;
  }

  /** Throws STORAGE_FAILED if the directory cannot be written or is of a newer format. */
  static async open(path: string): Promise<DataDirectory> {
    try {
      await mkdir(path, { recursive: true, mode: 0o700 });
      await writeFile(join(path, '.writable'), '');
    } catch (error) {
      throw new BrokerError(
        'STORAGE_FAILED',
        `data directory ${path} cannot be written: ${text(error)}`,
        {},
        error,
      );
    }
    const content = await readFile(join(path, 'FORMAT'), 'utf8').catch(() => undefined);
    if (content === undefined) return new DataDirectory(path, true);
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
    return new DataDirectory(path, false);
  }

  /** Notes, durably, that the databases exist. */
  async markCreated(): Promise<void> {
    const temporary = join(this.path, 'FORMAT.new');
    const file = await open(temporary, 'w');
    await file.writeFile(`${JSON.stringify({ format: FORMAT })}\n`);
    await file.sync();
    await file.close();
    await rename(temporary, join(this.path, 'FORMAT'));
    const directory = await open(this.path);
    await directory.sync();
    await directory.close();
  }

  /** Leaves a note for whoever finds the databases locked. */
  async writeOwner(): Promise<void> {
    const owner = { pid: process.pid, host: hostname(), startedAt: new Date().toISOString() };
    await writeFile(join(this.path, 'owner.json'), `${JSON.stringify(owner)}\n`);
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
