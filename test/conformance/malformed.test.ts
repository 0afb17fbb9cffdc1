import { describe, expect, test } from 'vitest';
import { messagesIn, refusalOf } from './caller.ts';
import type { UnaryMethod } from './contract.ts';
import { messagesOf, newTopic, publishValues, readWhole, useBroker, valuesOf } from './support.ts';
import { bytesField, publishBytes, tag, varint, varintField } from './wire-bytes.ts';

const broker = useBroker();

const malformed = { code: 'INVALID_ARGUMENT', reason: 'MALFORMED' };

/** Encoded messages that no reader could decode. */
const badMessages: readonly [string, Buffer][] = [
  ['a value that is cut off', Buffer.concat([tag(3, 2), varint(10), Buffer.from('short')])],
  ['a tag without a field', tag(3, 2)],
  ['a tag that is cut off', Buffer.from([0x80])],
  ['a tag of eleven bytes', Buffer.alloc(11, 0xff)],
  ['field number 0', Buffer.concat([tag(0, 2), varint(0)])],
  ['a length beyond 32 bits', Buffer.concat([tag(3, 2), varint(2n ** 33n)])],
  ['a negative length', Buffer.concat([tag(3, 2), varint(-1n)])],
  ['a value with the wrong wire type', varintField(3, 5)],
  ['a key with the wrong wire type', varintField(2, 5)],
  ['a header with the wrong wire type', varintField(4, 5)],
  ['a timestamp with the wrong wire type', bytesField(1, 'x')],
  ['is_close with the wrong wire type', bytesField(5, 'x')],
  ['a fixed64 in the place of a timestamp', Buffer.concat([tag(1, 1), Buffer.alloc(8)])],
  ['a group', Buffer.concat([tag(9, 3), tag(9, 4)])],
  ['the end of a group', tag(9, 4)],
  ['wire type 6', tag(9, 6)],
  ['wire type 7', tag(9, 7)],
  ['an unknown field that is cut off', Buffer.concat([tag(9, 2), varint(3)])],
  ['an unknown fixed32 that is cut off', Buffer.concat([tag(9, 5), Buffer.alloc(3)])],
  ['an unknown fixed64 that is cut off', Buffer.concat([tag(9, 1), Buffer.alloc(7)])],
  [
    'an unknown varint of eleven bytes',
    Buffer.concat([tag(9, 0), Buffer.alloc(10, 0x80), varint(1)]),
  ],
  ['a timestamp varint that never ends', Buffer.concat([tag(1, 0), Buffer.alloc(9, 0xff)])],
  ['a header whose name is not UTF-8', bytesField(4, bytesField(1, Buffer.from([0xff, 0xfe])))],
  [
    'a header whose name is a lone surrogate',
    bytesField(4, bytesField(1, Buffer.from([0xed, 0xa0, 0x80]))),
  ],
  ['a header whose name has the wrong wire type', bytesField(4, varintField(1, 5))],
  ['a header whose value has the wrong wire type', bytesField(4, varintField(2, 5))],
  ['a header that is cut off', bytesField(4, tag(1, 2), varint(9), 'x')],
];

const goodMessage = bytesField(3, 'good');

describe('a malformed message', () => {
  test.each(badMessages)('with %s is refused and does not poison the topic', async (_, bad) => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'before');
    for (const messages of [[bad], [goodMessage, bad], [bad, goodMessage]]) {
      const refusal = await refusalOf(
        broker().callRaw('Publish', publishBytes(topic, ...messages)),
      );
      expect(refusal).toMatchObject(malformed);
    }
    await publishValues(broker(), topic, 'after');
    expect(valuesOf(await readWhole(broker(), topic))).toEqual(['before', 'after']);
    const responses = await broker()
      .subscribe({ topic, from: { edge: 'EDGE_EARLIEST' }, until_now: true })
      .rest();
    expect(valuesOf(messagesIn(responses))).toEqual(['before', 'after']);
  });

  test('is refused in-band by PublishStream, which goes on', async () => {
    const topic = newTopic();
    using stream = broker().publishStream();
    expect((await stream.publish({ topic, messages: messagesOf('before') })).outcome).toBe('ack');
    for (const [, bad] of badMessages) {
      stream.sendRaw(publishBytes(topic, goodMessage, bad));
      expect((await stream.result())?.error?.reason).toBe('ERROR_REASON_MALFORMED');
    }
    expect((await stream.publish({ topic, messages: messagesOf('after') })).outcome).toBe('ack');
    expect(valuesOf(await readWhole(broker(), topic))).toEqual(['before', 'after']);
  });
});

