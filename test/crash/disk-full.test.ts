import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Broker } from '../../src/broker.ts';
import { BrokerError } from '../../src/errors.ts';
import { LogWriter } from '../support/log-writer.ts';
import { faultOf, readThrough } from '../support/read-report.ts';
import { canMount, SmallDisk } from '../support/small-disk.ts';

const CHUNK = 'x'.repeat(100_000);
const isAbleToMount = await canMount();

/** Publishes until it is refused; answers with why. */
async function fill(writer: LogWriter, topic: string): Promise<BrokerError> {
  for (let i = 0; i < 2000; i++) {
    try {
      await writer.publish(topic, [`${topic} ${i} ${CHUNK}`]);
    } catch (error) {
      if (error instanceof BrokerError) return error;
      throw error;
    }
  }
  throw new Error('the disk does not get full');
}

async function expectAll(broker: Broker, writer: LogWriter): Promise<void> {
  for (const topic of [...writer.topics(), '**']) {
    const report = await readThrough(broker.log, topic);
    const written = topic === '**' ? writer.all() : writer.of(topic);
    expect({ fault: faultOf(report, written), lost: report.lost }).toEqual({
      fault: undefined,
      lost: [],
    });
  }
}

async function expectWritableAgain(writer: LogWriter, topic: string): Promise<void> {
  await expect
    .poll(() => writer.publish(topic, ['again']).then(() => 'stored', String), { timeout: 20_000 })
    .toBe('stored');
}

describe.skipIf(!isAbleToMount)('a full disk (skipped without the right to mount one)', () => {
  it('is seen before it is full: writes are refused, reads go on, and writes go on once there is room', async () => {
    await using disk = await SmallDisk.mount(48);
    const dataDir = join(disk.path, 'data');
    await disk.addBallast(12);
    await using broker = await Broker.open({ dataDir });
    const writer = new LogWriter(broker.log);
    const refusal = await fill(writer, 'a');
    expect(refusal.reason).toBe('DISK_FULL');
    expect(refusal.message).toMatch(/only \d+ bytes left; nothing was stored/);
    // A batch that was under way was stored; nothing else has changed.
    await expect(writer.publish('new', ['x'])).rejects.toMatchObject({ reason: 'DISK_FULL' });
    await expectAll(broker, writer);

    await disk.removeBallast();
    await expectWritableAgain(writer, 'a');
    await expectAll(broker, writer);
    await broker.close();
    await using again = await Broker.open({ dataDir });
    await expectAll(again, writer);
  });

  it('is seen before a topic is created for a publish that is then refused', async () => {
    await using disk = await SmallDisk.mount(48);
    const dataDir = join(disk.path, 'data');
    await using broker = await Broker.open({ dataDir });
    const writer = new LogWriter(broker.log);
    await writer.publish('a', ['x']);
    // Somebody else has taken the room, and the broker has had no reason to look.
    await disk.addBallast();
    await expect(writer.publish('new', ['x'])).rejects.toMatchObject({ reason: 'DISK_FULL' });
    await expect(broker.log.createTopic('made', {})).rejects.toMatchObject({ reason: 'DISK_FULL' });
    expect([...broker.log.topics.all()].map(({ name }) => name)).toEqual(['a']);
    await disk.removeBallast();
    await broker.close();
    await using again = await Broker.open({ dataDir });
    expect([...again.log.topics.all()].map(({ name }) => name)).toEqual(['a']);
  });

  it.each([
    ['a trim', (broker: Broker) => broker.log.trimTopic('a', 2n ** 62n)],
    ['a delete', (broker: Broker) => broker.log.deleteTopic('a')],
    ['retention', (broker: Broker) => broker.log.updateTopic('a', { maxMessages: 1n })],
  ])('is emptied by %s, without help from outside', async (_, makeRoom) => {
    await using disk = await SmallDisk.mount(200);
    await using broker = await Broker.open({ dataDir: join(disk.path, 'data') });
    const writer = new LogWriter(broker.log);
    expect((await fill(writer, 'a')).reason).toBe('DISK_FULL');
    await makeRoom(broker);
    await broker.log.swept();
    await expectWritableAgain(new LogWriter(broker.log), 'b');
  });

  it('leaves room enough to be started again', async () => {
    await using disk = await SmallDisk.mount(48);
    const dataDir = join(disk.path, 'data');
    const broker = await Broker.open({ dataDir });
    const writer = new LogWriter(broker.log);
    await fill(writer, 'a');
    await broker.close();
    await using again = await Broker.open({ dataDir });
    await expectAll(again, writer);
    writer.log = again.log;
    expect((await fill(writer, 'a')).reason).toBe('DISK_FULL');
    await expectAll(again, writer);
  });

  it('met by a write loses nothing that was acknowledged, and is got over without a restart', async () => {
    await using disk = await SmallDisk.mount(48);
    const dataDir = join(disk.path, 'data');
    await using broker = await Broker.open({ dataDir });
    const writer = new LogWriter(broker.log);
    // For a new topic the broker would look at the disk first.
    await broker.log.createTopic('unknown', {});
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 30; i++) await writer.publish('a', [`${round} ${i} ${CHUNK}`]);
      await disk.addBallast();
      // Who meets the end of the disk cannot know what became of the messages.
      expect((await fill(writer, 'unknown')).reason).toBe('STORAGE_FAILED');
      await expect(writer.publish('a', ['x'])).rejects.toMatchObject({ reason: 'DISK_FULL' });
      const report = await readThrough(broker.log, 'a');
      expect({ fault: faultOf(report, writer.of('a')), lost: report.lost }).toEqual({
        fault: undefined,
        lost: [],
      });

      await disk.removeBallast();
      await expectWritableAgain(writer, 'a');
      const after = await readThrough(broker.log, 'a');
      expect({ fault: faultOf(after, writer.of('a')), lost: after.lost }).toEqual({
        fault: undefined,
        lost: [],
      });
    }
    await broker.close();
    await using again = await Broker.open({ dataDir });
    const report = await readThrough(again.log, 'a');
    expect(faultOf(report, writer.of('a'))).toBeUndefined();
  });
});
