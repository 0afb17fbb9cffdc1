import { readFileSync } from 'node:fs';
import {
  ConsumeRequest,
  CreateSubscriptionRequest,
  CreateTopicRequest,
  ReadRequest,
} from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { WIRE } from '../../../src/log/wire-reader.ts';
import type { Fields } from '../../../src/service/request-codec.ts';
import { decodeRequest, REQUEST_FIELDS } from '../../../src/service/request-codec.ts';
import {
  decodeSubscriptionRequest,
  SUBSCRIPTION_REQUEST_FIELDS,
} from '../../../src/service/subscription-codec.ts';
import { bytesField, tag, varint, varintField } from '../../support/wire.ts';

const malformed = expect.objectContaining({ reason: 'MALFORMED' });

const protos = ['broker', 'message', 'schedule', 'subscription', 'topic']
  .map((name) => new URL(`../../../proto/playhead/v1/${name}.proto`, import.meta.url))
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');

/** The fields of a message as its .proto file declares them. */
function declared(message: string): Fields {
  const [, body = ''] =
    new RegExp(`\nmessage ${message} \\{(\\}|.*?\n\\})`, 's').exec(protos) ?? [];
  const fields: Record<number, Fields[number]> = {};
  // Those of a oneof are fields as any other, further in.
  const field = /^ +(optional |repeated )?(\w+) \w+ = (\d+)/gm;
  for (const [, label, type = '', number] of body.matchAll(field)) {
    const kind = kindOf(type);
    // Numbers that are repeated may be packed, or not.
    const isPacked = label === 'repeated ' && kind === WIRE.varint;
    fields[Number(number)] = isPacked ? 'numbers' : kind;
  }
  return fields;
}

function kindOf(type: string): Fields[number] {
  if (type === 'string') return 'text';
  if (type === 'bytes') return WIRE.bytes;
  if (type === 'double') return WIRE.fixed64;
  const isVarint = /^(?:u?int\d+|bool)$/.test(type) || protos.includes(`\nenum ${type} {`);
  return isVarint ? WIRE.varint : declared(type);
}

it.each(Object.entries({ ...REQUEST_FIELDS, ...SUBSCRIPTION_REQUEST_FIELDS }))(
  '%s has the fields that its .proto file declares',
  (name, fields) => {
    expect(protos).toContain(`message ${name} {`);
    expect(declared(name)).toEqual(fields);
  },
);

describe('decodeRequest', () => {
  it('decodes what ts-proto encodes', () => {
    const config = { maxAgeMs: 5n, maxBytes: undefined, maxMessages: 0n, maxMessageBytes: 7 };
    const create = { topic: 't', config };
    const bytes = Buffer.from(CreateTopicRequest.encode(create).finish());
    expect(decodeRequest.createTopic(bytes)).toEqual(create);
    const read: ReadRequest = {
      topic: 'größe',
      from: { at: { $case: 'agoNs', value: 9n } },
      untilTimestampNs: 12n,
      maxMessages: 3,
      maxBytes: 4,
    };
    expect(decodeRequest.read(Buffer.from(ReadRequest.encode(read).finish()))).toEqual(read);
  });

  it('passes over fields of a later version', () => {
    const later = Buffer.concat([bytesField(1, 't'), varintField(90, 1), bytesField(91, 'x')]);
    expect(decodeRequest.getTopic(later)).toEqual({ topic: 't' });
  });

  it.each([
    ['a text as a varint', varintField(1, 5)],
    ['a text that is not UTF-8', bytesField(1, Buffer.from([0xff]))],
    ['a message as a varint', varintField(2, 5)],
    ['a number as bytes', bytesField(4, 'x')],
    ['a number in a message as bytes', bytesField(2, bytesField(2, 'x'))],
    [
      'a number in a message as eight bytes',
      bytesField(2, Buffer.concat([tag(2, 1), Buffer.alloc(8)])),
    ],
    ['a message that is cut off', Buffer.concat([tag(2, 2), varint(5)])],
    ['a field in a message that is longer than it', bytesField(2, Buffer.from([0x10]))],
    ['a group', tag(50, 3)],
    ['field number 0', Buffer.from([0x02, 0x00])],
    ['no protobuf at all', Buffer.alloc(3, 0xff)],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeRequest.read(bytes)).toThrow(malformed);
  });
});

