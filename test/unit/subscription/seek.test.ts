import { describe, expect, it } from 'vitest';
import { pull } from '../../../src/subscription/pull.ts';
import { subscribed, turned, valuesGot } from '../../support/subscribed.ts';
import { TestLog } from '../../support/test-log.ts';
import { TestWorker } from '../../support/test-worker.ts';

describe('a seek while a lease is not durable yet', () => {
  it('keeps what was leased from being sent, and gives the credit back', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2');
    const { all, subscription } = await subscribed(test);
    const held = test.store.appends.close();
    const worker = new TestWorker(subscription, 2);
    await held;
    const sought = all.seek(subscription, { at: 'earliest' });
    await turned();
    test.store.appends.open();
    await sought;
    await worker.until(2);
    await turned();
    expect(worker.deliveries.map(({ value, attempt }) => [value, attempt])).toEqual([
      ['1', 1],
      ['2', 1],
    ]);
    expect(await worker.ack(worker.deliveries[0] ?? { receipt: 0n, timestampNs: 0n })).toEqual({
      messageCount: 1,
    });
  });
});

describe('a seek while a redelivery is not durable yet', () => {
  it('does not count it', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const { all, subscription } = await subscribed(test);
    const worker = new TestWorker(subscription);
    const [first] = await worker.until(1);
    const held = test.store.appends.close();
    if (first !== undefined) void worker.nack(first);
    await held;
    await turned();
    expect(subscription.state.redeliveredCount).toBe(1n);
    const sought = all.seek(subscription, { at: 'latest' });
    await turned();
    test.store.appends.open();
    await sought;
    expect(subscription.state.redeliveredCount).toBe(0n);
    expect(valuesGot(worker)).toEqual(['1']);
  });
});

describe('a snapshot that is put back', () => {
  it('makes dead letters of what was delivered for the last time', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const { all, subscription } = await subscribed(test, { maxAttempts: 1 });
    const worker = new TestWorker(subscription);
    await worker.until(1);
    await all.restore(subscription, all.snapshot(subscription));
    await using letters = await test.read('dead-letter/t/s');
    expect(await letters.until('messages')).toContain('1');
    await turned();
    expect(valuesGot(worker)).toEqual(['1']);
    expect(subscription.state.isIdle).toBe(true);
  });
});

describe('a pull whose lease a seek takes away before it is durable', () => {
  it.each([0, 1000])('ends without messages after its wait of %s ms', async (waitMs) => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const { all, subscription } = await subscribed(test);
    const { signal } = new AbortController();
    const held = test.store.appends.close();
    const options = { maxMessages: 1, maxBytes: 1 << 20, leaseMs: undefined, waitMs, signal };
    const pulled = pull(subscription, options);
    await held;
    test.clock.advance(1000);
    const sought = all.seek(subscription, { at: 'latest' });
    await turned();
    test.store.appends.open();
    await sought;
    expect(await pulled).toEqual({ chunks: [], leases: [] });
    expect(subscription.workers.size).toBe(0);
  });
});

describe('a seek to the future', () => {
  it('is refused, and moves nothing', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const { all, subscription } = await subscribed(test);
    const timestampNs = test.clock.nowNs() + 3_600_000_000_000n;
    await expect(all.seek(subscription, { at: 'timestamp', timestampNs })).rejects.toEqual(
      expect.objectContaining({ reason: 'INVALID_ARGUMENT', metadata: { field: 'from' } }),
    );
    const worker = new TestWorker(subscription);
    await worker.until(1);
    expect(valuesGot(worker)).toEqual(['1']);
  });
});
