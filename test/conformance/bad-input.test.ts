import { describe, expect, test } from 'vitest';
import { refusalOf } from './caller.ts';
import type { ReadRequest, SubscribeRequest } from './contract.ts';
import {
  manyMessages,
  messagesOf,
  newTopic,
  publishValues,
  readWhole,
  useBroker,
} from './support.ts';

const broker = useBroker();

const invalid = (field: unknown = expect.any(String)) => ({
  code: 'INVALID_ARGUMENT',
  reason: 'INVALID_ARGUMENT',
  metadata: { field },
});

/** What must hold after any bad input: the broker works, and the topic has what it had. */
async function expectUnharmed(topic: string, values: readonly string[]): Promise<void> {
  const stored = await readWhole(broker(), topic);
  expect(stored.map(({ value }) => value.toString())).toEqual(values);
  await publishValues(broker(), topic, 'still works');
  expect((await readWhole(broker(), topic)).at(-1)?.value.toString()).toBe('still works');
}

describe('a bad topic name', () => {
  const names: readonly [string, string][] = [
    ['the empty name', ''],
    ['.', '.'],
    ['..', '..'],
    ['a token ..', 'a/../b'],
    ['a token .', 'a/./b'],
    ['an empty token', 'a//b'],
    ['an empty token between dots', 'a..b'],
    ['an empty first token', '/a'],
    ['an empty last token', 'a/'],
    ['a dot in front', '.a'],
    ['a dot at the end', 'a.'],
    ['a newline', 'a\nb'],
    ['a NUL', 'a\0b'],
    ['DEL', 'a\u007fb'],
    ['a space', 'a b'],
    ['a letter beyond ASCII', 'ä'],
    ...[...'?[]{}\\"#%'].map((each): [string, string] => [each, `a${each}b`]),
    ['256 bytes', 'x'.repeat(256)],
  ];
  const messages = messagesOf('x');

  test.each(names)('%s is refused by every RPC, and nothing is created', async (_, topic) => {
    const before = await broker().call('ListTopics', { page_size: 1000 });
    const calls = [
      broker().call('Publish', { topic, messages }),
      broker().call('Read', { topic }),
      broker().call('GetProducer', { topic, producer: 'p' }),
      broker().call('CreateTopic', { topic }),
      broker().call('GetTopic', { topic }),
      broker().call('UpdateTopic', { topic, config: {} }),
      broker().call('TrimTopic', { topic }),
      broker().call('CloseTopic', { topic }),
      broker().call('DeleteTopic', { topic }),
      broker().subscribe({ topic }).next(),
    ];
    for (const refusal of await Promise.all(calls.map(refusalOf)))
      expect(refusal).toMatchObject(invalid('topic'));
    const after = await broker().call('ListTopics', { page_size: 1000 });
    expect(after.topics.map((each) => each.topic)).toEqual(before.topics.map((each) => each.topic));
  });

  test.each(names)('%s is refused in-band by PublishStream, which goes on', async (_, topic) => {
    using stream = broker().publishStream();
    const { error } = await stream.publish({ topic, messages });
    expect(error).toMatchObject({
      reason: 'ERROR_REASON_INVALID_ARGUMENT',
      metadata: { field: 'topic' },
    });
    const good = newTopic();
    expect((await stream.publish({ topic: good, messages })).outcome).toBe('ack');
    await expectUnharmed(good, ['x']);
  });

  test.each(['*', 'a/*', '**', 'a*b'])('the glob %s names no topic to write to', async (topic) => {
    const calls = [
      broker().call('Publish', { topic, messages }),
      broker().call('CreateTopic', { topic }),
      broker().call('CloseTopic', { topic }),
      broker().call('DeleteTopic', { topic }),
      broker().call('GetTopic', { topic }),
      broker().call('TrimTopic', { topic }),
      broker().call('UpdateTopic', { topic }),
      broker().call('GetProducer', { topic, producer: 'p' }),
    ];
    for (const refusal of await Promise.all(calls.map(refusalOf)))
      expect(refusal).toMatchObject(invalid('topic'));
  });

  test.each(['a*b', '***', '*a/b', 'a//*', '../*', '*/'])(
    'the glob %s is refused by readers',
    async (glob) => {
      expect(await refusalOf(broker().call('Read', { topic: glob }))).toMatchObject(
        invalid('topic'),
      );
      const subscription = broker().subscribe({ topic: glob });
      expect(await refusalOf(subscription.next())).toMatchObject(invalid('topic'));
      expect(await refusalOf(broker().call('ListTopics', { glob }))).toMatchObject(invalid());
    },
  );

  test.each(['x'.repeat(255), "!$&'()+,-.~/:;<=>@^_`|", '0', 'a.b/c.d'])(
    'a name that breaks no rule is taken: %s',
    async (topic) => {
      const { ack } = await broker().call('Publish', { topic, messages });
      const [stored] = await readWhole(broker(), topic);
      expect(stored?.timestamp_ns).toBe(ack.first_timestamp_ns);
      await broker().call('DeleteTopic', { topic });
    },
  );
});

