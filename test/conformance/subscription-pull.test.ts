import { Edge } from 'playhead-proto';
import { describe, expect, test } from 'vitest';
import { ack, extend, nack, terminate } from '../support/consumer.ts';
import {
  EARLIEST,
  headersOf,
  pulledFrom,
  type SubscriptionCaller,
  valuesIn,
} from '../support/subscription-caller.ts';
import {
  eventually,
  reasonOf,
  refused,
  subscribed,
  useSubscriptions,
} from './subscription-support.ts';
import { newTopic, numbered } from './support.ts';
import { bytesField, tag, varint, varintField } from './wire-bytes.ts';

const caller = useSubscriptions();

/** Pulls what is there. */
async function pulled(topic: string, options: Parameters<SubscriptionCaller['pull']>[2] = {}) {
  return pulledFrom(await caller().pull(topic, 's', options));
}

async function pullOne(topic: string) {
  const [delivered] = await pulled(topic, { maxMessages: 1, waitMs: 10_000 });
  if (delivered === undefined) throw new Error('nothing came');
  return delivered;
}

describe('Pull', () => {
  test('leases what is there, and answers with nothing at once if nothing is', async () => {
    const topic = await subscribed(caller(), numbered(5));
    expect(valuesIn(await pulled(topic, { maxMessages: 3 }))).toEqual(numbered(3));
    expect(valuesIn(await pulled(topic, { maxMessages: 0 }))).toEqual(['m3']);
    expect(valuesIn(await pulled(topic))).toEqual(['m4']);
    expect(await caller().pull(topic, 's')).toEqual({
      messages: [],
      leases: [],
      drained: undefined,
    });
    expect(await caller().get(topic, 's')).toMatchObject({ inFlightCount: 5n, workerCount: 0 });
  });

  test('keeps to max_bytes, but for one message', async () => {
    const value = 'x'.repeat(1000);
    const topic = await subscribed(caller(), [value, value, value, value]);
    expect(await pulled(topic, { maxBytes: 1 })).toHaveLength(1);
    const more = await pulled(topic, { maxBytes: 2500 });
    expect(more.length).toBeGreaterThanOrEqual(1);
    expect(more.length).toBeLessThanOrEqual(2);
  });

  test('waits for the first message', async () => {
    const topic = await subscribed(caller(), []);
    const waiting = pulled(topic, { waitMs: 30_000 });
    await eventually(async () => (await caller().get(topic, 's')).workerCount === 1);
    await caller().publish(topic, 'a');
    expect(valuesIn(await waiting)).toEqual(['a']);
    expect((await caller().get(topic, 's')).workerCount).toBe(0);
  });

  test('waits no longer than it is told to', async () => {
    const topic = await subscribed(caller(), []);
    const begin = performance.now();
    expect(await pulled(topic, { waitMs: 100 })).toEqual([]);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(95);
  });

  test('gives a lease of its own length', async () => {
    const topic = await subscribed(caller(), ['a'], { leaseMs: 100n });
    const [a] = await pulled(topic, { leaseMs: 600_000n });
    expect(a?.deadlineNs).toBeGreaterThan((a?.timestampNs ?? 0n) + 500_000_000_000n);
  });

  test('gets again what was not settled in time, and a late ack is refused', async () => {
    const topic = await subscribed(caller(), ['a', 'b'], { leaseMs: 100n });
    const [a, b] = await pulled(topic);
    if (a === undefined || b === undefined) throw new Error('nothing came');
    await caller().acknowledge(topic, 's', ack(b));
    const again = await pullOne(topic);
    expect(again).toMatchObject({ value: 'a', attempt: 2 });
    const [late, done] = await caller().acknowledge(topic, 's', ack(a), ack(again));
    expect(reasonOf(late?.error)).toBe('CONFLICT');
    expect(done).toMatchObject({ messageCount: 1, error: undefined });
    expect(await caller().get(topic, 's')).toMatchObject({
      pendingCount: 0n,
      redeliveredCount: 1n,
      acknowledgedCount: 2n,
    });
  });

  test('leaves nothing with a caller that went away while it waited', async () => {
    const topic = await subscribed(caller(), []);
    const request = { topic, subscription: 's', maxMessages: 10, maxBytes: 0, waitMs: 60_000 };
    const call = caller().subscriptions.pull({ ...request, leaseMs: 0n }, () => {});
    await eventually(async () => (await caller().get(topic, 's')).workerCount === 1);
    call.cancel();
    await eventually(async () => (await caller().get(topic, 's')).workerCount === 0);
    await caller().publish(topic, 'a');
    expect(await pullOne(topic)).toMatchObject({ value: 'a', attempt: 1 });
  });

  test('is told when the subscription is deleted while it waits', async () => {
    const topic = await subscribed(caller(), []);
    const waiting = refused(caller().pull(topic, 's', { waitMs: 30_000 }));
    await eventually(async () => (await caller().get(topic, 's')).workerCount === 1);
    await caller().delete(topic, 's');
    expect(await waiting).toMatchObject({
      reason: 'SUBSCRIPTION_DELETED',
      metadata: { topic, subscription: 's' },
    });
  });

  test.each([
    ['max_messages', { maxMessages: -1 }],
    ['max_messages', { maxMessages: 10_001 }],
    ['max_bytes', { maxBytes: -1 }],
    ['max_bytes', { maxBytes: 2 ** 31 - 1 }],
    ['wait_ms', { waitMs: -1 }],
    ['wait_ms', { waitMs: 60_001 }],
    ['lease_ms', { leaseMs: -1n }],
    ['lease_ms', { leaseMs: 7n * 24n * 3600n * 1000n + 1n }],
  ])('is refused with a %s out of range (%o)', async (field, options) => {
    const topic = await subscribed(caller(), ['a']);
    expect(await refused(caller().pull(topic, 's', options))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      metadata: { field },
    });
    expect((await caller().get(topic, 's')).inFlightCount).toBe(0n);
  });
});

