import { describe, expect, it } from 'vitest';
import { Broker } from '../../src/broker.ts';
import { MESSAGE_BYTES_DEFAULT, REQUEST_BYTES_DEFAULT } from '../../src/limits.ts';
import { ManualClock } from '../../src/manual-clock.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

describe('Broker', () => {
  it('keeps everything in memory without a data directory, and in it with one', async () => {
    await using directory = await temporaryDirectory();
    for (const [options, isKept] of [
      [{}, false],
      [{ dataDir: directory.path }, true],
    ] as const) {
      const broker = await Broker.open(options);
      await broker.log.createTopic('t', {});
      await broker.close();
      await using again = await Broker.open(options);
      expect(again.log.topics.get('t') !== undefined).toBe(isKept);
    }
  });

  it('tells a service what it was set up with', async () => {
    await using broker = await Broker.open();
    expect(broker.service).toMatchObject({
      durability: 'memory',
      maxMessageBytes: MESSAGE_BYTES_DEFAULT,
      maxRequestBytes: REQUEST_BYTES_DEFAULT,
    });
    expect(broker.service.version).toMatch(/^\d+\.\d+\.\d+/);
    await using directory = await temporaryDirectory();
    await using fast = await Broker.open({
      dataDir: directory.path,
      durability: 'os',
      maxMessageBytes: 5,
    });
    expect(fast.service).toMatchObject({ durability: 'os', maxMessageBytes: 5 });
  });

  it('takes requests that hold the largest message', async () => {
    const maxMessageBytes = 2 * REQUEST_BYTES_DEFAULT;
    await using broker = await Broker.open({ maxMessageBytes });
    expect(broker.service.maxRequestBytes).toBeGreaterThan(maxMessageBytes);
  });

  it('lives by the clock that it is given', async () => {
    const clock = new ManualClock();
    await using broker = await Broker.open({ clock });
    const topic = await broker.log.createTopic('t', {});
    expect(topic.createdTimestampNs).toBe(clock.nowNs());
  });

  it('makes topics on publish only if it may', async () => {
    await using strict = await Broker.open({ autoCreateTopics: false });
    await expect(strict.log.topicForWriting('t')).rejects.toMatchObject({
      reason: 'TOPIC_NOT_FOUND',
    });
    await using broker = await Broker.open();
    expect((await broker.log.topicForWriting('t')).name).toBe('t');
  });

  it('closes once, however often it is asked', async () => {
    const broker = await Broker.open();
    await Promise.all([broker.close(), broker.close()]);
    await broker.close();
    await expect(broker.log.createTopic('t', {})).rejects.toMatchObject({
      reason: 'SHUTTING_DOWN',
    });
  });
});
