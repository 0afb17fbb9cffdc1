import { DeliveryMode, EndReason } from 'playhead-proto';
import { describe, expect, test } from 'vitest';
import { ack, nack } from '../support/consumer.ts';
import { pulledFrom, SubscriptionCaller, valuesIn } from '../support/subscription-caller.ts';
import { eventually, reasonOf, refused, subscribed } from './subscription-support.ts';
import { isExternal, numbered, OwnBroker } from './support.ts';

describe.skipIf(isExternal)('a broker that shuts down', () => {
  test('answers what was settled, ends its workers and those who wait, and does not take long', async () => {
    await using broker = await OwnBroker.start();
    using caller = SubscriptionCaller.connect(broker.address);
    const topic = await subscribed(caller, ['a', 'b']);
    const empty = await subscribed(caller, []);
    using worker = await caller.worker(topic, 's');
    const [a] = await worker.untilDelivered(2);
    const waiting = refused(caller.pull(empty, 's', { waitMs: 60_000 }));
    await eventually(async () => (await caller.get(empty, 's')).workerCount === 1);
    if (a === undefined) throw new Error('nothing came');
    expect(await worker.settled(ack(a))).toMatchObject([{ messageCount: 1 }]);
    const begin = performance.now();
    const stopped = broker.stop();
    expect(await waiting).toMatchObject({ code: 'UNAVAILABLE', reason: 'SHUTTING_DOWN' });
    await worker.untilEnded();
    const end = worker.events.at(-1);
    expect(end?.value).toMatchObject({ reason: EndReason.ERROR });
    expect(end?.$case === 'end' && reasonOf(end.value.error)).toBe('SHUTTING_DOWN');
    await stopped;
    expect(performance.now() - begin).toBeLessThan(3000);
  });

  test('is as it was when it starts again, with leases of streams given back', async () => {
    await using broker = await OwnBroker.start();
    using before = SubscriptionCaller.connect(broker.address);
    const topic = await subscribed(before, numbered(6), { maxAttempts: 7, leaseMs: 60_000n });
    using worker = await before.worker(topic, 's', { creditMessages: 4 });
    const got = await worker.untilDelivered(4);
    const [first, second] = got;
    if (first === undefined || second === undefined) throw new Error('nothing came');
    await worker.settled(ack(first), nack(second, 3_600_000n));
    const [pulled] = pulledFrom(await before.pull(topic, 's', { maxMessages: 1 }));
    if (pulled === undefined) throw new Error('nothing came');
    const snapshot = await before.snapshot(topic, 's');
    await broker.restart();

    using caller = SubscriptionCaller.connect(broker.address);
    expect(await caller.get(topic, 's')).toMatchObject({
      config: { maxAttempts: 7, leaseMs: 60_000n },
      pendingCount: 5n,
      inFlightCount: 1n,
      waitingCount: 3n,
      acknowledgedCount: 1n,
      workerCount: 0,
    });
    // What was pulled is still the caller's.
    expect(await caller.acknowledge(topic, 's', ack(pulled))).toMatchObject([{ messageCount: 1 }]);
    using next = await caller.worker(topic, 's');
    const again = await next.untilDelivered(3);
    expect(again.map(({ value, attempt }) => [value, attempt])).toEqual([
      ['m2', 2],
      ['m3', 2],
      ['m5', 1],
    ]);
    // Nobody else's lease is settled by a receipt from before.
    const results = await next.settled(...got.map((each) => ack(each)));
    expect(results.map(({ error }) => reasonOf(error))).toEqual(Array(4).fill('CONFLICT'));
    expect(await caller.seek(topic, 's', snapshot)).toMatchObject({ pendingCount: 5n });
  });

  test('keeps keys in order when it starts again', async () => {
    await using broker = await OwnBroker.start();
    using before = SubscriptionCaller.connect(broker.address);
    const contents = ['a1', 'a2', 'b1', 'a3', 'b2'].map((value) => ({
      key: value.slice(0, 1),
      value,
    }));
    const topic = await subscribed(before, contents, { deliveryMode: DeliveryMode.KEY_ORDERED });
    using worker = await before.worker(topic, 's');
    await worker.untilDelivered(2);
    await broker.restart();
    using caller = SubscriptionCaller.connect(broker.address);
    using next = await caller.worker(topic, 's');
    for (let count = 0; count < 5; ) {
      const got = await next.untilDelivered(count + 1);
      for (const delivered of got.slice(count)) {
        await next.settled(ack(delivered));
        count++;
      }
    }
    const order = valuesIn(next.deliveries);
    expect(order.filter((value) => value.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(order.filter((value) => value.startsWith('b'))).toEqual(['b1', 'b2']);
  });
});
