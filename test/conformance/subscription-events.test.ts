import { DeliveryMode, Edge, EndReason } from 'playhead-proto';
import { describe, expect, test } from 'vitest';
import { ack, nack, terminate } from '../support/consumer.ts';
import { EARLIEST, valuesIn } from '../support/subscription-caller.ts';
import { at, eventually, reasonOf, subscribed, useSubscriptions } from './subscription-support.ts';
import { newTopic } from './support.ts';

const caller = useSubscriptions();

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
