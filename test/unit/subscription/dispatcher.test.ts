import { describe, expect, it } from 'vitest';
import { pull } from '../../../src/subscription/pull.ts';
import { keyedRunOf } from '../../support/message.ts';
import {
  openSubscriptions,
  settled,
  subscribed,
  turned,
  valuesGot,
} from '../../support/subscribed.ts';
import { TestLog } from '../../support/test-log.ts';
import { TestWorker } from '../../support/test-worker.ts';

const { signal } = new AbortController();
const pulling = { maxMessages: 10, maxBytes: 1 << 20, waitMs: 0, leaseMs: undefined, signal };

describe('a limit of what is in flight', () => {
  it('holds for what a worker may have died of, too', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2');
    const { subscription } = await subscribed(test, { maxInFlight: 1 });
    const first = new TestWorker(subscription, 1);
    await first.until(1);
    const nothing = await pull(subscription, pulling);
    expect(nothing.leases).toEqual([]);
    first.leave(true);
    await pull(subscription, pulling);
    expect(subscription.state.leases.messageCount).toBe(1);
    const later = new TestWorker(subscription);
    await settled(test);
    expect(subscription.state.leases.messageCount).toBe(1);
    expect(valuesGot(later)).toEqual([]);
  });
});

describe('what a worker may have died of', () => {
  it('is not held up by a worker that has given no credit', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2', '3', '4', '5', '6');
    const { subscription } = await subscribed(test, { maxAttempts: 2 });
    const first = new TestWorker(subscription, 1);
    await first.until(1);
    const busy = new TestWorker(subscription, 2);
    const taken = [...(await busy.until(2))];
    const without = new TestWorker(subscription, 0);
    first.leave(true);
    // It is never without work unless it is spared.
    for (let i = 0; i < 2; i++) {
      const done = taken.shift();
      if (done !== undefined) await busy.ack(done);
      busy.addCredit(1);
      await settled(test);
    }
    expect(valuesGot(busy)).toEqual(['2', '3', '1']);
    expect(valuesGot(without)).toEqual([]);
  });
});

describe('what a worker may have died of and is trimmed', () => {
  it('holds up nobody', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const { lastTimestampNs } = await test.publish('t', '2');
    const { subscription } = await subscribed(test, { maxAttempts: 2 });
    const dying = new TestWorker(subscription, 1);
    await dying.until(1);
    const busy = new TestWorker(subscription, 3);
    await busy.until(1);
    await test.log.trimTopic('t', lastTimestampNs);
    dying.leave(true);
    await test.publish('t', '3');
    await busy.until(2);
    expect(valuesGot(busy)).toEqual(['2', '3']);
  });
});

describe('what a worker may have died of and is trimmed while another is kept free for it', () => {
  it('holds up nobody', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2', '3');
    const { subscription } = await subscribed(test, { maxAttempts: 2 });
    const busy = new TestWorker(subscription, 1);
    await busy.until(1);
    const pulled = await pull(subscription, { ...pulling, maxMessages: 1, leaseMs: 1n });
    expect(pulled.leases).toHaveLength(1);
    test.clock.advance(1);
    busy.addCredit(1);
    await settled(test);
    expect(valuesGot(busy)).toEqual(['1']);
    const { lastTimestampNs } = await test.publish('t', '4');
    await test.log.trimTopic('t', lastTimestampNs);
    await busy.until(2);
    expect(valuesGot(busy)).toEqual(['1', '4']);
  });
});

describe('a subscription that is ordered by key', () => {
  it('goes on with a key whose first message is trimmed while it waits', async () => {
    await using test = await TestLog.open();
    await test.publishRun('t', keyedRunOf(['k', '1']));
    const { subscription } = await subscribed(test, { deliveryMode: 'key_ordered' });
    const worker = new TestWorker(subscription, 10);
    const [first] = await worker.until(1);
    const { firstTimestampNs } = await test.publishRun('t', keyedRunOf(['k', '2'], ['k', '3']));
    await settled(test);
    if (first === undefined) throw new Error('nothing came');
    await worker.nack(first, 1000n);
    await test.log.trimTopic('t', firstTimestampNs);
    test.clock.advance(1000);
    const [, second] = await worker.until(2);
    expect(second).toMatchObject({ value: '2', attempt: 1 });
    if (second !== undefined) await worker.ack(second);
    expect((await worker.until(3))[2]).toMatchObject({ value: '3', attempt: 1 });
  });

  it('delivers what comes behind a busy key in a run that was given back before it was ordered', async () => {
    await using test = await TestLog.open();
    await test.publishRun('t', keyedRunOf(['k', '1'], ['k', '2'], ['l', '3']));
    const { all, subscription } = await subscribed(test);
    const before = new TestWorker(subscription);
    await before.until(3);
    before.leave(false);
    await all.update(subscription, { deliveryMode: 'key_ordered' });
    const worker = new TestWorker(subscription);
    await worker.until(2);
    expect(valuesGot(worker)).toEqual(['1', '3']);
    // The journal tells the same.
    await test.reopen();
    const { state } = (await openSubscriptions(test)).get('t', 's');
    expect([...state.waiting.all()].map(({ attempts }) => attempts)).toEqual([1, 2, 2]);
  });

  it('goes on with a key whose message is acknowledged while keys are read', async () => {
    await using test = await TestLog.open();
    await test.publishRun('t', keyedRunOf(['k', '1'], ['k', '2'], ['l', '3']));
    await subscribed(test, { deliveryMode: 'key_ordered' });
    await test.reopen();
    const all = await openSubscriptions(test);
    const subscription = all.get('t', 's');
    const pulled = await pull(subscription, { ...pulling, maxMessages: 1 });
    const [note] = pulled.leases;
    await test.reopen();
    const later = (await openSubscriptions(test)).get('t', 's');
    const [lease] = later.state.leases.of(note?.receipt ?? 0n);
    if (lease === undefined) throw new Error('the lease is lost');
    const { firstTimestampNs } = lease.run;
    // Joins, which begins the reading, and acknowledges before that is over.
    const worker = new TestWorker(later);
    const range = { receipt: lease.receipt, firstNs: firstTimestampNs, lastNs: firstTimestampNs };
    const acked = later.settle([{ ...range, action: { type: 'ack', isCumulative: false } }]);
    await acked;
    await worker.until(2);
    expect(valuesGot(worker).sort()).toEqual(['2', '3']);
  });
});

