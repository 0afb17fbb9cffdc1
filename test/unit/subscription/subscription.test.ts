import { describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../../src/logger.ts';
import { pull } from '../../../src/subscription/pull.ts';
import type { SubscriptionConfig } from '../../../src/subscription/subscription-config.ts';
import { Subscriptions } from '../../../src/subscription/subscriptions.ts';
import { valuesOf } from '../../support/message.ts';
import { TestLog } from '../../support/test-log.ts';
import { TestWorker } from '../../support/test-worker.ts';

async function openAll(test: TestLog): Promise<Subscriptions> {
  return Subscriptions.open(test.log, { logger: silentLogger, random: () => 0.5 });
}

async function subscribed(test: TestLog, config: Partial<SubscriptionConfig> = {}) {
  const all = await openAll(test);
  const subscription = await all.create({
    topic: 't',
    name: 's',
    position: { at: 'earliest' },
    config,
    createTopic: true,
  });
  return { all, subscription };
}

const conflict = expect.objectContaining({ reason: 'CONFLICT' });
const values = (worker: TestWorker) => worker.deliveries.map(({ value }) => value);

describe('a worker', () => {
  it('gets what is there and what comes', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2');
    const { subscription } = await subscribed(test);
    const worker = new TestWorker(subscription);
    await worker.until(2);
    await test.publish('t', '3');
    await worker.until(3);
    expect(values(worker)).toEqual(['1', '2', '3']);
    expect(worker.deliveries.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
  });

  it('gets no more than its credit', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2', '3');
    const { subscription } = await subscribed(test);
    const worker = new TestWorker(subscription, 2);
    await worker.until(2);
    expect(subscription.state.leases.messageCount).toBe(2);
    worker.addCredit(5);
    await worker.until(3);
    expect(values(worker)).toEqual(['1', '2', '3']);
  });

  it('is done with what it acknowledges, and told so once', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2');
    const { subscription } = await subscribed(test);
    const worker = new TestWorker(subscription);
    const [first, second] = await worker.until(2);
    if (first === undefined || second === undefined) throw new Error('nothing came');
    expect(await worker.ack(first)).toEqual({ messageCount: 1 });
    expect(await worker.ack(first)).toEqual({ messageCount: 0, error: conflict });
    expect(await worker.ack({ ...second, receipt: 99n })).toEqual({
      messageCount: 0,
      error: conflict,
    });
    expect(subscription.state.pendingCount(subscription.topic.span)).toBe(1n);
    expect(subscription.state.floorSequence).toBe(1n);
  });

  it('shares with others, each message once', async () => {
    await using test = await TestLog.open();
    const { subscription } = await subscribed(test);
    const workers = [new TestWorker(subscription), new TestWorker(subscription)];
    await test.publish('t', '1', '2', '3', '4');
    await Promise.all(workers.map((worker) => worker.until(1)));
    await vi.waitUntil(() => workers.flatMap(values).length === 4);
    expect(workers.flatMap(values).sort()).toEqual(['1', '2', '3', '4']);
  });

  it('gives back what it has when it goes', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2');
    const { subscription } = await subscribed(test);
    const first = new TestWorker(subscription);
    await first.until(2);
    first.leave(false);
    const second = new TestWorker(subscription);
    await second.until(2);
    expect(values(second)).toEqual(['1', '2']);
    expect(second.deliveries.map(({ attempt }) => attempt)).toEqual([2, 2]);
    const [delivered] = first.deliveries;
    expect(delivered && (await first.ack(delivered))).toMatchObject({ error: conflict });
  });

  it('loses what it does not settle in time', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const { subscription } = await subscribed(test, { leaseMs: 1000n });
    const worker = new TestWorker(subscription);
    const [first] = await worker.until(1);
    test.clock.advance(999);
    expect(worker.deliveries).toHaveLength(1);
    test.clock.advance(1);
    await worker.until(2);
    expect(worker.deliveries[1]).toMatchObject({ value: '1', attempt: 2 });
    expect(first && (await worker.ack(first))).toMatchObject({ error: conflict });
  });

  it('keeps what it extends', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2');
    const { subscription } = await subscribed(test, { leaseMs: 1000n });
    const worker = new TestWorker(subscription);
    const [first] = await worker.until(2);
    if (first === undefined) throw new Error('nothing came');
    test.clock.advance(500);
    const outcome = await worker.settle(first, { type: 'extend', leaseMs: 5000n });
    expect(outcome).toEqual({ messageCount: 1, deadlineNs: test.clock.nowNs() + 5_000_000_000n });
    test.clock.advance(1000);
    await worker.until(3);
    expect(worker.deliveries[2]).toMatchObject({ value: '2', attempt: 2 });
    expect(await worker.ack(first)).toEqual({ messageCount: 1 });
  });

  it('gets a message back after the delay that it asks for', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const { subscription } = await subscribed(test);
    const worker = new TestWorker(subscription);
    const [first] = await worker.until(1);
    if (first === undefined) throw new Error('nothing came');
    await worker.nack(first, 2000n);
    test.clock.advance(1999);
    await test.publish('t', '2');
    await worker.until(2);
    test.clock.advance(1);
    await worker.until(3);
    expect(values(worker)).toEqual(['1', '2', '1']);
  });
});

