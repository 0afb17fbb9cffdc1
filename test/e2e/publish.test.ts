import { randomBytes } from 'node:crypto';
import type { Client } from 'playhead-client';
import { connect } from 'playhead-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBroker } from '../support/broker.ts';
import { collect, numbered, texts } from '../support/collect.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const KIB = 1024;

let broker: TestBroker;
let client: Client;

beforeAll(async () => {
  broker = await TestBroker.start();
  client = broker.connect();
});
afterAll(async () => {
  await client.close();
  await broker[Symbol.asyncDispose]();
});

const stored = (topic: string) =>
  texts(client.subscribe(topic, { from: 'earliest', follow: false }));

describe('publish', () => {
  it('answers with the timestamp under which the message is read', async () => {
    const publisher = client.publisher('publish/one');
    const before = (await client.serverInfo()).clockNs;
    const timestampNs = await publisher.publish('hello');
    expect(timestampNs).toBeGreaterThanOrEqual(before);
    const [message] = await collect(
      client.subscribe('publish/one', { from: timestampNs, limit: 1 }),
    );
    expect(message).toMatchObject({ timestampNs, topic: 'publish/one', text: 'hello' });
  });

  it('keeps every byte of value, key and headers', async () => {
    const value = randomBytes(3000);
    const key = randomBytes(30);
    const headers = [
      ['trace', randomBytes(16)],
      ['type', 'ünïcode'],
      ['trace', ''],
    ] as const;
    const publisher = client.publisher('publish/whole');
    await publisher.publish({ value, key, headers });
    await publisher.publish('');
    const [whole, empty] = await collect(
      client.subscribe('publish/whole', { from: 'earliest', limit: 2 }),
    );
    expect(whole?.value.equals(value)).toBe(true);
    expect(whole?.key.equals(key)).toBe(true);
    expect(whole?.headers).toEqual(
      headers.map(([name, content]) => ({ name, value: Buffer.from(content) })),
    );
    expect(empty).toMatchObject({ text: '', headers: [] });
    expect(empty?.key).toHaveLength(0);
  });

  it('copies what it is given before it returns', async () => {
    const publisher = client.publisher('publish/copied');
    const value = Buffer.from('before');
    const published = publisher.publish(value);
    value.write('after!');
    await published;
    expect(await stored('publish/copied')).toEqual(['before']);
  });

  it('keeps the order of the calls, with increasing timestamps', async () => {
    const publisher = client.publisher('publish/order');
    const values = numbered(20_000);
    const timestamps = await Promise.all(values.map((value) => publisher.publish(value)));
    for (const [i, timestampNs] of timestamps.entries()) {
      if (i > 0) expect(timestampNs > (timestamps[i - 1] ?? 0n)).toBe(true);
    }
    expect(await stored('publish/order')).toEqual(values);
  });

  it('gives timestamps that are unique over all topics and publishers', async () => {
    const publishers = numbered(20, 'publish/unique').map((topic) => client.publisher(topic));
    const rounds = numbered(100).flatMap((value) =>
      publishers.map((publisher) => publisher.publish(value)),
    );
    expect(new Set(await Promise.all(rounds)).size).toBe(2000);
  });

  it.each([
    ['', 'INVALID_ARGUMENT'],
    ['a//b', 'INVALID_ARGUMENT'],
    ['../etc', 'INVALID_ARGUMENT'],
    ['two words', 'INVALID_ARGUMENT'],
    ['glob/*', 'INVALID_ARGUMENT'],
    ['x'.repeat(256), 'INVALID_ARGUMENT'],
  ])('refuses the topic %j', async (topic, reason) => {
    const refusal = client.publisher(topic).publish('a');
    await expect(refusal).rejects.toMatchObject({ reason, metadata: { field: 'topic' } });
  });

  it('makes no topic where that is switched off', async () => {
    await using strict = await TestBroker.start({ autoCreateTopics: false });
    await using strictClient = strict.connect();
    const publisher = strictClient.publisher('orders');
    await expect(publisher.publish('a')).rejects.toMatchObject({ reason: 'TOPIC_NOT_FOUND' });
    await strictClient.topics.create('orders');
    await publisher.publish('b');
    expect((await strictClient.topics.get('orders')).messageCount).toBe(1);
  });
});

