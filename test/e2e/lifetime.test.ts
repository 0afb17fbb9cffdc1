import { setTimeout as sleep } from 'node:timers/promises';
import { connect, PlayheadError } from 'playhead-client';
import { describe, expect, it } from 'vitest';
import { TestBroker } from '../support/broker.ts';
import { numbered, take, texts } from '../support/collect.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const FAST_RETRY = { initialBackoffMs: 5, maxBackoffMs: 20 };
const PATIENT = { timeout: 10_000 };

describe('closing a client', () => {
  it('stores everything that was handed over', async () => {
    await using broker = await TestBroker.start();
    const client = broker.connect();
    const values = numbered(10_000);
    const busy = client.publisher('busy');
    const lazy = client.publisher('lazy', { lingerMs: 60_000 });
    const open = client.channel('open');
    for (const value of values) {
      void busy.publish(value);
      void lazy.publish(value);
      void open.publish(value);
    }
    await client.close();
    await using other = broker.connect();
    for (const topic of ['busy', 'lazy', 'chan/open']) {
      expect((await other.topics.get(topic)).messageCount).toBe(values.length);
    }
    const stored = other.subscribe('lazy', { from: 'earliest', follow: false });
    expect(await texts(stored)).toEqual(values);
  });

  it('happens at the end of an await using block', async () => {
    await using broker = await TestBroker.start();
    await using other = broker.connect();
    {
      await using client = broker.connect();
      await using publisher = client.publisher('block', { lingerMs: 60_000 });
      void publisher.publish('a');
      void client.publisher('block', { lingerMs: 60_000 }).publish('b');
    }
    const stored = await texts(other.subscribe('block', { from: 'earliest', follow: false }));
    expect(stored.toSorted()).toEqual(['a', 'b']);
  });

  it('waits for a broker that is away, and drains when it is back', async () => {
    await using broker = await TestBroker.start();
    const client = broker.connect({ retry: FAST_RETRY });
    const publisher = client.publisher('patient');
    await publisher.publish('a');
    await broker.stop();
    void publisher.publish('b');
    const closed = client.close();
    await broker.restart();
    await closed;
    await using other = broker.connect();
    expect((await other.topics.get('patient')).messageCount).toBe(2);
  });

  it('rejects with the error of what could not be stored, and is closed nevertheless', async () => {
    await using broker = await TestBroker.start();
    const client = broker.connect();
    void client.publisher('refused').publish('x'.repeat(2 ** 21));
    await expect(client.close()).rejects.toMatchObject({ reason: 'MESSAGE_TOO_LARGE' });
    await expect(client.topics.get('refused')).rejects.toMatchObject({ reason: 'CLIENT_CLOSED' });
  });

  it('ends subscriptions without an error, and leaves nothing open at the broker', async () => {
    await using broker = await TestBroker.start();
    await using other = broker.connect();
    await other.topics.create('watched');
    const client = broker.connect();
    const subscriptions = numbered(20).map(() => client.subscribe('watched'));
    await Promise.all(subscriptions.map((subscription) => subscription.started()));
    expect((await other.topics.get('watched')).subscriberCount).toBe(20);
    const reads = subscriptions.map((subscription) => texts(subscription));
    await client.close();
    for (const read of reads) expect(await read).toEqual([]);
    await expect
      .poll(() => other.topics.get('watched'), PATIENT)
      .toMatchObject({ subscriberCount: 0 });
  });

  it('twice, or at the same time, is the same as once', async () => {
    await using broker = await TestBroker.start();
    const client = broker.connect();
    void client.publisher('once').publish('a');
    await Promise.all([client.close(), client.close()]);
    await client.close();
    await client[Symbol.asyncDispose]();
  });

  it('refuses everything later with CLIENT_CLOSED', async () => {
    await using broker = await TestBroker.start();
    const client = broker.connect();
    const publisher = client.publisher('late');
    const channel = client.channel('late');
    await client.close();
    const refused = { reason: 'CLIENT_CLOSED', retryable: false };
    const refusals = [
      publisher.publish('a'),
      publisher.publishBatch(['a']),
      publisher.publishAll(['a']),
      channel.publish('a'),
      client.read('late'),
      client.serverInfo(),
      client.topics.create('late'),
    ];
    for (const refusal of refusals) {
      const error = await refusal.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(PlayheadError);
      expect(error).toMatchObject({ reason: refused.reason });
    }
    expect(() => client.publisher('late')).toThrow(PlayheadError);
    expect(() => client.subscribe('late')).toThrow(PlayheadError);
  });

  it('lets the process end though a subscription was left open', async () => {
    await using broker = await TestBroker.start();
    const client = broker.connect();
    const messages = client.subscribe('left')[Symbol.asyncIterator]();
    const next = messages.next();
    await client.close();
    expect(await next).toEqual({ value: undefined, done: true });
  });
});

describe('closing a subscription', () => {
  it('by leaving the loop ends it at the broker', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    await client.publisher('left').publishBatch(numbered(10));
    for await (const { text } of client.subscribe('left', { from: 'earliest' })) {
      if (text === 'm-3') break;
    }
    await expect
      .poll(() => client.topics.get('left'), PATIENT)
      .toMatchObject({ subscriberCount: 0 });
  });

  it('in the turn in which it was opened leaves nothing open at the broker', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    await client.publisher('hasty').publish('a');
    expect(await texts(client.subscribe('hasty', { from: 'earliest', limit: 1 }))).toEqual(['a']);
    for (let i = 0; i < 20; i++) await client.subscribe('hasty').close();
    for (const from of ['earliest', 'latest'] as const) {
      await using subscription = client.subscribe('hasty', { from });
      await subscription.started();
    }
    await expect
      .poll(() => client.topics.get('hasty'), PATIENT)
      .toMatchObject({ subscriberCount: 0 });
  });

  it('hundreds of times leaves those that are open alone', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    const publisher = client.publisher('many');
    await publisher.publish('first');
    const kept = client.subscribe('many', { from: 'earliest', limit: 2 });
    const messages = kept[Symbol.asyncIterator]();
    expect(await take(messages, 1)).toHaveLength(1);
    for (let i = 0; i < 1500; i += 100) {
      const subscriptions = numbered(100).map(() => client.subscribe('many'));
      await Promise.all(subscriptions.map((subscription) => subscription.started()));
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
    }
    await publisher.publish('second');
    expect((await take(messages, 1)).map(({ text }) => text)).toEqual(['second']);
  });
});

