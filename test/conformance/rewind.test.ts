import { beforeAll, describe, expect, test } from 'vitest';
import { eventsIn, messagesIn } from './caller.ts';
import type { Position } from './contract.ts';
import {
  messagesOf,
  newTopic,
  numbered,
  plus,
  publishValues,
  useBroker,
  valuesOf,
} from './support.ts';

const broker = useBroker();

/** Three batches of four messages, with gaps in time between the batches. */
const topic = newTopic();
const stamps: string[] = [];

beforeAll(async () => {
  for (const batch of [0, 4, 8])
    stamps.push(...(await publishValues(broker(), topic, ...numbered(12).slice(batch, batch + 4))));
});

const at = (index: number): string => stamps[index] ?? '';

/** What Read and Subscribe deliver from a position; both must agree. */
async function delivered(from: Position, until?: string): Promise<string[]> {
  const range = { topic, from, ...(until === undefined ? {} : { until_timestamp_ns: until }) };
  const page = await broker().call('Read', range);
  const responses = await broker()
    .subscribe(until === undefined ? { ...range, until_now: true } : range)
    .rest();
  expect(valuesOf(messagesIn(responses))).toEqual(valuesOf(page.messages));
  return valuesOf(page.messages);
}

describe('a rewind to a timestamp', () => {
  test('delivers from the first message on, at its very nanosecond', async () => {
    expect(await delivered({ timestamp_ns: at(0) })).toEqual(numbered(12));
    expect(await delivered({ timestamp_ns: plus(at(0), -1) })).toEqual(numbered(12));
    expect(await delivered({ timestamp_ns: plus(at(0), 1) })).toEqual(numbered(12).slice(1));
    expect(await delivered({ timestamp_ns: '0' })).toEqual(numbered(12));
  });

  test.each(numbered(12, '').map(Number))(
    'delivers from message %i on: the least timestamp that is not before',
    async (index) => {
      expect(await delivered({ timestamp_ns: at(index) })).toEqual(numbered(12).slice(index));
      expect(await delivered({ timestamp_ns: plus(at(index), 1) })).toEqual(
        numbered(12).slice(index + 1),
      );
    },
  );

  test('between two batches delivers from the later one on', async () => {
    const middle = `${(BigInt(at(3)) + BigInt(at(4))) / 2n}`;
    expect(BigInt(middle)).toBeGreaterThan(BigInt(at(3)));
    expect(await delivered({ timestamp_ns: middle })).toEqual(numbered(12).slice(4));
  });

  test('behind the last message delivers nothing of what is there', async () => {
    expect(await delivered({ timestamp_ns: plus(at(11), 1) })).toEqual([]);
  });

  test('in the future waits for it', async () => {
    const own = newTopic();
    await publishValues(broker(), own, 'before');
    const { clock_ns } = await broker().call('GetServerInfo', {});
    const from = plus(clock_ns, 200_000_000);
    using subscription = broker().subscribe({ topic: own, from: { timestamp_ns: from } });
    const [started] = await subscription.until('started');
    expect(started?.started?.from_timestamp_ns).toBe(from);
    let stamp = '0';
    let count = 0;
    while (BigInt(stamp) < BigInt(from))
      [stamp = '0'] = await publishValues(broker(), own, `${count++}`);
    const [first] = messagesIn(await subscription.take(1));
    expect(first?.timestamp_ns).toBe(stamp);
    expect(count).toBeGreaterThan(1);
  });

  test('that is the largest of all waits for ever', async () => {
    const from = { timestamp_ns: '9223372036854775807' };
    using subscription = broker().subscribe({ topic, from });
    const [started] = await subscription.until('started');
    expect(started?.started?.from_timestamp_ns).toBe(from.timestamp_ns);
    expect((await broker().call('Read', { topic, from })).messages).toEqual([]);
  });
});

