import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { DiskDatabases, readRange } from '../../src/storage/databases.ts';
import { CrashedBroker } from '../support/crashed-broker.ts';
import { copyOf, filesOf } from '../support/data-copy.ts';
import { LogWriter } from '../support/log-writer.ts';
import { Random } from '../support/random.ts';
import { faultOf, readThrough } from '../support/read-report.ts';

// Each append is in the index at once, without the few milliseconds in which others could join it.
vi.mock('../../src/limits.ts', async (original) => ({
  ...(await original<object>()),
  INDEX_WRITE_ENTRIES: 1,
}));

const HOUR_MS = 3_600_000;
const ENDS = ['restart', 'crash'] as const;
const producer = (sequence: bigint) => ({ name: 'p', sequence, crc: 1 });

async function expectAll(broker: CrashedBroker, writer: LogWriter): Promise<void> {
  for (const topic of [...writer.topics(), '**']) {
    const written = topic === '**' ? writer.all() : writer.of(topic);
    const report = await readThrough(broker.log, topic);
    expect({ topic, fault: faultOf(report, written), lost: report.lost }).toEqual({
      topic,
      fault: undefined,
      lost: [],
    });
  }
}

describe('a broker that is restarted', () => {
  it('keeps a topic that rests while others are checkpointed', async () => {
    await using broker = await CrashedBroker.start();
    const writer = new LogWriter(broker.log);
    await writer.publish('resting', ['1', '2'], producer(1n));
    await broker.crash();
    writer.log = broker.log;
    await writer.publish('busy', ['3']);
    await broker.restart();
    writer.log = broker.log;
    await writer.publish('busy', ['4']);
    await broker.restart();
    await expectAll(broker, writer);
    // What comes next goes behind what rested, and is not taken for it.
    writer.log = broker.log;
    expect((await writer.publish('resting', ['1', '2'], producer(1n))).isDuplicate).toBe(true);
    await writer.publish('resting', ['5']);
    await expectAll(broker, writer);
  });

  it('tells of a tail that is lost, also if it crashes again right after it has found out', async () => {
    await using broker = await CrashedBroker.start();
    const writer = new LogWriter(broker.log);
    await writer.publish('a', ['1', '2']);
    await writer.publish('b', ['3']);
    await broker.restart();
    writer.log = broker.log;
    await writer.publish('a', ['4', '5']);
    const lost = writer.written.slice(-2);
    await broker.crash(async (dataDir) => {
      const [log] = (await filesOf(dataDir, 'tape')).filter((name) => name.endsWith('.log'));
      await truncate(join(dataDir, log ?? ''), 0);
    });
    for (const end of [...ENDS, ...ENDS]) {
      for (const topic of ['a', '**']) {
        const report = await readThrough(broker.log, topic);
        const written = topic === 'a' ? writer.of('a') : writer.all();
        expect([end, topic, faultOf(report, written)]).toEqual([end, topic, undefined]);
        expect(report.lost).toHaveLength(1);
      }
      await broker[end]();
    }
    writer.log = broker.log;
    const { firstTimestampNs } = await writer.publish('a', ['6']);
    expect(firstTimestampNs).toBeGreaterThan(lost.at(-1)?.timestampNs ?? 0n);
  });

  it('gives every message a later timestamp than all before, wherever the clock jumps', async () => {
    await using broker = await CrashedBroker.start();
    const writer = new LogWriter(broker.log);
    const random = new Random(12);
    let lastNs = 0n;
    for (let i = 0; i < 60; i++) {
      broker.clock.jump(random.pick([-HOUR_MS, -1, 0, 1, HOUR_MS]));
      const topic = random.pick(['a', 'b', 'c']);
      const values = Array.from({ length: 1 + random.below(20) }, (_, n) => `${i}.${n}`);
      const { firstTimestampNs, lastTimestampNs } = await writer.publish(topic, values);
      expect(firstTimestampNs).toBeGreaterThan(lastNs);
      expect(lastTimestampNs).toBe(firstTimestampNs + BigInt(values.length) - 1n);
      lastNs = lastTimestampNs;
      if (i % 6 === 5) {
        await broker[random.pick(ENDS)]();
        writer.log = broker.log;
      }
    }
    await expectAll(broker, writer);
  });

  it('never shows again what was trimmed, over many trims and restarts', async () => {
    await using broker = await CrashedBroker.start();
    const writer = new LogWriter(broker.log);
    const random = new Random(5);
    for (let i = 0; i < 40; i++) {
      const topic = random.pick(['a', 'b']);
      await writer.publish(
        topic,
        Array.from({ length: 10 }, (_, n) => `${i}.${n}`),
      );
      if (i % 2 === 1) await writer.trim(topic, 1 + random.below(8));
      // Half of the time the frames are still on the disk when it ends.
      if (random.below(2) === 0) await broker.log.swept();
      if (i % 4 === 3) {
        await broker[random.pick(ENDS)]();
        writer.log = broker.log;
      }
      await expectAll(broker, writer);
    }
  });

  // Without its index a record on the tape is not found to be removed again: it stays.
  it.each([
    ['tape and index', ['tape', 'index']],
    ['the tape', ['tape']],
  ] as const)('never shows removed records that come back in %s', async (_, names) => {
    await using broker = await CrashedBroker.start();
    const writer = new LogWriter(broker.log);
    for (let i = 0; i < 5; i++) await writer.publish('a', [`${i}.0`, `${i}.1`]);
    await writer.publish('deleted', ['gone']);
    await broker.restart();
    writer.log = broker.log;
    const before = await recordsOf(broker);
    await writer.trim('a', 3);
    await writer.delete('deleted');
    await broker.log.swept();
    expect((await recordsOf(broker)).tape.length).toBeLessThan(before.tape.length);
    await broker.crash((dataDir) => bringBack(dataDir, before, names));
    writer.log = broker.log;
    await writer.publish('a', ['behind']);
    for (const position of [
      { at: 'earliest' },
      { at: 'timestamp', timestampNs: 0n },
      { at: 'last', messageCount: 100n },
    ] as const) {
      for (const topic of ['a', '**']) {
        const report = await readThrough(broker.log, topic, { position });
        expect([topic, position, report.messages]).toEqual([topic, position, writer.all()]);
      }
    }
    // What is removed again is not missed.
    await broker.log.swept();
    await broker.restart();
    await expectAll(broker, writer);
  });
});

type Records = Record<'tape' | 'index', [Buffer, Buffer][]>;

/** What the databases of a copy hold. */
async function recordsOf(broker: CrashedBroker): Promise<Records> {
  await using copy = await copyOf(broker.dataDir);
  const databases = new DiskDatabases(copy.path);
  const read = async (name: 'tape' | 'index') => {
    const database = await databases.open(name, { createIfMissing: false });
    const records = await readRange(database, { limit: 1000 });
    await database.close();
    return records;
  };
  return { tape: await read('tape'), index: await read('index') };
}

/** Puts records back as they were, except for the index's head. */
async function bringBack(
  dataDir: string,
  records: Records,
  names: readonly (keyof Records)[],
): Promise<void> {
  const databases = new DiskDatabases(dataDir);
  for (const name of names) {
    const database = await databases.open(name, { createIfMissing: false });
    const operations = records[name]
      .filter(([key]) => key.length === 8 || key.readUInt32BE() !== 0xffffffff)
      .map(([key, value]) => ({ type: 'put', key, value }) as const);
    await database.batch(operations, { sync: true });
    await database.close();
  }
}
