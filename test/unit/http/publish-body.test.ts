import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../src/errors.ts';
import { isPlainMessage, messageBody } from '../../../src/http/message-json.ts';
import {
  messageOfBytes,
  messagesOfJson,
  messagesOfLines,
  publishBody,
} from '../../../src/http/publish-body.ts';
import type { RunBuilder } from '../../../src/log/run-builder.ts';
import { contentOf, decodeRun } from '../../support/message.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('', '\ud800', 'a\udc00b', '😀', '\u0000', '\ufffd'),
);
const wrong = fc.oneof(fc.integer(), fc.constant(null), fc.boolean(), fc.constant([]));
const base64 = fc
  .uint8Array({ maxLength: 9 })
  .map((bytes) => Buffer.from(bytes).toString('base64'));
const field = fc.oneof({ weight: 8, arbitrary: text }, { weight: 1, arbitrary: wrong });
const encoded = fc.oneof({ weight: 8, arbitrary: base64 }, { weight: 1, arbitrary: text });
const header = fc.record(
  { name: field, value: field, value_base64: encoded },
  { requiredKeys: ['name'] },
);

/** Messages, most of which are right, and much that is nearly one. */
const messages = fc.oneof(
  fc.record({ value: text }),
  fc.record({ value: text, key: text }),
  fc.record(
    {
      value: field,
      value_base64: encoded,
      key: field,
      key_base64: encoded,
      headers: fc.array(header, { maxLength: 2 }),
      topic: field,
      timestamp_ns: field,
      time: field,
      other: field,
    },
    { requiredKeys: [] },
  ),
  wrong,
);

/** The messages that the schema of the document makes of a body; undefined if it refuses it. */
function bySchema(body: unknown): object[] | undefined {
  const result = publishBody.safeParse(body);
  if (!result.success) return undefined;
  const list = 'messages' in result.data ? result.data.messages : [result.data].flat();
  return list.map((each) =>
    contentOf({
      key: bytesOf(each.key, each.key_base64),
      value: bytesOf(each.value, each.value_base64),
      headers: (each.headers ?? []).map(({ name, value, value_base64 }) => {
        return { name, value: bytesOf(value, value_base64) };
      }),
    }),
  );
}

const bytesOf = (plain = '', inBase64?: string) =>
  inBase64 === undefined ? Buffer.from(plain) : Buffer.from(inBase64, 'base64');

/** The messages of what was built; undefined if it was refused. */
function built(make: () => RunBuilder): object[] | undefined {
  try {
    return decodeRun(make().build().bytes).map(contentOf);
  } catch (error) {
    if (error instanceof BrokerError && error.reason === 'INVALID_ARGUMENT') return undefined;
    throw error;
  }
}

/** As it comes out of JSON. */
const sent = (body: unknown): unknown => JSON.parse(JSON.stringify(body));

describe('a body of JSON', () => {
  it('is taken or refused as the schema of the document says', () => {
    const bodies = fc.oneof(
      messages,
      fc.array(messages, { maxLength: 4 }),
      fc.record({ messages: fc.array(messages, { maxLength: 4 }) }),
      fc.record({ messages: fc.array(messages, { maxLength: 2 }), value: text }),
    );
    fc.assert(
      fc.property(bodies, (body) => {
        expect(built(() => messagesOfJson(sent(body)))).toEqual(bySchema(sent(body)));
      }),
      { numRuns: 500 },
    );
  });

  it('names the first message that is wrong, and what is wrong with it', () => {
    const body = [{ value: 'a' }, { value: 'b', colour: 'red' }, { value: 5 }];
    expect(() => messagesOfJson(body)).toThrow(/^body, message 2: .*colour/);
    expect(() => messagesOfJson({ value: 5 })).toThrow(/^body, value: /);
    expect(() => messagesOfJson([])).toThrow('body: has no message');
  });

  it('has no way to a prototype', () => {
    expect(() => messagesOfJson(JSON.parse('{"value":"x","__proto__":{"key":"k"}}'))).toThrow(
      BrokerError,
    );
  });
});

describe('a body of NDJSON', () => {
  it('has the messages of its lines, as the schema of the document says', () => {
    fc.assert(
      fc.property(fc.array(messages, { minLength: 1, maxLength: 6 }), (all) => {
        const body = Buffer.from(all.map((each) => JSON.stringify(each)).join('\n'));
        const expected = bySchema(sent(all));
        expect(built(() => messagesOfLines(body))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('passes over empty lines, and names the line that is wrong', () => {
    const lines = (body: string) => built(() => messagesOfLines(Buffer.from(body)))?.length;
    expect(lines('\n{"value":"a"}\r\n\n{"value":"b"}')).toBe(2);
    expect(() => messagesOfLines(Buffer.from('{"value":"a"}\n\nnothing'))).toThrow(
      'body, line 3: is no JSON',
    );
    expect(() => messagesOfLines(Buffer.from('\n\n'))).toThrow('has no line with a message');
    expect(() => messagesOfLines(Buffer.from([0x7b, 0xff, 0x7d]))).toThrow('is no UTF-8');
  });
});

it('the fast way takes nothing that the schema refuses', () => {
  fc.assert(
    fc.property(messages, (message) => {
      const json = sent(message);
      if (isPlainMessage(json)) expect(messageBody.safeParse(json).success).toBe(true);
    }),
  );
  expect(isPlainMessage({ value: 'x', key: 'k', topic: 't', time: '', timestamp_ns: '' })).toBe(
    true,
  );
});

it('a body of bytes is one message, with key and headers as they were sent', () => {
  const { bytes } = messageOfBytes(Buffer.from([0, 255]), {
    host: 'localhost',
    'playhead-key': Buffer.from('ü').toString('latin1'),
    'playhead-header-colour': 'red',
  }).build();
  expect(decodeRun(bytes).map(contentOf)).toEqual([
    {
      key: [...Buffer.from('ü')],
      value: [0, 255],
      headers: [{ name: 'colour', value: [...Buffer.from('red')] }],
    },
  ]);
});