describe('a bad publish', () => {
  const bad = [
    ['without messages', {}],
    ['a sequence of 0 with a producer', { producer: 'p', messages: manyMessages(1) }],
    ['a negative sequence', { producer: 'p', sequence: '-1', messages: manyMessages(1) }],
    ['a sequence without a producer', { sequence: '1', messages: manyMessages(1) }],
    [
      'a producer name of 256 bytes',
      { producer: 'é'.repeat(128), sequence: '1', messages: manyMessages(1) },
    ],
    [
      'a sequence that ends beyond int64',
      { producer: 'p', sequence: '9223372036854775807', messages: manyMessages(2) },
    ],
    [
      'a negative expected timestamp',
      { expected_last_timestamp_ns: '-1', messages: manyMessages(1) },
    ],
    ['a close reason of 1025 bytes', { close: { reason: 'x'.repeat(1025) } }],
    ['a close checksum of 15 bytes', { close: { checksum: Buffer.alloc(15) } }],
    ['a close checksum of 17 bytes', { close: { checksum: Buffer.alloc(17) } }],
    [
      'messages with a close that is refused',
      { messages: manyMessages(1), close: { checksum: Buffer.alloc(1) } },
    ],
  ] as const;

  test.each(bad)('%s is refused and stores nothing', async (_, fields) => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'before');
    const refusal = await refusalOf(broker().call('Publish', { topic, ...fields }));
    expect(refusal).toMatchObject(invalid());
    const description = await broker().call('GetTopic', { topic });
    expect(description.topic).toMatchObject({ closed: null, message_count: '1' });
    await expectUnharmed(topic, ['before']);
  });

  test.each(bad)('%s is refused in-band by PublishStream', async (_, fields) => {
    const topic = newTopic();
    using stream = broker().publishStream();
    expect((await stream.publish({ topic, messages: messagesOf('before') })).outcome).toBe('ack');
    const { error } = await stream.publish({ topic, ...fields });
    expect(error).toMatchObject({
      reason: 'ERROR_REASON_INVALID_ARGUMENT',
      metadata: { field: expect.any(String) },
    });
    await expectUnharmed(topic, ['before']);
    expect((await stream.publish({ messages: messagesOf('after') })).outcome).toBe('ack');
  });

  test('a refused publish does not create the topic', async () => {
    const topic = newTopic();
    for (const [, fields] of bad) await refusalOf(broker().call('Publish', { topic, ...fields }));
    const refusal = await refusalOf(broker().call('GetTopic', { topic }));
    expect(refusal).toMatchObject({ code: 'NOT_FOUND', reason: 'TOPIC_NOT_FOUND' });
  });

  test('a close with a reason of 1024 bytes and a checksum of 16 is taken', async () => {
    const close = { reason: 'é'.repeat(512), checksum: Buffer.alloc(16, 7) };
    const { ack } = await broker().call('Publish', { topic: newTopic(), close });
    expect(ack.closed).toMatchObject(close);
  });

  test('a request over the limit is refused by Publish', async () => {
    const topic = newTopic();
    const info = await broker().call('GetServerInfo', {});
    const value = Buffer.alloc(info.max_message_bytes - 100);
    const count = Math.ceil(info.max_request_bytes / value.length) + 1;
    const messages = Array.from({ length: count }, () => ({ value }));
    const refusal = await refusalOf(broker().call('Publish', { topic, messages }));
    expect(refusal).toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'REQUEST_TOO_LARGE',
      metadata: { limit_bytes: `${info.max_request_bytes}`, bytes: expect.stringMatching(/^\d+$/) },
    });
    expect(Number(refusal.metadata['bytes'])).toBeGreaterThan(info.max_request_bytes);
    expect(refusal.message).toContain(`${info.max_request_bytes}`);
    await publishValues(broker(), topic, 'after');
    await expectUnharmed(topic, ['after']);
  });

  test('a request over the limit is refused in-band by PublishStream', async () => {
    const topic = newTopic();
    const info = await broker().call('GetServerInfo', {});
    const value = Buffer.alloc(info.max_message_bytes - 100);
    const count = Math.ceil(info.max_request_bytes / value.length) + 1;
    const messages = Array.from({ length: count }, () => ({ value }));
    using stream = broker().publishStream();
    const { error } = await stream.publish({ topic, messages });
    expect(error).toMatchObject({
      reason: 'ERROR_REASON_REQUEST_TOO_LARGE',
      metadata: { limit_bytes: `${info.max_request_bytes}` },
    });
    const { outcome } = await stream.publish({ topic, messages: messagesOf('after') });
    expect(outcome).toBe('ack');
    await expectUnharmed(topic, ['after']);
  });

  test('a message over the limit is refused in-band by PublishStream', async () => {
    const topic = newTopic();
    await broker().call('CreateTopic', { topic, config: { max_message_bytes: 8 } });
    using stream = broker().publishStream();
    const { error } = await stream.publish({ topic, messages: messagesOf('more than 8') });
    expect(error).toMatchObject({
      reason: 'ERROR_REASON_MESSAGE_TOO_LARGE',
      metadata: { limit_bytes: '8', bytes: '13' },
    });
    expect((await stream.publish({ messages: messagesOf('short') })).outcome).toBe('ack');
  });
});

