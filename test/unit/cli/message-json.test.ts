import fc from 'fast-check';
import { messageToJson as toJson } from 'playhead-client';
import { describe, expect, it } from 'vitest';
import type { ShownMessage } from '../../../src/cli/format.ts';
import { messageFromJson } from '../../../src/cli/message-json.ts';

const messageToJson = (shown: ShownMessage) => JSON.stringify(toJson(shown));

function message(fields: Partial<ShownMessage>): ShownMessage {
  return {
    timestampNs: 1_763_719_200_000_000_001n,
    topic: 'orders',
    key: Buffer.alloc(0),
    value: Buffer.alloc(0),
    headers: [],
    ...fields,
  };
}

describe('messageToJson', () => {
  it('writes texts as texts', () => {
    const headers = [{ name: 'trace', value: Buffer.from('é') }];
    const json = messageToJson(
      message({ key: Buffer.from('k'), value: Buffer.from('v\n'), headers }),
    );
    expect(json).toBe(
      '{"topic":"orders","timestamp_ns":"1763719200000000001","time":"2025-11-21T10:00:00.000000001Z",' +
        '"key":"k","value":"v\\n","headers":[{"name":"trace","value":"é"}]}',
    );
  });

  it('writes what is no UTF-8 as base64, and leaves out what is empty', () => {
    const json: object = JSON.parse(messageToJson(message({ value: Buffer.from([0xff, 0x00]) })));
    expect(Object.keys(json)).toEqual(['topic', 'timestamp_ns', 'time', 'value_base64']);
    expect(json).toMatchObject({ value_base64: '/wA=' });
  });

  it('is read back to the same message', () => {
    const bytes = () =>
      fc.oneof(
        fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
        fc.uint8Array().map((array) => Buffer.from(array)),
      );
    const header = fc.record({ name: fc.string(), value: bytes() });
    fc.assert(
      fc.property(bytes(), bytes(), fc.array(header), (key, value, headers) => {
        const read = messageFromJson(messageToJson(message({ key, value, headers })));
        expect(asBuffer(read.value)).toEqual(value);
        expect(asBuffer(read.key)).toEqual(key);
        expect([...pairs(read.headers)]).toEqual(headers.map(({ name, value }) => [name, value]));
      }),
    );
  });
});

describe('messageFromJson', () => {
  it('takes headers as an object, too', () => {
    expect(messageFromJson('{"value":"v","headers":{"a":"1","b":""}}').headers).toEqual([
      ['a', '1'],
      ['b', ''],
    ]);
  });

  it.each([
    ['not json', /the line is no JSON/],
    ['[]', /the line must be a JSON object/],
    ['null', /the line must be a JSON object/],
    ['{}', /value or value_base64 is missing/],
    ['{"payload":"x"}', /unknown field payload; known are topic/],
    ['{"value":{"a":1}}', /value must be a text/],
    ['{"value":"a","value_base64":"YQ=="}', /value and value_base64 exclude each other/],
    ['{"value_base64":"%%%"}', /value_base64 must be base64/],
    ['{"value_base64":1}', /value_base64 must be base64/],
    ['{"value":"","key":1}', /key must be a text/],
    ['{"value":"","headers":"a"}', /headers must be a JSON object/],
    ['{"value":"","headers":{"a":1}}', /header a must be a text/],
    ['{"value":"","headers":[{"value":"x"}]}', /name of a header must be a text/],
    ['{"value":"","headers":[{"name":"a","x":1}]}', /unknown field x/],
  ])('refuses %s', (line, problem) => {
    expect(() => messageFromJson(line)).toThrow(TypeError);
    expect(() => messageFromJson(line)).toThrow(problem);
  });
});

function asBuffer(bytes: string | Uint8Array | undefined): Buffer {
  return Buffer.from(bytes ?? '');
}

function* pairs(headers: ReturnType<typeof messageFromJson>['headers']) {
  const entries = Array.isArray(headers) ? headers : Object.entries(headers ?? {});
  for (const [name, value] of entries) yield [name, asBuffer(value)];
}
