import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/logger.ts';
import type { SubscriptionConfig } from '../../../src/subscription/subscription-config.ts';
import { Subscriptions } from '../../../src/subscription/subscriptions.ts';
import { TestLog } from '../../support/test-log.ts';
import { TestWorker } from '../../support/test-worker.ts';

async function limited(test: TestLog, config: Partial<SubscriptionConfig>) {
  const all = await Subscriptions.open(test.log, { logger: silentLogger });
  const asked = { topic: 't', name: 's', position: { at: 'earliest' } as const, createTopic: true };
  return { all, subscription: await all.create({ ...asked, config }) };
}

const full = expect.objectContaining({ reason: 'BACKLOG_FULL' });
const pendingOf = ({ subscription: { state, topic } }: Awaited<ReturnType<typeof limited>>) =>
  state.pendingCount(topic.span);

describe('a backlog that refuses', () => {
  it('takes as many messages as it may have, and not one more', async () => {
    await using test = await TestLog.open();
    const made = await limited(test, { maxPending: 3n });
    await test.publish('t', '1', '2');
    await expect(test.publish('t', '3', '4')).rejects.toEqual(full);
    await test.publish('t', '3');
    await expect(test.publish('t', '4')).rejects.toThrow(
      'subscription s of topic t may have 3 messages that are not acknowledged; 3 are, and 1 more were to come',
    );
    expect(pendingOf(made)).toBe(3n);
    const worker = new TestWorker(made.subscription);
    const [first] = await worker.until(3);
    if (first !== undefined) await worker.ack(first);
    await test.publish('t', '4');
    expect(pendingOf(made)).toBe(3n);
  });

  it('counts what comes in the same commit', async () => {
    await using test = await TestLog.open();
    await limited(test, { maxPending: 2n });
    const outcomes = await Promise.allSettled(
      ['1', '2', '3'].map((value) => test.publish('t', value)),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  });

  it('lets a topic be closed', async () => {
    await using test = await TestLog.open();
    await limited(test, { maxPending: 1n });
    await test.publish('t', '1');
    await test.close('t', 'done');
    expect(test.log.topic('t').isClosed).toBe(true);
  });

  it('does not stand in the way any more when it is gone', async () => {
    await using test = await TestLog.open();
    const { all, subscription } = await limited(test, { maxPending: 1n });
    await test.publish('t', '1');
    await all.delete(subscription);
    await test.publish('t', '2', '3');
    expect(test.log.topic('t').admission).toBeUndefined();
  });
});

describe('a backlog that drops the oldest', () => {
  it('keeps the newest, those that are leased not excepted', async () => {
    await using test = await TestLog.open();
    const made = await limited(test, { maxPending: 2n, backlogPolicy: 'drop_oldest' });
    await test.publish('t', '1', '2');
    const worker = new TestWorker(made.subscription, 1);
    const [first] = await worker.until(1);
    await test.publish('t', '3', '4', '5');
    expect(pendingOf(made)).toBe(2n);
    expect(made.subscription.state.droppedCount).toBe(3n);
    expect(first && (await worker.ack(first))).toMatchObject({ messageCount: 0 });
    worker.addCredit(5);
    await worker.until(3);
    expect(worker.deliveries.map(({ value }) => value)).toEqual(['1', '4', '5']);
  });
});

describe('a backlog that makes publishers wait', () => {
  it('takes them in their order as room is made', async () => {
    await using test = await TestLog.open();
    const made = await limited(test, { maxPending: 2n, backlogPolicy: 'wait' });
    await test.publish('t', '1', '2');
    const waiting = [test.publish('t', '3', '4'), test.publish('t', '5')];
    const worker = new TestWorker(made.subscription);
    const seen: string[] = [];
    for (let count = 1; count <= 5; count++) {
      const delivered = (await worker.until(count))[count - 1];
      if (delivered === undefined) throw new Error('nothing came');
      expect(pendingOf(made)).toBeLessThanOrEqual(2n);
      seen.push(delivered.value);
      await worker.ack(delivered);
    }
    expect(seen).toEqual(['1', '2', '3', '4', '5']);
    expect(await Promise.all(waiting)).toHaveLength(2);
  });

  it('refuses what could never fit', async () => {
    await using test = await TestLog.open();
    await limited(test, { maxPending: 2n, backlogPolicy: 'wait' });
    await expect(test.publish('t', '1', '2', '3')).rejects.toEqual(full);
  });

  it('refuses what waits when the broker shuts down', async () => {
    await using test = await TestLog.open();
    await limited(test, { maxPending: 1n, backlogPolicy: 'wait' });
    await test.publish('t', '1');
    const waiting = test.publish('t', '2');
    const refused = expect(waiting).rejects.toEqual(
      expect.objectContaining({ reason: 'SHUTTING_DOWN' }),
    );
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    test.log.drain();
    await refused;
  });
});
