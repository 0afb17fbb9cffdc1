import { describe, expect, it } from 'vitest';
import type { SubscriptionConfig } from '../../../src/subscription/subscription-config.ts';
import { settled, subscribed, turned, valuesGot } from '../../support/subscribed.ts';
import { TestLog } from '../../support/test-log.ts';
import { TestWorker } from '../../support/test-worker.ts';

/** A subscription, and the topics of each commit from then on. */
async function watched(test: TestLog, config: Partial<SubscriptionConfig> = {}) {
  const made = await subscribed(test, config);
  const commits: string[][] = [];
  const append = test.store.append.bind(test.store);
  test.store.append = (frames, options) => {
    const nameOf = (id: number) => test.log.topics.byId(id)?.name ?? '';
    commits.push(frames.map(({ frame }) => nameOf(frame.topicId)));
    return append(frames, options);
  };
  return { ...made, commits };
}

describe('a message that a worker waits for', () => {
  it('is leased in the commit that stores it', async () => {
    await using test = await TestLog.open();
    const { subscription, commits } = await watched(test);
    const worker = new TestWorker(subscription);
    await settled(test);
    const { firstTimestampNs } = await test.publish('t', '1');
    await worker.until(1);
    expect(commits).toEqual([['t', '_subscriptions']]);
    expect(worker.deliveries).toMatchObject([
      { value: '1', timestampNs: firstTimestampNs, attempt: 1 },
    ]);
    // As it is found after a crash.
    await test.crash();
    const { all } = await subscribed(test);
    const { state } = all.get('t', 's');
    expect([...state.waiting.all()]).toMatchObject([{ attempts: 1, run: { messageCount: 1 } }]);
  });

  it('is not sent before it is durable, nor to one who has gone meanwhile', async () => {
    await using test = await TestLog.open();
    const { subscription } = await subscribed(test);
    const first = new TestWorker(subscription);
    await settled(test);
    const held = test.store.appends.close();
    const published = test.publish('t', '1');
    await held;
    await turned();
    expect(valuesGot(first)).toEqual([]);
    first.leave(true);
    const second = new TestWorker(subscription);
    await turned();
    test.store.appends.open();
    await published;
    expect(await second.until(1)).toMatchObject([{ value: '1', attempt: 1 }]);
    expect(valuesGot(first)).toEqual([]);
  });

  it('is sent behind what was leased before, though the same commit stores both', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2');
    const { all, subscription } = await subscribed(test, { deliveryMode: 'exclusive' });
    const held = test.store.appends.close();
    const updated = all.update(subscription, { maxInFlight: 100 });
    await held;
    const worker = new TestWorker(subscription);
    await turned();
    const published = test.publish('t', '3');
    test.store.appends.open();
    await Promise.all([updated, published]);
    await worker.until(3);
    expect(valuesGot(worker)).toEqual(['1', '2', '3']);
  });

  it('is not leased before what waits to be delivered again', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const { subscription } = await subscribed(test);
    const worker = new TestWorker(subscription, 1);
    const [first] = await worker.until(1);
    if (first === undefined) throw new Error('nothing came');
    await worker.nack(first, 0n);
    await test.publish('t', '2');
    worker.addCredit(1);
    await worker.until(2);
    worker.addCredit(1);
    await worker.until(3);
    expect(valuesGot(worker)).toEqual(['1', '1', '2']);
  });

  it('is leased as far as credit goes, and shared', async () => {
    await using test = await TestLog.open();
    const { subscription, commits } = await watched(test);
    const workers = [new TestWorker(subscription, 1), new TestWorker(subscription, 10)];
    await settled(test);
    await test.publish('t', '1', '2', '3', '4');
    await workers[1]?.until(3);
    expect(workers.map(valuesGot)).toEqual([['1'], ['2', '3', '4']]);
    expect(commits).toEqual([['t', '_subscriptions']]);
  });

  it('is leased behind it where keys give the order', async () => {
    await using test = await TestLog.open();
    const { subscription, commits } = await watched(test, { deliveryMode: 'key_ordered' });
    const worker = new TestWorker(subscription);
    await settled(test);
    await test.publish('t', '1');
    await worker.until(1);
    expect(commits).toEqual([['t'], ['_subscriptions']]);
  });

  it('has its keys read once it is stored, if their order is wanted meanwhile', async () => {
    await using test = await TestLog.open();
    const { all, subscription } = await subscribed(test);
    const first = new TestWorker(subscription);
    await settled(test);
    const held = test.store.appends.close();
    const published = test.publish('t', '1');
    await held;
    first.leave(false);
    const updated = all.update(subscription, { deliveryMode: 'key_ordered' });
    const second = new TestWorker(subscription);
    await turned();
    test.store.appends.open();
    await Promise.all([published, updated]);
    expect(await second.until(1)).toMatchObject([{ value: '1', attempt: 1 }]);
  });
});
