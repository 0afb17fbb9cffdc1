import type { PublishAck } from 'playhead-client';
import { connect } from 'playhead-client';
import { describe, expect, it } from 'vitest';
import { TestBroker } from '../support/broker.ts';
import { CliBroker } from '../support/cli.ts';
import { numbered, texts } from '../support/collect.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const FAST_RETRY = { initialBackoffMs: 5, maxBackoffMs: 20 };

async function stored(address: string, topic: string): Promise<string[]> {
  await using client = connect(address);
  return await texts(client.subscribe(topic, { from: 'earliest', follow: false }));
}

/** Resolves when the topic has so many messages, whatever the publisher knows of it. */
async function hasStored(address: string, topic: string, count: number): Promise<void> {
  await using client = connect(address);
  const source = client.subscribe(topic, { from: 'earliest', limit: count });
  expect(await texts(source)).toHaveLength(count);
}

describe('a publish whose answer is lost', () => {
  it('is stored once, and gets the first answer', async () => {
    await using broker = await TestBroker.start();
    await using proxy = await TcpProxy.start(broker.address);
    await using client = connect(proxy.address, { retry: FAST_RETRY });
    const publisher = client.publisher('orders', { name: 'till-1' });
    await publisher.publish('first');
    proxy.swallowAnswers();
    const batch = publisher.publishBatch(['a', 'b']);
    await hasStored(broker.address, 'orders', 3);
    proxy.cut();
    proxy.repair();
    const ack = await batch;
    expect(ack.isDuplicate).toBe(true);
    await using reader = broker.connect();
    const { messages } = await reader.read('orders');
    expect(messages.map(({ text }) => text)).toEqual(['first', 'a', 'b']);
    expect(messages[1]?.timestampNs).toBe(ack.firstTimestampNs);
    expect(messages[2]?.timestampNs).toBe(ack.lastTimestampNs);
  });

  it('is stored once without a name of the publisher, too', async () => {
    await using broker = await TestBroker.start();
    await using proxy = await TcpProxy.start(broker.address);
    await using client = connect(proxy.address, { retry: FAST_RETRY });
    const publisher = client.publisher('orders');
    await publisher.publish('first');
    proxy.swallowAnswers();
    const second = publisher.publish('second');
    await hasStored(broker.address, 'orders', 2);
    proxy.cut();
    proxy.repair();
    await second;
    expect(await stored(broker.address, 'orders')).toEqual(['first', 'second']);
  });

  it('is stored once though the broker restarts before it is sent again', async () => {
    await using broker = await TestBroker.start();
    await using proxy = await TcpProxy.start(broker.address);
    await using client = connect(proxy.address, { retry: FAST_RETRY });
    const publisher = client.publisher('orders', { name: 'till-1' });
    await publisher.publish('first');
    proxy.swallowAnswers();
    const batch = publisher.publishBatch(['a', 'b']);
    await hasStored(broker.address, 'orders', 3);
    proxy.refuse();
    await broker.restart();
    proxy.repair();
    expect((await batch).isDuplicate).toBe(true);
    expect(await stored(broker.address, 'orders')).toEqual(['first', 'a', 'b']);
  });

  it('is stored once though the broker is killed before it is sent again', async () => {
    await using broker = await CliBroker.start();
    await using proxy = await TcpProxy.start(broker.address);
    await using client = connect(proxy.address, { retry: FAST_RETRY });
    const publisher = client.publisher('orders', { name: 'till-1' });
    await publisher.publish('first');
    proxy.swallowAnswers();
    const batch = publisher.publishBatch(['a', 'b']);
    await hasStored(broker.address, 'orders', 3);
    proxy.refuse();
    broker.process.child.kill('SIGKILL');
    await broker.process.exit();
    const { dataDir, address } = broker;
    await using again = await CliBroker.start(['--data-dir', dataDir, '--grpc-address', address]);
    proxy.repair();
    expect((await batch).isDuplicate).toBe(true);
    expect(await stored(again.address, 'orders')).toEqual(['first', 'a', 'b']);
  });
});

