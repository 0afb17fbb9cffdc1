import { BacklogPolicy, DeliveryMode, Edge } from 'playhead-proto';
import { describe, expect, test } from 'vitest';
import { ack } from '../support/consumer.ts';
import { pulledFrom, valuesIn } from '../support/subscription-caller.ts';
import { refused, subscribed, useSubscriptions } from './subscription-support.ts';
import { newTopic, numbered } from './support.ts';

const caller = useSubscriptions();

describe('CreateSubscription', () => {
  test('answers with all settings, the defaults among them', async () => {
    const topic = newTopic();
    const [first] = await caller().publish(topic, 'a', 'b');
    const created = await caller().create(topic, 's');
    expect(created).toMatchObject({
      topic,
      subscription: 's',
      config: {
        deliveryMode: DeliveryMode.SHARED,
        leaseMs: 30_000n,
        maxAttempts: 5,
        maxInFlight: 10_000,
        backoff: { delaysMs: [], initialMs: 0n, jitter: 0 },
        idleExpiryMs: 0n,
        deadLetterTopic: `dead-letter/${topic}/s`,
        maxPending: 0n,
        backlogPolicy: BacklogPolicy.REFUSE,
      },
      cursorTimestampNs: first,
      oldestPendingTimestampNs: first,
      pendingCount: 2n,
      inFlightCount: 0n,
      acknowledgedCount: 0n,
      workerCount: 0,
      isDrained: false,
    });
    expect(created.createdTimestampNs).toBeGreaterThan(first ?? 0n);
    expect(created.lagSeconds).toBeGreaterThan(0);
  });

  test('begins at the latest message unless told where', async () => {
    const topic = newTopic();
    const [, second] = await caller().publish(topic, 'a', 'b');
    await caller().create(topic, 'latest', {}, { at: undefined });
    await caller().create(topic, 'edge', {}, { at: { $case: 'edge', value: Edge.LATEST } });
    const at = { $case: 'timestampNs', value: second ?? 0n } as const;
    await caller().create(topic, 'timestamp', {}, { at });
    await caller().create(topic, 'ago', {}, { at: { $case: 'agoNs', value: 3_600_000_000_000n } });
    await caller().create(topic, 'last', {}, { at: { $case: 'lastMessages', value: 1n } });
    await caller().publish(topic, 'c');
    const got = async (name: string) => valuesIn((await caller().pull(topic, name)).messages);
    expect(await got('latest')).toEqual(['c']);
    expect(await got('edge')).toEqual(['c']);
    expect(await got('timestamp')).toEqual(['b', 'c']);
    expect(await got('ago')).toEqual(['a', 'b', 'c']);
    expect(await got('last')).toEqual(['b', 'c']);
  });

  test('answers with what there is if the settings are the same', async () => {
    const topic = await subscribed(caller(), ['a'], { leaseMs: 5000n });
    await caller().pull(topic, 's');
    const again = await caller().create(topic, 's', { leaseMs: 5000n });
    expect(again.inFlightCount).toBe(1n);
    expect((await caller().list(topic)).subscriptions).toHaveLength(1);
  });

  test('takes the settings that it answers with for the same', async () => {
    const topic = await subscribed(caller(), []);
    const { config, createdTimestampNs } = await caller().get(topic, 's');
    const again = await caller().create(topic, 's', config);
    expect(again.createdTimestampNs).toBe(createdTimestampNs);
    const listed = { ...config, backoff: { ...NO_BACKOFF, delaysMs: [5n, 10n] } };
    const other = await caller().create(topic, 'other', { backoff: listed.backoff });
    await caller().create(topic, 'other', other.config);
  });

  test.each([
    ['delivery_mode', { deliveryMode: DeliveryMode.EXCLUSIVE }],
    ['lease_ms', { leaseMs: 6000n }],
    ['max_attempts', { maxAttempts: 7 }],
    ['max_in_flight', { maxInFlight: 7 }],
    ['backoff', { backoff: { delaysMs: [1n], initialMs: 0n, maxMs: 0n, jitter: 0 } }],
    ['idle_expiry_ms', { idleExpiryMs: 7_000_000n }],
    ['dead_letter_topic', { deadLetterTopic: 'elsewhere' }],
    ['max_pending', { maxPending: 9n }],
    ['backlog_policy', { backlogPolicy: BacklogPolicy.WAIT }],
  ])('names the difference if there is one with another %s', async (field, config) => {
    const topic = await subscribed(caller(), []);
    const { code, reason, message, metadata } = await refused(caller().create(topic, 's', config));
    expect({ code, reason, metadata }).toEqual({
      code: 'ALREADY_EXISTS',
      reason: 'SUBSCRIPTION_EXISTS',
      metadata: { topic, subscription: 's' },
    });
    expect(message).toContain(field);
  });

  test('many at once make one', async () => {
    const topic = newTopic();
    const all = await Promise.all(numbered(10).map(() => caller().create(topic, 's')));
    expect(new Set(all.map(({ createdTimestampNs }) => createdTimestampNs)).size).toBe(1);
  });
});

