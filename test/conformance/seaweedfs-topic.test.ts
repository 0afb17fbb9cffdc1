import { randomUUID } from 'node:crypto';
import type { Client } from 'playhead-client';
import { connect } from 'playhead-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Caller } from './caller.ts';
import { PARTITION_OF_KEY, SeaweedClient } from './seaweedfs-support.ts';
import { numbered, OwnBroker } from './support.ts';
import { bytesField, publishBytes, varintField } from './wire-bytes.ts';

let broker: OwnBroker;
let go: SeaweedClient;
let client: Client;

beforeAll(async () => {
  broker = await OwnBroker.start();
  go = new SeaweedClient(broker.address);
  client = connect(broker.address);
});
afterAll(async () => {
  await client.close();
  await broker[Symbol.asyncDispose]();
});

const newTopic = () => `t-${randomUUID()}`;
const KEYS = Object.keys(PARTITION_OF_KEY);

/** Resolves when so many messages are stored. */
async function stored(topic: string, count: number): Promise<void> {
  const countOf = async () => (await client.topics.get(`ns/${topic}`)).messageCount;
  await expect.poll(() => countOf().catch(() => 0)).toBe(count);
}

async function nativeValues(topic: string): Promise<string[]> {
  const values: string[] = [];
  for await (const { text } of client.subscribe(`ns/${topic}`, {
    from: 'earliest',
    follow: false,
  }))
    values.push(text);
  return values;
}

