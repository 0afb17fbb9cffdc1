import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What the files of a directory take on the disk, as du counts it. */
export async function diskUsageBytes(directory: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(directory, { recursive: true })) {
    // A database removes files at any time.
    const facts = await stat(join(directory, name)).catch(() => undefined);
    bytes += (facts?.blocks ?? 0) * 512;
  }
  return bytes;
}
