import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type Client,
  type ClientOptions,
  type ConsumeOptions,
  type Consumption,
  type ConsumptionEvent,
  connect,
  type Delivery,
  type SettleFailure,
} from '../../../clients/node/src/index.ts';
import type { FakeSubscription } from '../../support/fake-subscription.ts';
import { FakeWorkBroker } from '../../support/fake-work-broker.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

interface Setup {
  readonly broker: FakeWorkBroker;
  readonly fake: FakeSubscription;
  readonly client: Client;
  readonly consume: (options?: ConsumeOptions) => Consumption;
}

async function start(options: ClientOptions = {}): Promise<Setup> {
  const broker = await FakeWorkBroker.start();
  const client = connect(broker.address, {
    retry: { initialBackoffMs: 5, maxBackoffMs: 20 },
    ...options,
  });
  closers.push(
    () => broker.stop(),
    () => client.close(),
  );
  const consume = (consumeOptions?: ConsumeOptions) =>
    client.subscription('orders', 'billing').consume(consumeOptions);
  return { broker, fake: broker.subscription, client, consume };
}

async function take(consumption: Consumption, count: number): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  const iterator = consumption[Symbol.asyncIterator]();
  while (deliveries.length < count) {
    const { value } = await iterator.next();
    if (value === undefined) throw new Error(`ended after ${deliveries.length} deliveries`);
    deliveries.push(value);
  }
  return deliveries;
}

const told = (delivery: Delivery | undefined) => [delivery?.message.text, delivery?.attempt];
const texts = (deliveries: readonly Delivery[]) => deliveries.map(({ message }) => message.text);

