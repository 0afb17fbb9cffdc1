import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { DataDirectory } from '../../../src/storage/data-directory.ts';
import type { Databases } from '../../../src/storage/databases.ts';
import { DiskDatabases, MemoryDatabases } from '../../../src/storage/databases.ts';
import { LevelStore } from '../../../src/storage/level-store.ts';
import { copyOf } from '../../support/data-copy.ts';
import { FaultyDatabases } from '../../support/faulty-databases.ts';
import { FrameMaker, topicRecord } from '../../support/frames.ts';
import { CORRUPTION } from '../../support/storage-parts.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

// Each append is in the index at once: it is the witness of what is lost.
vi.mock('../../../src/limits.ts', async (original) => ({
  ...(await original<object>()),
  INDEX_WRITE_ENTRIES: 1,
}));

const sync = { sync: true };

/** A store on a disk with two topics in it, and its databases. */
async function openStore(directory: string, make = new FrameMaker()) {
  const databases = new FaultyDatabases(new DiskDatabases(directory));
  const store = new LevelStore(databases, await DataDirectory.open(directory));
  await store.open();
  await store.putTopics([topicRecord(1), topicRecord(2)]);
  await store.append([make.data(1, 'a'), make.data(2, 'b')], sync);
  await store.append([make.data(1, 'c')], sync);
  return { databases, store, make };
}

async function open(directory: string, wrap = (databases: Databases) => databases) {
  const databases = wrap(new DiskDatabases(directory));
  const store = new LevelStore(databases, await DataDirectory.open(directory));
  return { store, recovered: await store.open() };
}

/** Databases of which one says that a table is damaged. */
function withDamage(name: string, looked: string[] = []) {
  return (databases: Databases): Databases => {
    const wrapped = new FaultyDatabases(databases);
    return Object.assign(wrapped, {
      damage: async (each: string) => {
        looked.push(each);
        return each === name ? `${name}/000005.ldb is damaged` : undefined;
      },
    });
  };
}

const bodies = async (store: LevelStore, make: FrameMaker) =>
  (await store.readTopic({ ...make.span(1), fromNs: 0n, maxBytes: 1000 })).frames.map((frame) =>
    frame.body.toString(),
  );

