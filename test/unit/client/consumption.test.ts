import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ClientOptions, Delivery, SettleFailure } from '../../../clients/node/src/index.ts';
import { startWork, takeDeliveries, told, type WorkSetup } from '../../support/fake-work-setup.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(options?: ClientOptions): Promise<WorkSetup> {
  const setup = await startWork(options);
  closers.push(() => setup[Symbol.asyncDispose]());
  return setup;
}

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

  it("tells the broker's limits if it asks for more", async () => {
    const { consume } = await start();
    const onEvent = vi.fn();
    await consume({ maxInFlight: 200_000, maxBytes: 2 ** 30, onEvent }).started();
    expect(onEvent).toHaveBeenCalledWith(
      expect.objectContaining({ maxInFlight: 100_000, maxBytes: 2 ** 28 }),
    );
  });

  it('hands out deliveries with message, attempt, receipt and deadline', async () => {
    const { fake, consume } = await start();
    fake.publish('a', 'b');
    const [first, second] = await takeDeliveries(consume(), 2);
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
    const [delivery] = await takeDeliveries(consume(), 1);
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
    const deliveries = await takeDeliveries(consume(), 6);
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
      {
        ...settled,
        firstTimestampNs: 1003n,
        action: { $case: 'nack', value: { delayMs: 2000n, isUnseen: false } },
      },
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
    const [, b, c] = await takeDeliveries(consumption, 3);
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
    const deliveries = await takeDeliveries(consumption, 2);
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
    const [a, b, c] = await takeDeliveries(consume(), 3);
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
    const [a, b] = await takeDeliveries(consume(), 2);
    await b?.extend('1m');
    await Promise.all([a?.ack(), b?.ack()]);
    expect(fake.worker.settlements).toHaveLength(3);
  });

  it('rejects the ack of a lease that ran out with CONFLICT', async () => {
    const { fake, consume } = await start();
    fake.publish('a');
    const failures: SettleFailure[] = [];
    const consumption = consume({ onSettleError: (_error, failure) => failures.push(failure) });
    const [delivery] = await takeDeliveries(consumption, 1);
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
    const [delivery] = await takeDeliveries(consume(), 1);
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
    const deliveries = await takeDeliveries(consumption, 3);
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
    const [delivery] = await takeDeliveries(consume(), 1);
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
