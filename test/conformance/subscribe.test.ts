import { describe, expect, test } from 'vitest';
import { Caller, eventsIn, messagesIn, refusalOf } from './caller.ts';
import {
  isExternal,
  manyMessages,
  newTopic,
  numbered,
  OwnBroker,
  plus,
  publishValues,
  useBroker,
  valuesOf,
} from './support.ts';

const broker = useBroker();
const earliest = { edge: 'EDGE_EARLIEST' };

describe('Subscribe', () => {
  test('begins with Started and ends with End, whatever is between', async () => {
    const topic = newTopic();
    const stamps = await publishValues(broker(), topic, ...numbered(3));
    const { topic: description } = await broker().call('GetTopic', { topic });
    const ranges = [
      { from: earliest, until_now: true },
      { until_now: true },
      { from: earliest, max_messages: '1' },
      { from: earliest, until_timestamp_ns: stamps[1] ?? '' },
      { from: { timestamp_ns: stamps[1] ?? '' }, until_timestamp_ns: stamps[1] ?? '' },
    ];
    for (const range of ranges) {
      const responses = await broker()
        .subscribe({ topic, ...range })
        .rest();
      expect(responses[0]).toMatchObject({
        event: 'started',
        messages: [],
        started: { topic_created_timestamp_ns: description.created_timestamp_ns },
      });
      expect(eventsIn(responses).filter((event) => event === 'end')).toHaveLength(1);
      expect(responses.at(-1)?.event).toBe('end');
    }
  });

  test('catches up, says so, and follows without a gap', async () => {
    const topic = newTopic();
    await broker().call('Publish', { topic, messages: manyMessages(1000, 'old') });
    using subscription = broker().subscribe({ topic, from: earliest });
    const publishing = (async () => {
      for (let i = 0; i < 100; i++) await publishValues(broker(), topic, `new${i}`);
    })();
    const responses = await subscription.take(1100);
    await publishing;
    expect(valuesOf(messagesIn(responses))).toEqual([
      ...numbered(1000, 'old'),
      ...numbered(100, 'new'),
    ]);
    const stamps = messagesIn(responses).map(({ timestamp_ns }) => BigInt(timestamp_ns));
    for (const [i, stamp] of stamps.entries()) expect(stamp).toBeGreaterThan(stamps[i - 1] ?? 0n);
    expect(responses.every(({ runs }) => runs.length === 0)).toBe(true);
  });

  test('says in CaughtUp where the next message is at the earliest', async () => {
    const topic = newTopic();
    const [last = '0'] = await publishValues(broker(), topic, 'x');
    using subscription = broker().subscribe({ topic, from: earliest });
    const responses = await subscription.until('caught_up');
    const next = BigInt(responses.at(-1)?.caught_up?.next_timestamp_ns ?? '0');
    expect(next).toBeGreaterThan(BigInt(last));
    const [stamp = '0'] = await publishValues(broker(), topic, 'y');
    expect(BigInt(stamp)).toBeGreaterThanOrEqual(next);
    expect(messagesIn(await subscription.take(1))[0]?.timestamp_ns).toBe(stamp);
  });

  test('waits for a topic that is not there, and says Started again when it is created', async () => {
    const topic = newTopic();
    using subscription = broker().subscribe({ topic, from: earliest });
    const [started] = await subscription.until('started');
    expect(started?.started?.topic_created_timestamp_ns).toBe('0');
    await publishValues(broker(), topic, 'first');
    const responses = await subscription.take(1);
    const again = responses.find(({ event }) => event === 'started');
    const { topic: description } = await broker().call('GetTopic', { topic });
    expect(again?.started?.topic_created_timestamp_ns).toBe(description.created_timestamp_ns);
    expect(again?.messages).toEqual([]);
    expect(valuesOf(messagesIn(responses))).toEqual(['first']);
  });

  test('of a topic that was created empty says when, at once', async () => {
    const topic = newTopic();
    using subscription = broker().subscribe({ topic });
    await subscription.until('started');
    const { topic: description } = await broker().call('CreateTopic', { topic });
    const again = await subscription.until('started');
    expect(again.at(-1)?.started?.topic_created_timestamp_ns).toBe(
      description.created_timestamp_ns,
    );
  });

  test('refuses a topic that is not there if there is nothing to wait for', async () => {
    for (const range of [
      { until_now: true },
      { from: earliest, until_now: true },
      { from: earliest, until_timestamp_ns: '5' },
    ]) {
      const topic = newTopic();
      const refusal = await refusalOf(
        broker()
          .subscribe({ topic, ...range })
          .next(),
      );
      expect(refusal).toMatchObject({
        code: 'NOT_FOUND',
        reason: 'TOPIC_NOT_FOUND',
        metadata: { topic },
      });
    }
  });

  test('ends a wait for a topic that never comes at until', async () => {
    const topic = newTopic();
    const { clock_ns } = await broker().call('GetServerInfo', {});
    const until = plus(clock_ns, 150_000_000);
    const responses = await broker().subscribe({ topic, until_timestamp_ns: until }).rest();
    expect(responses.at(-1)?.end?.reason).toBe('END_REASON_UNTIL');
  });

  test('tells Trimmed first if what was asked for is gone', async () => {
    const topic = newTopic();
    const stamps = await publishValues(broker(), topic, ...numbered(4));
    await broker().call('TrimTopic', { topic, before_timestamp_ns: stamps[2] ?? '' });
    const from = { timestamp_ns: stamps[0] ?? '' };
    const responses = await broker().subscribe({ topic, from, until_now: true }).rest();
    expect(eventsIn(responses).slice(0, 2)).toEqual(['started', 'trimmed']);
    expect(responses.find(({ trimmed }) => trimmed !== undefined)?.trimmed).toEqual({
      topic,
      first_timestamp_ns: stamps[2],
    });
    expect(valuesOf(messagesIn(responses))).toEqual(['m2', 'm3']);
  });

  test('tells Trimmed with 0 if nothing is left, and goes on', async () => {
    const topic = newTopic();
    const [stamp = '0'] = await publishValues(broker(), topic, 'gone');
    await broker().call('TrimTopic', { topic, before_timestamp_ns: plus(stamp, 1) });
    using subscription = broker().subscribe({ topic, from: { timestamp_ns: stamp } });
    const responses = await subscription.until('trimmed');
    expect(responses.at(-1)?.trimmed).toEqual({ topic, first_timestamp_ns: '0' });
    await publishValues(broker(), topic, 'next');
    expect(valuesOf(messagesIn(await subscription.take(1)))).toEqual(['next']);
  });

  test('does not tell Trimmed to one who asks for the earliest', async () => {
    const topic = newTopic();
    const stamps = await publishValues(broker(), topic, ...numbered(4));
    await broker().call('TrimTopic', { topic, before_timestamp_ns: stamps[2] ?? '' });
    const responses = await broker().subscribe({ topic, from: earliest, until_now: true }).rest();
    expect(eventsIn(responses)).not.toContain('trimmed');
    expect(valuesOf(messagesIn(responses))).toEqual(['m2', 'm3']);
  });

  test('ends with Deleted, also while it follows', async () => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'x');
    const subscription = broker().subscribe({ topic, from: earliest });
    await subscription.until('caught_up');
    await broker().call('DeleteTopic', { topic });
    const responses = await subscription.rest();
    expect(eventsIn(responses)).toEqual(['deleted', 'end']);
    expect(responses[0]?.deleted).toEqual({ topic });
    expect(responses[1]?.end?.reason).toBe('END_REASON_DELETED');
  });

  test('that resumes on a topic which was deleted and created again ends with Deleted', async () => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'old');
    const { topic: old } = await broker().call('GetTopic', { topic });
    const topic_created_timestamp_ns = old.created_timestamp_ns;
    const same = await broker()
      .subscribe({ topic, from: earliest, until_now: true, topic_created_timestamp_ns })
      .rest();
    expect(valuesOf(messagesIn(same))).toEqual(['old']);
    await broker().call('DeleteTopic', { topic });
    const gone = await broker().subscribe({ topic, topic_created_timestamp_ns }).rest();
    expect(gone.at(-1)?.end?.reason).toBe('END_REASON_DELETED');
    await publishValues(broker(), topic, 'new');
    const other = await broker()
      .subscribe({ topic, from: earliest, topic_created_timestamp_ns })
      .rest();
    expect(eventsIn(other)).toEqual(['started', 'deleted', 'end']);
    expect(messagesIn(other)).toEqual([]);
  });

  test('is counted while it is open, and no more when it is cancelled', async () => {
    const topic = newTopic();
    await broker().call('CreateTopic', { topic });
    const count = async () => (await broker().call('GetTopic', { topic })).topic.subscriber_count;
    const subscriptions = [1, 2, 3].map(() => broker().subscribe({ topic }));
    for (const subscription of subscriptions) await subscription.until('started');
    expect(await count()).toBe(3);
    for (const subscription of subscriptions) subscription.cancel();
    await expect.poll(count).toBe(0);
  });

  test('may resume behind the last message and misses nothing', async () => {
    const topic = newTopic();
    await publishValues(broker(), topic, ...numbered(10));
    const seen: string[] = [];
    let from = '0';
    for (let i = 0; i < 10; i++) {
      const request = { topic, from: { timestamp_ns: from }, max_messages: '1' };
      const [message] = messagesIn(await broker().subscribe(request).rest());
      seen.push(message?.value.toString() ?? '');
      from = plus(message?.timestamp_ns ?? '0', 1);
    }
    expect(seen).toEqual(numbered(10));
  });

  test('delivers a large topic whole', async () => {
    const topic = newTopic();
    const value = Buffer.alloc(1000, 'x');
    const messages = Array.from({ length: 1000 }, () => ({ value }));
    for (let i = 0; i < 5; i++) await broker().call('Publish', { topic, messages });
    const responses = await broker().subscribe({ topic, from: earliest, until_now: true }).rest();
    const stored = messagesIn(responses);
    expect(stored).toHaveLength(5000);
    expect(stored.every((message) => message.value.equals(value))).toBe(true);
  });
});

describe.skipIf(isExternal)('a subscriber that stops reading', () => {
  test('is held back, keeps nobody else waiting, and gets everything in the end', async () => {
    await using own = await OwnBroker.start();
    using publisher = Caller.connect(own.address);
    using slow = Caller.connect(own.address);
    const topic = newTopic();
    const value = Buffer.alloc(500_000, 'x');
    await publisher.call('CreateTopic', { topic });
    using stalled = slow.subscribe({ topic, from: earliest });
    await stalled.until('started');
    using reading = publisher.subscribe({ topic, from: earliest });
    let taken = 0;
    for (let i = 0; i < 130; i++) {
      await publisher.call('Publish', { topic, messages: [{ value }] });
      taken += messagesIn(await reading.take(1)).length;
    }
    expect(taken).toBe(130);
    const responses = await stalled.take(130);
    const stamps = messagesIn(responses).map(({ timestamp_ns }) => timestamp_ns);
    expect(new Set(stamps).size).toBe(130);
    // It fell behind what it was told that it had: it is told again when it has everything.
    const more = await stalled.until('caught_up');
    expect(more.at(-1)?.event).toBe('caught_up');
  });
});