describe('an AbortSignal', () => {
  it('ends a subscription with CANCELLED and the reason as its cause', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    const controller = new AbortController();
    await client.publisher('signal').publish('a');
    const { signal } = controller;
    const subscription = client.subscribe('signal', { from: 'earliest', signal });
    const messages = subscription[Symbol.asyncIterator]();
    expect(await take(messages, 1)).toHaveLength(1);
    const next = messages.next();
    controller.abort('enough');
    await expect(next).rejects.toMatchObject({
      reason: 'CANCELLED',
      retryable: false,
      cause: 'enough',
    });
    await expect
      .poll(() => client.topics.get('signal'), PATIENT)
      .toMatchObject({ subscriberCount: 0 });
  });

  it('that has fired already ends everything at once', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    const signal = AbortSignal.abort();
    const publisher = client.publisher('fired');
    const cancelled = { reason: 'CANCELLED' };
    await expect(publisher.publish('a', { signal })).rejects.toMatchObject(cancelled);
    await expect(publisher.publishBatch(['a'], { signal })).rejects.toMatchObject(cancelled);
    await expect(publisher.publishAll(['a'], { signal })).rejects.toMatchObject(cancelled);
    await expect(texts(client.subscribe('fired', { signal }))).rejects.toMatchObject(cancelled);
    await expect(client.read('fired', { signal })).rejects.toMatchObject(cancelled);
    await expect(client.topics.create('fired', {}, { signal })).rejects.toMatchObject(cancelled);
    await publisher.flush();
    await expect(client.topics.get('fired')).rejects.toMatchObject({ reason: 'TOPIC_NOT_FOUND' });
  });

  it('ends the wait of a publish and of a request for a broker that does not answer', async () => {
    await using broker = await TestBroker.start();
    await using proxy = await TcpProxy.start(broker.address);
    const ended = new AbortController();
    await using client = connect(proxy.address, { signal: ended.signal });
    const publisher = client.publisher('stalled');
    await publisher.publish('a');
    proxy.stall();
    const controller = new AbortController();
    const { signal } = controller;
    const waits = [
      publisher.publish('b', { signal }),
      publisher.publishAll(numbered(10), { signal }),
      client.topics.get('stalled', { signal }),
      client.read('stalled', { signal }),
    ];
    controller.abort();
    for (const wait of waits) await expect(wait).rejects.toMatchObject({ reason: 'CANCELLED' });
    ended.abort();
  });

  it('of the client ends everything that is under way, without draining', async () => {
    await using broker = await TestBroker.start();
    await using proxy = await TcpProxy.start(broker.address);
    const controller = new AbortController();
    const client = connect(proxy.address, { signal: controller.signal });
    const publisher = client.publisher('all');
    await publisher.publish('a');
    const subscription = client.subscribe('all');
    await subscription.started();
    proxy.stall();
    const waits: Promise<unknown>[] = [
      publisher.publish('b'),
      client.topics.get('all'),
      texts(subscription),
    ];
    controller.abort(new Error('shutting down'));
    for (const wait of waits) await expect(wait).rejects.toMatchObject({ reason: 'CANCELLED' });
    await client.close();
    await expect(publisher.publish('c')).rejects.toMatchObject({ reason: 'CANCELLED' });
  });

  it('serves hundreds of subscriptions without a warning', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    const warnings: string[] = [];
    const onWarning = (warning: Error) => warnings.push(warning.message);
    process.on('warning', onWarning);
    const { signal } = new AbortController();
    const subscriptions = numbered(300).map(() => client.subscribe('warned', { signal }));
    await Promise.all(subscriptions.map((subscription) => subscription.started()));
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });
});

describe('a deadline', () => {
  it('ends a request that is not answered in time with DEADLINE_EXCEEDED', async () => {
    await using broker = await TestBroker.start();
    await using proxy = await TcpProxy.start(broker.address);
    await using client = connect(proxy.address, { requestTimeoutMs: 500 });
    await client.topics.create('timed');
    proxy.stall();
    await expect(client.topics.get('timed')).rejects.toMatchObject({
      reason: 'DEADLINE_EXCEEDED',
      retryable: true,
    });
    proxy.repair();
    expect(await client.topics.get('timed')).toMatchObject({ topic: 'timed' });
  });

  it('ends the tries for a broker that is away', async () => {
    await using broker = await TestBroker.start();
    await broker.stop();
    await using client = connect(broker.address, { requestTimeoutMs: 100, retry: FAST_RETRY });
    await expect(client.serverInfo()).rejects.toMatchObject({
      reason: 'UNREACHABLE',
      retryable: true,
      message: expect.stringContaining(broker.address),
    });
  });

  it('does not end subscriptions, which follow for as long as it takes', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect({ requestTimeoutMs: 50 });
    const subscription = client.subscribe('long', { limit: 1 });
    await subscription.started();
    await sleep(100);
    await client.publisher('long').publish('a');
    expect(await texts(subscription)).toEqual(['a']);
  });
});