describe('a bad range', () => {
  const ranges: readonly [string, ReadRequest & SubscribeRequest][] = [
    ['from before 1970', { from: { timestamp_ns: '-1' } }],
    ['from beyond int64', { from: { timestamp_ns: '9223372036854775808' } }],
    ['until before 1970', { until_timestamp_ns: '-1' }],
    ['until before from', { from: { timestamp_ns: '100' }, until_timestamp_ns: '99' }],
    ['a negative ago', { from: { ago_ns: '-1' } }],
    ['the last 0 messages', { from: { last_messages: '0' } }],
    ['the last -1 messages', { from: { last_messages: '-1' } }],
    ['EDGE_UNSPECIFIED', { from: { edge: 'EDGE_UNSPECIFIED' } }],
    ['an unknown edge', { from: { edge: 7 } }],
  ];

  test.each(ranges)('%s is refused by Read and Subscribe', async (_, range) => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'before');
    for (const name of [topic, `${topic}/*`]) {
      const read = broker().call('Read', { topic: name, ...range });
      expect(await refusalOf(read)).toMatchObject(invalid());
      const subscription = broker().subscribe({ topic: name, ...range });
      expect(await refusalOf(subscription.next())).toMatchObject(invalid());
    }
    await expectUnharmed(topic, ['before']);
  });

  test('until equal to from is an empty range', async () => {
    const topic = newTopic();
    const [at = ''] = await publishValues(broker(), topic, 'x');
    const range = { topic, from: { timestamp_ns: at }, until_timestamp_ns: at };
    expect((await broker().call('Read', range)).messages).toEqual([]);
    const responses = await broker().subscribe(range).rest();
    expect(responses.at(-1)?.end?.reason).toBe('END_REASON_UNTIL');
  });

  test('negative limits are refused', async () => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'before');
    const calls: readonly [string, () => Promise<unknown>][] = [
      ['max_messages', () => broker().call('Read', { topic, max_messages: -1 })],
      ['max_bytes', () => broker().call('Read', { topic, max_bytes: -1 })],
      ['max_messages', () => broker().subscribe({ topic, max_messages: '-1' }).next()],
      ['page_size', () => broker().call('ListTopics', { page_size: -1 })],
    ];
    for (const [field, call] of calls)
      expect(await refusalOf(call())).toMatchObject(invalid(field));
    await expectUnharmed(topic, ['before']);
  });

  test('limits over what the comments allow are refused', async () => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'before');
    const info = await broker().call('GetServerInfo', {});
    const calls: readonly [string, () => Promise<unknown>][] = [
      ['max_messages', () => broker().call('Read', { topic, max_messages: 100_001 })],
      ['max_bytes', () => broker().call('Read', { topic, max_bytes: info.max_request_bytes + 1 })],
      ['page_size', () => broker().call('ListTopics', { page_size: 1001 })],
    ];
    for (const [field, call] of calls)
      expect(await refusalOf(call())).toMatchObject(invalid(field));
    await broker().call('Read', {
      topic,
      max_messages: 100_000,
      max_bytes: info.max_request_bytes,
    });
    await broker().call('ListTopics', { page_size: 1000 });
  });

  test('until_now together with until_timestamp_ns is refused', async () => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'before');
    const both = { topic, until_now: true, until_timestamp_ns: '9000000000000000000' };
    expect(await refusalOf(broker().subscribe(both).next())).toMatchObject(invalid());
  });

  test('topic_created_timestamp_ns together with a glob is refused', async () => {
    const request = { topic: `${newTopic()}/*`, topic_created_timestamp_ns: '5' };
    using subscription = broker().subscribe(request);
    expect(await refusalOf(subscription.next())).toMatchObject(invalid());
  });
});

