import { describe, expect, it } from 'vitest';
import { redeliver } from '../../../src/subscription/redeliver.ts';
import { keyedRunOf } from '../../support/message.ts';
import { openSubscriptions, settled, subscribed, valuesGot } from '../../support/subscribed.ts';
import { TestLog } from '../../support/test-log.ts';
import { TestWorker } from '../../support/test-worker.ts';

/** Messages `1`, `2`, `3` of one frame, and a worker that has acknowledged them. */
async function consumed(test: TestLog, deliveryMode: 'shared' | 'key_ordered' = 'shared') {
  const run = keyedRunOf(['a', '1'], ['a', '2'], ['b', '3']);
  const { firstTimestampNs: firstNs } = await test.publishRun('t', run);
  const { all, subscription } = await subscribed(test, { maxAttempts: 2, deliveryMode });
  const worker = new TestWorker(subscription);
  for (let i = 0; i < 3; i++) {
    const { [i]: next } = await worker.until(i + 1);
    if (next !== undefined) await worker.ack(next);
  }
  return { all, subscription, worker, firstNs };
}

describe('a message that is delivered once more', () => {
  it('comes from the middle of a frame, with all its attempts', async () => {
    await using test = await TestLog.open();
    const { subscription, worker, firstNs } = await consumed(test);
    expect(await redeliver(test.log, subscription, firstNs + 1n)).toBe(true);
    const { 3: again } = await worker.until(4);
    expect(again).toMatchObject({ value: '2', attempt: 1, timestampNs: firstNs + 1n });
    if (again !== undefined) await worker.nack(again);
    expect((await worker.until(5))[4]).toMatchObject({ value: '2', attempt: 2 });
  });

  it('waits for whoever comes, also after a crash', async () => {
    await using test = await TestLog.open();
    const { subscription, worker, firstNs } = await consumed(test);
    subscription.leave(worker.worker, { isSuspect: false });
    await redeliver(test.log, subscription, firstNs);
    expect(subscription.state.pendingCount(subscription.topic.span)).toBe(1n);
    await test.crash();
    const found = (await openSubscriptions(test)).get('t', 's');
    const [again] = await new TestWorker(found).until(1);
    expect(again).toMatchObject({ value: '1', attempt: 1 });
  });

  it('is so once, however often that is asked for before it is settled', async () => {
    await using test = await TestLog.open();
    const { subscription, worker, firstNs } = await consumed(test);
    const asking = [1, 2, 3].map(() => redeliver(test.log, subscription, firstNs));
    expect(await Promise.all(asking)).toEqual([true, true, true]);
    await worker.until(4);
    expect(await redeliver(test.log, subscription, firstNs)).toBe(true);
    await settled(test);
    expect(valuesGot(worker)).toEqual(['1', '2', '3', '1']);
    expect(subscription.state.pendingCount(subscription.topic.span)).toBe(1n);
  });

  it('is not, if it was never delivered: it comes anyway', async () => {
    await using test = await TestLog.open();
    const { firstTimestampNs } = await test.publish('t', '1', '2');
    const { subscription } = await subscribed(test);
    expect(await redeliver(test.log, subscription, firstTimestampNs + 1n)).toBe(true);
    expect(subscription.state.pendingCount(subscription.topic.span)).toBe(2n);
    const worker = new TestWorker(subscription);
    await worker.until(2);
    expect(valuesGot(worker)).toEqual(['1', '2']);
  });

  it('is not, if the topic does not have it, or not any more', async () => {
    await using test = await TestLog.open();
    const { subscription, firstNs } = await consumed(test);
    await test.publish('other', '1');
    await test.publish('t', 'last');
    for (const nowhere of [0n, firstNs - 1n, firstNs + 3n, firstNs + 1_000_000n, 1n << 62n]) {
      expect(await redeliver(test.log, subscription, nowhere), `${nowhere}`).toBe(false);
    }
    await test.log.trimTopic('t', firstNs + 1n);
    expect(await redeliver(test.log, subscription, firstNs)).toBe(false);
    expect(await redeliver(test.log, subscription, firstNs + 1n)).toBe(true);
  });

  it('keeps the order of its key', async () => {
    await using test = await TestLog.open();
    const { subscription, worker, firstNs } = await consumed(test, 'key_ordered');
    for (const ns of [firstNs, firstNs + 1n]) await redeliver(test.log, subscription, ns);
    const { 3: first } = await worker.until(4);
    await settled(test);
    expect(valuesGot(worker).slice(3)).toEqual(['1']);
    if (first !== undefined) await worker.ack(first);
    await worker.until(5);
    expect(valuesGot(worker).slice(3)).toEqual(['1', '2']);
  });

  it('is refused by a subscription that was deleted', async () => {
    await using test = await TestLog.open();
    const { all, subscription, firstNs } = await consumed(test);
    await all.delete(subscription);
    const asking = redeliver(test.log, subscription, firstNs);
    await expect(asking).rejects.toMatchObject({ reason: 'SUBSCRIPTION_DELETED' });
  });
});