describe('an unusual message', () => {
  test.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), ''],
    [
      'unknown fields',
      Buffer.concat([varintField(90, 7), bytesField(91, 'x'), goodMessage]),
      'good',
    ],
    [
      'the value twice: the last one counts',
      Buffer.concat([bytesField(3, 'first'), goodMessage]),
      'good',
    ],
    [
      'a padded length',
      Buffer.concat([tag(3, 2), Buffer.from([0x84, 0x80, 0x00]), Buffer.from('good')]),
      'good',
    ],
    [
      'timestamps in the middle',
      Buffer.concat([varintField(1, 5), goodMessage, varintField(1, 2n ** 56n)]),
      'good',
    ],
    ['is_close', Buffer.concat([varintField(5, 1), goodMessage]), 'good'],
  ])('with %s is stored as it is', async (_, bytes, value) => {
    const topic = newTopic();
    const { ack } = await broker().callRaw('Publish', publishBytes(topic, bytes, goodMessage));
    const stored = await readWhole(broker(), topic);
    expect(stored).toMatchObject([
      { timestamp_ns: ack.first_timestamp_ns, value: Buffer.from(value), is_close: false },
      { timestamp_ns: ack.last_timestamp_ns, value: Buffer.from('good') },
    ]);
  });

  test('with a padded length of the message itself, beside others', async () => {
    const topic = newTopic();
    const padded = Buffer.concat([tag(2, 2), Buffer.from([0x86, 0x80, 0x00]), goodMessage]);
    const stamped = bytesField(2, varintField(1, 2n ** 56n), goodMessage);
    await broker().callRaw(
      'Publish',
      Buffer.concat([bytesField(1, topic), stamped, padded, stamped]),
    );
    expect(valuesOf(await readWhole(broker(), topic))).toEqual(['good', 'good', 'good']);
  });

  test('fields of a request may come in any order, with unknown ones between', async () => {
    const topic = newTopic();
    const request = Buffer.concat([
      bytesField(2, goodMessage),
      varintField(77, 1),
      bytesField(1, 'conformance/other'),
      bytesField(1, topic),
      bytesField(2, goodMessage),
    ]);
    await broker().callRaw('Publish', request);
    expect(valuesOf(await readWhole(broker(), topic))).toEqual(['good', 'good']);
  });
});