describe('Acknowledge', () => {
  test('settles each on its own', async () => {
    const topic = await subscribed(caller(), numbered(5));
    const [a, b, c, d] = await pulled(topic);
    if (a === undefined || b === undefined || c === undefined || d === undefined)
      throw new Error('nothing came');
    const results = await caller().acknowledge(
      topic,
      's',
      ack(a),
      ack({ ...a, receipt: 12n }),
      nack(b, 3_600_000n),
      ack(a),
      extend(c, 50_000n),
      { ...ack(d), action: undefined },
      terminate(d, 'broken'),
    );
    expect(results.map(({ messageCount }) => messageCount)).toEqual([1, 0, 1, 0, 1, 0, 1]);
    expect(results.map(({ error }) => reasonOf(error))).toEqual([
      undefined,
      'CONFLICT',
      undefined,
      'CONFLICT',
      undefined,
      'INVALID_ARGUMENT',
      undefined,
    ]);
    await eventually(async () => (await caller().get(topic, 's')).deadLetteredCount === 1n);
    expect(await caller().get(topic, 's')).toMatchObject({
      pendingCount: 3n,
      inFlightCount: 2n,
      waitingCount: 1n,
      acknowledgedCount: 1n,
    });
  });

  test('takes 10,000 settlements, and none of 10,001', async () => {
    const topic = await subscribed(caller(), ['a']);
    const a = await pullOne(topic);
    const many = Array.from({ length: 10_001 }, () => ack(a));
    expect(await refused(caller().acknowledge(topic, 's', ...many))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      metadata: { field: 'settlements' },
    });
    expect((await caller().get(topic, 's')).inFlightCount).toBe(1n);
    const results = await caller().acknowledge(topic, 's', ...many.slice(1));
    expect(results.map(({ messageCount }) => messageCount)).toEqual([1, ...Array(9999).fill(0)]);
  });

  test('settles what a stream has', async () => {
    const topic = await subscribed(caller(), ['a']);
    using worker = await caller().worker(topic, 's');
    const [a] = await worker.untilDelivered(1);
    if (a === undefined) throw new Error('nothing came');
    expect(await caller().acknowledge(topic, 's', ack(a))).toMatchObject([{ messageCount: 1 }]);
    expect(await worker.settled(ack(a))).toMatchObject([{ messageCount: 0 }]);
  });
});