describe('batching', () => {
  it('sends together what is handed over together', async () => {
    const publisher = client.publisher('batching/burst');
    const timestamps = await Promise.all(numbered(1000).map((value) => publisher.publish(value)));
    const [first = 0n] = timestamps;
    expect(timestamps).toEqual(timestamps.map((_, i) => first + BigInt(i)));
  });

  it('sends together what is handed over while a request is under way', async () => {
    await using proxy = await TcpProxy.start(broker.address);
    await using away = broker.connect();
    await using near = connect(proxy.address);
    const publisher = near.publisher('batching/under-way');
    await publisher.publish('first');
    proxy.stall();
    const underWay = publisher.publish('under way');
    await turn();
    const later = numbered(100).map(async (value) => {
      await turn();
      return publisher.publish(value);
    });
    await turn();
    expect((await away.topics.get('batching/under-way')).messageCount).toBe(1);
    proxy.repair();
    await underWay;
    const timestamps = await Promise.all(later);
    expect((timestamps.at(-1) ?? 0n) - (timestamps[0] ?? 0n)).toBe(99n);
  });

  it('waits for linger, so that what comes in different turns goes together', async () => {
    const publisher = client.publisher('batching/linger', { lingerMs: 60_000 });
    const first = publisher.publish('a');
    await turn();
    const second = publisher.publish('b');
    await turn();
    await publisher.flush();
    expect((await second) - (await first)).toBe(1n);
  });

  it('sends when linger is over, without a flush', async () => {
    const publisher = client.publisher('batching/linger-over', { lingerMs: 20 });
    const first = publisher.publish('a');
    await turn();
    const second = publisher.publish('b');
    expect((await second) - (await first)).toBe(1n);
  });

  it('does not wait for linger once a request is full', async () => {
    const publisher = client.publisher('batching/full', { lingerMs: 60_000, maxBatchBytes: KIB });
    await publisher.publish('x'.repeat(KIB));
    expect((await client.topics.get('batching/full')).messageCount).toBe(1);
  });

  it('stores all messages of a publishBatch, with consecutive timestamps, or none', async () => {
    const publisher = client.publisher('batching/atomic');
    const ack = await publisher.publishBatch(['a', 'b', 'c']);
    expect(ack.lastTimestampNs - ack.firstTimestampNs).toBe(2n);
    const tooLarge = publisher.publishBatch(['d', 'x'.repeat(1024 * KIB), 'e']);
    await expect(tooLarge).rejects.toMatchObject({
      reason: 'MESSAGE_TOO_LARGE',
      metadata: { limit_bytes: String(1024 * KIB) },
    });
    expect(await stored('batching/atomic')).toEqual(['a', 'b', 'c']);
  });

  it('refuses a message that is too large without its neighbours', async () => {
    const publisher = client.publisher('batching/neighbours');
    const outcomes = await Promise.allSettled(
      ['a', 'x'.repeat(1024 * KIB + 1), 'b'].map((value) => publisher.publish(value)),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await stored('batching/neighbours')).toEqual(['a', 'b']);
  });

  it('refuses a request over the limit of the broker, and takes it in parts', async () => {
    const { maxRequestBytes } = await client.serverInfo();
    const publisher = client.publisher('batching/request');
    const values = numbered(Math.ceil(maxRequestBytes / (500 * KIB)) + 1).map((value) =>
      value.padEnd(500 * KIB),
    );
    await expect(publisher.publishBatch(values)).rejects.toMatchObject({
      reason: 'REQUEST_TOO_LARGE',
    });
    expect(await publisher.publishAll(values)).toMatchObject({ count: values.length });
    expect(await stored('batching/request')).toEqual(values);
  });
});

describe('flush', () => {
  it('resolves when everything handed over so far is stored', async () => {
    const publisher = client.publisher('flush/all', { lingerMs: 60_000, maxBatchBytes: KIB });
    for (const value of numbered(500)) void publisher.publish(value);
    await publisher.flush();
    expect((await client.topics.get('flush/all')).messageCount).toBe(500);
    expect(publisher.bufferedBytes).toBe(0);
    await publisher.flush();
  });

  it('rejects with the first error, which nobody else has to handle', async () => {
    const publisher = client.publisher('flush/error');
    void publisher.publish('a');
    void publisher.publish('x'.repeat(2 * 1024 * KIB));
    void publisher.publish('b');
    await expect(publisher.flush()).rejects.toMatchObject({ reason: 'MESSAGE_TOO_LARGE' });
    expect(await stored('flush/error')).toEqual(['a', 'b']);
    await publisher.flush();
  });
});

