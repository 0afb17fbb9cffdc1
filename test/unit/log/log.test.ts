import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../src/errors.ts';
import { PENDING_BYTES_MAX } from '../../../src/limits.ts';
import { MemoryDatabases } from '../../../src/storage/databases.ts';
import { FaultyDatabases } from '../../support/faulty-databases.ts';
import { runOf } from '../../support/message.ts';
import { TestLog } from '../../support/test-log.ts';

const reason = (name: string, metadata: object = {}) =>
  expect.objectContaining({ reason: name, metadata: expect.objectContaining(metadata) });

async function values(test: TestLog, name: string): Promise<unknown[]> {
  await using reader = await test.read(name, { untilNow: true });
  return (await reader.until('end')).slice(0, -1);
}

describe('topics of a log', () => {
  it('are created by the first publish or close, unless that is switched off', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    await test.close('u');
    expect([...test.log.topics.all()].map(({ name }) => name)).toEqual(['t', 'u']);

    await using strict = await TestLog.open({ autoCreateTopics: false });
    await expect(strict.publish('t', '1')).rejects.toEqual(
      reason('TOPIC_NOT_FOUND', { topic: 't' }),
    );
    await expect(strict.close('t')).rejects.toEqual(reason('TOPIC_NOT_FOUND'));
    await strict.log.createTopic('t', {});
    await strict.publish('t', '1');
  });

  it('are created once, with one configuration', async () => {
    await using test = await TestLog.open();
    const topic = await test.log.createTopic('t', { maxMessages: 5n });
    expect(await test.log.createTopic('t', { maxMessages: 5n })).toBe(topic);
    await expect(test.log.createTopic('t', {})).rejects.toEqual(
      reason('TOPIC_EXISTS', { topic: 't' }),
    );
    await expect(test.log.createTopic('t', { maxMessages: 6n })).rejects.toThrow(/5, not 6/);
  });

  it('are the same, whether a limit is left to the broker or asked for in words', async () => {
    await using test = await TestLog.open();
    const topic = await test.log.createTopic('t', {});
    const maxMessageBytes = test.log.maxMessageBytes();
    expect(await test.log.createTopic('t', { maxMessageBytes })).toBe(topic);
    const other = { maxMessageBytes: maxMessageBytes - 1 };
    await expect(test.log.createTopic('t', other)).rejects.toThrow(/max_message_bytes/);
  });

  it.each([
    [{ maxAgeMs: -1n }, 'max_age_ms'],
    [{ maxBytes: -1n }, 'max_bytes'],
    [{ maxMessages: -1n }, 'max_messages'],
    [{ maxMessageBytes: -1 }, 'max_message_bytes'],
    [{ maxMessageBytes: 1024 * 1024 + 1 }, 'max_message_bytes'],
  ])('refuse the setting %o, by the name that it has on the wire', async (config, field) => {
    await using test = await TestLog.open();
    await expect(test.log.createTopic('t', config)).rejects.toEqual(
      reason('INVALID_ARGUMENT', { field }),
    );
    await test.log.createTopic('t', {});
    await expect(test.log.updateTopic('t', config)).rejects.toEqual(
      reason('INVALID_ARGUMENT', { field }),
    );
  });

  it('keep what an update leaves out', async () => {
    await using test = await TestLog.open();
    await test.log.createTopic('t', { maxMessages: 5n });
    await test.log.updateTopic('t', { maxBytes: 7n });
    expect(test.log.topic('t').config).toMatchObject({ maxMessages: 5n, maxBytes: 7n });
    await test.reopen();
    expect(test.log.topic('t').config).toMatchObject({ maxMessages: 5n, maxBytes: 7n });
  });

  it('are not found where there is none', async () => {
    await using test = await TestLog.open();
    const unknown = reason('TOPIC_NOT_FOUND', { topic: 't' });
    await expect(test.log.updateTopic('t', {})).rejects.toEqual(unknown);
    await expect(test.log.trimTopic('t', 0n)).rejects.toEqual(unknown);
    await expect(test.log.deleteTopic('t')).rejects.toEqual(unknown);
    expect(() => test.log.topic('t')).toThrow(unknown);
    expect(test.log.producer('t', 'p')).toBeUndefined();
  });
});

