import { describe, expect, it } from 'vitest';
import type { Subscription } from '../../../src/subscription/subscription.ts';
import { settled, subscribed, valuesGot } from '../../support/subscribed.ts';
import { TestLog } from '../../support/test-log.ts';
import { TestWorker } from '../../support/test-worker.ts';

/** A worker takes so many messages, and dies. */
async function lose(subscription: Subscription, count: number): Promise<void> {
  const worker = new TestWorker(subscription);
  await worker.until(count);
  worker.leave(true);
}

describe('a worker', () => {
  it('gets what one other may have died of together', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2', '3');
    const { subscription } = await subscribed(test);
    await lose(subscription, 3);
    await test.publish('t', '4');
    const next = new TestWorker(subscription);
    await next.until(4);
    expect(next.deliveries.map(({ attempt }) => attempt)).toEqual([2, 2, 2, 1]);
    expect(next.worker.inFlight).toBe(4);
  });

  it.each([
    ['two others', 2, {}],
    ['another before the last delivery', 1, { maxAttempts: 2 }],
  ])('gets what %s may have died of alone', async (_, losses, config) => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2', '3');
    const { subscription } = await subscribed(test, config);
    for (let i = 0; i < losses; i++) await lose(subscription, 3);
    await test.publish('t', '4');
    const next = new TestWorker(subscription);
    for (let count = 1; count <= 4; count++) {
      const delivered = (await next.until(count))[count - 1];
      expect(next.worker.inFlight).toBe(1);
      if (delivered !== undefined) await next.ack(delivered);
    }
    expect(valuesGot(next)).toEqual(['1', '2', '3', '4']);
  });

  it('loses to a poison message nothing but that, whatever else it takes meanwhile', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', 'poison', '3');
    const { subscription } = await subscribed(test, { maxAttempts: 3 });
    const done: string[] = [];
    for (let next = 4; !subscription.state.isIdle || next < 12; next++) {
      await test.publish('t', `${next}`);
      const worker = new TestWorker(subscription);
      await settled(test);
      while (worker.worker.inFlight > 0) {
        const held = worker.deliveries.slice(-worker.worker.inFlight);
        if (held.some(({ value }) => value === 'poison')) break;
        for (const each of held) {
          done.push(each.value);
          await worker.ack(each);
        }
        await settled(test);
      }
      worker.leave(true);
      await settled(test);
      if (next > 100) throw new Error('it does not end');
    }
    expect(subscription.state.deadLetteredCount).toBe(1n);
    expect(new Set(done).size).toBe(done.length);
    expect(BigInt(done.length)).toBe(test.log.topic('t').sequence - 1n);
  });
});