describe('until', () => {
  test('is excluded', async () => {
    expect(await delivered({ timestamp_ns: at(0) }, at(11))).toEqual(numbered(11));
    expect(await delivered({ timestamp_ns: at(0) }, plus(at(11), 1))).toEqual(numbered(12));
    expect(await delivered({ timestamp_ns: at(2) }, at(3))).toEqual(['m2']);
    expect(await delivered({ timestamp_ns: at(2) }, at(2))).toEqual([]);
  });

  test('makes adjacent ranges meet without a gap or an overlap, wherever they are cut', async () => {
    for (let cut = 1; cut < 12; cut++) {
      const left = await delivered({ timestamp_ns: at(0) }, at(cut));
      const right = await delivered({ timestamp_ns: at(cut) }, plus(at(11), 1));
      expect([...left, ...right]).toEqual(numbered(12));
    }
  });

  test('ends a subscription with END_REASON_UNTIL', async () => {
    const range = { from: { timestamp_ns: at(1) }, until_timestamp_ns: at(6) };
    const responses = await broker()
      .subscribe({ topic, ...range })
      .rest();
    expect(responses[0]?.started).toMatchObject({
      from_timestamp_ns: at(1),
      until_timestamp_ns: at(6),
    });
    expect(responses.at(-1)?.end).toEqual({ reason: 'END_REASON_UNTIL', error: null });
  });

  test('in the future is waited for, also if nothing is published', async () => {
    const own = newTopic();
    await publishValues(broker(), own, 'before');
    const { clock_ns } = await broker().call('GetServerInfo', {});
    const until = plus(clock_ns, 300_000_000);
    using subscription = broker().subscribe({
      topic: own,
      from: { edge: 'EDGE_EARLIEST' },
      until_timestamp_ns: until,
    });
    await subscription.until('caught_up');
    const [stamp = '0'] = await publishValues(broker(), own, 'in between');
    expect(BigInt(stamp)).toBeLessThan(BigInt(until));
    const responses = await subscription.rest();
    expect(valuesOf(messagesIn(responses))).toEqual(['in between']);
    expect(responses.at(-1)?.end?.reason).toBe('END_REASON_UNTIL');
    const after = await broker().call('GetServerInfo', {});
    expect(BigInt(after.clock_ns)).toBeGreaterThanOrEqual(BigInt(until));
  });

  test('in the future leaves out what is published behind it', async () => {
    const own = newTopic();
    const { clock_ns } = await broker().call('GetServerInfo', {});
    const until = plus(clock_ns, 200_000_000);
    using subscription = broker().subscribe({ topic: own, until_timestamp_ns: until });
    await subscription.until('started');
    const before: string[] = [];
    for (;;) {
      const [stamp = '0'] = await publishValues(broker(), own, 'x');
      if (BigInt(stamp) >= BigInt(until)) break;
      before.push(stamp);
    }
    const responses = await subscription.rest();
    expect(messagesIn(responses).map(({ timestamp_ns }) => timestamp_ns)).toEqual(before);
    expect(responses.at(-1)?.end?.reason).toBe('END_REASON_UNTIL');
  });

  test('now ends with what was committed when the subscription began', async () => {
    const own = newTopic();
    await publishValues(broker(), own, ...numbered(5));
    const request = { topic: own, from: { edge: 'EDGE_EARLIEST' }, until_now: true };
    const subscription = broker().subscribe(request);
    const [started] = await subscription.until('started');
    await publishValues(broker(), own, 'later');
    const responses = await subscription.rest();
    expect(valuesOf(messagesIn(responses))).toEqual(numbered(5));
    expect(responses.at(-1)?.end?.reason).toBe('END_REASON_UNTIL');
    expect(BigInt(started?.started?.until_timestamp_ns ?? '0')).toBeGreaterThan(0n);
  });
});