describe('a trim', () => {
  it('takes nothing back, and is the same the second time', async () => {
    await using test = await TestLog.open();
    const { firstTimestampNs } = await test.publish('t', '1', '2', '3');
    for (const beforeNs of [
      firstTimestampNs + 2n,
      firstTimestampNs + 1n,
      0n,
      firstTimestampNs + 2n,
    ]) {
      await test.log.trimTopic('t', beforeNs);
      expect(await values(test, 't')).toEqual(['3']);
    }
  });

  it('takes nothing back when two come at the same time', async () => {
    await using test = await TestLog.open();
    const { firstTimestampNs } = await test.publish('t', '1', '2', '3');
    await Promise.all(
      [3n, 2n, 1n].map((offset) => test.log.trimTopic('t', firstTimestampNs + offset)),
    );
    expect(await values(test, 't')).toEqual([]);
    await test.reopen();
    expect(await values(test, 't')).toEqual([]);
  });

  it('refuses a timestamp before 1970', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    await expect(test.log.trimTopic('t', -1n)).rejects.toEqual(reason('INVALID_ARGUMENT'));
  });

  it('lasts when the topic is changed at the same time', async () => {
    await using test = await TestLog.open();
    const { lastTimestampNs } = await test.publish('t', '1', '2');
    await Promise.all([
      test.log.trimTopic('t', lastTimestampNs),
      test.log.updateTopic('t', { maxMessages: 9n }),
    ]);
    await test.reopen();
    expect(await values(test, 't')).toEqual(['2']);
    expect(test.log.topic('t').config.maxMessages).toBe(9n);
  });
});

describe('a deletion', () => {
  it('lasts when the topic is changed at the same time', async () => {
    await using test = await TestLog.open();
    const { lastTimestampNs } = await test.publish('t', '1', '2');
    await Promise.allSettled([
      test.log.deleteTopic('t'),
      test.log.updateTopic('t', { maxMessages: 1n }),
      test.log.trimTopic('t', lastTimestampNs),
    ]);
    await test.reopen();
    expect(test.log.topics.get('t')).toBeUndefined();
  });

  it('leaves the name free at once, for a topic that starts empty', async () => {
    await using test = await TestLog.open();
    await test.publish('t', 'old');
    await test.close('t');
    await test.log.deleteTopic('t');
    await test.publish('t', 'new');
    expect(await values(test, 't')).toEqual(['new']);
    await test.reopen();
    expect(await values(test, 't')).toEqual(['new']);
  });

  it('is seen by those who knew the topic, though the clock is set back and the broker restarted', async () => {
    await using test = await TestLog.open();
    const { lastTimestampNs } = await test.publish('t', 'old');
    const { createdTimestampNs } = test.log.topic('t');
    test.clock.jump(-3_600_000);
    await test.log.deleteTopic('t');
    await test.log.swept();
    await test.reopen();
    await test.publish('t', 'new');
    expect(test.log.topic('t').createdTimestampNs).toBeGreaterThan(lastTimestampNs);
    await using resuming = await test.read('t', { createdTimestampNs });
    expect(await resuming.until('end')).toEqual([{ deleted: 't' }, { end: 'deleted' }]);
  });

  it('forgets the producers of the topic', async () => {
    await using test = await TestLog.open();
    const append = async (sequence: bigint) => {
      const topic = await test.log.topicForWriting('t');
      const producer = { name: 'p', sequence, crc: 7 };
      return test.log.appendAndWait({
        topic,
        run: runOf('x'),
        producer,
        expectedLastTimestampNs: undefined,
        close: undefined,
      });
    };
    await append(5n);
    expect(test.log.producer('t', 'p')?.sequence).toBe(5n);
    await test.log.deleteTopic('t');
    expect((await append(1n)).isDuplicate).toBe(false);
    await test.reopen();
    expect(test.log.producer('t', 'p')?.sequence).toBe(1n);
  });
});