describe('ListSubscriptions', () => {
  test('answers in pages, by topic and name', async () => {
    const base = newTopic();
    const expected: string[] = [];
    for (const topic of ['a', 'b', 'b.c'].map((name) => `${base}/${name}`)) {
      for (const name of ['1', '10', '2']) {
        await caller().create(topic, name);
        expected.push(`${topic} ${name}`);
      }
    }
    await caller().create(newTopic(), 'other');
    for (const size of [1, 2, 4, 9, 1000]) {
      const found: string[] = [];
      let token = '';
      do {
        const page = await caller().list(`${base}/**`, size, token);
        expect(page.subscriptions.length).toBeLessThanOrEqual(size);
        found.push(
          ...page.subscriptions.map(({ topic, subscription }) => `${topic} ${subscription}`),
        );
        token = page.nextPageToken;
      } while (token !== '');
      expect(found).toEqual(expected);
    }
    expect((await caller().list(`${base}/a`)).subscriptions).toHaveLength(3);
    expect(await caller().list(`${base}/none`)).toMatchObject({ subscriptions: [] });
  });

  test.each(['a', 'a @@', 'a s s', '// s', ' s'])(
    'refuses the page token %j, which no page had',
    async (token) => {
      expect(await refused(caller().list('', 0, token))).toMatchObject({
        reason: 'INVALID_ARGUMENT',
        metadata: { field: 'page_token' },
      });
    },
  );
});

describe('UpdateSubscription', () => {
  test('changes what is set, and nothing else', async () => {
    const topic = await subscribed(caller(), ['a'], { leaseMs: 5000n, maxAttempts: 3 });
    const [delivered] = pulledFrom(await caller().pull(topic, 's'));
    const updated = await caller().update(topic, 's', { maxAttempts: 9 });
    expect(updated).toMatchObject({ config: { leaseMs: 5000n, maxAttempts: 9 } });
    expect(updated).toEqual({
      ...(await caller().get(topic, 's')),
      lagSeconds: updated.lagSeconds,
    });
    // A lease from before holds.
    expect(updated.inFlightCount).toBe(1n);
    if (delivered === undefined) throw new Error('nothing came');
    expect(await caller().acknowledge(topic, 's', ack(delivered))).toMatchObject([
      { messageCount: 1, error: undefined },
    ]);
  });

  test('loses none of two changes at once', async () => {
    const topic = await subscribed(caller(), []);
    await Promise.all([
      caller().update(topic, 's', { maxAttempts: 9 }),
      caller().update(topic, 's', { leaseMs: 1234n }),
      caller().update(topic, 's', { maxInFlight: 77 }),
    ]);
    expect((await caller().get(topic, 's')).config).toMatchObject({
      maxAttempts: 9,
      leaseMs: 1234n,
      maxInFlight: 77,
    });
  });

  test('does not change the delivery mode while there are workers', async () => {
    const topic = await subscribed(caller(), ['a']);
    using worker = await caller().worker(topic, 's');
    const change = { deliveryMode: DeliveryMode.EXCLUSIVE };
    expect(await refused(caller().update(topic, 's', change))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      metadata: { field: 'delivery_mode' },
    });
    // The workers go on, also with a change of something else.
    await caller().update(topic, 's', { leaseMs: 7000n, deliveryMode: DeliveryMode.SHARED });
    const [delivered] = await worker.untilDelivered(1);
    if (delivered === undefined) throw new Error('nothing came');
    expect(await worker.settled(ack(delivered))).toMatchObject([{ messageCount: 1 }]);
    worker.end();
    await worker.untilEnded();
    expect((await caller().update(topic, 's', change)).config?.deliveryMode).toBe(
      DeliveryMode.EXCLUSIVE,
    );
  });
});