describe('a position relative to the end', () => {
  test.each([1, 2, 3, 4, 5, 8, 11, 12])('the last %i', async (count) => {
    expect(await delivered({ last_messages: `${count}` })).toEqual(numbered(12).slice(-count));
  });

  test('the last more than there are delivers all', async () => {
    expect(await delivered({ last_messages: '13' })).toEqual(numbered(12));
    expect(await delivered({ last_messages: '9223372036854775807' })).toEqual(numbered(12));
  });

  test('the last of a trimmed topic are of those that are retained', async () => {
    const own = newTopic();
    const places = await publishValues(broker(), own, ...numbered(6));
    await broker().call('TrimTopic', { topic: own, before_timestamp_ns: places[4] ?? '' });
    const from = { last_messages: '5' };
    const page = await broker().call('Read', { topic: own, from });
    expect(valuesOf(page.messages)).toEqual(['m4', 'm5']);
    expect(page.trimmed).toBeNull();
  });

  test('ago counts from the clock of the broker', async () => {
    const own = newTopic();
    await publishValues(broker(), own, 'x');
    const hour = { ago_ns: '3600000000000' };
    expect(valuesOf((await broker().call('Read', { topic: own, from: hour })).messages)).toEqual([
      'x',
    ]);
    const { clock_ns: before } = await broker().call('GetServerInfo', {});
    using subscription = broker().subscribe({ topic: own, from: hour });
    const [started] = await subscription.until('started');
    const { clock_ns: after } = await broker().call('GetServerInfo', {});
    const from = BigInt(started?.started?.from_timestamp_ns ?? '0') + 3_600_000_000_000n;
    expect(from).toBeGreaterThanOrEqual(BigInt(before));
    expect(from).toBeLessThanOrEqual(BigInt(after));
  });

  test('ago 0 is now, and ago more than since 1970 is the beginning', async () => {
    expect(await delivered({ ago_ns: '0' })).toEqual([]);
    expect(await delivered({ ago_ns: '9223372036854775807' })).toEqual(numbered(12));
  });
});

describe('the edges', () => {
  test('earliest delivers everything, latest only what comes', async () => {
    expect(await delivered({ edge: 'EDGE_EARLIEST' })).toEqual(numbered(12));
    expect(await delivered({ edge: 'EDGE_LATEST' })).toEqual([]);
    const own = newTopic();
    await publishValues(broker(), own, 'before');
    using subscription = broker().subscribe({ topic: own, from: { edge: 'EDGE_LATEST' } });
    await subscription.until('started');
    await publishValues(broker(), own, 'after');
    expect(valuesOf(messagesIn(await subscription.take(1)))).toEqual(['after']);
  });

  test('Subscribe begins at the latest if from is unset, Read at the earliest', async () => {
    const own = newTopic();
    await publishValues(broker(), own, 'before');
    using subscription = broker().subscribe({ topic: own });
    await subscription.until('started');
    await publishValues(broker(), own, 'after');
    expect(valuesOf(messagesIn(await subscription.take(1)))).toEqual(['after']);
    const { messages } = await broker().call('Read', { topic: own });
    expect(valuesOf(messages)).toEqual(['before', 'after']);
  });
});

describe('a limit', () => {
  test.each([1, 3, 4, 5, 11, 12])('of %i messages ends a subscription', async (limit) => {
    const request = { topic, from: { edge: 'EDGE_EARLIEST' }, max_messages: `${limit}` };
    const responses = await broker().subscribe(request).rest();
    expect(valuesOf(messagesIn(responses))).toEqual(numbered(limit));
    expect(responses.at(-1)?.end?.reason).toBe('END_REASON_LIMIT');
    const page = await broker().call('Read', { ...request, max_messages: limit });
    expect(valuesOf(page.messages)).toEqual(numbered(limit));
    expect(page.next_timestamp_ns).toBe(plus(at(limit - 1), 1));
  });

  test('counts across what was there and what comes', async () => {
    const own = newTopic();
    await publishValues(broker(), own, 'a', 'b');
    const request = { topic: own, from: { edge: 'EDGE_EARLIEST' }, max_messages: '4' };
    const subscription = broker().subscribe(request);
    const first = await subscription.until('caught_up');
    await broker().call('Publish', { topic: own, messages: messagesOf('c', 'd', 'e') });
    const rest = await subscription.rest();
    expect(valuesOf(messagesIn([...first, ...rest]))).toEqual(['a', 'b', 'c', 'd']);
    expect(eventsIn(rest)).toEqual(['end']);
    expect(rest.at(-1)?.end?.reason).toBe('END_REASON_LIMIT');
  });
});
