import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Client, type ClientOptions, connect } from '../../../clients/node/src/index.ts';
import { FakeBroker, resultOfError } from '../../support/fake-broker.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(options: ClientOptions = {}): Promise<{ broker: FakeBroker; client: Client }> {
  const broker = await FakeBroker.start();
  const client = connect(broker.address, {
    retry: { initialBackoffMs: 5, maxBackoffMs: 20 },
    ...options,
  });
  closers.push(
    () => broker.stop(),
    () => client.close().catch(() => {}),
  );
  return { broker, client };
}

/** The values of each request, in order. */
const valuesOf = (broker: FakeBroker) =>
  broker.published.map(({ request }) =>
    request.messages.map(({ value }) => Buffer.from(value).toString()),
  );

describe('Publisher.publish', () => {
  it('resolves with the timestamp of each message', async () => {
    const { client } = await start();
    const publisher = client.publisher('t');
    const timestamps = await Promise.all(['a', 'b', 'c'].map((value) => publisher.publish(value)));
    expect(timestamps).toEqual([1000n, 1001n, 1002n]);
  });

  it('sends together what is handed over in one go', async () => {
    const { broker, client } = await start();
    const publisher = client.publisher('t');
    for (const value of ['a', 'b', 'c']) void publisher.publish(value);
    await publisher.flush();
    expect(valuesOf(broker)).toEqual([['a', 'b', 'c']]);
  });

  it('sends together what is handed over while a request is under way', async () => {
    const { broker, client } = await start();
    const publisher = client.publisher('t');
    const later: Promise<bigint>[] = [];
    broker.onPublish = (request) => {
      if (later.length === 0) {
        for (const value of ['b', 'c']) later.push(publisher.publish(value));
      }
      return broker.store(request);
    };
    await publisher.publish('a');
    await Promise.all(later);
    expect(valuesOf(broker)).toEqual([['a'], ['b', 'c']]);
  });

  it('numbers messages without a gap, and names topic and producer once in a stream', async () => {
    const { broker, client } = await start();
    const publisher = client.publisher('t');
    await Promise.all([publisher.publish('a'), publisher.publish('b')]);
    await publisher.publish('c');
    expect(broker.published.map(({ request }) => request.sequence)).toEqual([1n, 3n]);
    expect(broker.published.map(({ request: { topic, producer } }) => [topic, producer])).toEqual([
      ['t', publisher.name],
      ['', ''],
    ]);
    expect(publisher.name).toMatch(/^auto-.{16}$/);
  });

  it('goes on behind the last sequence of a named producer', async () => {
    const { broker, client } = await start();
    broker.onGetProducer = ({ topic, producer }) => ({
      lastSequence: topic === 't' && producer === 'p' ? 41n : 0n,
    });
    await client.publisher('t', { name: 'p' }).publish('a');
    expect(broker.published[0]?.request).toMatchObject({ producer: 'p', sequence: 42n });
  });

  it('cuts requests at maxBatchBytes, in order, and has at most maxInFlight under way', async () => {
    const { broker, client } = await start();
    const publisher = client.publisher('t', { maxBatchBytes: 40, maxInFlight: 2 });
    broker.onPublish = () => 'silence';
    const values = Array.from({ length: 12 }, (_, i) => `value ${String(i).padStart(4, '0')}`);
    for (const value of values) publisher.publish(value).catch(() => {});
    await vi.waitFor(() => expect(broker.published).toHaveLength(2));
    broker.onPublish = (request) => broker.store(request);
    await broker.restart();
    await publisher.flush();
    const requests = valuesOf(broker).slice(2);
    expect(requests.flat()).toEqual(values);
    expect(requests.every((request) => request.length <= 3)).toBe(true);
  });

  it('sends a large message alone, in its place', async () => {
    const { broker, client } = await start();
    const publisher = client.publisher('t');
    const large = 'x'.repeat(100_000);
    for (const value of ['a', large, 'b']) void publisher.publish(value);
    await publisher.flush();
    expect(valuesOf(broker)).toEqual([['a'], [large], ['b']]);
  });

  it('lets messages wait for lingerMs, but not flush()', async () => {
    const { broker, client } = await start();
    const publisher = client.publisher('t', { lingerMs: 60_000 });
    void publisher.publish('a');
    await client.serverInfo();
    void publisher.publish('b');
    expect(broker.published).toHaveLength(0);
    await publisher.flush();
    expect(valuesOf(broker)).toEqual([['a', 'b']]);
    const quick = client.publisher('u', { lingerMs: 1 });
    await quick.publish('c');
    expect(valuesOf(broker)).toEqual([['a', 'b'], ['c']]);
  });

  it('puts a conditional message into a request of its own', async () => {
    const { broker, client } = await start();
    const publisher = client.publisher('t');
    void publisher.publish('a');
    const conditional = publisher.publish('b', { expectedLastTimestampNs: 1000n });
    void publisher.publish('c');
    expect(await conditional).toBe(1001n);
    await publisher.flush();
    expect(valuesOf(broker)).toEqual([['a'], ['b'], ['c']]);
    expect(broker.published.map(({ request }) => request.expectedLastTimestampNs)).toEqual([
      undefined,
      1000n,
      undefined,
    ]);
  });

  it('rejects only the messages of a request that is refused', async () => {
    const { broker, client } = await start();
    const publisher = client.publisher('t');
    broker.onPublish = (request) =>
      request.expectedLastTimestampNs === undefined
        ? broker.store(request)
        : resultOfError('CONFLICT', { last_timestamp_ns: '1000' });
    const results = await Promise.allSettled([
      publisher.publish('a'),
      publisher.publish('b', { expectedLastTimestampNs: 5n }),
      publisher.publish('c'),
    ]);
    expect(results).toMatchObject([
      { value: 1000n },
      { reason: { reason: 'CONFLICT', metadata: { last_timestamp_ns: '1000' } } },
      { value: 1001n },
    ]);
    expect(broker.publishStreamCount).toBe(1);
  });

  it('refuses more than maxBufferedBytes with PUBLISHER_FULL, and has sent nothing of it', async () => {
    const { broker, client } = await start();
    const publisher = client.publisher('t', { maxBufferedBytes: 500 });
    const [a, b] = [publisher.publish('x'.repeat(300)), publisher.publish('y')];
    await expect(b).rejects.toMatchObject({
      reason: 'PUBLISHER_FULL',
      retryable: true,
      message: expect.stringContaining('await publish() or ready(), or use publishAll()'),
      metadata: { limit_bytes: '500' },
    });
    await a;
    expect(publisher.bufferedBytes).toBe(0);
    await publisher.publish('z');
    expect(valuesOf(broker)).toEqual([['x'.repeat(300)], ['z']]);
  });

  it('rejects what is no message with a TypeError', async () => {
    const { client } = await start();
    const publisher = client.publisher('t');
    // @ts-expect-error What plain JavaScript may pass.
    await expect(publisher.publish(undefined)).rejects.toThrow(TypeError);
    await expect(publisher.publish('fine')).resolves.toBe(1000n);
  });

  it('stops waiting when its signal fires', async () => {
    const { broker, client } = await start();
    broker.onPublish = () => 'silence';
    const publisher = client.publisher('t');
    const controller = new AbortController();
    const waiting = publisher.publish('a', { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ reason: 'CANCELLED' });
    await expect(publisher.publish('b', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      reason: 'CANCELLED',
    });
    await broker.restart();
    broker.onPublish = (request) => broker.store(request);
    await publisher.flush();
    expect(valuesOf(broker).at(-1)).toEqual(['a']);
  });
});

