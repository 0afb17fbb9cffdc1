import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from './temporary-directory.ts';

/** A copy of a data directory, as a crash would leave it if a broker has it open. */
export async function copyOf(dataDir: string): ReturnType<typeof temporaryDirectory> {
  const directory = await temporaryDirectory();
  await cp(dataDir, directory.path, { recursive: true });
  return directory;
}

/** Files of a database that hold its data, or say which do. */
export async function filesOf(dataDir: string, database: string): Promise<string[]> {
  const names = await readdir(join(dataDir, database));
  return names
    .filter((name) => !/^(LOCK|LOG|LOG\.old)$/.test(name))
    .map((name) => join(database, name));
}
