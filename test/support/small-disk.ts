import { execFile } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryDirectory } from './temporary-directory.ts';

const run = promisify(execFile);
const MIB = 1024 * 1024;

/** Whether file systems can be mounted here: that takes root, on Linux. */
export async function canMount(): Promise<boolean> {
  try {
    await using _ = await SmallDisk.mount(1);
    return true;
  } catch {
    return false;
  }
}

/** A file system of its own in memory, with a ballast that takes room and gives it back. */
export class SmallDisk implements AsyncDisposable {
  readonly path: string;
  readonly #directory: Awaited<ReturnType<typeof temporaryDirectory>>;

  private constructor(directory: Awaited<ReturnType<typeof temporaryDirectory>>) {
    this.path = directory.path;
    this.#directory = directory;
  }

  static async mount(sizeMiB: number): Promise<SmallDisk> {
    const directory = await temporaryDirectory();
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'tmpfs', directory.path]);
    } catch (error) {
      await directory[Symbol.asyncDispose]();
      throw error;
    }
    return new SmallDisk(directory);
  }

  /** Takes so much room, or all there is. */
  async addBallast(maxMiB = Number.POSITIVE_INFINITY): Promise<void> {
    const file = await open(join(this.path, 'ballast'), 'a');
    try {
      for (let taken = 0; taken < maxMiB; taken++) await file.write(Buffer.alloc(MIB));
      // A write may be cut short where room ends; the next one fails.
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    } finally {
      await file.close();
    }
  }

  async removeBallast(): Promise<void> {
    await rm(join(this.path, 'ballast'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run('umount', [this.path]);
    await this.#directory[Symbol.asyncDispose]();
  }
}