describe('what of a run waits on while its beginning is delivered again', () => {
  it('is not trimmed as if it was consumed', async () => {
    await using test = await TestLog.open();
    await test.log.createTopic('t', { trimConsumed: true });
    await test.publish('t', '1', '2', '3');
    const { subscription } = await subscribed(test);
    const first = new TestWorker(subscription);
    await first.until(3);
    first.leave(false);
    const second = new TestWorker(subscription, 1);
    const [again] = await second.until(1);
    if (again !== undefined) await second.ack(again);
    expect(subscription.state.floorSequence).toBe(1n);
    test.clock.advance(1000);
    await settled(test);
    expect(subscription.topic.retainedMessages).toBe(2n);
  });

  it('is the oldest that waits after what is before it was trimmed', async () => {
    await using test = await TestLog.open();
    const { firstTimestampNs } = await test.publish('t', '1', '2', '3');
    const { subscription } = await subscribed(test);
    const first = new TestWorker(subscription);
    await first.until(3);
    first.leave(false);
    await test.log.trimTopic('t', firstTimestampNs + 1n);
    const second = new TestWorker(subscription, 1);
    const [again] = await second.until(1);
    expect(again?.value).toBe('2');
    if (again !== undefined) await second.ack(again);
    expect(subscription.state.floorSequence).toBe(2n);
  });
});

describe('a delivery that is taken back before it was sent', () => {
  it('does not count', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const { subscription } = await subscribed(test);
    const first = new TestWorker(subscription);
    const [delivered] = await first.until(1);
    if (delivered !== undefined) await first.nack(delivered);
    await first.until(2);
    first.leave(false);
    const held = test.store.appends.close();
    const second = new TestWorker(subscription);
    await held;
    await turned();
    second.leave(false);
    test.store.appends.open();
    await settled(test);
    expect(subscription.state.redeliveredCount).toBe(1n);
    const third = new TestWorker(subscription);
    expect(await third.until(1)).toMatchObject([{ attempt: 3 }]);
    expect(subscription.state.redeliveredCount).toBe(2n);
  });
});

describe('a cumulative acknowledgement', () => {
  it('leaves out what was not delivered yet', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2');
    const { subscription } = await subscribed(test);
    const worker = new TestWorker(subscription);
    const [first, second] = await worker.until(2);
    if (!first || !second) throw new Error('nothing came');
    await worker.nack(first, 1000n);
    const held = test.store.appends.close();
    test.clock.advance(1000);
    await held;
    await turned();
    const { receipt, timestampNs } = second;
    const acked = subscription.settle(
      [
        {
          receipt,
          firstNs: timestampNs,
          lastNs: timestampNs,
          action: { type: 'ack', isCumulative: true },
        },
      ],
      worker.worker,
    );
    test.store.appends.open();
    expect(await acked).toEqual([{ messageCount: 1 }]);
    await worker.until(3);
    expect(worker.deliveries[2]).toMatchObject({ value: '1', attempt: 2 });
    expect(subscription.state.acknowledgedCount).toBe(1n);
  });
});

describe('what a worker may have died of, and the next did not get', () => {
  it('is still delivered alone', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2');
    const { subscription } = await subscribed(test, { maxAttempts: 2 });
    const first = new TestWorker(subscription, 1);
    await first.until(1);
    first.leave(true);
    const held = test.store.appends.close();
    const second = new TestWorker(subscription);
    await held;
    second.leave(true);
    test.store.appends.open();
    await settled(test);
    const third = new TestWorker(subscription);
    await third.until(1);
    await settled(test);
    expect(third.deliveries).toMatchObject([{ value: '1', attempt: 2 }]);
  });
});