describe('DeleteSubscription', () => {
  test('forgets it: one of the same name begins anew', async () => {
    const topic = await subscribed(caller(), ['a', 'b']);
    await caller().pull(topic, 's', { maxMessages: 1 });
    await caller().delete(topic, 's');
    expect(await refused(caller().get(topic, 's'))).toMatchObject({
      code: 'NOT_FOUND',
      reason: 'SUBSCRIPTION_NOT_FOUND',
      metadata: { topic, subscription: 's' },
    });
    const again = await caller().create(topic, 's');
    expect(again).toMatchObject({ pendingCount: 2n, inFlightCount: 0n });
  });

  test('leaves no lease that a subscription of the same name would honour', async () => {
    const topic = await subscribed(caller(), ['a']);
    const [before] = pulledFrom(await caller().pull(topic, 's'));
    await caller().delete(topic, 's');
    await caller().create(topic, 's');
    await caller().pull(topic, 's');
    if (before === undefined) throw new Error('nothing came');
    expect(await caller().acknowledge(topic, 's', ack(before))).toMatchObject([
      { messageCount: 0, error: { metadata: {} } },
    ]);
  });

  test('goes with its topic, and does not come back with one of the same name', async () => {
    const topic = await subscribed(caller(), ['a']);
    await caller().deleteTopic(topic);
    expect(await refused(caller().get(topic, 's'))).toMatchObject({ reason: 'TOPIC_NOT_FOUND' });
    await caller().publish(topic, 'b');
    expect(await refused(caller().get(topic, 's'))).toMatchObject({
      reason: 'SUBSCRIPTION_NOT_FOUND',
    });
  });
});

const NO_BACKOFF = { delaysMs: [], initialMs: 0n, maxMs: 0n, jitter: 0 };