describe('Consumption', () => {
  it('starts as it is told, with credit for what it may hold', async () => {
    const { fake, consume } = await start();
    const consumption = consume({ maxInFlight: 7, maxBytes: 5000, worker: 'w1' });
    await consumption.started();
    expect(fake.worker.requests).toMatchObject([
      {
        start: { topic: 'orders', subscription: 'billing', worker: 'w1' },
        creditMessages: 7,
        creditBytes: 5000,
        settlements: [],
      },
    ]);
    expect(consumption.isActive).toBe(true);
    expect(consumption.leaseMs).toBe(30_000);
    expect(consumption.ended).toBeUndefined();
  });

  it('hands out deliveries with message, attempt, receipt and deadline', async () => {
    const { fake, consume } = await start();
    fake.publish('a', 'b');
    const [first, second] = await take(consume(), 2);
    expect(told(first)).toEqual(['a', 1]);
    expect(first?.message.topic).toBe('orders');
    expect(first?.message.timestampNs).toBe(1000n);
    expect(first).toMatchObject({
      receipt: 1n,
      deadlineNs: 5n,
      isSettled: false,
      isLost: false,
    });
    expect(second?.message.text).toBe('b');
  });

  it('resolves an ack when its result has come, and not before', async () => {
    const { fake, consume } = await start();
    fake.publish('a');
    fake.holdsResults = true;
    const [delivery] = await take(consume(), 1);
    const acked = vi.fn();
    const ack = delivery?.ack().then(acked);
    await vi.waitFor(() => expect(fake.acknowledged).toEqual(['a']));
    expect(acked).not.toHaveBeenCalled();
    expect(delivery?.isSettled).toBe(true);
    fake.answerAll();
    await ack;
    expect(acked).toHaveBeenCalledOnce();
  });

  it('sends what is settled in one turn in one request, consecutive acks as one range', async () => {
    const { fake, consume } = await start();
    fake.publish('a', 'b', 'c', 'd', 'e', 'f');
    const deliveries = await take(consume(), 6);
    const [a, b, c, d, e, f] = deliveries;
    await Promise.all([
      d?.nack({ delay: '2s' }),
      f?.ack(),
      a?.ack(),
      b?.ack(),
      e?.terminate('bad'),
      c?.ack(),
    ]);
    expect(fake.worker.requests).toHaveLength(2);
    const settled = { receipt: 1n, lastTimestampNs: 0n };
    expect(fake.worker.settlements).toEqual([
      { ...settled, firstTimestampNs: 1003n, action: { $case: 'nack', value: { delayMs: 2000n } } },
      {
        ...settled,
        firstTimestampNs: 1004n,
        action: { $case: 'terminate', value: { reason: 'bad' } },
      },
      {
        receipt: 1n,
        firstTimestampNs: 1000n,
        lastTimestampNs: 1002n,
        action: { $case: 'ack', value: { isCumulative: false } },
      },
      {
        ...settled,
        firstTimestampNs: 1005n,
        action: { $case: 'ack', value: { isCumulative: false } },
      },
    ]);
  });

  it('acknowledges a batch as one range for each lease', async () => {
    const { fake, consume } = await start();
    fake.maxLeaseMessages = 3;
    fake.publish('a', 'b', 'c', 'd', 'e');
    const consumption = consume();
    for await (const batch of consumption.batches()) {
      expect(texts(batch)).toEqual(['a', 'b', 'c', 'd', 'e']);
      await consumption.ackAll(batch);
      break;
    }
    expect(fake.acknowledged).toHaveLength(5);
    expect(fake.worker.settlements).toMatchObject([
      { receipt: 1n, firstTimestampNs: 1000n, lastTimestampNs: 1002n },
      { receipt: 2n, firstTimestampNs: 1003n, lastTimestampNs: 1004n },
    ]);
  });

  it('leaves out of a batch what is settled already', async () => {
    const { fake, consume } = await start();
    fake.publish('a', 'b', 'c');
    const consumption = consume();
    for await (const batch of consumption.batches()) {
      void batch[1]?.terminate();
      await consumption.ackAll(batch);
      break;
    }
    const cases = fake.worker.settlements.map(({ action }) => action?.$case);
    expect(cases).toEqual(['terminate', 'ack', 'ack']);
    expect(consumption.settleErrorCount).toBe(0);
  });

  it('acknowledges through a delivery what was handed out, and nothing else', async () => {
    const { fake, consume } = await start();
    fake.publish('a', 'b', 'c', 'd');
    const consumption = consume();
    const [, b, c] = await take(consumption, 3);
    if (b === undefined || c === undefined) throw new Error('not delivered');
    await consumption.ackThrough(b);
    expect(fake.acknowledged).toEqual(['a', 'b']);
    expect(c.isSettled).toBe(false);
  });

  it('gives credit back for what is settled, in messages and bytes', async () => {
    const { fake, consume } = await start();
    fake.publish(...'abcdefghij');
    const consumption = consume({ maxInFlight: 4 });
    const seen: string[] = [];
    for await (const delivery of consumption) {
      seen.push(delivery.message.text);
      expect(fake.inFlightCount).toBeLessThanOrEqual(4);
      await delivery.ack();
      if (seen.length === 10) break;
    }
    expect(seen).toEqual([...'abcdefghij']);
    const credit = fake.worker.requests.reduce((sum, each) => sum + each.creditMessages, 0);
    expect(credit).toBe(14);
    expect(fake.worker.creditBytes).toBe(32 * 1024 * 1024);
  });

  it('holds no more than maxBytes', async () => {
    const { fake, consume } = await start();
    fake.publish('x'.repeat(100), 'y'.repeat(100), 'z'.repeat(100));
    const consumption = consume({ maxBytes: 150 });
    const deliveries = await take(consumption, 2);
    expect(fake.inFlightCount).toBe(2);
    await consumption.ackAll(deliveries);
    await vi.waitFor(() => expect(fake.inFlightCount).toBe(1));
  });

  it('gives back the credit of leases that ran out', async () => {
    const { fake, consume } = await start();
    fake.leaseMs = 20;
    fake.publish('a', 'b');
    const consumption = consume({ maxInFlight: 1 });
    const iterator = consumption[Symbol.asyncIterator]();
    expect(told((await iterator.next()).value)).toEqual(['a', 1]);
    fake.expire();
    expect(told((await iterator.next()).value)).toEqual(['a', 2]);
  });

  it('does not hand out what was taken back while it waited', async () => {
    const { fake, consume } = await start();
    fake.publish('a', 'b', 'c');
    const onEvent = vi.fn();
    const iterator = consume({ onEvent })[Symbol.asyncIterator]();
    expect(told((await iterator.next()).value)).toEqual(['a', 1]);
    fake.seek();
    await vi.waitFor(() => expect(onEvent).toHaveBeenCalledTimes(2));
    expect(told((await iterator.next()).value)).toEqual(['a', 2]);
  });

  it('extends a lease and knows its new deadline', async () => {
    const { fake, consume } = await start();
    fake.publish('a', 'b', 'c');
    const [a, b, c] = await take(consume(), 3);
    expect(await a?.extend()).toBe(77n);
    expect(await Promise.all([b?.extend('1m'), c?.extend('1m')])).toEqual([60_077n, 60_077n]);
    expect(c?.deadlineNs).toBe(60_077n);
    expect(a?.deadlineNs).toBe(77n);
    const [first, second] = fake.worker.settlements;
    expect(first).toMatchObject({ action: { $case: 'extend', value: { leaseMs: 0n } } });
    expect(second).toMatchObject({
      firstTimestampNs: 1001n,
      lastTimestampNs: 1002n,
      action: { $case: 'extend', value: { leaseMs: 60_000n } },
    });
  });

  it('does not make one range of deliveries that were extended apart', async () => {
    const { fake, consume } = await start();
    fake.publish('a', 'b');
    const [a, b] = await take(consume(), 2);
    await b?.extend('1m');
    await Promise.all([a?.ack(), b?.ack()]);
    expect(fake.worker.settlements).toHaveLength(3);
  });

  it('rejects the ack of a lease that ran out with CONFLICT', async () => {
    const { fake, consume } = await start();
    fake.publish('a');
    const failures: SettleFailure[] = [];
    const consumption = consume({ onSettleError: (_error, failure) => failures.push(failure) });
    const [delivery] = await take(consumption, 1);
    fake.expire();
    await expect(delivery?.ack()).rejects.toMatchObject({
      reason: 'CONFLICT',
      metadata: { receipt: '1' },
    });
    expect(consumption.settleErrorCount).toBe(1);
    expect(failures).toEqual([
      { action: 'ack', deliveryCount: 1, firstTimestampNs: 1000n, lastTimestampNs: 1000n },
    ]);
  });

  it('refuses to settle a delivery twice', async () => {
    const { fake, consume } = await start();
    fake.publish('a');
    const [delivery] = await take(consume(), 1);
    const first = delivery?.ack();
    await expect(delivery?.nack()).rejects.toMatchObject({ reason: 'CONFLICT' });
    await first;
    expect(fake.worker.settlements).toHaveLength(1);
  });

  it('makes no unhandled rejection of an ack that nobody awaits', async () => {
    const { fake, consume } = await start();
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    closers.push(() => process.off('unhandledRejection', unhandled));
    fake.publish('a', 'b', 'c');
    const consumption = consume();
    const deliveries = await take(consumption, 3);
    fake.expire();
    void deliveries[0]?.ack();
    void deliveries[1]?.extend();
    void consumption.ackAll(deliveries);
    await vi.waitFor(() => expect(consumption.settleErrorCount).toBe(4));
    await new Promise(setImmediate);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('refuses durations and limits that are none with a TypeError', async () => {
    const { fake, consume } = await start();
    expect(() => consume({ maxInFlight: 0 })).toThrow('maxInFlight');
    expect(() => consume({ maxBytes: 2 ** 31 })).toThrow('maxBytes');
    fake.publish('a');
    const [delivery] = await take(consume(), 1);
    expect(() => delivery?.nack({ delay: -1 })).toThrow('delay');
    expect(() => delivery?.extend('500us')).toThrow('lease');
    expect(delivery?.isSettled).toBe(false);
  });

  it('is read once', async () => {
    const { consume } = await start();
    const consumption = consume();
    consumption[Symbol.asyncIterator]();
    expect(() => consumption.batches()).toThrow(TypeError);
  });
});

describe('The end of a Consumption', () => {
  it('comes when the topic is drained', async () => {
    const { fake, consume } = await start();
    const events: ConsumptionEvent[] = [];
    fake.publish('a', 'b');
    fake.close('done');
    const consumption = consume({ onEvent: (event) => events.push(event) });
    const seen: string[] = [];
    for await (const delivery of consumption) {
      seen.push(delivery.message.text);
      await delivery.ack();
    }
    expect(seen).toEqual(['a', 'b']);
    expect(consumption.ended).toEqual({ type: 'drained', reason: 'done' });
    expect(events).toEqual([
      { type: 'started', isActive: true, leaseMs: 30_000 },
      { type: 'drained', reason: 'done' },
    ]);
  });

  it.each([
    [false, 'SUBSCRIPTION_DELETED'],
    [true, 'TOPIC_DELETED'],
  ])(
    'is an error when the subscription is deleted (with its topic: %s)',
    async (isTopic, reason) => {
      const { fake, consume } = await start();
      const consumption = consume();
      await consumption.started();
      fake.delete(isTopic);
      await expect(take(consumption, 1)).rejects.toMatchObject({ reason });
      expect(consumption.ended).toEqual({ type: 'deleted', isTopicDeleted: isTopic });
    },
  );

  it('comes with a refusal that cannot be repeated', async () => {
    const { fake, consume } = await start();
    fake.onStart = () => 'SUBSCRIPTION_NOT_FOUND';
    const consumption = consume();
    await expect(consumption.started()).rejects.toMatchObject({ reason: 'SUBSCRIPTION_NOT_FOUND' });
    await expect(take(consumption, 1)).rejects.toMatchObject({ reason: 'SUBSCRIPTION_NOT_FOUND' });
    expect(consumption.ended).toMatchObject({ type: 'failed' });
  });

  it('sends what was settled when the loop is left, and gives the rest back', async () => {
    const { fake, consume } = await start();
    fake.publish('a', 'b');
    const consumption = consume();
    let ack: Promise<void> | undefined;
    for await (const delivery of consumption) {
      ack = delivery.ack();
      break;
    }
    await ack;
    expect(fake.acknowledged).toEqual(['a']);
    expect(consumption.ended).toEqual({ type: 'closed' });
    await vi.waitFor(() => expect(fake.inFlightCount).toBe(0));
  });

  it('waits, when closed, for results', async () => {
    const { fake, consume } = await start();
    fake.publish('a');
    fake.holdsResults = true;
    const consumption = consume();
    const [delivery] = await take(consumption, 1);
    const ack = delivery?.ack();
    const closed = vi.fn();
    const closing = consumption.close().then(closed);
    await vi.waitFor(() => expect(fake.acknowledged).toEqual(['a']));
    expect(closed).not.toHaveBeenCalled();
    fake.answerAll();
    await Promise.all([ack, closing]);
    await consumption.close();
  });

  it('makes what is settled later a CONFLICT', async () => {
    const { fake, consume } = await start();
    fake.publish('a');
    let delivery: Delivery | undefined;
    {
      await using consumption = consume();
      [delivery] = await take(consumption, 1);
    }
    expect(delivery?.isLost).toBe(true);
    await expect(delivery?.ack()).rejects.toMatchObject({ reason: 'CONFLICT' });
  });

  it('comes with an AbortSignal, as CANCELLED', async () => {
    const { fake, consume } = await start();
    const abort = new AbortController();
    const consumption = consume({ signal: abort.signal });
    const taking = take(consumption, 1);
    await consumption.started();
    abort.abort();
    await expect(taking).rejects.toMatchObject({ reason: 'CANCELLED' });
    await vi.waitFor(() => expect(fake.worker.isOver).toBe(true));
  });

  it('comes with the client, whose close() sends what was settled', async () => {
    const { fake, client, consume } = await start();
    fake.publish('a');
    const consumption = consume();
    const iterator = consumption[Symbol.asyncIterator]();
    const { value: delivery } = await iterator.next();
    const ack = delivery?.ack();
    const next = iterator.next();
    await client.close();
    await ack;
    expect(await next).toEqual({ value: undefined, done: true });
    expect(fake.acknowledged).toEqual(['a']);
    expect(() => consume()).toThrow('closed');
  });
});

describe('A Consumption whose connection is lost', () => {
  it('comes back, and what was delivered before is void', async () => {
    const { fake, consume } = await start();
    const events: string[] = [];
    fake.publish('a', 'b');
    const consumption = consume({ onEvent: ({ type }) => events.push(type) });
    const iterator = consumption[Symbol.asyncIterator]();
    const { value: before } = await iterator.next();
    fake.worker.cut();
    await vi.waitFor(() => expect(events).toContain('disconnected'));
    expect(before?.isLost).toBe(true);
    await expect(before?.ack()).rejects.toMatchObject({ reason: 'CONFLICT' });
    const { value: after } = await iterator.next();
    expect(told(after)).toEqual(['a', 2]);
    await after?.ack();
    expect(fake.acknowledged).toEqual(['a']);
    expect(events).toEqual(['started', 'disconnected', 'started']);
    expect(fake.worker.requests[0]).toMatchObject({ creditMessages: 1000 });
  });

  it('does not know of acks that were under way whether they are stored', async () => {
    const { fake, consume } = await start();
    fake.publish('a');
    fake.holdsResults = true;
    const [delivery] = await take(consume(), 1);
    const ack = delivery?.ack();
    const rejected = expect(ack).rejects.toMatchObject({ reason: 'UNREACHABLE' });
    await vi.waitFor(() => expect(fake.acknowledged).toEqual(['a']));
    fake.worker.cut();
    await rejected;
  });

  it('comes back after an end with a retryable error', async () => {
    const { fake, consume } = await start();
    fake.publish('a');
    fake.onStart = (index) => (index < 2 ? 'SHUTTING_DOWN' : undefined);
    const [delivery] = await take(consume(), 1);
    expect(delivery?.message.text).toBe('a');
    expect(fake.workers).toHaveLength(3);
  });

  it('is told when it gives up', async () => {
    const { broker, consume } = await start({ retry: { giveUpAfterMs: 0 } });
    broker.stop();
    await expect(take(consume(), 1)).rejects.toMatchObject({ reason: 'UNREACHABLE' });
  });
});

describe('A Consumption of an exclusive subscription', () => {
  it('says whether it has its turn', async () => {
    const { fake, consume } = await start();
    fake.isActive = false;
    fake.publish('a');
    const events: ConsumptionEvent[] = [];
    const consumption = consume({ onEvent: (event) => events.push(event) });
    await consumption.started();
    expect(consumption.isActive).toBe(false);
    fake.start(true);
    fake.publish('b');
    expect(texts(await take(consumption, 2))).toEqual(['a', 'b']);
    expect(consumption.isActive).toBe(true);
    expect(events.map((event) => event.type === 'started' && event.isActive)).toEqual([
      false,
      true,
    ]);
  });
});

describe('A Consumption whose subscription is moved', () => {
  it('tells it, voids what was delivered, and goes on from there', async () => {
    const { fake, consume } = await start();
    const events: ConsumptionEvent[] = [];
    fake.publish('a', 'b');
    const consumption = consume({ maxInFlight: 2, onEvent: (event) => events.push(event) });
    const iterator = consumption[Symbol.asyncIterator]();
    const { value: before } = await iterator.next();
    await before?.ack();
    fake.seek();
    await vi.waitFor(() => expect(events.at(-1)).toEqual({ type: 'sought', timestampNs: 1000n }));
    const { value: after } = await iterator.next();
    expect(told(after)).toEqual(['a', 2]);
    const { value: last } = await iterator.next();
    await Promise.all([after?.ack(), last?.ack()]);
    expect(fake.acknowledged).toEqual(['a', 'b']);
  });
});
