import { describe, expect, it } from 'vitest';
import { Take, type TakeOptions } from '../../../src/compat/take.ts';
import type { Subscription } from '../../../src/subscription/subscription.ts';
import { decodeRun } from '../../support/message.ts';
import { openSubscriptions, settled, subscribed, turned } from '../../support/subscribed.ts';
import { TestLog } from '../../support/test-log.ts';

const OPTIONS = { maxMessages: 100_000, maxBytes: 1 << 24, waitMs: 0, isReturned: true };

const takeFrom = (subscription: Subscription, options: Partial<TakeOptions> = {}) =>
  Take.from(subscription, { ...OPTIONS, signal: new AbortController().signal, ...options });

const valuesIn = ({ chunks }: Take) =>
  decodeRun(Buffer.concat(chunks)).map(({ value }) => Buffer.from(value).toString());

const pendingOf = ({ state, topic }: Subscription) => state.pendingCount(topic.span);

describe('a take', () => {
  it('has all that waits, also if it is read more slowly than leases are stored', async () => {
    await using test = await TestLog.open();
    await subscribed(test);
    const values = Array.from({ length: 12 }, (_, i) => `${i}`.padEnd(300_000, '.'));
    for (const value of values) await test.publish('t', value);
    await test.crash();
    const found = (await openSubscriptions(test)).get('t', 's');
    const { store } = test;
    const { readTopic } = store;
    store.readTopic = async (read) => {
      await settled(test);
      return readTopic(read);
    };
    const take = await takeFrom(found);
    expect(valuesIn(take)).toEqual(values);
    expect(take.hasMore).toBe(false);
    await take.acknowledge();
    take.leave();
    expect(pendingOf(found)).toBe(0n);
  });

  it('gives back at once what it has not acknowledged when it leaves, suspecting nobody', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2', '3');
    const { subscription } = await subscribed(test);
    const first = await takeFrom(subscription);
    expect(valuesIn(first)).toEqual(['1', '2', '3']);
    first.leave();
    const second = await takeFrom(subscription);
    expect(valuesIn(second)).toEqual(['1', '2', '3']);
    second.leave();
  });

  it('leaves a lease behind if it is to be acknowledged later', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2');
    const { subscription } = await subscribed(test);
    const first = await takeFrom(subscription, { isReturned: false });
    const acknowledgements = first.acknowledgements();
    first.leave();
    expect(valuesIn(await takeFrom(subscription))).toEqual([]);
    const outcomes = await subscription.settle(acknowledgements);
    expect(outcomes).toEqual([{ messageCount: 2 }]);
    expect(pendingOf(subscription)).toBe(0n);
  });

  it('ends at its bounds, and says that there is more', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2', '3');
    const { subscription } = await subscribed(test);
    const take = await takeFrom(subscription, { maxMessages: 2 });
    expect([valuesIn(take), take.hasMore]).toEqual([['1', '2'], true]);
    await take.acknowledge();
    take.leave();
    const rest = await takeFrom(subscription, { maxMessages: 2 });
    expect([valuesIn(rest), rest.hasMore]).toEqual([['3'], false]);
    rest.leave();
  });

  it('waits for the first message, and no longer than it is told', async () => {
    await using test = await TestLog.open();
    const { subscription } = await subscribed(test);
    const waiting = takeFrom(subscription, { waitMs: 1000 });
    await turned();
    await test.publish('t', '1');
    const take = await waiting;
    expect(valuesIn(take)).toEqual(['1']);
    await take.acknowledge();
    take.leave();
    const inVain = takeFrom(subscription, { waitMs: 1000 });
    await turned();
    test.clock.advance(1000);
    expect(valuesIn(await inVain)).toEqual([]);
    expect(test.clock.timerCount).toBeGreaterThan(0);
  });

  it('is ended by its signal', async () => {
    await using test = await TestLog.open();
    const { subscription } = await subscribed(test);
    const aborting = new AbortController();
    const { signal } = aborting;
    const waiting = Take.from(subscription, { ...OPTIONS, waitMs: 60_000, signal });
    await turned();
    aborting.abort();
    expect(valuesIn(await waiting)).toEqual([]);
    expect(valuesIn(await Take.from(subscription, { ...OPTIONS, waitMs: 60_000, signal }))).toEqual(
      [],
    );
  });

  it('fails if the subscription is deleted', async () => {
    await using test = await TestLog.open();
    const { all, subscription } = await subscribed(test);
    const waiting = takeFrom(subscription, { waitMs: 60_000 });
    await turned();
    const deleting = all.delete(subscription);
    await expect(waiting).rejects.toMatchObject({ reason: 'SUBSCRIPTION_DELETED' });
    await deleting;
    const late = takeFrom(subscription);
    await expect(late).rejects.toMatchObject({ reason: 'SUBSCRIPTION_DELETED' });
  });

  it('takes nothing if it is more than may be kept', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2');
    const { subscription } = await subscribed(test);
    const tooMuch = new Error('too much');
    const charge = () => {
      throw tooMuch;
    };
    for (const isReturned of [true, false]) {
      await expect(takeFrom(subscription, { isReturned, charge })).rejects.toBe(tooMuch);
    }
    const take = await takeFrom(subscription);
    expect(valuesIn(take)).toEqual(['1', '2']);
    expect(take.leases).toMatchObject([{ attempt: 1 }]);
  });

  it('gives back what its taker has not seen, as if it had not been delivered', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2');
    const { subscription } = await subscribed(test);
    for (const isReturned of [true, false]) {
      const take = await takeFrom(subscription, { isReturned });
      take.giveBack();
    }
    expect((await takeFrom(subscription)).leases).toMatchObject([{ attempt: 1 }]);
  });

  it('waits as long as it is told also where nothing will come', async () => {
    await using test = await TestLog.open();
    const { subscription } = await subscribed(test);
    await test.close('t');
    expect(valuesIn(await takeFrom(subscription))).toEqual([]);
    let isDone = false;
    const waiting = takeFrom(subscription, { waitMs: 1000 }).then((take) => {
      isDone = true;
      return take;
    });
    await settled(test);
    test.clock.advance(999);
    await settled(test);
    expect(isDone).toBe(false);
    test.clock.advance(1);
    expect(valuesIn(await waiting)).toEqual([]);
  });
});