describe('a bad setting', () => {
  test.each([
    ['max_age_ms', { max_age_ms: '-1' }],
    ['max_bytes', { max_bytes: '-1' }],
    ['max_messages', { max_messages: '-1' }],
    ['max_message_bytes', { max_message_bytes: -1 }],
    ['max_message_bytes', { max_message_bytes: 2 ** 31 - 1 }],
  ])('%s out of range is refused by CreateTopic and UpdateTopic', async (field, config) => {
    const topic = newTopic();
    const names = { field: expect.stringContaining(field) };
    const create = await refusalOf(broker().call('CreateTopic', { topic, config }));
    expect(create).toMatchObject({ reason: 'INVALID_ARGUMENT', metadata: names });
    const gone = await refusalOf(broker().call('GetTopic', { topic }));
    expect(gone.reason).toBe('TOPIC_NOT_FOUND');
    const { topic: created } = await broker().call('CreateTopic', { topic });
    const update = await refusalOf(broker().call('UpdateTopic', { topic, config }));
    expect(update).toMatchObject({ reason: 'INVALID_ARGUMENT', metadata: names });
    const { topic: after } = await broker().call('GetTopic', { topic });
    expect(after.config).toEqual(created.config);
  });

  test('max_message_bytes may be as large as the broker takes, and not one byte larger', async () => {
    const { max_message_bytes } = await broker().call('GetServerInfo', {});
    const topic = newTopic();
    await broker().call('CreateTopic', { topic, config: { max_message_bytes } });
    const config = { max_message_bytes: max_message_bytes + 1 };
    const refusal = await refusalOf(broker().call('UpdateTopic', { topic, config }));
    expect(refusal.reason).toBe('INVALID_ARGUMENT');
    expect(refusal.message).toContain(`${max_message_bytes}`);
  });

  test('a trim before 1970 is refused', async () => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'before');
    const trim = broker().call('TrimTopic', { topic, before_timestamp_ns: '-1' });
    expect(await refusalOf(trim)).toMatchObject(invalid('before_timestamp_ns'));
    await expectUnharmed(topic, ['before']);
  });

  test('a close with a bad checksum or reason is refused by CloseTopic', async () => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'before');
    for (const close of [{ checksum: Buffer.alloc(3) }, { reason: 'x'.repeat(1025) }]) {
      const refusal = await refusalOf(broker().call('CloseTopic', { topic, close }));
      expect(refusal).toMatchObject(invalid(expect.stringMatching(/^close\./)));
    }
    await expectUnharmed(topic, ['before']);
  });
});
