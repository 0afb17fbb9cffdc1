import type { Message } from 'playhead-client';
import { connect } from 'playhead-client';
import { describe, expect, it } from 'vitest';
import { TestBroker } from '../support/broker.ts';
import { collect, numbered, take, texts } from '../support/collect.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const FAST_RETRY = { initialBackoffMs: 5, maxBackoffMs: 20 };

const textsOf = (messages: readonly Message[]) => messages.map(({ text }) => text);

describe('a subscription whose connection is cut', () => {
  it('goes on behind the last message while it catches up', async () => {
    await using broker = await TestBroker.start();
    await using proxy = await TcpProxy.start(broker.address);
    await using writer = broker.connect();
    const values = numbered(2000).map((value) => value.padEnd(2048));
    await writer.publisher('long').publishAll(values);
    await using client = connect(proxy.address, { retry: FAST_RETRY });
    proxy.cutEach(800 * 1024);
    const source = client.subscribe('long', { from: 'earliest', follow: false });
    expect(await texts(source)).toEqual(values);
    expect(proxy.connectionCount).toBeGreaterThan(3);
  });

  it('goes on behind the last message while it follows', async () => {
    await using broker = await TestBroker.start();
    await using proxy = await TcpProxy.start(broker.address);
    await using writer = broker.connect();
    await using client = connect(proxy.address, { retry: FAST_RETRY });
    const publisher = writer.publisher('live');
    const subscription = client.subscribe('live', { limit: 100 });
    await subscription.started();
    const read = texts(subscription);
    const rounds = numbered(10, 'round');
    for (const [i, round] of rounds.entries()) {
      await publisher.publishAll(numbered(10, round));
      if (i % 2 === 0) proxy.cut();
    }
    expect(await read).toEqual(rounds.flatMap((round) => numbered(10, round)));
    expect(proxy.connectionCount).toBeGreaterThan(2);
  });

  it('gets what is published while it has no connection at all', async () => {
    await using broker = await TestBroker.start();
    await using proxy = await TcpProxy.start(broker.address);
    await using writer = broker.connect();
    let onThirdTry = () => {};
    const thirdTry = new Promise<void>((resolve) => {
      onThirdTry = resolve;
    });
    await using client = connect(proxy.address, {
      retry: FAST_RETRY,
      onRetry: ({ attempt }) => attempt >= 3 && onThirdTry(),
    });
    const publisher = writer.publisher('outage');
    const subscription = client.subscribe('outage', { from: 'earliest', limit: 5 });
    await subscription.started();
    await publisher.publishBatch(['a', 'b']);
    proxy.refuse();
    await publisher.publishBatch(['c', 'd']);
    await thirdTry;
    proxy.repair();
    await publisher.publish('e');
    expect(await texts(subscription)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('misses nothing if it was at the end and had not received a message yet', async () => {
    await using broker = await TestBroker.start();
    await using proxy = await TcpProxy.start(broker.address);
    await using writer = broker.connect();
    await using client = connect(proxy.address, { retry: FAST_RETRY });
    const publisher = writer.publisher('end');
    await publisher.publish('before');
    const subscription = client.subscribe('end', { from: 'latest', limit: 2 });
    await subscription.started();
    proxy.refuse();
    await publisher.publishBatch(['a', 'b']);
    proxy.repair();
    expect(await texts(subscription)).toEqual(['a', 'b']);
  });

  it('keeps its limit and its until', async () => {
    await using broker = await TestBroker.start();
    await using proxy = await TcpProxy.start(broker.address);
    await using writer = broker.connect();
    await using client = connect(proxy.address, { retry: FAST_RETRY });
    const publisher = writer.publisher('bounded');
    const { firstTimestampNs, lastTimestampNs } = await publisher.publishBatch(
      numbered(1000).map((value) => value.padEnd(3000)),
    );
    proxy.cutEach(800 * 1024);
    const limited = client.subscribe('bounded', { from: 'earliest', limit: 900 });
    expect(await collect(limited)).toHaveLength(900);
    const until = client.subscribe('bounded', { from: firstTimestampNs, until: lastTimestampNs });
    expect(await collect(until)).toHaveLength(999);
    expect(proxy.connectionCount).toBeGreaterThan(4);
  });

  it('of a glob goes on without a gap, too', async () => {
    await using broker = await TestBroker.start();
    await using proxy = await TcpProxy.start(broker.address);
    await using writer = broker.connect();
    await using client = connect(proxy.address, { retry: FAST_RETRY });
    const published: string[] = [];
    for (let i = 0; i < 1000; i++) published.push(`glob/${i % 3} ${i}`.padEnd(500));
    const publishers = numbered(3, 'glob/').map((_, i) => writer.publisher(`glob/${i}`));
    const reading = collect(client.subscribe('glob/*', { from: 'earliest', limit: 1000 }));
    proxy.cutEach(100 * 1024);
    for (const [i, value] of published.entries()) {
      const published = publishers[i % 3]?.publish(value);
      if (i % 20 === 0) await published;
    }
    const messages = await reading;
    for (const [i, { timestampNs }] of messages.entries()) {
      if (i > 0) expect(timestampNs > (messages[i - 1]?.timestampNs ?? 0n)).toBe(true);
    }
    for (const topic of ['glob/0', 'glob/1', 'glob/2']) {
      expect(textsOf(messages.filter((message) => message.topic === topic))).toEqual(
        published.filter((value) => value.startsWith(`${topic} `)),
      );
    }
    expect(proxy.connectionCount).toBeGreaterThan(2);
  });

  it('ends with TOPIC_DELETED if its topic was replaced meanwhile', async () => {
    await using broker = await TestBroker.start();
    await using proxy = await TcpProxy.start(broker.address);
    await using writer = broker.connect();
    await using client = connect(proxy.address, { retry: FAST_RETRY });
    await writer.publisher('replaced').publish('old');
    const messages = client.subscribe('replaced', { from: 'earliest' })[Symbol.asyncIterator]();
    expect(textsOf(await take(messages, 1))).toEqual(['old']);
    proxy.refuse();
    await writer.topics.delete('replaced');
    await writer.publisher('replaced').publish('new');
    proxy.repair();
    await expect(messages.next()).rejects.toMatchObject({ reason: 'TOPIC_DELETED' });
  });

  it('reads to the end of a channel that was closed meanwhile', async () => {
    await using broker = await TestBroker.start();
    await using proxy = await TcpProxy.start(broker.address);
    await using writer = broker.connect();
    await using client = connect(proxy.address, { retry: FAST_RETRY });
    const channel = writer.channel('meanwhile');
    await channel.publish('a');
    const reader = client.channel('meanwhile').subscribe();
    const messages = reader[Symbol.asyncIterator]();
    expect(textsOf(await take(messages, 1))).toEqual(['a']);
    proxy.refuse();
    await channel.publish('b');
    const closed = await channel.close({ messages: ['c'], reason: 'done' });
    proxy.repair();
    expect(textsOf(await take(messages, 10))).toEqual(['b', 'c']);
    expect(reader).toMatchObject({ closed, isVerified: true });
  });
});

describe('a subscription whose broker restarts', () => {
  it('goes on behind the last message', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect({ retry: FAST_RETRY });
    const publisher = client.publisher('restarts');
    const read = texts(client.subscribe('restarts', { from: 'earliest', limit: 400 }));
    const rounds = numbered(4, 'round');
    for (const round of rounds) {
      await publisher.publishAll(numbered(50, `before ${round}`));
      await broker.restart();
      await publisher.publishAll(numbered(50, `after ${round}`));
    }
    expect(await read).toEqual(
      rounds.flatMap((round) => [
        ...numbered(50, `before ${round}`),
        ...numbered(50, `after ${round}`),
      ]),
    );
  });

  it('begins when a broker comes that was not there at first', async () => {
    await using broker = await TestBroker.start();
    await broker.stop();
    await using client = connect(broker.address, { retry: FAST_RETRY });
    const read = texts(client.subscribe('patient', { from: 'earliest', limit: 1 }));
    await broker.restart();
    await client.publisher('patient').publish('hello');
    expect(await read).toEqual(['hello']);
  });

  it('still waits for a topic that does not exist', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect({ retry: FAST_RETRY });
    const subscription = client.subscribe('later', { limit: 1 });
    await subscription.started();
    await broker.restart();
    await client.publisher('later').publish('hello');
    expect(await texts(subscription)).toEqual(['hello']);
  });
});

describe('many followers', () => {
  it('each get everything, in order, while the publisher is at full speed', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    const values = numbered(5000);
    const subscriptions = numbered(30).map(() =>
      client.subscribe('fan-out', { limit: values.length }),
    );
    await Promise.all(subscriptions.map((subscription) => subscription.started()));
    const reads = subscriptions.map((subscription) => texts(subscription));
    await client.publisher('fan-out').publishAll(values);
    for (const read of reads) expect(await read).toEqual(values);
  });

  it('do not wait for one that is slow, which misses nothing', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    await using lazy = broker.connect();
    const values = numbered(3000).map((value) => value.padEnd(10 * 1024));
    const slow = lazy.subscribe('slow', { limit: values.length });
    const fast = client.subscribe('slow', { limit: values.length });
    await Promise.all([slow.started(), fast.started()]);
    const [read] = await Promise.all([texts(fast), client.publisher('slow').publishAll(values)]);
    expect(read).toEqual(values);
    expect(slow.messageCount).toBe(0);
    expect(await texts(slow)).toEqual(values);
  });
});
