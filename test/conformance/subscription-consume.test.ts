import { DeliveryMode, Edge, EndReason } from 'playhead-proto';
import { describe, expect, test } from 'vitest';
import { ack, ackUpTo, extend, nack, terminate } from '../support/consumer.ts';
import { EARLIEST, pulledFrom, valuesIn } from '../support/subscription-caller.ts';
import { eventually, reasonOf, subscribed, useSubscriptions } from './subscription-support.ts';
import { newTopic, numbered } from './support.ts';

const caller = useSubscriptions();

/** The item at this place, which must be there. */
function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new Error(`there are ${items.length} items`);
  return item;
}

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

  test('gives leases back at once when a worker is cut off, and what it may have died of alone', async () => {
    const topic = await subscribed(caller(), numbered(3));
    using worker = await caller().worker(topic, 's');
    await worker.untilDelivered(3);
    worker.cancel();
    await eventually(async () => (await caller().get(topic, 's')).workerCount === 0);
    expect(await caller().get(topic, 's')).toMatchObject({ inFlightCount: 0n, waitingCount: 3n });
    using next = await caller().worker(topic, 's');
    for (let count = 1; count <= 3; count++) {
      const delivered = at(await next.untilDelivered(count), count - 1);
      expect(delivered.attempt).toBe(2);
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

describe('an exclusive subscription', () => {
  test('has one worker, and the one that has waited longest takes over', async () => {
    const topic = await subscribed(caller(), ['a', 'b'], { deliveryMode: DeliveryMode.EXCLUSIVE });
    using first = await caller().worker(topic, 's');
    await first.untilDelivered(2);
    using second = await caller().worker(topic, 's');
    using third = await caller().worker(topic, 's');
    expect(await first.untilEvent('started')).toMatchObject({ isActive: true });
    expect(await second.untilEvent('started')).toMatchObject({ isActive: false });
    await first.settled(ack(at(first.deliveries, 0)));
    first.end();
    await first.untilEnded();
    expect(await second.untilEvent('started', 2)).toMatchObject({ isActive: true });
    expect(valuesIn(await second.untilDelivered(1))).toEqual(['b']);
    second.cancel();
    expect(await third.untilEvent('started', 2)).toMatchObject({ isActive: true });
    const [b] = await third.untilDelivered(1);
    expect(b).toMatchObject({ value: 'b', attempt: 3 });
    expect(second.deliveries).toHaveLength(1);
    await caller().publish(topic, 'c');
    if (b !== undefined) await third.settled(ack(b));
    expect(valuesIn(await third.untilDelivered(2))).toEqual(['b', 'c']);
  });
});

describe('a key-ordered subscription', () => {
  test('has one message of a key under way, and those of others in parallel', async () => {
    const topic = newTopic();
    const contents = ['a1', 'b1', 'a2', 'c1', 'b2', 'a3'].map((value) => ({
      key: value.slice(0, 1),
      value,
    }));
    await caller().publish(topic, ...contents, { key: '', value: '-1' }, { key: '', value: '-2' });
    await caller().create(topic, 's', { deliveryMode: DeliveryMode.KEY_ORDERED });
    using worker = await caller().worker(topic, 's');
    const got = await worker.untilDelivered(5);
    expect(valuesIn(got)).toEqual(['a1', 'b1', 'c1', '-1', '-2']);
    // Not done: the next of its key has to wait for it.
    await worker.settled(nack(at(got, 0)));
    const again = at(await worker.untilDelivered(6), 5);
    expect(again).toMatchObject({ value: 'a1', attempt: 2 });
    await worker.settled(ack(at(got, 1)));
    expect(at(await worker.untilDelivered(7), 6)).toMatchObject({ value: 'b2', attempt: 1 });
    await worker.settled(terminate(again));
    expect(at(await worker.untilDelivered(8), 7)).toMatchObject({ value: 'a2', attempt: 1 });
    await worker.settled(ack(at(worker.deliveries, 7)));
    expect(at(await worker.untilDelivered(9), 8)).toMatchObject({ value: 'a3', attempt: 1 });
  });
});

describe('events', () => {
  test('a seek moves the workers, and voids what they have', async () => {
    const topic = newTopic();
    const [, second] = await caller().publish(topic, 'a', 'b', 'c');
    await caller().create(topic, 's');
    using worker = await caller().worker(topic, 's');
    const before = [...(await worker.untilDelivered(3))];
    const sought = await caller().seek(topic, 's', {
      at: { $case: 'timestampNs', value: second ?? 0n },
    });
    expect(sought.topic).toBe(topic);
    expect(await worker.untilEvent('sought')).toEqual({ timestampNs: second });
    const after = await worker.untilDelivered(5);
    expect(valuesIn(after.slice(3))).toEqual(['b', 'c']);
    expect(after.slice(3).map(({ attempt }) => attempt)).toEqual([1, 1]);
    expect(worker.order).toEqual(['started', 'messages', 'sought', 'messages']);
    const results = await worker.settled(...before.map((each) => ack(each)));
    expect(results.map(({ error }) => reasonOf(error))).toEqual(Array(3).fill('CONFLICT'));
    expect(await worker.settled(ack(at(after, 3)), ack(at(after, 4)))).toMatchObject([
      { messageCount: 1 },
      { messageCount: 1 },
    ]);
    // To the end: nothing is left.
    await caller().seek(topic, 's', EARLIEST);
    const end = { at: { $case: 'edge', value: Edge.LATEST } } as const;
    expect(await caller().seek(topic, 's', end)).toMatchObject({ pendingCount: 0n });
  });

  test('a closed topic ends its workers behind the last result', async () => {
    const topic = await subscribed(caller(), ['a', 'b']);
    using worker = await caller().worker(topic, 's');
    using idle = await caller().worker(topic, 's', { creditMessages: 0 });
    const got = await worker.untilDelivered(2);
    await caller().closeTopic(topic, 'all is said');
    await worker.settled(ack(at(got, 0)));
    expect(worker.ended).toBeUndefined();
    worker.settle(ack(at(got, 1)));
    await worker.untilEnded();
    expect(worker.results).toHaveLength(2);
    expect(worker.order.slice(-3)).toEqual(['results', 'drained', 'end']);
    expect(worker.events.slice(-2)).toMatchObject([
      { $case: 'drained', value: { reason: 'all is said' } },
      { $case: 'end', value: { reason: EndReason.DRAINED, error: undefined } },
    ]);
    await idle.untilEnded();
    expect(idle.order).toEqual(['started', 'drained', 'end']);
    expect(await caller().get(topic, 's')).toMatchObject({ isDrained: true, workerCount: 0 });
    // Whoever comes later is told at once.
    using late = await caller().worker(topic, 's');
    await late.untilEnded();
    expect(late.order).toEqual(['started', 'drained', 'end']);
    expect(await caller().pull(topic, 's', { waitMs: 60_000 })).toMatchObject({
      messages: [],
      drained: { reason: 'all is said' },
    });
  });

  test('a topic that is closed while a worker waits ends it', async () => {
    const topic = await subscribed(caller(), []);
    using worker = await caller().worker(topic, 's');
    await caller().closeTopic(topic, 'early');
    await worker.untilEnded();
    expect(worker.order).toEqual(['started', 'drained', 'end']);
  });

  test('what is terminated drains a closed topic, too', async () => {
    const topic = await subscribed(caller(), ['a']);
    using worker = await caller().worker(topic, 's');
    const [a] = await worker.untilDelivered(1);
    await caller().closeTopic(topic, '');
    if (a !== undefined) worker.settle(terminate(a, 'bad'));
    await worker.untilEnded();
    expect(worker.order.slice(-3)).toEqual(['results', 'drained', 'end']);
    expect(valuesIn(await caller().read(`dead-letter/${topic}/s`))).toEqual(['a']);
  });

  test.each([
    ['subscription', false],
    ['topic', true],
  ])('a %s that is deleted ends its workers', async (_, isTopicDeleted) => {
    const topic = await subscribed(caller(), ['a']);
    using worker = await caller().worker(topic, 's');
    await worker.untilDelivered(1);
    if (isTopicDeleted) await caller().deleteTopic(topic);
    else await caller().delete(topic, 's');
    await worker.untilEnded();
    expect(worker.events.slice(-2)).toMatchObject([
      { $case: 'deleted', value: { isTopicDeleted } },
      { $case: 'end', value: { reason: EndReason.DELETED } },
    ]);
  });
});

describe('bad input', () => {
  test.each([
    ['a subscription that does not exist', { name: 'none' }, 'SUBSCRIPTION_NOT_FOUND'],
    ['a name that is none', { name: 'a/b' }, 'INVALID_ARGUMENT'],
    ['a name of a worker that is too long', { worker: 'x'.repeat(256) }, 'INVALID_ARGUMENT'],
    ['negative credit in messages', { creditMessages: -1 }, 'INVALID_ARGUMENT'],
    ['negative credit in bytes', { creditBytes: -1 }, 'INVALID_ARGUMENT'],
  ])(
    '%s ends the stream with the reason',
    async (_, {
      name = 's',
      worker = '',
      ...credit
    }: {
      name?: string;
      worker?: string;
      creditMessages?: number;
      creditBytes?: number;
    }, reason) => {
      const topic = await subscribed(caller(), ['a']);
      using stream = caller().consume();
      stream.send({
        start: { topic, subscription: name, worker },
        creditMessages: 1,
        creditBytes: 1,
        ...credit,
      });
      await stream.untilEnded();
      const end = stream.events.at(-1);
      expect(end?.$case === 'end' && reasonOf(end.value.error)).toBe(reason);
      expect(end?.value).toMatchObject({ reason: EndReason.ERROR });
      await eventually(async () => (await caller().get(topic, 's')).workerCount === 0);
      expect((await caller().get(topic, 's')).pendingCount).toBe(1n);
    },
  );

  test.each([
    ['credit', { creditMessages: 1 }],
    ['settlements', { settlements: [ack({ receipt: 1n, timestampNs: 1n })] }],
    ['nothing', {}],
  ])('%s before a start ends the stream', async (_, request) => {
    using stream = caller().consume();
    stream.send(request);
    await stream.untilEnded();
    expect(stream.events).toMatchObject([
      { $case: 'end', value: { reason: EndReason.ERROR, error: { metadata: { field: 'start' } } } },
    ]);
  });

  test('a second start ends the stream', async () => {
    const topic = await subscribed(caller(), ['a']);
    using stream = await caller().worker(topic, 's');
    stream.start(topic, 's');
    await stream.untilEnded();
    expect(stream.events.at(-1)).toMatchObject({
      value: { reason: EndReason.ERROR, error: { metadata: { field: 'start' } } },
    });
  });

  test('bytes that are no protobuf end the stream, and its leases go back', async () => {
    const topic = await subscribed(caller(), ['a']);
    using stream = await caller().worker(topic, 's');
    await stream.untilDelivered(1);
    stream.sendRaw(Buffer.alloc(3, 0xff));
    await stream.untilEnded();
    const end = stream.events.at(-1);
    expect(end?.$case === 'end' && reasonOf(end.value.error)).toBe('MALFORMED');
    expect(await caller().get(topic, 's')).toMatchObject({ inFlightCount: 0n, waitingCount: 1n });
  });

  test('a stream that ends before it starts has left', async () => {
    using stream = caller().consume();
    stream.end();
    await stream.untilEnded();
    expect(stream.events).toMatchObject([{ $case: 'end', value: { reason: EndReason.LEFT } }]);
  });

  test('more settlements than a request may have end the stream', async () => {
    const topic = await subscribed(caller(), ['a']);
    using stream = await caller().worker(topic, 's');
    const [a] = await stream.untilDelivered(1);
    if (a === undefined) throw new Error('nothing came');
    stream.settle(...Array.from({ length: 100_001 }, () => ack(a)));
    await stream.untilEnded();
    expect(stream.results).toEqual([]);
    expect(stream.events.at(-1)).toMatchObject({
      value: { reason: EndReason.ERROR, error: { metadata: { field: 'settlements' } } },
    });
    expect((await caller().get(topic, 's')).pendingCount).toBe(1n);
  });
});
