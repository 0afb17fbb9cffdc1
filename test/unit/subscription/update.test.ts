import { describe, expect, it } from 'vitest';
import { subscribed, turned, valuesGot } from '../../support/subscribed.ts';
import { TestLog } from '../../support/test-log.ts';
import { TestWorker } from '../../support/test-worker.ts';

describe('an update of the settings', () => {
  it('leaves a lease that is not durable yet to its worker, and the delivery counted', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const { all, subscription } = await subscribed(test, { leaseMs: 1000n, maxAttempts: 2 });
    const held = test.store.appends.close();
    const worker = new TestWorker(subscription);
    await held;
    const updated = all.update(subscription, { maxInFlight: 5 });
    await turned();
    test.store.appends.open();
    await updated;
    await worker.until(1);
    worker.leave(false);
    const next = new TestWorker(subscription);
    await next.until(1);
    expect(next.deliveries[0]).toMatchObject({ value: '1', attempt: 2 });
  });

  it('leaves a worker alone with what another may have died of', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2');
    const { all, subscription } = await subscribed(test, { maxAttempts: 2 });
    const first = new TestWorker(subscription, 1);
    await first.until(1);
    first.leave(true);
    const second = new TestWorker(subscription);
    await second.until(1);
    await all.update(subscription, { leaseMs: 5000n });
    await turned();
    expect(valuesGot(second)).toEqual(['1']);
  });

  it('holds for who joins before it is durable', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2');
    const { all, subscription } = await subscribed(test);
    const held = test.store.appends.close();
    const updated = all.update(subscription, { deliveryMode: 'exclusive' });
    await held;
    const workers = [new TestWorker(subscription, 1), new TestWorker(subscription, 1)];
    await turned();
    test.store.appends.open();
    await updated;
    await turned();
    expect(workers.map(valuesGot)).toEqual([['1'], []]);
  });
});

describe('an extension', () => {
  it('leaves a worker alone with what another may have died of', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2');
    const { subscription } = await subscribed(test, { maxAttempts: 2 });
    const first = new TestWorker(subscription, 1);
    await first.until(1);
    first.leave(true);
    const second = new TestWorker(subscription);
    const [suspect] = await second.until(1);
    if (suspect === undefined) throw new Error('nothing came');
    await second.settle(suspect, { type: 'extend', leaseMs: 60_000n });
    await turned();
    expect(valuesGot(second)).toEqual(['1']);
    await second.ack(suspect);
    await second.until(2);
    expect(valuesGot(second)).toEqual(['1', '2']);
  });
});
