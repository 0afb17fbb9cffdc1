import { readFileSync } from 'node:fs';
import { CreateTopicRequest, ReadRequest } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { WIRE } from '../../../src/log/wire-reader.ts';
import type { Fields } from '../../../src/service/request-codec.ts';
import { decodeRequest, REQUEST_FIELDS } from '../../../src/service/request-codec.ts';
import { bytesField, tag, varint, varintField } from '../../support/wire.ts';

const malformed = expect.objectContaining({ reason: 'MALFORMED' });

const protos = ['broker', 'message', 'schedule', 'topic']
  .map((name) => new URL(`../../../proto/playhead/v1/${name}.proto`, import.meta.url))
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');

/** The fields of a message as its .proto file declares them. */
function declared(message: string): Fields {
  const [, body = ''] =
    new RegExp(`\nmessage ${message} \\{(\\}|.*?\n\\})`, 's').exec(protos) ?? [];
  const fields: Record<number, number | 'text' | Fields> = {};
  for (const [, type = '', number] of body.matchAll(
    /^ +(?:optional |repeated )?(\w+) \w+ = (\d+)/gm,
  )) {
    fields[Number(number)] = kindOf(type);
  }
  return fields;
}

function kindOf(type: string): number | 'text' | Fields {
  if (type === 'string') return 'text';
  if (type === 'bytes') return WIRE.bytes;
  const isVarint = /^(?:u?int\d+|bool)$/.test(type) || protos.includes(`\nenum ${type} {`);
  return isVarint ? WIRE.varint : declared(type);
}

it.each(Object.entries(REQUEST_FIELDS))(
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
