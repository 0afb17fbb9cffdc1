import { expect, it, vi } from 'vitest';
import { silentLogger } from '../../../src/logger.ts';
import { redrive } from '../../../src/subscription/redrive.ts';
import { Subscriptions } from '../../../src/subscription/subscriptions.ts';
import { TestLog } from '../../support/test-log.ts';
import { TestWorker } from '../../support/test-worker.ts';

it('gives a worker its credit back for what a seek has fenced off before it was sent', async () => {
  await using test = await TestLog.open();
  await test.publish('t', '1', '2');
  const all = await Subscriptions.open(test.log, { logger: silentLogger, random: () => 0.5 });
  const subscription = await all.create({
    topic: 't',
    name: 's',
    position: { at: 'earliest' },
    config: {},
    createTopic: true,
  });
  const arrived = test.store.appends.close();
  const worker = new TestWorker(subscription, 2);
  // The leases are granted, and on their way to the disk.
  await arrived;
  expect(subscription.state.leases.messageCount).toBe(2);
  const sought = all.seek(subscription, { at: 'earliest' });
  await vi.waitUntil(() => subscription.state.leases.messageCount === 0);
  test.store.appends.open();
  await sought;
  await worker.until(2);
  expect(worker.deliveries.map(({ value, attempt }) => [value, attempt])).toEqual([
    ['1', 1],
    ['2', 1],
  ]);
  for (const delivered of worker.deliveries) {
    expect(await worker.ack(delivered)).toEqual({ messageCount: 1 });
  }
});

it('sends once what is leased while the settings change, and the lease runs out as any other', async () => {
  await using test = await TestLog.open();
  await test.publish('t', '1');
  const all = await Subscriptions.open(test.log, { logger: silentLogger, random: () => 0.5 });
  const subscription = await all.create({
    topic: 't',
    name: 's',
    position: { at: 'earliest' },
    config: { leaseMs: 1000n },
    createTopic: true,
  });
  const arrived = test.store.appends.close();
  const worker = new TestWorker(subscription, 2);
  await arrived;
  const updated = all.update(subscription, { maxAttempts: 9 });
  await vi.waitUntil(() => subscription.state.config.maxAttempts === 9);
  test.store.appends.open();
  await updated;
  await worker.until(1);
  test.clock.advance(1001);
  await worker.until(2);
  expect(worker.deliveries.map(({ attempt }) => attempt)).toEqual([1, 2]);
});

it('redrives once what was published before it was interrupted, whatever the limits', async () => {
  await using test = await TestLog.open();
  await test.publish('letters', '1', '2', '3', '4');
  await test.publish('target', 'before');
  const topics = () => [test.log.topic('letters'), test.log.topic('target')] as const;
  const arrived = test.store.records.close();
  // It ends between the publish and the trim.
  const interrupted = redrive(test.log, ...topics(), 3n).catch(() => {});
  await arrived;
  await test.crash();
  await redrive(test.log, ...topics(), 0n);
  await using reader = await test.read('target', { untilNow: true });
  const values = await reader.until('end');
  expect(values.filter((value) => typeof value === 'string' && /^\d$/.test(value))).toEqual([
    '1',
    '2',
    '3',
    '4',
  ]);
  void interrupted;
});
