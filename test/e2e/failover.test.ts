import { createServer } from 'node:net';
import { connect } from 'playhead-client';
import { describe, expect, it } from 'vitest';
import { TestBroker } from '../support/broker.ts';
import { numbered, texts } from '../support/collect.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const FAST_RETRY = { initialBackoffMs: 5, maxBackoffMs: 20 };

/** Addresses at which nobody listens: the ports are reserved. */
const DEAD = ['127.0.0.1:1', '127.0.0.1:2'] as const;

describe('a client with two addresses', () => {
  it('uses the second when the first is away, for everything it does', async () => {
    await using broker = await TestBroker.start();
    await using client = connect([DEAD[0], broker.address]);
    expect((await client.serverInfo()).durability).toBe('fsync');
    await using publishing = connect([DEAD[0], broker.address]);
    await publishing.publisher('orders').publish('a');
    await using reading = connect(`${DEAD[0]},${broker.address}`);
    expect(await texts(reading.subscribe('orders', { from: 'earliest', limit: 1 }))).toEqual(['a']);
  });

  it('tries all addresses before it gives up', async () => {
    const tried: string[] = [];
    await using client = connect(DEAD, {
      retry: { giveUpAfterMs: 0 },
      onRetry: ({ error }) => tried.push(error.message),
    });
    const refusal = client.topics.get('orders');
    await expect(refusal).rejects.toMatchObject({ reason: 'UNREACHABLE', retryable: true });
    await expect(refusal).rejects.toThrow(DEAD[1]);
    expect(tried).toEqual([expect.stringContaining(DEAD[0])]);
  });

  it('goes over to the second in the middle of publishing, and stores everything once', async () => {
    await using broker = await TestBroker.start();
    await using first = await TcpProxy.start(broker.address);
    await using second = await TcpProxy.start(broker.address);
    await using client = connect([first.address, second.address], { retry: FAST_RETRY });
    const values = numbered(5000).map((value) => value.padEnd(200));
    const publisher = client.publisher('moving', { maxBatchBytes: 16 * 1024 });
    await publisher.publishAll(values, {
      onProgress: (count) => {
        if (count > 1000) first.refuse();
      },
    });
    expect(second.connectionCount).toBeGreaterThan(0);
    const stored = client.subscribe('moving', { from: 'earliest', follow: false });
    expect(await texts(stored)).toEqual(values);
  });

  it('goes over to the second in the middle of a subscription, which misses nothing', async () => {
    await using broker = await TestBroker.start();
    await using first = await TcpProxy.start(broker.address);
    await using second = await TcpProxy.start(broker.address);
    await using client = connect([first.address, second.address], { retry: FAST_RETRY });
    await using writer = broker.connect();
    const subscription = client.subscribe('moving', { limit: 200 });
    await subscription.started();
    const publisher = writer.publisher('moving');
    await publisher.publishAll(numbered(100, 'before'));
    first.refuse();
    await publisher.publishAll(numbered(100, 'after'));
    expect(await texts(subscription)).toEqual([
      ...numbered(100, 'before'),
      ...numbered(100, 'after'),
    ]);
    expect(second.connectionCount).toBe(1);
  });

  it('comes back to the first when the second goes away', async () => {
    await using broker = await TestBroker.start();
    await using first = await TcpProxy.start(broker.address);
    await using second = await TcpProxy.start(broker.address);
    await using client = connect([first.address, second.address], { retry: FAST_RETRY });
    const publisher = client.publisher('and-back');
    for (const [away, back] of [
      [first, second],
      [second, first],
      [first, second],
    ] as const) {
      back.repair();
      away.refuse();
      await publisher.publish('still here');
    }
    expect((await client.topics.get('and-back')).messageCount).toBe(3);
  });

  it('publishes to another broker if need be, but never reads two tapes as one', async () => {
    await using first = await TestBroker.start();
    await using second = await TestBroker.start();
    await using client = connect([first.address, second.address], { retry: FAST_RETRY });
    const publisher = client.publisher('either');
    await publisher.publish('on the first');
    const subscription = client.subscribe('either');
    await subscription.started();
    await first.stop();
    await publisher.publish('on the second');
    await expect(texts(subscription)).rejects.toMatchObject({ reason: 'TOPIC_DELETED' });
    const stored = client.subscribe('either', { from: 'earliest', follow: false });
    expect(await texts(stored)).toEqual(['on the second']);
  });

  it('does not wait for ever for an address that takes connections and says nothing', async () => {
    await using broker = await TestBroker.start();
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await using client = connect([`127.0.0.1:${port}`, broker.address]);
    await client.publisher('orders').publish('a');
    silent.close();
  }, 20_000);
});
