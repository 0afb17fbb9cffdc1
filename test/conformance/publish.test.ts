import { describe, expect, test } from 'vitest';
import { eventsIn, messagesIn, refusalOf } from './caller.ts';
import {
  manyMessages,
  messagesOf,
  newTopic,
  plus,
  publishValues,
  readWhole,
  useBroker,
  valuesOf,
} from './support.ts';

const broker = useBroker();

describe('Publish', () => {
  test('creates the topic and gives the messages consecutive timestamps', async () => {
    const topic = newTopic();
    const before = await broker().call('GetServerInfo', {});
    const { ack } = await broker().call('Publish', { topic, messages: manyMessages(3) });
    expect(ack).toMatchObject({ duplicate: false, closed: null });
    expect(ack.last_timestamp_ns).toBe(plus(ack.first_timestamp_ns, 2));
    expect(BigInt(ack.first_timestamp_ns)).toBeGreaterThan(BigInt(before.last_timestamp_ns));
    const stored = await readWhole(broker(), topic);
    expect(stored.map(({ timestamp_ns }) => timestamp_ns)).toEqual(
      [0, 1, 2].map((i) => plus(ack.first_timestamp_ns, i)),
    );
  });

  test('stores key, value and headers to the byte and in the order of the publisher', async () => {
    const topic = newTopic();
    const everyByte = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const message = {
      key: everyByte,
      value: Buffer.from(everyByte.toReversed()),
      headers: [
        { name: 'zuletzt ✓', value: everyByte },
        { name: 'twice', value: Buffer.from('1') },
        { name: 'twice', value: Buffer.from('2') },
        { name: '', value: Buffer.alloc(0) },
      ],
    };
    await broker().call('Publish', { topic, messages: [message, {}] });
    const [first, second] = await readWhole(broker(), topic);
    expect(first).toMatchObject(message);
    expect(second).toMatchObject({
      key: Buffer.alloc(0),
      value: Buffer.alloc(0),
      headers: [],
      is_close: false,
    });
  });

  test.each(['5', '72057594037927936', '9223372036854775807', '-1'])(
    'drops timestamp_ns %s and is_close of the publisher',
    async (timestamp_ns) => {
      const topic = newTopic();
      const value = Buffer.from('kept');
      const messages = [
        { timestamp_ns, is_close: true, value },
        { timestamp_ns, value },
      ];
      const { ack } = await broker().call('Publish', { topic, messages });
      const { messages: stored, closed } = await broker().call('Read', { topic });
      expect(stored).toMatchObject([
        { timestamp_ns: ack.first_timestamp_ns, is_close: false, value },
        { timestamp_ns: ack.last_timestamp_ns, is_close: false, value },
      ]);
      expect(closed).toBeNull();
    },
  );

  test('gives timestamps that increase over the whole broker', async () => {
    const topics = [newTopic(), newTopic(), newTopic()];
    const stamps: bigint[] = [];
    for (let i = 0; i < 12; i++) {
      const topic = topics[i % topics.length] ?? '';
      stamps.push(...(await publishValues(broker(), topic, 'a', 'b')).map(BigInt));
    }
    expect(stamps).toEqual([...stamps].sort((a, b) => (a < b ? -1 : 1)));
    expect(new Set(stamps).size).toBe(stamps.length);
    const info = await broker().call('GetServerInfo', {});
    expect(BigInt(info.last_timestamp_ns)).toBeGreaterThanOrEqual(stamps.at(-1) ?? 0n);
  });

  test('keeps requests that run at the same time whole and apart', async () => {
    const topic = newTopic();
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        broker().call('Publish', { topic, messages: manyMessages(5, `${i}-`) }),
      ),
    );
    const stored = await readWhole(broker(), topic);
    expect(stored).toHaveLength(100);
    for (let at = 0; at < 100; at += 5) {
      const batch = stored.slice(at, at + 5);
      const name = valuesOf(batch)[0]?.split('-')[0];
      expect(valuesOf(batch)).toEqual([0, 1, 2, 3, 4].map((i) => `${name}-${i}`));
      expect(batch[4]?.timestamp_ns).toBe(plus(batch[0]?.timestamp_ns ?? '0', 4));
    }
  });

  test('takes a message of exactly the largest size and refuses one byte more', async () => {
    const topic = newTopic();
    const info = await broker().call('GetServerInfo', {});
    // Tag and three bytes of length are part of the encoding of a message of this size.
    const value = Buffer.alloc(info.max_message_bytes - 4, 'x');
    await broker().call('Publish', { topic, messages: [{ value }] });
    const larger = Buffer.concat([value, Buffer.from('x')]);
    const refusal = await refusalOf(
      broker().call('Publish', { topic, messages: [{ value: larger }] }),
    );
    expect(refusal).toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'MESSAGE_TOO_LARGE',
      metadata: {
        limit_bytes: `${info.max_message_bytes}`,
        bytes: `${info.max_message_bytes + 1}`,
      },
    });
    expect(refusal.message).toContain(`${info.max_message_bytes}`);
    expect(refusal.message).toContain(`${info.max_message_bytes + 1}`);
    const stored = await readWhole(broker(), topic);
    expect(stored.map((message) => message.value.length)).toEqual([value.length]);
    expect(stored[0]?.value.equals(value)).toBe(true);
  });

  test('does not count what it drops towards the largest size', async () => {
    const topic = newTopic();
    const info = await broker().call('GetServerInfo', {});
    const value = Buffer.alloc(info.max_message_bytes - 4, 'x');
    const messages = [{ timestamp_ns: '72057594037927936', is_close: true, value }];
    await broker().call('Publish', { topic, messages });
    expect(await readWhole(broker(), topic)).toHaveLength(1);
  });

  test('stores nothing of a request of which one message is too large', async () => {
    const topic = newTopic();
    await broker().call('CreateTopic', { topic, config: { max_message_bytes: 10 } });
    const messages = messagesOf('small', 'larger than ten bytes', 'small');
    const refusal = await refusalOf(broker().call('Publish', { topic, messages }));
    expect(refusal).toMatchObject({
      reason: 'MESSAGE_TOO_LARGE',
      metadata: { limit_bytes: '10', bytes: '23' },
    });
    expect(await readWhole(broker(), topic)).toEqual([]);
  });

  test('is visible to a subscriber that follows, and to Read once it is acknowledged', async () => {
    const topic = newTopic();
    using subscription = broker().subscribe({ topic });
    await subscription.until('caught_up');
    const [stamp] = await publishValues(broker(), topic, 'hello');
    const { messages } = await broker().call('Read', { topic });
    expect(messages).toMatchObject([{ timestamp_ns: stamp, value: Buffer.from('hello') }]);
    const followed = await subscription.take(1);
    expect(messagesIn(followed)).toEqual(messages);
    expect(eventsIn(followed)).toEqual(['started']);
  });
});

