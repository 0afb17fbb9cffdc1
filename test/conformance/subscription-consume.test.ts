import { EndReason } from 'playhead-proto';
import { describe, expect, test } from 'vitest';
import { ack, ackUpTo, extend, nack, terminate } from '../support/consumer.ts';
import { pulledFrom, valuesIn } from '../support/subscription-caller.ts';
import { at, eventually, reasonOf, subscribed, useSubscriptions } from './subscription-support.ts';
import { numbered } from './support.ts';

const caller = useSubscriptions();

describe('Consume', () => {
  test('tells first how it was understood, then delivers what is there and what comes', async () => {
    const topic = await subscribed(caller(), ['a', 'b'], { leaseMs: 5000n });
    using worker = caller().consume();
    worker.start(topic, 's');
    expect(await worker.untilEvent('started')).toEqual({
      isActive: true,
      maxCreditMessages: 100_000,
      maxCreditBytes: 16 * 1024 * 1024,
      leaseMs: 5000n,
    });
    await worker.untilDelivered(2);
    await caller().publish(topic, 'c');
    const deliveries = await worker.untilDelivered(3);
    expect(worker.order[0]).toBe('started');
    expect(valuesIn(deliveries)).toEqual(['a', 'b', 'c']);
    expect(deliveries.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
    const stored = await caller().read(topic);
    expect(deliveries.map(({ message }) => message)).toEqual(stored);
    for (const { deadlineNs, timestampNs } of deliveries) {
      expect(deadlineNs).toBeGreaterThan(timestampNs + 4_000_000_000n);
    }
    expect(await caller().get(topic, 's')).toMatchObject({ workerCount: 1, inFlightCount: 3n });
  });

  test('sends no more messages than the credit', async () => {
    const topic = await subscribed(caller(), numbered(10));
    using worker = await caller().worker(topic, 's', { creditMessages: 3 });
    await worker.untilDelivered(3);
    worker.send({ creditMessages: 2 });
    await worker.untilDelivered(5);
    // A result comes behind what was there to send.
    await worker.settled(ack(at(worker.deliveries, 0)));
    expect(worker.deliveries).toHaveLength(5);
    expect(await caller().get(topic, 's')).toMatchObject({ inFlightCount: 4n });
  });

  test('sends no more bytes than the credit, but for the last message', async () => {
    const topic = await subscribed(
      caller(),
      Array.from({ length: 10 }, () => 'x'.repeat(1000)),
    );
    using worker = await caller().worker(topic, 's', { creditBytes: 2500 });
    await worker.untilDelivered(2);
    await worker.settled(ack(at(worker.deliveries, 0)));
    expect(worker.deliveries.length).toBeGreaterThanOrEqual(2);
    expect(worker.deliveries.length).toBeLessThanOrEqual(3);
    const before = worker.deliveries.length;
    worker.send({ creditBytes: 5000 });
    await worker.untilDelivered(before + 4);
  });

  test('does nothing with credit of one kind only', async () => {
    const topic = await subscribed(caller(), ['a']);
    using worker = await caller().worker(topic, 's', { creditBytes: 0 });
    expect(await worker.settled(ack({ receipt: 1n, timestampNs: 1n }))).toHaveLength(1);
    expect(worker.deliveries).toEqual([]);
    worker.send({ creditBytes: 1 });
    await worker.untilDelivered(1);
  });

  test('takes no more credit into account than it says', async () => {
    const topic = await subscribed(caller(), [], { maxInFlight: 1_000_000 });
    using worker = caller().consume();
    worker.start(topic, 's', { creditMessages: 2 ** 31 - 1, creditBytes: 2 ** 31 - 1 });
    const { maxCreditMessages, maxCreditBytes } = await worker.untilEvent('started');
    worker.send({ creditMessages: 2 ** 31 - 1, creditBytes: 2 ** 31 - 1 });
    const total = maxCreditMessages + 1000;
    for (let count = 0; count < total; count += 10_100) {
      await caller().publish(topic, ...Array.from({ length: 10_100 }, () => 'x'));
    }
    await worker.untilDelivered(maxCreditMessages);
    await worker.settled(ack(at(worker.deliveries, 0)));
    expect(worker.deliveries).toHaveLength(maxCreditMessages);
    expect(maxCreditBytes).toBe(16 * 1024 * 1024);
  });

  test('ends OK behind all results when the worker says goodbye, and gives back its leases', async () => {
    const topic = await subscribed(caller(), numbered(10));
    using worker = await caller().worker(topic, 's');
    await worker.untilDelivered(10);
    for (const delivered of worker.deliveries.slice(0, 4)) worker.settle(ack(delivered));
    worker.end();
    await worker.untilEnded();
    expect(worker.results.map(({ messageCount }) => messageCount)).toEqual([1, 1, 1, 1]);
    expect(worker.order.slice(-2)).toEqual(['results', 'end']);
    expect(await worker.untilEvent('end').catch(() => worker.events.at(-1)?.value)).toMatchObject({
      reason: EndReason.LEFT,
      error: undefined,
    });
    const described = await caller().get(topic, 's');
    expect(described).toMatchObject({ inFlightCount: 0n, waitingCount: 6n, workerCount: 0 });
    using next = await caller().worker(topic, 's');
    const again = await next.untilDelivered(6);
    expect(valuesIn(again)).toEqual(numbered(10).slice(4));
    expect(again.map(({ attempt }) => attempt)).toEqual(Array(6).fill(2));
  });

  test('gives leases back at once when a worker is cut off, and what two may have died of alone', async () => {
    const topic = await subscribed(caller(), numbered(3));
    using worker = await caller().worker(topic, 's');
    await worker.untilDelivered(3);
    worker.cancel();
    await eventually(async () => (await caller().get(topic, 's')).workerCount === 0);
    expect(await caller().get(topic, 's')).toMatchObject({ inFlightCount: 0n, waitingCount: 3n });
    using second = await caller().worker(topic, 's');
    expect((await second.untilDelivered(3)).map(({ attempt }) => attempt)).toEqual([2, 2, 2]);
    second.cancel();
    await eventually(async () => (await caller().get(topic, 's')).workerCount === 0);
    using next = await caller().worker(topic, 's');
    for (let count = 1; count <= 3; count++) {
      const delivered = at(await next.untilDelivered(count), count - 1);
      expect(delivered.attempt).toBe(3);
      expect((await caller().get(topic, 's')).inFlightCount).toBe(1n);
      expect(next.deliveries).toHaveLength(count);
      await next.settled(ack(delivered));
    }
  });

  test('shares among workers, each message once', async () => {
    const topic = await subscribed(caller(), []);
    const workers = await Promise.all([1, 2, 3].map(() => caller().worker(topic, 's')));
    for (let i = 0; i < 10; i++) await caller().publish(topic, ...numbered(10, `${i}-`));
    const all = () => workers.flatMap(({ deliveries }) => valuesIn(deliveries));
    await eventually(() => Promise.resolve(all().length >= 100));
    expect(new Set(all()).size).toBe(100);
    expect(all()).toHaveLength(100);
    for (const worker of workers) {
      expect(worker.deliveries.length).toBeGreaterThan(0);
      worker.cancel();
    }
  });
});

describe('settlements', () => {
  test('of one, of a range and of all before are done with, in their order', async () => {
    const topic = await subscribed(caller(), numbered(10));
    using worker = await caller().worker(topic, 's');
    const got = await worker.untilDelivered(10);
    const results = await worker.settled(
      ack(at(got, 9)),
      ack(at(got, 2), at(got, 4)),
      ackUpTo(at(got, 5)),
      ack(at(got, 0)),
      ack(at(got, 6), at(got, 8)),
    );
    expect(
      results.map(({ messageCount, error }) => [messageCount, reasonOf(error)] as const),
    ).toEqual([
      [1, undefined],
      [3, undefined],
      [3, undefined],
      [0, 'CONFLICT'],
      [3, undefined],
    ]);
    expect(await caller().get(topic, 's')).toMatchObject({
      pendingCount: 0n,
      acknowledgedCount: 10n,
      oldestPendingTimestampNs: 0n,
    });
  });

  test('of a range of which a part is gone apply to the rest, and say so', async () => {
    const topic = await subscribed(caller(), numbered(5));
    using worker = await caller().worker(topic, 's');
    const got = await worker.untilDelivered(5);
    const [, second] = await worker.settled(ack(at(got, 1)), ack(at(got, 0), at(got, 3)));
    expect(second).toMatchObject({ messageCount: 3 });
    expect(reasonOf(second?.error)).toBe('CONFLICT');
    expect((await caller().get(topic, 's')).pendingCount).toBe(1n);
  });

  test('by last_timestamp_ns 0 are of one message', async () => {
    const topic = await subscribed(caller(), numbered(2));
    using worker = await caller().worker(topic, 's');
    const got = await worker.untilDelivered(2);
    const one = { ...ack(at(got, 0)), lastTimestampNs: 0n };
    expect(await worker.settled(one)).toMatchObject([{ messageCount: 1, error: undefined }]);
    expect((await caller().get(topic, 's')).pendingCount).toBe(1n);
  });

  test('give a message back at once, or after a delay', async () => {
    const topic = await subscribed(caller(), ['a', 'b']);
    using worker = await caller().worker(topic, 's');
    const [a, b] = await worker.untilDelivered(2);
    if (a === undefined || b === undefined) throw new Error('nothing came');
    const sentAt = performance.now();
    await worker.settled(nack(a, 300n), nack(b));
    const got = await worker.untilDelivered(3);
    expect(got[2]).toMatchObject({ value: 'b', attempt: 2 });
    expect(at(got, 2).receipt).not.toBe(b.receipt);
    await worker.untilDelivered(4);
    expect(performance.now() - sentAt).toBeGreaterThanOrEqual(295);
    expect(got[3]).toMatchObject({ value: 'a', attempt: 2 });
    expect((await worker.settled(ack(a), ack(b))).map(({ error }) => reasonOf(error))).toEqual([
      'CONFLICT',
      'CONFLICT',
    ]);
    expect(await caller().get(topic, 's')).toMatchObject({ redeliveredCount: 2n });
  });

  test('without a delay wait as the backoff says', async () => {
    const backoff = { delaysMs: [200n, 400n], initialMs: 0n, maxMs: 0n, jitter: 0 };
    const topic = await subscribed(caller(), ['a'], { backoff });
    using worker = await caller().worker(topic, 's');
    const times: number[] = [];
    for (let count = 1; count <= 3; count++) {
      const delivered = at(await worker.untilDelivered(count), count - 1);
      times.push(performance.now());
      await worker.settled(nack(delivered));
    }
    const [first = 0, second = 0, third = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(195);
    expect(third - second).toBeGreaterThanOrEqual(395);
    expect(third - second).toBeLessThan(2000);
  });

  test('extend a lease, and tell until when', async () => {
    const topic = await subscribed(caller(), ['a', 'b'], { leaseMs: 300n });
    using worker = await caller().worker(topic, 's');
    const [a, b] = await worker.untilDelivered(2);
    if (a === undefined || b === undefined) throw new Error('nothing came');
    const [result] = await worker.settled(extend(a, 20_000n));
    expect(result).toMatchObject({ messageCount: 1, error: undefined });
    expect(result?.deadlineTimestampNs).toBeGreaterThan(a.deadlineNs + 19_000_000_000n);
    // The other one runs out.
    const [, , again] = await worker.untilDelivered(3);
    expect(again).toMatchObject({ value: 'b', attempt: 2 });
    expect(await worker.settled(ack(a), ack(b))).toMatchObject([
      { messageCount: 1, error: undefined },
      { messageCount: 0, error: { metadata: { receipt: `${b.receipt}` } } },
    ]);
    if (again === undefined) throw new Error('nothing came');
    const [asBefore] = await worker.settled(extend(again));
    expect(asBefore?.deadlineTimestampNs).toBeGreaterThan(again.deadlineNs - 1_000_000n);
    expect(asBefore?.deadlineTimestampNs).toBeLessThan(again.deadlineNs + 300_000_000n);
  });

  test('by a foreign receipt, of another stream or of nobody are a CONFLICT each', async () => {
    const topic = await subscribed(caller(), numbered(4));
    using worker = await caller().worker(topic, 's', { creditMessages: 2 });
    const got = await worker.untilDelivered(2);
    const [first, second] = [at(got, 0), at(got, 1)];
    const results = await worker.settled(
      ack({ ...first, receipt: first.receipt + 1000n }),
      ack({ ...first, receipt: 0n }),
      ack({ ...first, receipt: -1n }),
      ack({ ...first, timestampNs: first.timestampNs - 1n }),
      ack({ ...first, timestampNs: 0n }),
      ack({ ...first, timestampNs: -(2n ** 63n) }),
      ack({ ...first, timestampNs: 2n ** 63n - 1n }),
      nack({ ...first, receipt: 0n }),
      extend({ ...first, receipt: 0n }),
      terminate({ ...first, receipt: 0n }),
      ack(second),
      ack(second),
    );
    expect(results.map(({ messageCount }) => messageCount)).toEqual([...Array(10).fill(0), 1, 0]);
    expect(results.map(({ error }) => reasonOf(error))).toEqual([
      ...Array(10).fill('CONFLICT'),
      undefined,
      'CONFLICT',
    ]);
    expect(await caller().get(topic, 's')).toMatchObject({ inFlightCount: 1n, pendingCount: 3n });
  });

  test('that make no sense are refused one by one', async () => {
    const topic = await subscribed(caller(), numbered(2));
    using worker = await caller().worker(topic, 's');
    const got = await worker.untilDelivered(2);
    const [first, second] = [at(got, 0), at(got, 1)];
    const tooLong = 7n * 24n * 3600n * 1000n + 1n;
    const results = await worker.settled(
      ack(second, first),
      nack(first, -1n),
      nack(first, tooLong),
      extend(first, -1n),
      extend(first, tooLong),
      terminate(first, 'x'.repeat(1025)),
      { ...ack(first), action: undefined },
      ack(first),
    );
    expect(results.map(({ error }) => error?.metadata['field'])).toEqual([
      'last_timestamp_ns',
      'nack.delay_ms',
      'nack.delay_ms',
      'extend.lease_ms',
      'extend.lease_ms',
      'terminate.reason',
      'action',
      undefined,
    ]);
    expect(results.map(({ messageCount }) => messageCount)).toEqual([...Array(7).fill(0), 1]);
    expect(await caller().get(topic, 's')).toMatchObject({ inFlightCount: 1n });
  });

  test('cumulative ones do not reach what the stream does not hold', async () => {
    const topic = await subscribed(caller(), numbered(6));
    using one = await caller().worker(topic, 's', { creditMessages: 3 });
    const first = await one.untilDelivered(3);
    using two = await caller().worker(topic, 's', { creditMessages: 3 });
    const second = await two.untilDelivered(3);
    expect(await two.settled(ackUpTo(at(second, 2)))).toMatchObject([{ messageCount: 3 }]);
    expect((await caller().get(topic, 's')).inFlightCount).toBe(3n);
    expect(await one.settled(ackUpTo(at(first, 2)))).toMatchObject([{ messageCount: 3 }]);
  });

  test('cumulative ones say when the lease that they name is not held', async () => {
    const topic = await subscribed(caller(), numbered(3));
    using worker = await caller().worker(topic, 's');
    const got = await worker.untilDelivered(3);
    await worker.settled(ack(at(got, 2)));
    const [result] = await worker.settled(ackUpTo(at(got, 2)));
    expect(result).toMatchObject({ messageCount: 2 });
    expect(reasonOf(result?.error)).toBe('CONFLICT');
  });

  test('cumulative ones do not reach what was leased after the lease that they name', async () => {
    const topic = await subscribed(caller(), numbered(3));
    using worker = await caller().worker(topic, 's');
    const got = await worker.untilDelivered(3);
    await worker.settled(nack(at(got, 0)));
    const again = at(await worker.untilDelivered(4), 3);
    expect(again.value).toBe('m0');
    // As if it had been on its way when the worker wrote this.
    expect(await worker.settled(ackUpTo(at(got, 2)))).toMatchObject([{ messageCount: 2 }]);
    expect((await caller().get(topic, 's')).inFlightCount).toBe(1n);
    expect(await worker.settled(ackUpTo(again))).toMatchObject([{ messageCount: 1 }]);
  });

  test('cumulative ones are for the stream alone', async () => {
    const topic = await subscribed(caller(), ['a']);
    const [a] = pulledFrom(await caller().pull(topic, 's'));
    if (a === undefined) throw new Error('nothing came');
    const [result] = await caller().acknowledge(topic, 's', ackUpTo(a));
    expect(result).toMatchObject({
      messageCount: 0,
      error: { metadata: { field: 'ack.is_cumulative' } },
    });
    expect((await caller().get(topic, 's')).inFlightCount).toBe(1n);
  });
});
