import type { Client } from 'playhead-client';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/manual-clock.ts';
import { TestBroker } from '../support/broker.ts';
import { collect, numbered, texts } from '../support/collect.ts';

const SECOND_MS = 1000;

/** Lets a second pass, and retention be applied. */
async function sweep({ broker }: TestBroker, clock: ManualClock): Promise<void> {
  await broker.log.swept();
  clock.advance(SECOND_MS);
  await broker.log.swept();
}

const read = (client: Client, topic: string) =>
  texts(client.subscribe(topic, { from: 'earliest', follow: false }));

describe('retention', () => {
  it('by age keeps what is younger', async () => {
    const clock = new ManualClock();
    await using broker = await TestBroker.start({ clock });
    await using client = broker.connect();
    await client.topics.create('aged', { maxAgeMs: 60 * SECOND_MS });
    const publisher = client.publisher('aged');
    for (const value of numbered(6)) {
      await publisher.publish(value);
      clock.advance(20 * SECOND_MS);
    }
    // m-0 is 120 s old, m-5 20 s.
    await sweep(broker, clock);
    expect(await read(client, 'aged')).toEqual(['m-4', 'm-5']);
    clock.advance(60 * SECOND_MS);
    await sweep(broker, clock);
    expect(await read(client, 'aged')).toEqual([]);
    const topic = await client.topics.get('aged');
    expect(topic).toMatchObject({ messageCount: 0, firstTimestampNs: undefined });
  });

  it('by age applies to what grew old while the broker was away', async () => {
    const clock = new ManualClock();
    await using broker = await TestBroker.start({ clock });
    await using client = broker.connect();
    await client.topics.create('aged', { maxAgeMs: 60 * SECOND_MS });
    await client.publisher('aged').publish('old');
    await broker.stop();
    clock.advance(100 * SECOND_MS);
    await broker.restart();
    await client.publisher('aged').publish('new');
    await sweep(broker, clock);
    expect(await read(client, 'aged')).toEqual(['new']);
  });

  it('by count keeps the newest, to the message', async () => {
    const clock = new ManualClock();
    await using broker = await TestBroker.start({ clock });
    await using client = broker.connect();
    await client.topics.create('counted', { maxMessages: 10 });
    const publisher = client.publisher('counted');
    await publisher.publishBatch(numbered(25, 'a'));
    await publisher.publishBatch(numbered(3, 'b'));
    await sweep(broker, clock);
    const expected = [...numbered(25, 'a').slice(-7), ...numbered(3, 'b')];
    expect(await read(client, 'counted')).toEqual(expected);
    expect((await client.topics.get('counted')).messageCount).toBe(10);
    await broker.restart();
    expect(await read(client, 'counted')).toEqual(expected);
  });

  it('by bytes keeps the newest that fit', async () => {
    const clock = new ManualClock();
    await using broker = await TestBroker.start({ clock });
    await using client = broker.connect();
    await client.topics.create('sized', { maxBytes: 100_000 });
    const values = numbered(500).map((value) => value.padEnd(1000));
    await client.publisher('sized').publishAll(values);
    await sweep(broker, clock);
    const { messageCount, byteCount } = await client.topics.get('sized');
    expect(byteCount).toBeLessThanOrEqual(100_000);
    expect(byteCount).toBeGreaterThan(95_000);
    expect(await read(client, 'sized')).toEqual(values.slice(-messageCount));
  });

  it('can be set, loosened and ended later', async () => {
    const clock = new ManualClock();
    await using broker = await TestBroker.start({ clock });
    await using client = broker.connect();
    const publisher = client.publisher('later');
    await publisher.publishBatch(numbered(20));
    await client.topics.update('later', { maxMessages: 5 });
    await broker.broker.log.swept();
    expect(await read(client, 'later')).toEqual(numbered(20).slice(-5));
    await client.topics.update('later', { maxMessages: 0 });
    await publisher.publishBatch(numbered(20, 'more'));
    await sweep(broker, clock);
    expect(await read(client, 'later')).toEqual([
      ...numbered(20).slice(-5),
      ...numbered(20, 'more'),
    ]);
  });

  it('tells a reader who asks for what is gone', async () => {
    const clock = new ManualClock();
    await using broker = await TestBroker.start({ clock });
    await using client = broker.connect();
    await client.topics.create('told', { maxMessages: 2 });
    const ack = await client.publisher('told').publishBatch(numbered(10));
    await sweep(broker, clock);
    expect(await read(client, 'told')).toHaveLength(2);
    const events = await collect(
      client.subscribe('told', { from: ack.firstTimestampNs, follow: false }).events(),
    );
    expect(events[0]).toEqual({
      type: 'trimmed',
      topic: 'told',
      firstTimestampNs: ack.lastTimestampNs - 1n,
    });
  });

  it('leaves other topics alone', async () => {
    const clock = new ManualClock();
    await using broker = await TestBroker.start({ clock });
    await using client = broker.connect();
    await client.topics.create('short', { maxMessages: 1 });
    for (const value of numbered(10)) {
      await client.publisher('short').publish(value);
      await client.publisher('long').publish(value);
    }
    await sweep(broker, clock);
    expect(await read(client, 'short')).toEqual(['m-9']);
    expect(await read(client, 'long')).toEqual(numbered(10));
    await broker.restart();
    expect(await read(client, 'long')).toEqual(numbered(10));
  });
});
