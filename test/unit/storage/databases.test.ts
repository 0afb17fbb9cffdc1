import { expect, it } from 'vitest';
import { DiskDatabases, readRange } from '../../../src/storage/databases.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

it('reads a range to its end, whatever limit it has', async () => {
  await using directory = await temporaryDirectory();
  const database = await new DiskDatabases(directory.path).open('index', { createIfMissing: true });
  const keys = Array.from({ length: 3000 }, (_, i) => Buffer.from(String(i).padStart(4, '0')));
  const operations = keys.map((key) => ({ type: 'put' as const, key, value: key }));
  await database.batch(operations, { sync: false });
  const limits = [1, 1024, 1025, 2 ** 31, 2 ** 32 - 1, Number.MAX_SAFE_INTEGER];
  for (const limit of limits) {
    const found = await readRange(database, { limit });
    expect(found.map(([key]) => key)).toEqual(keys.slice(0, limit));
  }
  await database.close();
});
