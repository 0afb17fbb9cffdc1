import { describe, expect, it } from 'vitest';
import { TestHttp } from '../support/test-http.ts';
import {
  BAD_ID,
  BAD_SUBJECT,
  fetchData,
  NOBODY,
  OK,
  OVERFLOW,
  publish,
  publishAtOnce,
  subscribe,
  UNLIMITED,
} from './gophermq-support.ts';

describe('the limit of what is pending', () => {
  it.each([1, 10, 17])('of %i refuses exactly what is more, of 50 at once', async (maxPending) => {
    await using http = await TestHttp.start({ gophermq: { ...UNLIMITED, maxPending } });
    const id = await subscribe(http, 's');
    const statuses = await publishAtOnce(http, 's', 50);
    expect(statuses.filter((status) => status === 200)).toHaveLength(maxPending);
    expect(statuses.filter((status) => status === 429)).toHaveLength(50 - maxPending);
    expect(await publish(http, 's', 'one more')).toMatchObject(OVERFLOW);
    const { data } = await fetchData(http, 's', id);
    expect(data).toHaveLength(maxPending);
    expect(data.map((each) => statuses[Number(each)])).toEqual(data.map(() => 200));
    expect(await publish(http, 's', 'again')).toMatchObject(OK);
  });

  it('is 10 unless it is set, and of each subscriber: the slowest decides', async () => {
    await using http = await TestHttp.start();
    const quick = await subscribe(http, 's');
    await subscribe(http, 's');
    const statuses: number[] = [];
    for (let i = 0; i < 11; i++) {
      statuses.push((await publish(http, 's', `${i}`)).status);
      await fetchData(http, 's', quick);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 429]);
  });

  it('is looked at after the subject and before the subscriber', async () => {
    await using http = await TestHttp.start({ gophermq: { ...UNLIMITED, maxPending: 1 } });
    expect(await publish(http, 'a b', 'x')).toMatchObject(BAD_SUBJECT);
    expect(await publish(http, 'nobody', 'x')).toMatchObject(NOBODY);
    // Who follows a topic otherwise is no subscriber of gophermq.
    await http.post('/v1/topics/native/subscriptions', { subscription: 's', create_topic: true });
    expect(await publish(http, 'native', 'x')).toMatchObject(NOBODY);
    expect(http.test.log.topics.get('nobody')).toBeUndefined();
  });

  it('holds as it is set now for subscribers from before a start', async () => {
    await using before = await TestHttp.start({ gophermq: { ...UNLIMITED, maxPending: 1 } });
    const id = await subscribe(before, 's');
    await publish(before, 's', '1');
    const state = before.subscriptions.get('s', `gophermq-${id}`).state;
    expect(state.config).toMatchObject({ maxPending: 1n, idleExpiryMs: 600_000n });
    const { databases } = before.test;
    await before[Symbol.asyncDispose]();
    await using after = await TestHttp.start({
      databases,
      gophermq: { maxPending: 3, subscriberTtlMs: 5000 },
    });
    // Also for those who never ask by HTTP.
    expect(after.subscriptions.get('s', `gophermq-${id}`).state.config).toMatchObject({
      maxPending: 3n,
      idleExpiryMs: 5000n,
    });
    expect(await publishAtOnce(after, 's', 4)).toEqual([200, 200, 429, 429]);
  });

  it('is not for a subscription that only begins with the same word', async () => {
    await using before = await TestHttp.start();
    const native = { subscription: 'gophermq-billing', create_topic: true };
    await before.post('/v1/topics/s/subscriptions', native);
    const { databases } = before.test;
    await before[Symbol.asyncDispose]();
    await using http = await TestHttp.start({ databases });
    const { config } = http.subscriptions.get('s', 'gophermq-billing').state;
    expect(config).toMatchObject({ maxPending: 0n, idleExpiryMs: 0n });
    expect(await publish(http, 's', 'x')).toMatchObject(NOBODY);
    expect(await http.post('/api/fetch', { subject: 's', id: 'billing' })).toMatchObject(BAD_ID);
    expect(await http.post('/api/unsubscribe', { subject: 's', id: 'billing' })).toMatchObject(
      BAD_ID,
    );
  });

  it('is of subjects of any length that a name may have', async () => {
    await using http = await TestHttp.start();
    const subject = 's'.repeat(255);
    const id = await subscribe(http, subject);
    expect(await publish(http, subject, '1')).toMatchObject(OK);
    expect((await fetchData(http, subject, id)).data).toEqual(['1']);
    expect(await http.post('/api/subscribe', { subject: `${subject}s` })).toMatchObject(
      BAD_SUBJECT,
    );
  });
});

describe('a subscriber that is abandoned', () => {
  /** Lets time pass in steps, as it does. */
  async function pass(http: TestHttp, ms: number) {
    for (let left = ms; left > 0; left -= 1000) {
      http.test.clock.advance(Math.min(left, 1000));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  it('jams its subject no longer than its time to live', async () => {
    await using http = await TestHttp.start({
      gophermq: { maxPending: 1, subscriberTtlMs: 60_000 },
    });
    const abandoned = await subscribe(http, 's');
    await publish(http, 's', '1');
    expect(await publish(http, 's', '2')).toMatchObject(OVERFLOW);
    await pass(http, 58_000);
    expect(await publish(http, 's', '2')).toMatchObject(OVERFLOW);
    await pass(http, 3000);
    await expect.poll(() => publish(http, 's', '2')).toMatchObject(NOBODY);
    expect(await http.post('/api/fetch', { subject: 's', id: abandoned })).toMatchObject(BAD_ID);
    const id = await subscribe(http, 's');
    expect(await publish(http, 's', '3')).toMatchObject(OK);
    expect((await fetchData(http, 's', id)).data).toEqual(['3']);
  });

  it('is not one that fetches, also if there is nothing', async () => {
    await using http = await TestHttp.start({
      gophermq: { maxPending: 1, subscriberTtlMs: 60_000 },
    });
    const id = await subscribe(http, 's');
    for (let i = 0; i < 5; i++) {
      await pass(http, 50_000);
      expect((await fetchData(http, 's', id)).data).toEqual([]);
    }
    expect(await publish(http, 's', '1')).toMatchObject(OK);
  });

  it('can say that it goes', async () => {
    await using http = await TestHttp.start();
    const id = await subscribe(http, 's');
    expect(await http.post('/api/unsubscribe', { subject: 's', id })).toMatchObject(OK);
    expect(await http.post('/api/unsubscribe', { subject: 's', id })).toMatchObject(BAD_ID);
    expect(await publish(http, 's', '1')).toMatchObject(NOBODY);
  });
});