describe('Publisher.publishBatch', () => {
  it('publishes all messages in one request and answers with its ack', async () => {
    const { broker, client } = await start();
    const publisher = client.publisher('t', { maxBatchBytes: 10 });
    void publisher.publish('before');
    const ack = await publisher.publishBatch(['first', { value: 'second', key: 'k' }, 'third']);
    expect(ack).toEqual({ firstTimestampNs: 1001n, lastTimestampNs: 1003n, isDuplicate: false });
    expect(valuesOf(broker)).toEqual([['before'], ['first', 'second', 'third']]);
  });

  it('refuses an empty batch with a TypeError', async () => {
    const { client } = await start();
    await expect(client.publisher('t').publishBatch([])).rejects.toThrow(TypeError);
  });

  it('is refused without being sent if it is over the limit of the broker', async () => {
    const { broker, client } = await start();
    broker.onGetServerInfo = () => ({ maxRequestBytes: 2_000_000 });
    const publisher = client.publisher('t');
    const megabyte = Buffer.alloc(1_000_000);
    const results = await Promise.allSettled([
      publisher.publishBatch([megabyte, megabyte, megabyte]),
      publisher.publishBatch([megabyte, Buffer.alloc(500_000)]),
    ]);
    expect(results).toMatchObject([
      { reason: { reason: 'REQUEST_TOO_LARGE', metadata: { limit_bytes: '2000000' } } },
      { status: 'fulfilled' },
    ]);
    expect(broker.published).toHaveLength(1);
  });
});