describe('a message that is never acknowledged', () => {
  it('becomes a dead letter after so many deliveries, once', async () => {
    await using test = await TestLog.open();
    const { subscription } = await subscribed(test, { maxAttempts: 2 });
    const worker = new TestWorker(subscription);
    await test.publish('t', 'poison', 'fine');
    const [poison, fine] = await worker.until(2);
    if (poison === undefined || fine === undefined) throw new Error('nothing came');
    await worker.ack(fine);
    await worker.nack(poison);
    const again = (await worker.until(3))[2];
    expect(again).toMatchObject({ value: 'poison', attempt: 2 });
    if (again !== undefined) await worker.nack(again);
    await using letters = await test.read('dead-letter/t/s');
    const told = await letters.until('messages');
    expect(
      told.filter((each) => typeof each === 'string' && each !== 'created' && each !== 'caught up'),
    ).toEqual(['poison']);
    expect(subscription.state.pendingCount(subscription.topic.span)).toBe(0n);
    expect(subscription.state.deadLetteredCount).toBe(1n);
  });
});

describe('a restart', () => {
  it.each(['reopen', 'crash'] as const)(
    'finds what was acknowledged and counted: %s',
    async (how) => {
      await using test = await TestLog.open();
      await test.publish('t', '1', '2', '3');
      const { subscription } = await subscribed(test);
      const worker = new TestWorker(subscription);
      const [, second] = await worker.until(3);
      if (second === undefined) throw new Error('nothing came');
      await worker.ack(second);
      await test[how]();
      const all = await openAll(test);
      const found = all.get('t', 's');
      expect(found.state.pendingCount(found.topic.span)).toBe(2n);
      const later = new TestWorker(found);
      const [first] = await later.until(1);
      expect(first).toMatchObject({ value: '1', attempt: 2 });
    },
  );
});

describe('a pull', () => {
  const options = { maxMessages: 10, maxBytes: 1 << 20, waitMs: 0, leaseMs: undefined };

  it('gets what is there, and nothing if nothing is', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2');
    const { subscription } = await subscribed(test);
    const { signal } = new AbortController();
    const first = await pull(subscription, { ...options, signal });
    expect(valuesOf(Buffer.concat(first.chunks))).toEqual(['1', '2']);
    const second = await pull(subscription, { ...options, signal });
    expect(second).toEqual({ chunks: [], leases: [] });
    expect(subscription.state.leases.messageCount).toBe(2);
  });

  it('waits for what comes', async () => {
    await using test = await TestLog.open();
    const { subscription } = await subscribed(test);
    const { signal } = new AbortController();
    const pulled = pull(subscription, { ...options, waitMs: 5000, signal });
    await test.publish('t', '1');
    expect(valuesOf(Buffer.concat((await pulled).chunks))).toEqual(['1']);
    const nothing = pull(subscription, { ...options, waitMs: 5000, signal });
    test.clock.advance(5000);
    expect(await nothing).toEqual({ chunks: [], leases: [] });
  });
});

describe('a seek', () => {
  it('moves workers, and fences off what they have', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2');
    const { all, subscription } = await subscribed(test);
    const worker = new TestWorker(subscription);
    const [first] = await worker.until(2);
    await all.seek(subscription, { at: 'earliest' });
    await worker.until(4);
    expect(values(worker)).toEqual(['1', '2', '1', '2']);
    expect(first && (await worker.ack(first))).toMatchObject({ error: conflict });
    expect(worker.events.map(({ type }) => type)).toEqual(['sought']);
  });

  it('puts a snapshot back', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2', '3');
    const { all, subscription } = await subscribed(test);
    const worker = new TestWorker(subscription);
    const [first, second, third] = await worker.until(3);
    if (!first || !second || !third) throw new Error('nothing came');
    await worker.ack(second);
    const snapshot = all.snapshot(subscription);
    await worker.ack(first);
    await worker.ack(third);
    await all.restore(subscription, snapshot);
    await worker.until(5);
    expect(values(worker).slice(3)).toEqual(['1', '3']);
  });
});

describe('a closed topic', () => {
  it('ends its workers when all is acknowledged', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const { subscription } = await subscribed(test);
    const worker = new TestWorker(subscription);
    const [first] = await worker.until(1);
    await test.close('t', 'done');
    expect(worker.ended).toBeUndefined();
    if (first !== undefined) await worker.ack(first);
    expect(await worker.untilEnd()).toEqual({ type: 'drained', reason: 'done' });
  });

  it('ends its workers also if it is closed after all is acknowledged', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const { subscription } = await subscribed(test);
    const worker = new TestWorker(subscription);
    const [first] = await worker.until(1);
    if (first !== undefined) await worker.ack(first);
    await test.close('t', 'done');
    expect(await worker.untilEnd()).toEqual({ type: 'drained', reason: 'done' });
  });
});
