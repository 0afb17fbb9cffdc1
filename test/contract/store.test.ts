import { DataDirectory } from '../../src/storage/data-directory.ts';
import { DiskDatabases, MemoryDatabases } from '../../src/storage/databases.ts';
import { LevelStore } from '../../src/storage/level-store.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { storeContract } from './store.ts';

storeContract('LevelDB on a disk', async () => {
  const directory = await temporaryDirectory();
  const data = await DataDirectory.open(directory.path);
  const store = new LevelStore(new DiskDatabases(directory.path), data);
  return { store, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
});

storeContract('in memory', async () => {
  const store = new LevelStore(new MemoryDatabases());
  return { store, [Symbol.asyncDispose]: async () => {} };
});