describe('a publisher', () => {
  it('stores everything once and in order while its connection is cut over and over', async () => {
    await using broker = await TestBroker.start();
    await using proxy = await TcpProxy.start(broker.address);
    await using client = connect(proxy.address, { retry: FAST_RETRY });
    const publisher = client.publisher('cut', { maxBatchBytes: 16 * 1024 });
    proxy.cutEach(150 * 1024);
    const values = numbered(20_000, 'a message that is cut off sometimes');
    expect(await publisher.publishAll(values)).toMatchObject({ count: values.length });
    expect(proxy.connectionCount).toBeGreaterThan(3);
    expect(await stored(broker.address, 'cut')).toEqual(values);
  });

  it('stores everything once and in order while the broker restarts', async () => {
    await using broker = await TestBroker.start();
    const operations: string[] = [];
    await using client = connect(broker.address, {
      retry: FAST_RETRY,
      onRetry: ({ operation }) => operations.push(operation),
    });
    const publisher = client.publisher('restarted');
    const values = numbered(3000);
    let restarting = Promise.resolve();
    const source = async function* () {
      for (const [i, value] of values.entries()) {
        if (i % 1000 === 500) restarting = restarting.then(() => broker.restart());
        if (i % 10 === 0) await publisher.publish({ value: '', headers: { tick: '' } });
        yield value;
      }
    };
    await publisher.publishAll(source());
    await restarting;
    const all = await stored(broker.address, 'restarted');
    expect(all.filter((value) => value !== '')).toEqual(values);
    expect(all).toHaveLength(values.length + values.length / 10);
    expect(operations).toContain('publish to restarted');
  });

  it('goes on behind what was stored when its program starts again', async () => {
    await using broker = await TestBroker.start();
    for (const run of ['first', 'second', 'third']) {
      await using client = broker.connect();
      const acks: PublishAck[] = [];
      const publisher = client.publisher('runs', { name: 'nightly' });
      acks.push(await publisher.publishBatch([`${run} a`, `${run} b`]));
      acks.push(await publisher.publishBatch([`${run} c`]));
      expect(acks.map(({ isDuplicate }) => isDuplicate)).toEqual([false, false]);
      if (run === 'first') await broker.restart();
    }
    expect(await stored(broker.address, 'runs')).toEqual(
      ['first', 'second', 'third'].flatMap((run) => [`${run} a`, `${run} b`, `${run} c`]),
    );
  });

  it('is refused if another program uses its name', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    await using other = broker.connect();
    const publisher = client.publisher('shared', { name: 'same' });
    const impostor = other.publisher('shared', { name: 'same' });
    await publisher.publish('a');
    await impostor.publish('b');
    const refusal = publisher.publish('c');
    await expect(refusal).rejects.toMatchObject({
      reason: 'PRODUCER_CONFLICT',
      metadata: { producer: 'same', topic: 'shared' },
    });
    expect(await stored(broker.address, 'shared')).toEqual(['a', 'b']);
  });

  it('has a sequence of its own on every topic', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    for (const topic of ['x', 'y']) {
      await client.publisher(topic, { name: 'same' }).publish(topic);
      expect(await stored(broker.address, topic)).toEqual([topic]);
    }
  });

  it('gives up when the broker stays away for longer than it is told to wait', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect({ retry: { ...FAST_RETRY, giveUpAfterMs: 100 } });
    const publisher = client.publisher('away');
    await publisher.publish('a');
    await broker.stop();
    await expect(publisher.publish('b')).rejects.toMatchObject({
      reason: 'UNREACHABLE',
    });
    await broker.restart();
    await publisher.publish('c');
    expect(await stored(broker.address, 'away')).toEqual(['a', 'c']);
  });
});
