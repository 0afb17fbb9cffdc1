import { describe, expect, test } from 'vitest';
import { refusalOf } from './caller.ts';
import {
  manyMessages,
  newTopic,
  numbered,
  plus,
  publishValues,
  readWhole,
  useBroker,
  valuesOf,
} from './support.ts';

const broker = useBroker();

describe('Read', () => {
  test.each([1, 2, 7, 50])('pages to the end, %i messages at a time', async (max_messages) => {
    const topic = newTopic();
    for (let i = 0; i < 5; i++)
      await broker().call('Publish', { topic, messages: manyMessages(10, `${i}-`) });
    const values: string[] = [];
    let from = '0';
    for (;;) {
      const page = await broker().call('Read', {
        topic,
        from: { timestamp_ns: from },
        max_messages,
      });
      expect(page.messages.length).toBeLessThanOrEqual(max_messages);
      values.push(...valuesOf(page.messages));
      const last = page.messages.at(-1)?.timestamp_ns ?? '0';
      expect(BigInt(page.next_timestamp_ns)).toBeGreaterThan(BigInt(last));
      if (page.is_caught_up) break;
      expect(page.messages.length).toBeGreaterThan(0);
      from = page.next_timestamp_ns;
    }
    expect(values).toEqual([0, 1, 2, 3, 4].flatMap((i) => numbered(10, `${i}-`)));
  });

  test('goes on at next_timestamp_ns with what is published later', async () => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'a');
    const page = await broker().call('Read', { topic });
    expect(page.is_caught_up).toBe(true);
    const from = { timestamp_ns: page.next_timestamp_ns };
    const empty = await broker().call('Read', { topic, from });
    expect(empty).toMatchObject({ messages: [], is_caught_up: true });
    await publishValues(broker(), topic, 'b');
    const next = await broker().call('Read', { topic, from });
    expect(valuesOf(next.messages)).toEqual(['b']);
  });

  test('takes 1000 messages if max_messages is 0', async () => {
    const topic = newTopic();
    await broker().call('Publish', { topic, messages: manyMessages(1001) });
    const page = await broker().call('Read', { topic });
    expect(page.messages).toHaveLength(1000);
    expect(page.is_caught_up).toBe(false);
    const from = { timestamp_ns: page.next_timestamp_ns };
    const rest = await broker().call('Read', { topic, from });
    expect(valuesOf(rest.messages)).toEqual(['m1000']);
    expect(rest.is_caught_up).toBe(true);
  });

  test('keeps to max_bytes, but gives at least one message', async () => {
    const topic = newTopic();
    const value = Buffer.alloc(1000, 'x');
    const messages = Array.from({ length: 10 }, () => ({ value }));
    await broker().call('Publish', { topic, messages });
    const some = await broker().call('Read', { topic, max_bytes: 3500 });
    expect(some.messages.length).toBeGreaterThanOrEqual(1);
    expect(some.messages.length).toBeLessThanOrEqual(3);
    expect(some.is_caught_up).toBe(false);
    const one = await broker().call('Read', { topic, max_bytes: 1 });
    expect(one.messages).toHaveLength(1);
    expect(one.next_timestamp_ns).toBe(plus(one.messages[0]?.timestamp_ns ?? '0', 1));
  });

  test('takes 1 MiB if max_bytes is 0', async () => {
    const topic = newTopic();
    const value = Buffer.alloc(300_000, 'x');
    const messages = Array.from({ length: 5 }, () => ({ value }));
    await broker().call('Publish', { topic, messages });
    const page = await broker().call('Read', { topic });
    expect(page.messages).toHaveLength(3);
    expect(await readWhole(broker(), topic)).toHaveLength(5);
  });

  test('never waits for until', async () => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'a');
    const { clock_ns } = await broker().call('GetServerInfo', {});
    const page = await broker().call('Read', {
      topic,
      until_timestamp_ns: plus(clock_ns, 3_600_000_000_000n),
    });
    expect(valuesOf(page.messages)).toEqual(['a']);
    expect(page.is_caught_up).toBe(true);
    const from = { timestamp_ns: page.next_timestamp_ns };
    await publishValues(broker(), topic, 'b');
    expect(valuesOf((await broker().call('Read', { topic, from })).messages)).toEqual(['b']);
  });

  test('is caught up when it reaches until', async () => {
    const topic = newTopic();
    const stamps = await publishValues(broker(), topic, ...numbered(4));
    const page = await broker().call('Read', { topic, until_timestamp_ns: stamps[2] ?? '' });
    expect(valuesOf(page.messages)).toEqual(['m0', 'm1']);
    expect(page).toMatchObject({ is_caught_up: true, next_timestamp_ns: stamps[2] });
  });

  test('says where it begins if what was asked for is trimmed', async () => {
    const topic = newTopic();
    const stamps = await publishValues(broker(), topic, ...numbered(4));
    await broker().call('TrimTopic', { topic, before_timestamp_ns: stamps[2] ?? '' });
    const page = await broker().call('Read', { topic, from: { timestamp_ns: stamps[0] ?? '' } });
    expect(page.trimmed).toEqual({ topic, first_timestamp_ns: stamps[2] });
    expect(valuesOf(page.messages)).toEqual(['m2', 'm3']);
    const retained = { timestamp_ns: stamps[2] ?? '' };
    expect((await broker().call('Read', { topic, from: retained })).trimmed).toBeNull();
    const earliest = { edge: 'EDGE_EARLIEST' };
    expect((await broker().call('Read', { topic, from: earliest })).trimmed).toBeNull();
  });

  test('tells the close marker on the page that reaches it, and on no page before', async () => {
    const topic = newTopic();
    await broker().call('Publish', { topic, messages: manyMessages(3), close: { reason: 'end' } });
    const first = await broker().call('Read', { topic, max_messages: 2 });
    expect(first).toMatchObject({ closed: null, is_caught_up: false });
    const from = { timestamp_ns: first.next_timestamp_ns };
    const last = await broker().call('Read', { topic, from });
    expect(last.closed).toMatchObject({ topic, reason: 'end', message_count: '3' });
    expect(valuesOf(last.messages)).toEqual(['m2']);
    const behind = { timestamp_ns: last.next_timestamp_ns };
    expect(await broker().call('Read', { topic, from: behind })).toMatchObject({
      messages: [],
      is_caught_up: true,
    });
  });

  test('refuses a topic that is not there', async () => {
    const topic = newTopic();
    const refusal = await refusalOf(broker().call('Read', { topic }));
    expect(refusal).toMatchObject({
      code: 'NOT_FOUND',
      reason: 'TOPIC_NOT_FOUND',
      metadata: { topic },
    });
    expect(refusal.message).toContain(topic);
  });

  test('of a glob merges by timestamp and names the topic of each run', async () => {
    const base = newTopic();
    for (let i = 0; i < 9; i++) await publishValues(broker(), `${base}/${i % 3}`, `${i}`);
    const page = await broker().call('Read', { topic: `${base}/*` });
    expect(valuesOf(page.messages)).toEqual(numbered(9, ''));
    expect(page.runs.flatMap((run) => Array(run.message_count).fill(run.topic))).toEqual(
      numbered(9, '').map((i) => `${base}/${Number(i) % 3}`),
    );
    expect(page).toMatchObject({ is_caught_up: true, closed: null });
  });

  test('of a glob pages like that of one topic', async () => {
    const base = newTopic();
    for (let i = 0; i < 10; i++)
      await publishValues(broker(), `${base}/${i % 2}`, `${i}a`, `${i}b`);
    const values: string[] = [];
    for (let from = '0', isOver = false; !isOver; ) {
      const page = await broker().call('Read', {
        topic: `${base}/*`,
        from: { timestamp_ns: from },
        max_messages: 3,
      });
      const counted = page.runs.reduce((sum, run) => sum + run.message_count, 0);
      expect(counted).toBe(page.messages.length);
      values.push(...valuesOf(page.messages));
      from = page.next_timestamp_ns;
      isOver = page.is_caught_up;
    }
    expect(values).toEqual(numbered(10, '').flatMap((i) => [`${i}a`, `${i}b`]));
  });

  test('of a glob that matches nothing is an empty page', async () => {
    const page = await broker().call('Read', { topic: `${newTopic()}/**` });
    expect(page).toMatchObject({ messages: [], runs: [], is_caught_up: true });
  });
});