describe('backpressure', () => {
  it('refuses with PUBLISHER_FULL what is over the limit, and is ready again later', async () => {
    await using proxy = await TcpProxy.start(broker.address);
    await using near = connect(proxy.address);
    const publisher = near.publisher('backpressure/full', { maxBufferedBytes: 64 * KIB });
    await publisher.publish('first');
    expect(publisher.hasRoom).toBe(true);
    proxy.stall();
    const taken: Promise<bigint>[] = [];
    while (publisher.hasRoom) taken.push(publisher.publish('x'.repeat(1000)));
    expect(publisher.bufferedBytes).toBeLessThan(66 * KIB);
    await expect(publisher.publish('too much')).rejects.toMatchObject({
      reason: 'PUBLISHER_FULL',
      retryable: true,
      metadata: { limit_bytes: String(64 * KIB) },
    });
    const ready = publisher.ready();
    proxy.repair();
    await ready;
    expect(publisher.hasRoom).toBe(true);
    await publisher.publish('last');
    await Promise.all(taken);
    const values = await stored('backpressure/full');
    expect(values).toHaveLength(taken.length + 2);
    expect(values.at(-1)).toBe('last');
  });

  it('makes publishAll take no more from its source than the memory it may use', async () => {
    await using proxy = await TcpProxy.start(broker.address);
    await using near = connect(proxy.address);
    const publisher = near.publisher('backpressure/source', { maxBufferedBytes: 64 * KIB });
    await publisher.publish('first');
    proxy.stall();
    let taken = 0;
    const source = function* () {
      for (; taken < 1000; taken++) yield 'x'.repeat(1000);
    };
    const published = publisher.publishAll(source());
    await turn();
    expect(taken).toBeGreaterThan(30);
    expect(taken).toBeLessThan(80);
    proxy.repair();
    expect(await published).toMatchObject({ count: 1000 });
    expect((await client.topics.get('backpressure/source')).messageCount).toBe(1001);
  });

  it('lets a fast publisher wait for the broker without an error', async () => {
    const publisher = client.publisher('backpressure/fast');
    for (let i = 0; i < 10; i++) {
      while (publisher.hasRoom) void publisher.publish('x'.repeat(16 * KIB));
      await publisher.ready();
    }
    await publisher.flush();
    const { messageCount } = await client.topics.get('backpressure/fast');
    expect(messageCount).toBeGreaterThan(300);
  });
});

describe('publishAll', () => {
  it('publishes what an async source yields, and tells how far it is', async () => {
    const counts: number[] = [];
    const source = async function* () {
      for (const value of numbered(2000)) {
        if (value.endsWith('00')) await turn();
        yield value;
      }
    };
    const result = await client
      .publisher('publish-all/async')
      .publishAll(source(), { onProgress: (count) => counts.push(count) });
    const values = await collect(
      client.subscribe('publish-all/async', { from: 'earliest', limit: 2000 }),
    );
    expect(values.map(({ text }) => text)).toEqual(numbered(2000));
    expect(result).toEqual({
      count: 2000,
      firstTimestampNs: values[0]?.timestampNs,
      lastTimestampNs: values.at(-1)?.timestampNs,
    });
    expect(counts.at(-1)).toBe(2000);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  });

  it('stores what its source yielded before it failed, and fails as it did', async () => {
    const source = function* () {
      yield* numbered(10);
      throw new RangeError('no more');
    };
    const published = client.publisher('publish-all/failing').publishAll(source());
    await expect(published).rejects.toThrow('no more');
    expect(await stored('publish-all/failing')).toEqual(numbered(10));
  });

  it('stops at the first refusal', async () => {
    await client.topics.close('publish-all/closed');
    let taken = 0;
    const source = function* () {
      for (; ; taken++) yield 'x'.repeat(1000);
    };
    const published = client.publisher('publish-all/closed').publishAll(source());
    await expect(published).rejects.toMatchObject({ reason: 'CHANNEL_CLOSED' });
    expect(taken).toBeLessThan(100_000);
  });
});

/** One turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
