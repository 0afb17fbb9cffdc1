import { describe, expect, test } from 'vitest';
import type { Subscription } from './caller.ts';
import { eventsIn, messagesIn } from './caller.ts';
import type { SubscribeResponse } from './contract.ts';
import { newTopic, numbered, plus, publishValues, useBroker, valuesOf } from './support.ts';

const broker = useBroker();
const earliest = { edge: 'EDGE_EARLIEST' };

/** The topic of each message, by the runs, whose counts add up in each response. */
function topicsIn(responses: readonly SubscribeResponse[]): string[] {
  return responses.flatMap(({ messages, runs }) => {
    const topics = runs.flatMap((run) => Array<string>(run.message_count).fill(run.topic));
    expect(topics).toHaveLength(messages.length);
    return topics;
  });
}

describe('a subscription of a glob', () => {
  test('merges the topics in the order of timestamps and names them', async () => {
    const base = newTopic();
    const expected: string[] = [];
    for (let i = 0; i < 30; i++) {
      const topic = `${base}/${(i * 7) % 4}`;
      await publishValues(broker(), topic, `${i}`);
      expected.push(topic);
    }
    await publishValues(broker(), newTopic(), 'of another');
    const request = { topic: `${base}/*`, from: earliest, until_now: true };
    const responses = await broker().subscribe(request).rest();
    expect(valuesOf(messagesIn(responses))).toEqual(numbered(30, ''));
    expect(topicsIn(responses)).toEqual(expected);
    expect(responses[0]?.started?.topic_created_timestamp_ns).toBe('0');
    expect(responses.at(-1)?.end?.reason).toBe('END_REASON_UNTIL');
  });

  test('has one total order while many publish and it follows', async () => {
    const base = newTopic();
    using subscription = broker().subscribe({ topic: `${base}/**`, from: earliest });
    await subscription.until('caught_up');
    await Promise.all(
      numbered(5, '').map(async (name) => {
        for (const value of numbered(20, `${name}-`))
          await publishValues(broker(), `${base}/${name}/deep`, value);
      }),
    );
    const responses = await subscription.take(100);
    const stamps = messagesIn(responses).map(({ timestamp_ns }) => BigInt(timestamp_ns));
    for (const [i, stamp] of stamps.entries()) expect(stamp).toBeGreaterThan(stamps[i - 1] ?? 0n);
    const names = topicsIn(responses);
    const values = valuesOf(messagesIn(responses));
    for (const name of numbered(5, '')) {
      const own = values.filter((_, i) => names[i] === `${base}/${name}/deep`);
      expect(own).toEqual(numbered(20, `${name}-`));
    }
  });

  test.each([
    ['*', ['a', 'b']],
    ['a/*', ['a/b', 'a/c']],
    ['a/**', ['a', 'a/b', 'a/b/c', 'a/c']],
    ['**/c', ['a/b/c', 'a/c', 'ab/c']],
    ['*/b', ['a/b']],
    ['a/*/c', ['a/b/c']],
  ])('%s stands for whole tokens', async (glob, expected) => {
    const base = newTopic();
    const names = ['a', 'a/b', 'a/c', 'a/b/c', 'ab/c', 'b'];
    for (const name of names) await publishValues(broker(), `${base}/${name}`, name);
    const topic = `${base}/${glob}`;
    const responses = await broker().subscribe({ topic, from: earliest, until_now: true }).rest();
    expect(valuesOf(messagesIn(responses)).sort()).toEqual(expected);
    const { topics } = await broker().call('ListTopics', { glob: topic });
    expect(topics.map((each) => each.topic.slice(base.length + 1))).toEqual(expected);
  });

  test('includes topics that are created later', async () => {
    const base = newTopic();
    using subscription = broker().subscribe({ topic: `${base}/*`, from: earliest });
    await subscription.until('caught_up');
    await publishValues(broker(), `${base}/new`, 'first');
    await publishValues(broker(), `${base}/newer`, 'second');
    const responses = await subscription.take(2);
    expect(topicsIn(responses)).toEqual([`${base}/new`, `${base}/newer`]);
  });

  test('tells Closed and Deleted of each topic, and goes on', async () => {
    const base = newTopic();
    await publishValues(broker(), `${base}/a`, 'a');
    await publishValues(broker(), `${base}/b`, 'b');
    using subscription = broker().subscribe({ topic: `${base}/*`, from: earliest });
    await subscription.until('caught_up');
    const { closed } = await broker().call('CloseTopic', { topic: `${base}/a` });
    expect(await nextEvent(subscription, 'closed')).toMatchObject({ closed });
    await broker().call('DeleteTopic', { topic: `${base}/b` });
    expect(await nextEvent(subscription, 'deleted')).toMatchObject({
      deleted: { topic: `${base}/b` },
    });
    await publishValues(broker(), `${base}/c`, 'c');
    const responses = await subscription.take(1);
    expect(topicsIn(responses)).toEqual([`${base}/c`]);
    expect(eventsIn(responses)).not.toContain('end');
  });

  test('tells a close that it meets while it catches up, in its place', async () => {
    const base = newTopic();
    await publishValues(broker(), `${base}/a`, 'a');
    await broker().call('CloseTopic', { topic: `${base}/a` });
    await publishValues(broker(), `${base}/b`, 'b');
    const request = { topic: `${base}/*`, from: earliest, until_now: true };
    const responses = await broker().subscribe(request).rest();
    expect(eventsIn(responses).filter((event) => event === 'closed')).toHaveLength(1);
    const closedAt = responses.findIndex(({ event }) => event === 'closed');
    expect(valuesOf(messagesIn(responses.slice(0, closedAt + 1)))).toEqual(['a']);
    expect(valuesOf(messagesIn(responses.slice(closedAt + 1)))).toEqual(['b']);
  });

  test('rewinds to a nanosecond, takes the last n, and ends at limit and until', async () => {
    const base = newTopic();
    const stamps: string[] = [];
    for (let i = 0; i < 10; i++)
      stamps.push(...(await publishValues(broker(), `${base}/${i % 3}`, `${i}a`, `${i}b`)));
    const all = numbered(10, '').flatMap((i) => [`${i}a`, `${i}b`]);
    const topic = `${base}/*`;
    const values = async (range: object) =>
      valuesOf(
        messagesIn(
          await broker()
            .subscribe({ topic, ...range })
            .rest(),
        ),
      );
    for (const cut of [0, 1, 7, 19]) {
      const from = { timestamp_ns: stamps[cut] ?? '' };
      expect(await values({ from, until_now: true })).toEqual(all.slice(cut));
      expect(await values({ from: earliest, until_timestamp_ns: stamps[cut] ?? '' })).toEqual(
        all.slice(0, cut),
      );
    }
    for (const count of [1, 2, 3, 20, 21]) {
      const last = { from: { last_messages: `${count}` }, until_now: true };
      expect(await values(last)).toEqual(all.slice(-count));
      if (count < 20)
        expect(await values({ from: earliest, max_messages: `${count}` })).toEqual(
          all.slice(0, count),
        );
    }
  });

  test('leaves out what is trimmed and what is deleted', async () => {
    const base = newTopic();
    const [, second = ''] = await publishValues(broker(), `${base}/a`, 'a1', 'a2');
    await publishValues(broker(), `${base}/b`, 'b');
    await publishValues(broker(), `${base}/c`, 'c');
    await broker().call('TrimTopic', { topic: `${base}/a`, before_timestamp_ns: second });
    await broker().call('DeleteTopic', { topic: `${base}/b` });
    await publishValues(broker(), `${base}/b`, 'new b');
    const request = { topic: `${base}/*`, from: earliest, until_now: true };
    const responses = await broker().subscribe(request).rest();
    expect(valuesOf(messagesIn(responses))).toEqual(['a2', 'c', 'new b']);
  });

  test('that asked for a time of which messages are gone is told Trimmed with the topic', async () => {
    const base = newTopic();
    const [first = '', second = ''] = await publishValues(broker(), `${base}/a`, 'a1', 'a2');
    await broker().call('TrimTopic', { topic: `${base}/a`, before_timestamp_ns: second });
    const from = { timestamp_ns: plus(first, 0) };
    const request = { topic: `${base}/*`, from, until_now: true };
    const responses = await broker().subscribe(request).rest();
    const trimmed = responses.find(({ event }) => event === 'trimmed');
    expect(trimmed?.trimmed).toEqual({ topic: `${base}/a`, first_timestamp_ns: second });
    expect(valuesOf(messagesIn(responses))).toEqual(['a2']);
  });

  test('that matches nothing ends at once with until_now', async () => {
    const request = { topic: `${newTopic()}/**`, from: earliest, until_now: true };
    const responses = await broker().subscribe(request).rest();
    expect(messagesIn(responses)).toEqual([]);
    expect(responses.at(-1)?.end?.reason).toBe('END_REASON_UNTIL');
  });
});

async function nextEvent(
  subscription: Subscription,
  event: 'closed' | 'deleted',
): Promise<SubscribeResponse | undefined> {
  return (await subscription.until(event)).at(-1);
}