describe('a log that does not take writes', () => {
  it('refuses all of them once it is draining, and still acknowledges what it took', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const arrived = test.store.appends.close();
    const taken = test.publish('t', '2');
    await arrived;
    test.log.drain();
    const refused = reason('SHUTTING_DOWN');
    await expect(test.publish('t', '3')).rejects.toEqual(refused);
    await expect(test.log.createTopic('u', {})).rejects.toEqual(refused);
    await expect(test.log.deleteTopic('t')).rejects.toEqual(refused);
    await expect(test.log.trimTopic('t', 1n << 62n)).rejects.toEqual(refused);
    test.store.appends.open();
    expect((await taken).isDuplicate).toBe(false);
    await test.reopen();
    expect(await values(test, 't')).toEqual(['1', '2']);
  });

  it('closes once, whoever asks', async () => {
    const test = await TestLog.open();
    await test.publish('t', '1');
    expect(test.log.close()).toBe(test.log.close());
    await test.log.close();
    expect(test.clock.timerCount).toBe(0);
  });

  it('tells what fails with the storage, and goes on when that is open again', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const { append } = test.store;
    test.store.append = () => Promise.reject(new Error('EIO'));
    await expect(test.publish('t', 'lost')).rejects.toEqual(reason('STORAGE_FAILED'));
    expect(test.log.writeRefusal()?.reason).toBe('STORAGE_FAILED');
    await expect(test.publish('t', 'refused')).rejects.toEqual(reason('STORAGE_FAILED'));
    test.store.append = append;
    test.clock.advance(10);
    await expect.poll(() => test.log.writeRefusal()).toBeUndefined();
    await test.publish('t', '2');
    expect(await values(test, 't')).toEqual(['1', '2']);
  });

  it('refuses more than it can hold', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const arrived = test.store.appends.close();
    const large = Buffer.alloc(PENDING_BYTES_MAX);
    const taken = test.publish('t', large);
    await arrived;
    const refusal = await test.publish('t', 'x').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(BrokerError);
    expect(refusal).toMatchObject({
      reason: 'OVERLOADED',
      metadata: { limit_bytes: `${PENDING_BYTES_MAX}` },
    });
    test.store.appends.open();
    await taken;
    await test.publish('t', 'x');
  });
});

describe('a publish that creates its topic', () => {
  const nothing = { expectedLastTimestampNs: undefined, close: undefined, producer: undefined };

  it('is taken when the disk gets full meanwhile, since a refusal must leave no topic behind', async () => {
    const databases = new FaultyDatabases(new MemoryDatabases());
    await using test = await TestLog.open({ databases });
    const release = databases.hold('meta.batch');
    const first = test.publish('new', '1');
    databases.freeBytes = 2 ** 39;
    // Its record is on its way by then.
    await new Promise((resolve) => setImmediate(resolve));
    databases.freeBytes = 0;
    await expect(test.publish('other', '1')).rejects.toEqual(reason('DISK_FULL'));
    release();
    await first;
    await expect(test.publish('new', '2')).rejects.toEqual(reason('DISK_FULL'));
    expect([...test.log.topics.all()].map(({ name }) => name)).toEqual(['new']);
    expect(await values(test, 'new')).toEqual(['1']);
  });

  it('is refused before that when too much waits to be written', async () => {
    await using test = await TestLog.open();
    const topic = await test.log.createTopic('t', {});
    const run = runOf(Buffer.alloc(1024 * 1024));
    const written: Promise<unknown>[] = [];
    while (test.log.pendingBytes <= PENDING_BYTES_MAX) {
      written.push(test.log.appendAndWait({ ...nothing, topic, run }));
    }
    await expect(test.log.topicForWriting('new')).rejects.toEqual(reason('OVERLOADED'));
    await Promise.all(written);
    expect(test.log.topics.get('new')).toBeUndefined();
  });
});

describe('timestamps', () => {
  it('do not go back over a restart, whatever the clock says', async () => {
    await using test = await TestLog.open();
    const before = await test.publish('t', '1');
    test.clock.jump(-3_600_000);
    await test.reopen();
    const after = await test.publish('t', '2');
    expect(after.firstTimestampNs).toBe(before.lastTimestampNs + 1n);
    expect(test.log.lastTimestampNs).toBe(after.lastTimestampNs);
  });
});