describe('dead letters', () => {
  test('are what was delivered max_attempts times, with what people need to know', async () => {
    const topic = newTopic();
    const before = Date.now();
    const [timestampNs] = await caller().publish(topic, { key: 'k', value: 'bad' }, 'good');
    await caller().create(topic, 's', { maxAttempts: 3 });
    using worker = await caller().worker(topic, 's');
    for (let attempt = 1; attempt <= 3; attempt++) {
      const got = (await worker.untilDelivered(attempt + 1)).filter((each) => each.value === 'bad');
      expect(got.at(-1)?.attempt).toBe(attempt);
      const last = got.at(-1);
      if (last !== undefined) await worker.settled(nack(last));
    }
    await eventually(async () => (await caller().get(topic, 's')).deadLetteredCount === 1n);
    expect(worker.deliveries).toHaveLength(4);
    const [letter, ...more] = await caller().read(`dead-letter/${topic}/s`);
    expect(more).toEqual([]);
    if (letter === undefined) throw new Error('no dead letter');
    expect(Buffer.from(letter.key).toString()).toBe('k');
    expect(Buffer.from(letter.value).toString()).toBe('bad');
    const headers = headersOf(letter);
    expect(headers).toEqual({
      'playhead-dead-letter-reason': 'max_attempts',
      'playhead-dead-letter-attempts': '3',
      'playhead-dead-letter-topic': topic,
      'playhead-dead-letter-subscription': 's',
      'playhead-dead-letter-timestamp-ns': `${timestampNs}`,
      'playhead-dead-letter-time': expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
    expect(Date.parse(headers['playhead-dead-letter-time'] ?? '')).toBeGreaterThanOrEqual(
      before - 1,
    );
    expect(await caller().get(topic, 's')).toMatchObject({ pendingCount: 1n, inFlightCount: 1n });
  });

  test('of one attempt are what failed once', async () => {
    const topic = await subscribed(caller(), ['a'], { maxAttempts: 1 });
    await caller().acknowledge(topic, 's', nack(await pullOne(topic)));
    await eventually(async () => (await caller().get(topic, 's')).deadLetteredCount === 1n);
    expect(await pulled(topic)).toEqual([]);
  });

  test('go where the subscription says, with the reason of a termination', async () => {
    const letters = newTopic();
    const topic = await subscribed(caller(), ['a', 'b'], { deadLetterTopic: letters });
    const [a, b] = await pulled(topic);
    if (a === undefined || b === undefined) throw new Error('nothing came');
    await caller().acknowledge(topic, 's', terminate(a, 'größe'), terminate(b));
    await eventually(async () => (await caller().get(topic, 's')).deadLetteredCount === 2n);
    const all = await caller().read(letters);
    expect(valuesIn(all)).toEqual(['a', 'b']);
    expect(all.map((each) => headersOf(each)['playhead-dead-letter-reason'])).toEqual([
      'terminated: größe',
      'terminated',
    ]);
  });

  test('are redriven once, however often that is asked for', async () => {
    const topic = await subscribed(caller(), numbered(250), { maxAttempts: 1 });
    const all = await pulled(topic, { maxMessages: 250 });
    await caller().acknowledge(topic, 's', ...all.map((each) => nack(each)));
    await eventually(async () => (await caller().get(topic, 's')).deadLetteredCount === 250n);
    expect(await caller().redrive(topic, 's', { maxMessages: 10n })).toEqual({
      messageCount: 10n,
    });
    expect(await caller().retained(`dead-letter/${topic}/s`)).toBe(240n);
    const answers = await Promise.all([1, 2, 3].map(() => caller().redrive(topic, 's')));
    expect(answers.some(({ messageCount }) => messageCount === 240n)).toBe(true);
    expect(await caller().redrive(topic, 's')).toEqual({ messageCount: 0n });
    const redriven = (await caller().read(topic)).slice(250);
    expect(valuesIn(redriven)).toEqual(numbered(250));
    expect(redriven.flatMap(({ headers }) => headers)).toEqual([]);
    expect(await caller().retained(`dead-letter/${topic}/s`)).toBe(0n);
    // They are delivered as any message is.
    expect(await pullOne(topic)).toMatchObject({ value: 'm0', attempt: 1 });
  });

  test('are redriven in parts at once, none twice', async () => {
    const topic = await subscribed(caller(), numbered(50), { maxAttempts: 1 });
    const all = await pulled(topic);
    await caller().acknowledge(topic, 's', ...all.map((each) => nack(each)));
    await eventually(async () => (await caller().get(topic, 's')).deadLetteredCount === 50n);
    const answers = await Promise.allSettled(
      [5n, 0n, 7n, 3n].map((maxMessages) => caller().redrive(topic, 's', { maxMessages })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(4).fill('fulfilled'));
    await caller().redrive(topic, 's');
    expect(valuesIn((await caller().read(topic)).slice(50))).toEqual(numbered(50));
  });

  test('are redriven to another topic, with their own headers', async () => {
    const topic = newTopic();
    const headers = [{ name: 'own', value: Buffer.from('1') }];
    await caller().publish(topic, 'first');
    await new Promise((resolve, reject) => {
      const message = { key: Buffer.from('k'), value: Buffer.from('a'), headers };
      const messages = [{ ...message, timestampNs: 0n, isClose: false }];
      const request = { topic, messages, producer: '', sequence: 0n };
      caller().broker.publish(
        { ...request, expectedLastTimestampNs: undefined, close: undefined },
        (error, response) => (error === null ? resolve(response) : reject(error)),
      );
    });
    await caller().create(topic, 's', {}, { at: { $case: 'lastMessages', value: 1n } });
    await caller().acknowledge(topic, 's', terminate(await pullOne(topic)));
    await eventually(async () => (await caller().get(topic, 's')).deadLetteredCount === 1n);
    const target = newTopic();
    await caller().redrive(topic, 's', { targetTopic: target });
    const [redriven] = await caller().read(target);
    expect(redriven && headersOf(redriven)).toEqual({ own: '1' });
    expect(Buffer.from(redriven?.key ?? []).toString()).toBe('k');
    expect(await caller().read(topic)).toHaveLength(2);
  });

  test('are redriven nowhere that cannot be written to', async () => {
    const topic = await subscribed(caller(), ['a']);
    await caller().acknowledge(topic, 's', terminate(await pullOne(topic)));
    await eventually(async () => (await caller().get(topic, 's')).deadLetteredCount === 1n);
    for (const [options, reason] of [
      [{ targetTopic: '_own' }, 'INVALID_ARGUMENT'],
      [{ targetTopic: 'a b' }, 'INVALID_ARGUMENT'],
      [{ maxMessages: -1n }, 'INVALID_ARGUMENT'],
    ] as const) {
      expect(await refused(caller().redrive(topic, 's', options))).toMatchObject({ reason });
    }
    await caller().closeTopic(topic, '');
    expect(await refused(caller().redrive(topic, 's'))).toMatchObject({ reason: 'CHANNEL_CLOSED' });
    expect(await caller().retained(`dead-letter/${topic}/s`)).toBe(1n);
  });

  test('of nobody are none to redrive', async () => {
    const topic = await subscribed(caller(), []);
    expect(await caller().redrive(topic, 's')).toEqual({ messageCount: 0n });
  });

  test('do not go to the topic that they come from', async () => {
    const topic = newTopic();
    expect(await refused(caller().create(topic, 's', { deadLetterTopic: topic }))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      metadata: { field: 'dead_letter_topic' },
    });
  });
});

describe('a snapshot', () => {
  test('puts back what was acknowledged, and how often the rest was delivered', async () => {
    const topic = await subscribed(caller(), numbered(6), { maxAttempts: 4 });
    const [m0, m1, m2] = await pulled(topic, { maxMessages: 4 });
    if (m0 === undefined || m1 === undefined || m2 === undefined) throw new Error('nothing came');
    await caller().acknowledge(topic, 's', ack(m1), nack(m2, 3_600_000n));
    const snapshot = await caller().snapshot(topic, 's');
    await caller().acknowledge(topic, 's', ack(m0));
    await caller().seek(topic, 's', { at: { $case: 'edge', value: Edge.LATEST } });
    expect(await pulled(topic)).toEqual([]);
    expect(await caller().seek(topic, 's', snapshot)).toMatchObject({
      pendingCount: 5n,
      inFlightCount: 0n,
      waitingCount: 3n,
      oldestPendingTimestampNs: m0.timestampNs,
    });
    // What was leased then is delivered again; what waits still waits.
    const again = await pulled(topic, { maxMessages: 2 });
    expect(again.map(({ value, attempt }) => [value, attempt])).toEqual([
      ['m0', 2],
      ['m3', 2],
    ]);
    expect(await pulled(topic)).toMatchObject([
      { value: 'm4', attempt: 1 },
      { value: 'm5', attempt: 1 },
    ]);
    expect(reasonOf((await caller().acknowledge(topic, 's', ack(m0)))[0]?.error)).toBe('CONFLICT');
  });

  test('does not bring a delivery beyond max_attempts', async () => {
    const topic = await subscribed(caller(), ['a'], { maxAttempts: 1 });
    await pullOne(topic);
    await caller().seek(topic, 's', await caller().snapshot(topic, 's'));
    const got = await pulled(topic);
    expect(got.filter(({ attempt }) => attempt > 1)).toEqual([]);
    await eventually(async () => (await caller().get(topic, 's')).deadLetteredCount === 1n);
  });

  test('is of its topic alone, and not of anything else', async () => {
    const topic = await subscribed(caller(), ['a']);
    const other = await subscribed(caller(), ['a']);
    const invalid = { code: 'INVALID_ARGUMENT', metadata: { field: 'snapshot' } };
    for (const snapshot of [
      await caller().snapshot(other, 's'),
      Buffer.alloc(0),
      Buffer.from('nonsense'),
      Buffer.alloc(3, 0xff),
      (await caller().snapshot(topic, 's')).subarray(0, 20),
    ]) {
      expect(await refused(caller().seek(topic, 's', snapshot))).toMatchObject(invalid);
    }
    expect(await pullOne(topic)).toMatchObject({ value: 'a', attempt: 1 });
  });

  test('of another subscription of the topic can be put back', async () => {
    const topic = await subscribed(caller(), ['a', 'b']);
    await caller().create(topic, 'other', {}, EARLIEST);
    await caller().acknowledge(topic, 's', ack(await pullOne(topic)));
    await caller().seek(topic, 'other', await caller().snapshot(topic, 's'));
    expect(valuesIn((await caller().pull(topic, 'other')).messages)).toEqual(['b']);
    expect(await caller().get(topic, 'other')).toMatchObject({ subscription: 'other' });
  });
});

describe('trim_consumed', () => {
  test('returns what all subscriptions are done with, and only that', async () => {
    const topic = await subscribed(caller(), numbered(10));
    await caller().updateTopic(topic, { trimConsumed: true });
    await caller().create(topic, 'other');
    const all = await pulled(topic);
    await caller().acknowledge(topic, 's', ...all.map((each) => ack(each)));
    const others = pulledFrom(await caller().pull(topic, 'other'));
    const [first, second, third] = others;
    if (first === undefined || second === undefined || third === undefined)
      throw new Error('nothing came');
    await caller().acknowledge(topic, 'other', ack(first), ack(third));
    await eventually(async () => (await caller().retained(topic)) === 9n);
    await caller().acknowledge(topic, 'other', ack(second));
    await eventually(async () => (await caller().retained(topic)) === 7n);
    expect(valuesIn(await caller().read(topic))).toEqual(numbered(10).slice(3));
    await caller().delete(topic, 'other');
    await eventually(async () => (await caller().retained(topic)) === 0n);
    await caller().publish(topic, 'next');
    expect(await pullOne(topic)).toMatchObject({ value: 'next' });
  });
});

describe('idle_expiry_ms', () => {
  test('removes a subscription that nobody uses, and keeps one that somebody does', async () => {
    const topic = await subscribed(caller(), ['a'], { idleExpiryMs: 500n });
    await caller().create(topic, 'used', { idleExpiryMs: 500n });
    await caller().create(topic, 'kept');
    using worker = await caller().worker(topic, 'used');
    await eventually(async () => (await caller().list(topic)).subscriptions.length === 2);
    expect(await refused(caller().get(topic, 's'))).toMatchObject({
      reason: 'SUBSCRIPTION_NOT_FOUND',
    });
    expect(worker.ended).toBeUndefined();
    worker.cancel();
    await eventually(async () => (await caller().list(topic)).subscriptions.length === 1);
  });
});

describe('a malformed request', () => {
  const methods = [
    'createSubscription',
    'getSubscription',
    'listSubscriptions',
    'updateSubscription',
    'deleteSubscription',
    'seekSubscription',
    'snapshotSubscription',
    'pull',
    'acknowledge',
    'redriveDeadLetters',
  ] as const;

  test.each(methods)('of %s is MALFORMED, and changes nothing', async (method) => {
    const topic = await subscribed(caller(), ['a']);
    const before = await caller().get(topic, 's');
    const names = Buffer.concat([bytesField(1, topic), bytesField(2, 's')]);
    for (const bytes of [
      Buffer.alloc(3, 0xff),
      Buffer.concat([tag(1, 2), varint(40), Buffer.from('x')]),
      bytesField(1, Buffer.from([0xff])),
      varintField(1, 5),
      Buffer.concat([names, tag(60, 3)]),
      Buffer.concat([names, Buffer.from([0x00, 0x01])]),
    ]) {
      expect(await refused(caller().callRaw(method, bytes))).toMatchObject({
        code: 'INVALID_ARGUMENT',
        reason: 'MALFORMED',
      });
    }
    const after = await caller().get(topic, 's');
    expect(after).toEqual({ ...before, lagSeconds: after.lagSeconds });
  });

  test('is one with too many settlements, however small they are', async () => {
    const topic = await subscribed(caller(), ['a']);
    const empty = Buffer.alloc(8_000_000, Buffer.from([0x1a, 0x00]));
    const names = Buffer.concat([bytesField(1, topic), bytesField(2, 's')]);
    const begin = performance.now();
    expect(
      await refused(caller().callRaw('acknowledge', Buffer.concat([names, empty]))),
    ).toMatchObject({ metadata: { field: 'settlements' } });
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});
