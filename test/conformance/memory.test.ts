import { describe, expect, test } from 'vitest';
import { Caller } from './caller.ts';
import { MeasuredBroker } from './measured-broker.ts';
import { isExternal, messagesOf, newTopic } from './support.ts';

const MB = 1_000_000;

/** Publishes so many megabytes, in messages of a kilobyte. */
async function publishMegabytes(caller: Caller, topic: string, count: number): Promise<void> {
  const value = 'x'.repeat(1000);
  const messages = messagesOf(...Array.from({ length: 1000 }, () => value));
  for (let i = 0; i < count; i++) await caller.call('Publish', { topic, messages });
}

describe.skipIf(isExternal)('the memory of a broker', () => {
  test('grows by less than 1 MB for a reader that stops reading, however much is published', async () => {
    await using broker = await MeasuredBroker.start();
    using publisher = Caller.connect(broker.address);
    const topic = newTopic();
    // More than it keeps for those who follow.
    await publishMegabytes(publisher, topic, 50);
    const before = await broker.memory();

    const count = 8;
    const readers = Array.from({ length: count }, () => Caller.connect(broker.address));
    const stalled = readers.map((reader) =>
      reader.subscribe({ topic, from: { edge: 'EDGE_EARLIEST' } }),
    );
    for (const subscription of stalled) await subscription.until('started');
    await publishMegabytes(publisher, topic, 50);
    const after = await broker.memory();
    expect((after.live - before.live) / count).toBeLessThan(1 * MB);

    for (const reader of readers) reader.close();
  });

  test('grows by less than 100 MB for 1000 subscribers who wait', async () => {
    await using broker = await MeasuredBroker.start();
    using publisher = Caller.connect(broker.address);
    const topic = newTopic();
    await publishMegabytes(publisher, topic, 1);
    const before = await broker.memory();
    const readers = Array.from({ length: 10 }, () => Caller.connect(broker.address));
    const waiting = readers.flatMap((reader) =>
      Array.from({ length: 100 }, () => reader.subscribe({ topic })),
    );
    await Promise.all(waiting.map((subscription) => subscription.until('caught_up')));
    const { topic: described } = await publisher.call('GetTopic', { topic });
    expect(described.subscriber_count).toBe(1000);
    const after = await broker.memory();
    expect(after.live - before.live).toBeLessThan(100 * MB);
    expect(after.rss - before.rss).toBeLessThan(100 * MB);

    // They are there: what comes is delivered to each.
    await publisher.call('Publish', { topic, messages: messagesOf('hello') });
    await Promise.all(waiting.map((subscription) => subscription.take(1)));
    for (const reader of readers) reader.close();
  });
});
