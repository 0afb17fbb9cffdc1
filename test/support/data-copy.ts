import { cp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from './temporary-directory.ts';

/** A copy of a data directory, as a crash would leave it if a broker has it open. */
export async function copyOf(dataDir: string): ReturnType<typeof temporaryDirectory> {
  const directory = await temporaryDirectory();
  for (;;) {
    // LevelDB may be compacting: a copy of two moments is none that a crash could leave.
    const before = await stateOf(dataDir);
    await cp(dataDir, directory.path, { recursive: true }).catch(ignoreMissing);
    if ((await stateOf(dataDir)) === before) return directory;
    for (const name of await readdir(directory.path)) {
      await rm(join(directory.path, name), { recursive: true });
    }
  }
}

/** Files of a database that hold its data, or say which do. */
export async function filesOf(dataDir: string, database: string): Promise<string[]> {
  const names = await readdir(join(dataDir, database));
  return names
    .filter((name) => !/^(LOCK|LOG|LOG\.old)$/.test(name))
    .map((name) => join(database, name));
}

async function stateOf(dataDir: string): Promise<string> {
  const files = await readdir(dataDir, { recursive: true });
  const states = files.sort().map(async (name) => {
    const state = await stat(join(dataDir, name)).catch(ignoreMissing);
    return [name, state?.size, state?.mtimeMs];
  });
  return JSON.stringify(await Promise.all(states));
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