describe('expected_last_timestamp_ns', () => {
  test('0 is met by a topic that is not there yet, and only once', async () => {
    const topic = newTopic();
    const request = { topic, expected_last_timestamp_ns: '0' };
    const { ack } = await broker().call('Publish', { ...request, messages: messagesOf('first') });
    const refusal = await refusalOf(
      broker().call('Publish', { ...request, messages: messagesOf('second') }),
    );
    expect(refusal).toMatchObject({
      code: 'ABORTED',
      reason: 'CONFLICT',
      metadata: { topic, last_timestamp_ns: ack.last_timestamp_ns },
    });
    expect(valuesOf(await readWhole(broker(), topic))).toEqual(['first']);
  });

  test('is met by the timestamp of the last message of the topic, whatever other topics do', async () => {
    const topic = newTopic();
    const { ack } = await broker().call('Publish', { topic, messages: manyMessages(3) });
    await publishValues(broker(), newTopic(), 'elsewhere');
    const next = await broker().call('Publish', {
      topic,
      messages: messagesOf('next'),
      expected_last_timestamp_ns: ack.last_timestamp_ns,
    });
    expect(BigInt(next.ack.first_timestamp_ns)).toBeGreaterThan(BigInt(ack.last_timestamp_ns));
  });

  test('names 0 for a topic without a message', async () => {
    const topic = newTopic();
    await broker().call('CreateTopic', { topic });
    const refusal = await refusalOf(
      broker().call('Publish', {
        topic,
        messages: messagesOf('x'),
        expected_last_timestamp_ns: '5',
      }),
    );
    expect(refusal).toMatchObject({ reason: 'CONFLICT', metadata: { last_timestamp_ns: '0' } });
  });

  test('still names the last message ever appended after a trim', async () => {
    const topic = newTopic();
    const [first = '0'] = await publishValues(broker(), topic, 'gone');
    await broker().call('TrimTopic', { topic, before_timestamp_ns: plus(first, 1) });
    const { ack } = await broker().call('Publish', {
      topic,
      messages: messagesOf('next'),
      expected_last_timestamp_ns: first,
    });
    expect(ack.first_timestamp_ns).not.toBe('0');
  });

  test('lets exactly one of many concurrent publishers through', async () => {
    const topic = newTopic();
    const [last = '0'] = await publishValues(broker(), topic, 'base');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) =>
        broker().call('Publish', {
          topic,
          messages: messagesOf(`${i}`),
          expected_last_timestamp_ns: last,
        }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readWhole(broker(), topic)).toHaveLength(2);
  });
});