describe('LevelStore', () => {
  it('looks for damaged tables before it opens anything, if it was not closed', async () => {
    await using directory = await temporaryDirectory();
    const { store } = await openStore(directory.path);
    await using killed = await copyOf(directory.path);
    for (const name of ['tape', 'meta']) {
      await expect(open(killed.path, withDamage(name))).rejects.toMatchObject({
        reason: 'DATA_LOSS',
        message: `${name}/000005.ldb is damaged`,
      });
    }
    await store.close();
    const looked: string[] = [];
    await (await open(directory.path, withDamage('tape', looked))).store.close();
    expect(looked).toEqual([]);
  });

  it('looks for damaged tables once, and not again after each error', async () => {
    await using directory = await temporaryDirectory();
    const { store: first } = await openStore(directory.path);
    await using killed = await copyOf(directory.path);
    await first.close();
    const looked: string[] = [];
    const { store } = await open(killed.path, withDamage('none', looked));
    await store.close();
    await store.open();
    await store.close();
    expect(looked).toEqual(['tape', 'meta', 'index']);
  });

  it.each<[string, (path: string) => Promise<unknown>, ((databases: Databases) => Databases)?]>([
    ['is missing', (path) => rm(join(path, 'index'), { recursive: true })],
    ['has a damaged table', async () => {}, withDamage('index')],
    [
      'cannot be read',
      async () => {},
      (databases) => {
        const faulty = new FaultyDatabases(databases);
        faulty.fail('index.iterator', CORRUPTION);
        return faulty;
      },
    ],
  ])('makes the index again if it %s', async (_, damage, wrap) => {
    await using directory = await temporaryDirectory();
    const { store: first, make } = await openStore(directory.path);
    await using killed = await copyOf(directory.path);
    await first.close();
    await damage(killed.path);
    const { store, recovered } = await open(killed.path, wrap);
    expect(recovered.isDamaged).toBe(false);
    expect(await bodies(store, make)).toEqual(['a', 'c']);
    expect(await store.findLast(make.span(1), () => true)).toMatchObject({ topicSequence: 1n });
    await store.close();
  });

  it('closes what it has opened if it cannot open all', async () => {
    await using directory = await temporaryDirectory();
    const { databases, store, make } = await openStore(directory.path);
    await store.close();
    for (const site of ['open.meta', 'open.index', 'meta.iterator', 'tape.iterator'] as const) {
      databases.fail(site);
      await expect(store.open()).rejects.toThrow('Input/output error');
    }
    await store.open();
    expect(await bodies(store, make)).toEqual(['a', 'c']);
    await store.close();
  });

  it('never begins a new database where one should be', async () => {
    await using directory = await temporaryDirectory();
    await (await openStore(directory.path)).store.close();
    for (const name of ['tape', 'meta']) {
      await using copy = await copyOf(directory.path);
      await rm(join(copy.path, name), { recursive: true });
      await expect(open(copy.path)).rejects.toMatchObject({
        reason: 'DATA_LOSS',
        message: expect.stringContaining(`${name} is missing or damaged`),
      });
    }
  });

  it('refuses, now and later, records that LevelDB has dropped', async () => {
    await using directory = await temporaryDirectory();
    await (await openStore(directory.path)).store.close();
    const drops = (databases: Databases): Databases =>
      Object.assign(new FaultyDatabases(databases), {
        dropped: async () => 'dropping 99 bytes; Corruption: checksum mismatch',
      });
    const refused = {
      reason: 'DATA_LOSS',
      message: expect.stringContaining('meta/ has lost records (dropping 99 bytes'),
    };
    await expect(open(directory.path, drops)).rejects.toMatchObject(refused);
    await expect(open(directory.path)).rejects.toMatchObject(refused);
  });

  it('notes what it found behind the checkpoint, so that the next start need not look', async () => {
    const databases = new MemoryDatabases();
    const make = new FrameMaker();
    const store = new LevelStore(databases);
    await store.open();
    await store.putTopics([topicRecord(1), topicRecord(2)]);
    await store.append([make.data(1, 'a'), make.data(2, 'b')], sync);
    await store.close();
    await store.open();
    // The log of one topic goes on; of the other it knows nothing to note.
    await store.append([make.data(1, 'c')], sync);
    await store.putCheckpoint({
      checkpoint: { tapeSequence: 3n, endNs: make.span(1).end.endNs, lastTopicId: 2 },
      tails: [],
      producers: [],
      forgottenProducers: [],
    });
    await store.close();
    const { tails } = await store.open();
    expect(tails.get(2)).toMatchObject({ sequence: 1n });
    await store.close();
  });

  it('finds the same again after a crash in which it had not noted what it found, and what came since', async () => {
    const { store, make } = await openAfterCrash();
    await store.append([make.data(2, 'c')], sync);
    await store.close();
    const { tails, isDamaged, isNoted, tapeSequence } = await store.open();
    expect([tails.get(1), tails.get(2)]).toMatchObject([{ sequence: 1n }, { sequence: 2n }]);
    expect({ isDamaged, isNoted, tapeSequence }).toEqual({
      isDamaged: false,
      isNoted: false,
      tapeSequence: 3n,
    });
    await store.close();
  });

  it('notes what it found before it removes a frame of it: a hole behind the checkpoint is a loss', async () => {
    const { store } = await openAfterCrash();
    await store.removeStep(1, 1n << 63n);
    await store.close();
    expect(await store.open()).toMatchObject({ isDamaged: false, isNoted: true });
    await store.close();
  });

  it('notes what it found before it forgets a topic that has frames in it', async () => {
    const { store } = await openAfterCrash();
    await store.removeTopics([1]);
    await store.close();
    expect(await store.open()).toMatchObject({ topics: [{ id: 2 }], isNoted: true });
    await store.close();
  });

  it('shows what was appended before the index has it, and waits for the index before the append after next', async () => {
    await using directory = await temporaryDirectory();
    const { databases, store, make } = await openStore(directory.path);
    databases.fail('index.batch');
    await store.append([make.data(1, 'd')], sync);
    expect(await bodies(store, make)).toEqual(['a', 'c', 'd']);
    expect(await store.findLast(make.span(1), () => true)).toMatchObject({ topicSequence: 2n });
    await expect(store.append([make.data(1, 'e')], sync)).rejects.toThrow('Input/output error');
    await store.close();
    await store.open();
    expect(await bodies(store, make)).toEqual(['a', 'c', 'd', 'e']);
    await store.close();
  });

  it('removes frames that the index is just about to have', async () => {
    await using directory = await temporaryDirectory();
    const { databases, store, make } = await openStore(directory.path);
    const release = databases.hold('index.batch');
    await store.append([make.data(1, 'd')], sync);
    const removing = store.removeStep(1, 1n << 63n);
    release();
    expect(await removing).toMatchObject({ frameCount: 3, isLast: true });
    await store.close();
  });

  it('removes frames that only the tape can tell of, where the index is damaged', async () => {
    await using directory = await temporaryDirectory();
    const { databases, store, make } = await openStore(directory.path);
    databases.fail('index.iterator', CORRUPTION);
    expect(await store.removeStep(1, 1n << 63n)).toMatchObject({ frameCount: 2, isLast: true });
    expect((await store.readTape(0n)).frames.map((frame) => frame.topicId)).toEqual([2]);
    expect(make.span(1).end.sequence).toBe(2n);
    await store.close();
  });

  it('knows how much is in logs, which the next start writes out', async () => {
    await using directory = await temporaryDirectory();
    const { store, make } = await openStore(directory.path);
    const before = await store.space();
    await store.append([make.data(1, 'x'.repeat(100_000))], sync);
    const after = await store.space();
    expect((after?.logBytes ?? 0) - (before?.logBytes ?? 0)).toBeGreaterThan(100_000);
    expect(after?.totalBytes).toBeGreaterThan(after?.freeBytes ?? 0);
    await store.close();
    expect(await new LevelStore(new MemoryDatabases()).space()).toBeUndefined();
  });
});

/** A store with a frame of each of two topics that no checkpoint knows of. */
async function openAfterCrash() {
  const make = new FrameMaker();
  const store = new LevelStore(new MemoryDatabases());
  await store.open();
  await store.putTopics([topicRecord(1), topicRecord(2)]);
  await store.append([make.data(1, 'a'), make.data(2, 'b')], sync);
  await store.close();
  expect(await store.open()).toMatchObject({ isNoted: false });
  return { store, make };
}