describe('a topic of the Go client of SeaweedFS', () => {
  test('has four partitions that nobody configured, which deliver each message once', async () => {
    const topic = newTopic();
    using publisher = await go.newPublisher('ns', topic);
    const values = numbered(200);
    for (const value of values) await publisher.publish({ value: Buffer.from(value) });
    await stored(topic, 200);
    using subscriber = await go.newSubscriber('ns', topic, 0n);
    const taken = await subscriber.take(200);
    expect(taken.map(({ value }) => value.toString()).sort()).toEqual(values.toSorted());
    // As they were dealt out, in turn.
    for (const partition of [0, 1, 2, 3]) {
      const ofStream = taken.filter(({ stream }) => stream === partition);
      expect(ofStream.map(({ value }) => value.toString())).toEqual(
        values.filter((_, i) => i % 4 === partition),
      );
    }
  });

  test('has messages with a key on the partition that the key hashes to, in order, whoever published them', async () => {
    const topic = newTopic();
    using publisher = await go.newPublisher('ns', topic);
    for (let i = 0; i < 5; i++) {
      for (const key of KEYS) {
        await publisher.publish({ key: Buffer.from(key), value: Buffer.from(`go${i}`) });
      }
    }
    await stored(topic, 50);
    await client.publisher(`ns/${topic}`).publishAll(KEYS.map((key) => ({ key, value: 'native' })));
    using subscriber = await go.newSubscriber('ns', topic, 0n);
    const taken = await subscriber.take(60);
    expect(taken).toHaveLength(60);
    for (const { key, stream } of taken) expect(stream).toBe(PARTITION_OF_KEY[key.toString()]);
    for (const key of KEYS) {
      const ofKey = taken.filter((message) => message.key.toString() === key);
      expect(ofKey.map(({ value }) => value.toString())).toEqual([...numbered(5, 'go'), 'native']);
    }
  });

  test('is one topic for native clients, who see all of it and may write to it', async () => {
    const topic = newTopic();
    using publisher = await go.newPublisher('ns', topic);
    for (const value of numbered(40)) await publisher.publish({ value: Buffer.from(value) });
    await stored(topic, 40);
    expect((await nativeValues(topic)).toSorted()).toEqual(numbered(40).toSorted());
    await client.publisher(`ns/${topic}`).publishAll(numbered(40, 'n'));
    using subscriber = await go.newSubscriber('ns', topic, 0n);
    const taken = await subscriber.take(80);
    expect(taken.map(({ value }) => value.toString()).toSorted()).toEqual(
      [...numbered(40), ...numbered(40, 'n')].toSorted(),
    );
    // Those without a key are dealt out: each of the four has its share.
    const streams = taken.filter(({ value }) => value.toString().startsWith('n'));
    expect(new Set(streams.map(({ stream }) => stream)).size).toBe(4);
  });

  test('can be read one partition at a time', async () => {
    const topic = newTopic();
    using publisher = await go.newPublisher('ns', topic);
    for (const key of KEYS)
      await publisher.publish({ key: Buffer.from(key), value: Buffer.from(key) });
    await stored(topic, KEYS.length);
    using subscriber = await go.newSubscriber('ns', topic, 0n, [2]);
    const expected = KEYS.filter((key) => PARTITION_OF_KEY[key] === 2);
    const taken = await subscriber.take(expected.length);
    expect(taken.map(({ value }) => value.toString()).toSorted()).toEqual(expected.toSorted());
  });

  test('delivers keys, headers and the time of the publisher unchanged, and the position where it gave none', async () => {
    const topic = newTopic();
    const headers = { a: Buffer.from([0, 255]), empty: Buffer.alloc(0), ü: Buffer.from('1') };
    const message = { key: Buffer.from('key7'), value: Buffer.from('v'), headers };
    using publisher = await go.newPublisher('ns', topic);
    for (const event_time_ns of ['1234567890123456789', '-5', '0']) {
      await publisher.publish({ ...message, event_time_ns });
    }
    await stored(topic, 3);
    using subscriber = await go.newSubscriber('ns', topic, 0n, [0]);
    const taken = await subscriber.take(3);
    for (const { key, value, headers: found } of taken) {
      expect({ key, value, headers: found }).toEqual(message);
    }
    const { lastTimestampNs } = await client.topics.get(`ns/${topic}`);
    expect(taken.map(({ event_time_ns }) => event_time_ns)).toEqual([
      '1234567890123456789',
      '-5',
      `${lastTimestampNs}`,
    ]);
    // Nothing of what is noted for this is seen by others.
    for await (const each of client.subscribe(`ns/${topic}`, { from: 'earliest', follow: false })) {
      expect(each.headers.map(({ name }) => name).toSorted()).toEqual(['a', 'empty', 'ü']);
    }
  });

  /** A message as it was delivered on a partition, which the client passes on with all that is unknown to it. */
  const delivered = (value: string, partition: number) =>
    Buffer.concat([bytesField(3, value), varintField(7, 5), varintField(6, partition)]);

  test('has a message that was delivered before on the partition where it is published again, without the time of then', async () => {
    const [name, topic] = [newTopic(), newTopic()];
    const writer = await go.newPubChannel(name);
    using other = await go.publishing('ns', topic, 2);
    for (const [i, partition] of [0, 1, 3, 9].entries()) {
      writer.call.sendRaw(bytesField(2, delivered(`m${i}`, partition)));
      other.sendRaw(bytesField(2, delivered(`m${i}`, partition)));
    }
    await writer.close();
    expect(await (await go.newSubChannel(name)).values()).toEqual(numbered(4));
    await stored(topic, 4);
    using subscriber = await go.newSubscriber('ns', topic, 0n, [2]);
    const taken = await subscriber.take(4);
    expect(taken.map(({ value }) => value.toString())).toEqual(numbered(4));
    expect(taken.map(({ event_time_ns }) => event_time_ns)).not.toContain('5');
  });

  test('has a message that a native client passes on where its key belongs', async () => {
    const topic = newTopic();
    const keyed = Buffer.concat([bytesField(2, 'key7'), delivered('v', 9)]);
    const caller = Caller.connect(broker.address);
    await caller.callRaw('Publish', publishBytes(`ns/${topic}`, keyed));
    caller.close();
    using subscriber = await go.newSubscriber('ns', topic, 0n);
    const taken = await subscriber.take(1);
    const { lastTimestampNs } = await client.topics.get(`ns/${topic}`);
    expect(taken).toMatchObject([{ stream: 0, event_time_ns: `${lastTimestampNs}` }]);
  });

  test('is read from behind a start time, which is not included', async () => {
    const topic = newTopic();
    const publisher = client.publisher(`ns/${topic}`);
    const timestamps: bigint[] = [];
    for (const value of ['a', 'b', 'c']) {
      timestamps.push(await publisher.publish({ key: 'key7', value }));
    }
    const from = async (startNs: bigint, count: number) => {
      using subscriber = await go.newSubscriber('ns', topic, startNs, [0]);
      return (await subscriber.take(count)).map(({ value }) => value.toString());
    };
    expect(await from((timestamps[0] ?? 0n) - 1n, 3)).toEqual(['a', 'b', 'c']);
    expect(await from(timestamps[0] ?? 0n, 2)).toEqual(['b', 'c']);
    expect(await from(timestamps[2] ?? 0n, 0)).toEqual([]);
    expect(await from(-1n, 3)).toEqual(['a', 'b', 'c']);
    expect(await from(2n ** 63n - 1n, 0)).toEqual([]);
  });

  test('is read from its beginning, from its end, and from its end before it exists', async () => {
    const topic = newTopic();
    const before = await go.subscribing('ns', topic, 0, { startPosition: 'LATEST' });
    await client.publisher(`ns/${topic}`).publish({ key: 'key7', value: 'first' });
    expect((await before.receive())?.data?.value.toString()).toBe('first');
    using earliest = await go.subscribing('ns', topic, 0, { startPosition: 'EARLIEST' });
    expect((await earliest.receive())?.data?.value.toString()).toBe('first');
    using latest = await go.subscribing('ns', topic, 0, { startPosition: 'LATEST' });
    const next = latest.receive();
    await expect.poll(async () => (await client.topics.get(`ns/${topic}`)).subscriberCount).toBe(3);
    await client.publisher(`ns/${topic}`).publish({ key: 'key7', value: 'second' });
    expect((await next)?.data?.value.toString()).toBe('second');
    before.disconnect();
  });

  test('keeps what its publisher has sent when that ends without a word', async () => {
    const topic = newTopic();
    const publisher = await go.newPublisher('ns', topic);
    const sent = numbered(400).map((value) => publisher.publish({ value: Buffer.from(value) }));
    await Promise.all(sent);
    await stored(topic, 400);
    publisher[Symbol.dispose]();
    expect((await nativeValues(topic)).toSorted()).toEqual(numbered(400).toSorted());
  });

  test('of the namespace chan is the channel on partition 0, and has the others beside it', async () => {
    const topic = newTopic();
    using publisher = await go.newPublisher('chan', topic);
    for (const value of numbered(8)) await publisher.publish({ value: Buffer.from(value) });
    const countOf = async () => (await client.channel(topic).stat()).messageCount;
    await expect.poll(() => countOf().catch(() => 0)).toBe(8);
    await client.channel(topic).publish('native');
    const reader = await go.newSubChannel(topic);
    expect(await reader.values(3)).toEqual(['m0', 'm4', 'native']);
    using subscriber = await go.newSubscriber('chan', topic, 0n);
    expect(await subscriber.take(9)).toHaveLength(9);
    reader.call.cancel();
  });

  test('can be deleted', async () => {
    const topic = newTopic();
    using publisher = await go.newPublisher('ns', topic);
    await publisher.publish({ value: Buffer.from('x') });
    await stored(topic, 1);
    await go.call('DeleteTopic', { namespace: 'ns', topic });
    await expect(client.topics.get(`ns/${topic}`)).rejects.toMatchObject({
      reason: 'TOPIC_NOT_FOUND',
    });
  });

  test('without a namespace is any topic of the broker', async () => {
    const name = `orders-${randomUUID()}`;
    await client.publisher(name).publish({ key: 'key7', value: 'x' });
    using subscriber = await go.newSubscriber('', name, 0n);
    expect((await subscriber.take(1)).map(({ stream }) => stream)).toEqual([0]);
  });
});