describe('a malformed request', () => {
  const badRequests: readonly [string, (topic: string) => Buffer][] = [
    ['bytes that are no protobuf', () => Buffer.from([0xff, 0xff, 0xff])],
    ['a topic that is cut off', () => Buffer.concat([tag(1, 2), varint(40), Buffer.from('x')])],
    ['a topic that is not UTF-8', () => bytesField(1, Buffer.from([0x61, 0xff]))],
    ['a topic with the wrong wire type', () => varintField(1, 5)],
    ['a group behind the topic', (topic) => Buffer.concat([bytesField(1, topic), tag(60, 3)])],
    ['field number 0', (topic) => Buffer.concat([bytesField(1, topic), Buffer.from([0x00, 0x01])])],
  ];
  const methods: readonly UnaryMethod[] = [
    'Publish',
    'Read',
    'GetProducer',
    'CreateTopic',
    'GetTopic',
    'UpdateTopic',
    'TrimTopic',
    'CloseTopic',
    'DeleteTopic',
  ];

  describe.each(methods)('of %s', (method) => {
    test.each(badRequests)('with %s is MALFORMED', async (_, request) => {
      const topic = newTopic();
      await publishValues(broker(), topic, 'before');
      expect(await refusalOf(broker().callRaw(method, request(topic)))).toMatchObject(malformed);
      expect(valuesOf(await readWhole(broker(), topic))).toEqual(['before']);
    });
  });

  test.each(badRequests)('of Subscribe with %s is MALFORMED', async (_, request) => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'before');
    const subscription = broker().subscribeRaw(request(topic));
    expect(await refusalOf(subscription.next())).toMatchObject(malformed);
  });

  test.each(badRequests)('of PublishStream with %s is MALFORMED in-band', async (_, request) => {
    const topic = newTopic();
    using stream = broker().publishStream();
    stream.sendRaw(request(topic));
    expect((await stream.result())?.error?.reason).toBe('ERROR_REASON_MALFORMED');
    expect((await stream.publish({ topic, messages: messagesOf('after') })).outcome).toBe('ack');
    expect(valuesOf(await readWhole(broker(), topic))).toEqual(['after']);
  });

  const name = (topic: string) => bytesField(1, topic);
  type Row = readonly [UnaryMethod, string, (topic: string) => Buffer];
  const ofPublish: readonly Row[] = [
    [
      'Publish',
      'producer',
      (topic) => Buffer.concat([publishBytes(topic, goodMessage), varintField(3, 1)]),
    ],
    [
      'Publish',
      'sequence',
      (topic) => Buffer.concat([publishBytes(topic, goodMessage), bytesField(4, '1')]),
    ],
    [
      'Publish',
      'expected_last_timestamp_ns',
      (topic) => Buffer.concat([publishBytes(topic, goodMessage), bytesField(5, '1')]),
    ],
    [
      'Publish',
      'close',
      (topic) => Buffer.concat([publishBytes(topic, goodMessage), varintField(6, 1)]),
    ],
    [
      'Publish',
      'close.reason',
      (topic) =>
        Buffer.concat([publishBytes(topic, goodMessage), bytesField(6, varintField(1, 1))]),
    ],
    [
      'Publish',
      'messages',
      (topic) => Buffer.concat([publishBytes(topic, goodMessage), varintField(2, 1)]),
    ],
  ];
  const ofOthers: readonly Row[] = [
    ['Read', 'from', (topic) => Buffer.concat([name(topic), varintField(2, 1)])],
    [
      'Read',
      'from.timestamp_ns',
      (topic) => Buffer.concat([name(topic), bytesField(2, bytesField(2, 'x'))]),
    ],
    ['Read', 'until_timestamp_ns', (topic) => Buffer.concat([name(topic), bytesField(3, 'x')])],
    ['GetProducer', 'producer', (topic) => Buffer.concat([name(topic), varintField(2, 1)])],
    ['CreateTopic', 'config', (topic) => Buffer.concat([name(topic), varintField(2, 1)])],
    [
      'UpdateTopic',
      'config.max_bytes',
      (topic) => Buffer.concat([name(topic), bytesField(2, bytesField(2, 'x'))]),
    ],
    [
      'TrimTopic',
      'before_timestamp_ns',
      (topic) => Buffer.concat([name(topic), bytesField(2, 'x')]),
    ],
    ['CloseTopic', 'close', (topic) => Buffer.concat([name(topic), varintField(2, 1)])],
  ];

  const refusesWrongType = async (method: UnaryMethod, request: (topic: string) => Buffer) => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'before');
    expect(await refusalOf(broker().callRaw(method, request(topic)))).toMatchObject(malformed);
    expect(valuesOf(await readWhole(broker(), topic))).toEqual(['before']);
  };

  test.each(ofPublish)('of %s with the wrong wire type of %s is MALFORMED', (method, _, request) =>
    refusesWrongType(method, request),
  );

  test.each(ofOthers)('of %s with the wrong wire type of %s is MALFORMED', (method, _, request) =>
    refusesWrongType(method, request),
  );
});