describe('bad input', () => {
  test.each([
    ['lease_ms', { leaseMs: 0n }],
    ['lease_ms', { leaseMs: -1n }],
    ['lease_ms', { leaseMs: 7n * 24n * 3600n * 1000n + 1n }],
    ['max_attempts', { maxAttempts: 0 }],
    ['max_attempts', { maxAttempts: -1 }],
    ['max_attempts', { maxAttempts: 1001 }],
    ['max_in_flight', { maxInFlight: 0 }],
    ['max_in_flight', { maxInFlight: 1_000_001 }],
    ['idle_expiry_ms', { idleExpiryMs: -1n }],
    ['max_pending', { maxPending: -1n }],
    ['delivery_mode', { deliveryMode: 77 as DeliveryMode }],
    ['backlog_policy', { backlogPolicy: 77 as BacklogPolicy }],
    ['backoff.delays_ms', { backoff: { ...NO_BACKOFF, delaysMs: [1n, -1n] } }],
    ['backoff.delays_ms', { backoff: { ...NO_BACKOFF, delaysMs: Array(101).fill(1n) } }],
    ['backoff.initial_ms', { backoff: { ...NO_BACKOFF, initialMs: -1n } }],
    ['backoff.max_ms', { backoff: { ...NO_BACKOFF, maxMs: -1n } }],
    ['backoff.jitter', { backoff: { ...NO_BACKOFF, jitter: 1.5 } }],
    ['backoff.jitter', { backoff: { ...NO_BACKOFF, jitter: Number.NaN } }],
    ['backoff', { backoff: { ...NO_BACKOFF, delaysMs: [1n], initialMs: 1n } }],
    ['backoff', { backoff: { ...NO_BACKOFF, delaysMs: [1n], maxMs: 1n } }],
    ['backoff', { backoff: { ...NO_BACKOFF, delaysMs: [1n], jitter: 0.5 } }],
    ['topic', { deadLetterTopic: '_subscriptions' }],
    ['topic', { deadLetterTopic: 'no topic' }],
  ])('is refused with the field %s and changes nothing (%o)', async (field, config) => {
    const topic = newTopic();
    const invalid = { code: 'INVALID_ARGUMENT', reason: 'INVALID_ARGUMENT', metadata: { field } };
    expect(await refused(caller().create(topic, 's', config))).toMatchObject(invalid);
    expect(await refused(caller().get(topic, 's'))).toMatchObject({ reason: 'TOPIC_NOT_FOUND' });
    const before = await caller().create(topic, 's');
    expect(await refused(caller().update(topic, 's', config))).toMatchObject(invalid);
    expect((await caller().get(topic, 's')).config).toEqual(before.config);
  });

  test.each(['', 'a b', 'a/b', 'a.b', 'ä', 'x'.repeat(101), '*'])(
    'refuses the name %j wherever a subscription is named',
    async (name) => {
      const topic = newTopic();
      await caller().publish(topic, 'a');
      for (const call of [
        caller().create(topic, name),
        caller().get(topic, name),
        caller().delete(topic, name),
        caller().pull(topic, name),
        caller().snapshot(topic, name),
      ]) {
        expect(await refused(call)).toMatchObject({
          code: 'INVALID_ARGUMENT',
          metadata: { field: 'subscription' },
        });
      }
    },
  );

  test('an unknown topic or subscription is NOT_FOUND everywhere', async () => {
    const known = newTopic();
    await caller().publish(known, 'a');
    for (const [topic, reason] of [
      [newTopic(), 'TOPIC_NOT_FOUND'],
      [known, 'SUBSCRIPTION_NOT_FOUND'],
    ] as const) {
      for (const call of [
        caller().get(topic, 's'),
        caller().update(topic, 's', {}),
        caller().delete(topic, 's'),
        caller().seek(topic, 's', { at: { $case: 'edge', value: Edge.LATEST } }),
        caller().snapshot(topic, 's'),
        caller().pull(topic, 's'),
        caller().acknowledge(topic, 's'),
        caller().redrive(topic, 's'),
      ]) {
        expect(await refused(call)).toMatchObject({ code: 'NOT_FOUND', reason });
      }
    }
  });

  test('a topic that does not exist is made only if that is asked for', async () => {
    const topic = newTopic();
    const request = { topic, subscription: 's', from: undefined, config: undefined };
    const create = (createTopic: boolean) =>
      new Promise((resolve, reject) => {
        caller().subscriptions.createSubscription({ ...request, createTopic }, (error, response) =>
          error === null ? resolve(response) : reject(error),
        );
      });
    expect(await refused(create(false))).toMatchObject({ reason: 'TOPIC_NOT_FOUND' });
    await create(true);
    expect(await caller().get(topic, 's')).toMatchObject({ pendingCount: 0n });
  });

  test.each([
    ['_own', 'topic'],
    ['a b', 'topic'],
    ['', 'topic'],
    ['a/*', 'topic'],
  ])('refuses the topic %j', async (topic, field) => {
    expect(await refused(caller().create(topic, 's'))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      metadata: { field },
    });
  });

  test.each([
    ['page_size', '', -1],
    ['page_size', '', 1001],
    ['topic', 'a*', 0],
  ])('of a list is refused with %s (%j, %d)', async (field, glob, size) => {
    expect(await refused(caller().list(glob, size))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      metadata: { field },
    });
  });
});
