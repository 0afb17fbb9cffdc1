import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { eventsIn, messagesIn, refusalOf } from './caller.ts';
import {
  manyMessages,
  messagesOf,
  newTopic,
  numbered,
  plus,
  publishValues,
  readWhole,
  useBroker,
  valuesOf,
} from './support.ts';

const broker = useBroker();
const earliest = { edge: 'EDGE_EARLIEST' };

describe('a close', () => {
  test('with a last batch is one with it: readers get the batch and then the end', async () => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'a', 'b');
    const checksum = createHash('md5').update('abcd').digest();
    const { ack } = await broker().call('Publish', {
      topic,
      messages: messagesOf('c', 'd'),
      close: { reason: 'done', checksum },
    });
    expect(ack.closed).toMatchObject({ topic, message_count: '4', reason: 'done', checksum });
    expect(BigInt(ack.closed?.timestamp_ns ?? '0')).toBeGreaterThan(BigInt(ack.last_timestamp_ns));
    for (let round = 0; round < 2; round++) {
      const responses = await broker().subscribe({ topic, from: earliest }).rest();
      expect(valuesOf(messagesIn(responses))).toEqual(['a', 'b', 'c', 'd']);
      expect(eventsIn(responses).slice(-2)).toEqual(['closed', 'end']);
      expect(responses.at(-2)?.closed).toEqual(ack.closed);
      expect(responses.at(-1)?.end).toEqual({ reason: 'END_REASON_CLOSED', error: null });
    }
  });

  test('is told to one who follows', async () => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'a');
    const subscription = broker().subscribe({ topic, from: earliest });
    await subscription.until('caught_up');
    const { closed } = await broker().call('CloseTopic', { topic, close: { reason: 'bye' } });
    const responses = await subscription.rest();
    expect(eventsIn(responses)).toEqual(['closed', 'end']);
    expect(responses[0]?.closed).toEqual(closed);
  });

  test('is told to one who starts behind the last message', async () => {
    const topic = newTopic();
    await broker().call('Publish', { topic, messages: manyMessages(2), close: {} });
    for (const from of [{ edge: 'EDGE_LATEST' }, { timestamp_ns: '9000000000000000000' }]) {
      const responses = await broker().subscribe({ topic, from }).rest();
      expect(eventsIn(responses).slice(-2)).toEqual(['closed', 'end']);
      expect(messagesIn(responses)).toEqual([]);
    }
  });

  test('answers as the first time when it is done again', async () => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'a');
    const first = await broker().call('CloseTopic', { topic, close: { reason: 'first' } });
    const second = await broker().call('CloseTopic', { topic, close: { reason: 'second' } });
    const third = await broker().call('Publish', { topic, close: { reason: 'third' } });
    expect(second.closed).toEqual(first.closed);
    expect(third.ack).toMatchObject({
      first_timestamp_ns: '0',
      last_timestamp_ns: '0',
      closed: first.closed,
    });
    expect(first.closed).toMatchObject({ reason: 'first', message_count: '1' });
  });

  test('without reason and checksum has neither', async () => {
    const { closed } = await broker().call('CloseTopic', { topic: newTopic() });
    expect(closed).toMatchObject({
      reason: '',
      checksum: Buffer.alloc(0),
      message_count: '0',
    });
  });

  test('creates a topic that does not exist', async () => {
    const topic = newTopic();
    const { closed } = await broker().call('CloseTopic', { topic });
    const description = await broker().call('GetTopic', { topic });
    expect(description.topic).toMatchObject({ closed, message_count: '0' });
  });

  test('makes publishes be refused, and names itself', async () => {
    const topic = newTopic();
    const { closed } = await broker().call('CloseTopic', { topic });
    for (const close of [null, { reason: 'again' }]) {
      const request = { topic, messages: messagesOf('x'), ...(close === null ? {} : { close }) };
      expect(await refusalOf(broker().call('Publish', request))).toMatchObject({
        code: 'FAILED_PRECONDITION',
        reason: 'CHANNEL_CLOSED',
        metadata: { topic, closed_timestamp_ns: closed.timestamp_ns },
      });
    }
    expect(await readWhole(broker(), topic)).toEqual([]);
  });

  test('counts messages that are trimmed', async () => {
    const topic = newTopic();
    const stamps = await publishValues(broker(), topic, ...numbered(5));
    await broker().call('TrimTopic', { topic, before_timestamp_ns: stamps[3] ?? '' });
    const { closed } = await broker().call('CloseTopic', { topic });
    expect(closed.message_count).toBe('5');
    const responses = await broker().subscribe({ topic, from: earliest }).rest();
    expect(valuesOf(messagesIn(responses))).toEqual(['m3', 'm4']);
    expect(responses.at(-2)?.closed?.message_count).toBe('5');
  });

  test('outlives a trim of everything', async () => {
    const topic = newTopic();
    await broker().call('Publish', { topic, messages: manyMessages(2), close: {} });
    const { last_timestamp_ns } = await broker().call('GetServerInfo', {});
    const before_timestamp_ns = plus(last_timestamp_ns, 1_000_000_000);
    await broker().call('TrimTopic', { topic, before_timestamp_ns });
    const responses = await broker().subscribe({ topic, from: earliest }).rest();
    expect(eventsIn(responses).slice(-2)).toEqual(['closed', 'end']);
    expect(messagesIn(responses)).toEqual([]);
  });

  test('with an expected timestamp that is not met is refused, and nothing closes', async () => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'a');
    const request = { topic, close: {}, expected_last_timestamp_ns: '0' };
    expect((await refusalOf(broker().call('Publish', request))).reason).toBe('CONFLICT');
    expect((await broker().call('GetTopic', { topic })).topic.closed).toBeNull();
  });

  test('is ordered with concurrent publishes: each is wholly before it or refused', async () => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'base');
    const publishes = Array.from({ length: 40 }, (_, i) =>
      broker()
        .call('Publish', { topic, messages: manyMessages(3, `${i}-`) })
        .then(
          ({ ack }) => ack.first_timestamp_ns,
          async (error: unknown) => {
            const { reason } = await refusalOf(Promise.reject(error));
            expect(reason).toBe('CHANNEL_CLOSED');
            return undefined;
          },
        ),
    );
    const closing = broker().call('CloseTopic', { topic });
    const more = Array.from({ length: 40 }, (_, i) =>
      broker()
        .call('Publish', { topic, messages: manyMessages(3, `later${i}-`) })
        .then(
          ({ ack }) => ack.first_timestamp_ns,
          () => undefined,
        ),
    );
    const { closed } = await closing;
    const stamps = (await Promise.all([...publishes, ...more])).filter((at) => at !== undefined);
    const stored = await readWhole(broker(), topic);
    expect(closed.message_count).toBe(`${stored.length}`);
    expect(stored).toHaveLength(1 + 3 * stamps.length);
    expect(stamps.every((at) => BigInt(at) + 2n < BigInt(closed.timestamp_ns))).toBe(true);
    const kept = new Set(stored.map(({ timestamp_ns }) => timestamp_ns));
    for (const at of stamps) expect([0, 1, 2].every((i) => kept.has(plus(at, i)))).toBe(true);
  });

  test('by two at the same time has one marker', async () => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'a');
    const answers = await Promise.all(
      ['x', 'y', 'z'].map((reason) => broker().call('CloseTopic', { topic, close: { reason } })),
    );
    expect(answers[1]?.closed).toEqual(answers[0]?.closed);
    expect(answers[2]?.closed).toEqual(answers[0]?.closed);
  });
});