describe('Publisher.flush', () => {
  it('rejects with the first error of what was handed over, which nobody else has to await', async () => {
    const { broker, client } = await start();
    const publisher = client.publisher('t');
    broker.onPublish = () => resultOfError('CHANNEL_CLOSED');
    void publisher.publish('a');
    void publisher.publishBatch(['b']);
    await expect(publisher.flush()).rejects.toMatchObject({ reason: 'CHANNEL_CLOSED' });
    await publisher.flush();
  });
});

describe('Publisher.ready', () => {
  it('waits until half of the room is free', async () => {
    const { broker, client } = await start();
    const publisher = client.publisher('t', { maxBufferedBytes: 1000 });
    broker.onPublish = () => 'silence';
    while (publisher.hasRoom) void publisher.publish('x'.repeat(100));
    let isReady = false;
    const ready = publisher.ready().then(() => {
      isReady = true;
    });
    await vi.waitFor(() => expect(broker.published).toHaveLength(1));
    expect(isReady).toBe(false);
    broker.onPublish = (request) => broker.store(request);
    await broker.restart();
    await ready;
    expect(publisher.hasRoom).toBe(true);
    await publisher.ready();
  });

  it('rejects with the first error of what is under way', async () => {
    const { broker, client } = await start();
    const publisher = client.publisher('t', { maxBufferedBytes: 300 });
    broker.onPublish = () => resultOfError('CHANNEL_CLOSED');
    void publisher.publish('x'.repeat(200));
    await expect(publisher.ready()).rejects.toMatchObject({ reason: 'CHANNEL_CLOSED' });
  });
});

describe('Publisher.close', () => {
  it('flushes, refuses what comes later, and is idempotent', async () => {
    const { broker, client } = await start();
    const publisher = client.publisher('t');
    const last = publisher.publish('a');
    const closing = publisher.close();
    expect(publisher.close()).toBe(closing);
    await expect(publisher.publish('b')).rejects.toMatchObject({ reason: 'CLIENT_CLOSED' });
    await closing;
    expect(await last).toBe(1000n);
    expect(valuesOf(broker)).toEqual([['a']]);
  });
});

describe('PublisherOptions', () => {
  it.each([
    { lingerMs: -1 },
    { lingerMs: Number.NaN },
    { maxBatchBytes: 0 },
    { maxInFlight: 1.5 },
    { maxBufferedBytes: -1 },
  ])('refuses %j with a TypeError', async (options) => {
    const { client } = await start();
    expect(() => client.publisher('t', options)).toThrow(TypeError);
  });
});
