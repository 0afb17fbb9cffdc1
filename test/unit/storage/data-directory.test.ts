import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Broker } from '../../../src/broker.ts';
import { DataDirectory } from '../../../src/storage/data-directory.ts';
import { DiskDatabases } from '../../../src/storage/databases.ts';
import { LogWriter } from '../../support/log-writer.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

describe('DataDirectory', () => {
  it('is new until its databases exist', async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, 'made', 'on', 'demand');
    const first = await DataDirectory.open(path);
    expect(first.isNew).toBe(true);
    expect((await DataDirectory.open(path)).isNew).toBe(true);
    await first.markCreated();
    expect((await DataDirectory.open(path)).isNew).toBe(false);
    expect(JSON.parse(await readFile(join(path, 'FORMAT'), 'utf8'))).toEqual({ format: 1 });
  });

  it('refuses a newer format, and names both', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, 'FORMAT'), '{"format":99}');
    await expect(DataDirectory.open(directory.path)).rejects.toThrow(/format 99.*up to 1/);
    // What is another broker's stays as it is.
    expect(await readdir(directory.path)).toEqual(['FORMAT']);
  });

  it('does not call damaged what it only cannot read', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, 'FORMAT'), 'playhead 99\n');
    await expect(DataDirectory.open(directory.path)).rejects.toMatchObject({
      reason: 'STORAGE_FAILED',
      message: expect.stringMatching(/FORMAT says "playhead 99".*formats up to 1/),
    });
  });

  it('is damaged when FORMAT is missing from what has a tape', async () => {
    await using directory = await temporaryDirectory();
    const { path } = directory;
    const broker = await Broker.open({ dataDir: path });
    const writer = new LogWriter(broker.log);
    await writer.publish('t', ['x']);
    await broker.close();
    await rm(join(path, 'FORMAT'));
    await expect(Broker.open({ dataDir: path })).rejects.toMatchObject({
      reason: 'DATA_LOSS',
      message: expect.stringMatching(/FORMAT is missing/),
    });
    await writeFile(join(path, 'FORMAT'), '{"format":1}\n');
    await using again = await Broker.open({ dataDir: path });
    expect(again.log.topic('t').sequence).toBe(1n);
  });

  it('is made to the end when its first start was broken off', async () => {
    await using directory = await temporaryDirectory();
    const { path } = directory;
    await (await Broker.open({ dataDir: path })).close();
    await rm(join(path, 'FORMAT'));
    // As a kill leaves it: databases without a record.
    for (const name of ['tape', 'index', 'meta']) await rm(join(path, name), { recursive: true });
    const databases = new DiskDatabases(path);
    for (const name of ['tape', 'index'] as const) {
      await (await databases.open(name, { createIfMissing: true })).close();
    }
    await using broker = await Broker.open({ dataDir: path });
    await new LogWriter(broker.log).publish('t', ['x']);
    expect(await readdir(path)).toContain('FORMAT');
  });

  it('is not made of a directory that belongs to something else', async () => {
    await using directory = await temporaryDirectory();
    const { path } = directory;
    await mkdir(join(path, 'lost+found'));
    await DataDirectory.open(path);
    await rm(join(path, '.writable'));
    for (const name of ['b.txt', 'a']) await writeFile(join(path, name), '');
    await expect(DataDirectory.open(path)).rejects.toMatchObject({
      reason: 'STORAGE_FAILED',
      message: `data directory ${path} is not empty and has no data of a broker, but "a" and others: name an empty one, or one that does not exist yet`,
    });
    expect((await readdir(path)).sort()).toEqual(['a', 'b.txt', 'lost+found']);
  });

  it('says that FORMAT is damaged rather than to begin anew', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, 'FORMAT'), '{"fo');
    await expect(DataDirectory.open(directory.path)).rejects.toMatchObject({ reason: 'DATA_LOSS' });
  });

  it('says that it cannot be written', async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, 'file');
    await writeFile(path, '');
    await expect(DataDirectory.open(path)).rejects.toThrow(
      /data directory .*file cannot be written/,
    );
  });

  it.skipIf(process.platform !== 'linux')(
    'says at once that it cannot be made where the system lets nobody make one',
    async () => {
      for (const path of ['/proc/nope', '/proc/nope/deeper', '/proc/self/nope']) {
        await expect(DataDirectory.open(path)).rejects.toThrow(/data directory .*nope.* cannot be/);
      }
    },
  );

  it('says that it is damaged, also where nothing says how', async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, 'DAMAGED'), '');
    await expect(DataDirectory.open(directory.path)).rejects.toMatchObject({
      reason: 'DATA_LOSS',
      message: expect.stringMatching(/DAMAGED says that data is lost/),
    });
  });

  it('belongs to one broker, and the second is told who has it', async () => {
    await using directory = await temporaryDirectory();
    await using _first = await Broker.open({ dataDir: directory.path });
    await expect(Broker.open({ dataDir: directory.path })).rejects.toThrow(
      new RegExp(`is in use by process ${process.pid} on .*, since 20`),
    );
  });

  it('is not taken for a new one when a database is missing', async () => {
    await using directory = await temporaryDirectory();
    await (await Broker.open({ dataDir: directory.path })).close();
    await writeFile(join(directory.path, 'tape', 'CURRENT'), '');
    await expect(Broker.open({ dataDir: directory.path })).rejects.toMatchObject({
      reason: 'DATA_LOSS',
    });
  });

  it('knows whether the broker before has closed its databases', async () => {
    await using directory = await temporaryDirectory();
    const { path } = directory;
    const wasClosed = async () => (await DataDirectory.open(path)).wasClosed;
    expect(await wasClosed()).toBe(true);
    const broker = await Broker.open({ dataDir: path });
    expect(await wasClosed()).toBe(false);
    await broker.close();
    expect(await wasClosed()).toBe(true);
  });

  it('is not opened again after a loss that LevelDB tells of only once, until someone says so', async () => {
    await using directory = await temporaryDirectory();
    const { path } = directory;
    const data = await DataDirectory.open(path);
    const error = await data.markDamaged('meta/ has lost records');
    expect(error).toMatchObject({ reason: 'DATA_LOSS' });
    expect(error.message).toContain(join(path, 'DAMAGED'));
    for (let i = 0; i < 2; i++) {
      await expect(DataDirectory.open(path)).rejects.toMatchObject({
        reason: 'DATA_LOSS',
        message: error.message,
      });
    }
    await rm(join(path, 'DAMAGED'));
    await DataDirectory.open(path);
  });
});