describe('decodeSubscriptionRequest', () => {
  it('has every request of the service', () => {
    const names = [...protos.matchAll(/^ {2}rpc \w+\((?:stream )?(\w+)\)/gm)].map(
      ([, name]) => name,
    );
    const known = Object.keys({ ...REQUEST_FIELDS, ...SUBSCRIPTION_REQUEST_FIELDS });
    // Those of publishers have codecs of their own.
    const others = names.filter((name) => name?.startsWith('Publish') === false);
    expect([...known].sort()).toEqual([...others].sort());
  });

  it('takes repeated numbers packed and one by one', () => {
    const packed = bytesField(1, Buffer.concat([varint(5), varint(300)]));
    const single = Buffer.concat([varintField(1, 5), varintField(1, 300)]);
    for (const backoff of [packed, single]) {
      const bytes = Buffer.concat([bytesField(1, 't'), bytesField(4, bytesField(5, backoff))]);
      const { config } = decodeSubscriptionRequest.create(bytes);
      expect(config?.backoff?.delaysMs).toEqual([5n, 300n]);
      expect(config).toEqual(CreateSubscriptionRequest.decode(bytes).config);
    }
  });

  it('takes the last of a oneof, and repeated messages in their order', () => {
    const actions = Buffer.concat([
      bytesField(4, varintField(1, 1)),
      bytesField(7, bytesField(1, 'why')),
    ]);
    const bytes = Buffer.concat([
      bytesField(4, Buffer.concat([varintField(1, 1), actions])),
      bytesField(4, varintField(1, 2)),
    ]);
    const { settlements } = decodeSubscriptionRequest.consume(bytes);
    expect(settlements).toMatchObject([
      { receipt: 1n, action: { $case: 'terminate', value: { reason: 'why' } } },
      { receipt: 2n, action: undefined },
    ]);
    expect(settlements).toEqual(ConsumeRequest.decode(bytes).settlements);
  });

  it.each([
    ['a start as a varint', varintField(1, 5)],
    ['settlements as a varint', varintField(4, 5)],
    ['a receipt as bytes', bytesField(4, bytesField(1, 'x'))],
    ['an action as a varint', bytesField(4, varintField(4, 1))],
    ['a delay as bytes', bytesField(4, bytesField(5, bytesField(1, 'x')))],
    [
      'a reason that is not UTF-8',
      bytesField(4, bytesField(7, bytesField(1, Buffer.from([0xff])))),
    ],
    [
      'a second settlement that is cut off',
      Buffer.concat([bytesField(4, ''), tag(4, 2), varint(5)]),
    ],
    ['a name that is not UTF-8', bytesField(1, bytesField(2, Buffer.from([0xff])))],
    ['a group in a settlement', bytesField(4, tag(50, 3))],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeSubscriptionRequest.consume(bytes)).toThrow(malformed);
  });

  it.each([
    ['delays that are cut off', bytesField(1, Buffer.from([0x80]))],
    ['delays as fixed numbers', Buffer.concat([tag(1, 1), Buffer.alloc(8)])],
    ['jitter as a varint', varintField(4, 1)],
  ])('refuses %s', (_, backoff) => {
    const bytes = bytesField(4, bytesField(5, backoff));
    expect(() => decodeSubscriptionRequest.create(bytes)).toThrow(malformed);
  });

  it('refuses more settlements than there may be, and takes as many', () => {
    const settlements = (count: number) => Buffer.alloc(2 * count, bytesField(4, ''));
    const tooMany = expect.objectContaining({ metadata: { field: 'settlements' } });
    expect(() => decodeSubscriptionRequest.consume(settlements(100_001))).toThrow(tooMany);
    expect(decodeSubscriptionRequest.consume(settlements(100_000)).settlements).toHaveLength(
      100_000,
    );
  });
});
