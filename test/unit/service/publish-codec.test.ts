import fc from 'fast-check';
import { Close, Message, PublishRequest, PublishStreamRequest } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../src/errors.ts';
import { stampRun, TIMESTAMP_MIN_NS } from '../../../src/log/message-run.ts';
import type { PublishRequest as Decoded } from '../../../src/log/publish-request.ts';
import { decodePublish } from '../../../src/service/publish-codec.ts';
import { freeMessages, sentMessages } from '../../support/arbitrary-message.ts';
import { content, contentOf, decodeRun } from '../../support/message.ts';
import { bytesField, tag, varint, varintField } from '../../support/wire.ts';

const malformed = expect.objectContaining({ reason: 'MALFORMED' });
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

const requests = fc.record<PublishRequest>({
  topic: text,
  messages: sentMessages,
  producer: text,
  sequence: fc.oneof(fc.constant(0n), int64),
  expectedLastTimestampNs: fc.option(int64, { nil: undefined }),
  close: fc.option(fc.record({ reason: text, checksum: fc.uint8Array({ maxLength: 16 }) }), {
    nil: undefined,
  }),
});

/** Everything that the codec reads of a request, in a form that compares, messages stamped. */
function readOf(fields: Decoded): object {
  const { topic, run, producer, sequence, expectedLastTimestampNs, close } = fields;
  if (run !== undefined) stampRun(run.bytes, TIMESTAMP_MIN_NS);
  const messages = run === undefined ? [] : decodeRun(run.bytes);
  expect(messages.map(({ timestampNs }) => timestampNs)).toEqual(
    messages.map((_, i) => TIMESTAMP_MIN_NS + BigInt(i)),
  );
  expect(run?.messageCount ?? 0).toBe(messages.length);
  return {
    topic,
    producer,
    sequence,
    expectedLastTimestampNs,
    close: close && { reason: close.reason, checksum: [...close.checksum] },
    messages: messages.map(contentOf),
  };
}

/** The same of what ts-proto decodes. */
function referenceOf(bytes: Uint8Array): object {
  const { messages, close, ...rest } = PublishRequest.decode(bytes);
  return {
    ...rest,
    close: close && { reason: close.reason, checksum: [...close.checksum] },
    messages: messages.map(contentOf),
  };
}

function encode(request: PublishRequest): Buffer {
  return Buffer.from(PublishRequest.encode(request).finish());
}

describe('decodePublish', () => {
  it('reads what ts-proto writes, as ts-proto reads it', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const bytes = encode(request);
        const reference = referenceOf(bytes);
        expect(readOf(decodePublish(bytes))).toEqual(reference);
        const streamed = Buffer.from(PublishStreamRequest.encode(request).finish());
        expect(readOf(decodePublish(streamed))).toEqual(reference);
      }),
      { numRuns: 200 },
    );
  });

  it('reads fields in any order, repeated and padded, as ts-proto does', () => {
    const field = fc.oneof(
      fc.tuple(fc.constantFrom(1, 3), fc.nat(3), text).map(([number, padding, value]) => {
        const bytes = Buffer.from(value);
        return Buffer.concat([tag(number, 2, padding), varint(bytes.length, padding), bytes]);
      }),
      fc.tuple(fc.constantFrom(4, 5), int64).map(([number, value]) => varintField(number, value)),
      fc
        .tuple(fc.nat(3), freeMessages)
        .map(([padding, messages]) =>
          Buffer.concat(
            messages.flatMap((each) => [tag(2, 2, padding), varint(each.length, padding), each]),
          ),
        ),
      fc
        .record({ reason: text, checksum: fc.uint8Array({ maxLength: 16 }) })
        .map((close) => bytesField(6, Close.encode(close).finish())),
      fc.uint8Array({ maxLength: 8 }).map((bytes) => bytesField(15, bytes)),
    );
    fc.assert(
      fc.property(fc.array(field, { maxLength: 8 }), (fields) => {
        const bytes = Buffer.concat(fields);
        const reference = referenceOf(bytes);
        expect(readOf(decodePublish(bytes))).toEqual(reference);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses every mutation of a request, or reads it as ts-proto does', () => {
    const mutation = fc.record({
      kind: fc.constantFrom('flip', 'set', 'insert', 'remove', 'cut', 'repeat'),
      at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      byte: fc.nat(255),
    });
    let refused = 0;
    let read = 0;
    fc.assert(
      fc.property(
        requests,
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        (request, mutations) => {
          let bytes = encode(request);
          for (const { kind, at, byte } of mutations)
            bytes = mutate(bytes, kind, Math.floor(at * bytes.length), byte);
          let reference: object | undefined;
          try {
            reference = referenceOf(bytes);
          } catch {
            // Not protobuf for ts-proto: then it must be refused.
          }
          try {
            expect(readOf(decodePublish(Buffer.from(bytes)))).toEqual(reference);
            read++;
          } catch (error) {
            if (!(error instanceof BrokerError)) throw error;
            expect(error.reason).toBe('MALFORMED');
            refused++;
          }
        },
      ),
      { numRuns: 2000 },
    );
    expect(refused).toBeGreaterThan(200);
    expect(read).toBeGreaterThan(200);
  });

  const message = bytesField(3, 'x');

  it.each([
    ['the topic as a varint', varintField(1, 1)],
    ['a message as a varint', varintField(2, 1)],
    ['the producer as eight bytes', Buffer.concat([tag(3, 1), Buffer.alloc(8)])],
    ['the sequence as bytes', bytesField(4, '1')],
    ['the expected timestamp as four bytes', Buffer.concat([tag(5, 5), Buffer.alloc(4)])],
    ['the close as a varint', varintField(6, 1)],
    ['the reason of a close as a varint', bytesField(6, varintField(1, 1))],
    ['the checksum of a close as a varint', bytesField(6, varintField(2, 1))],
    ['a reason that is not UTF-8', bytesField(6, bytesField(1, Buffer.from([0xff])))],
    ['a cut-off close', bytesField(6, Buffer.from([0x0a, 5, 1]))],
    ['a topic that is not UTF-8', bytesField(1, Buffer.from([0xc3, 0x28]))],
    ['a producer that is not UTF-8', bytesField(3, Buffer.from([0xff]))],
    ['a message that is not well-formed', bytesField(2, Buffer.from([0x1a, 200]))],
    [
      'a message that ends beyond the request',
      Buffer.concat([tag(2, 2), varint(message.length + 1), message]),
    ],
    ['a cut-off tag', Buffer.concat([bytesField(2, message), Buffer.from([0x80])])],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodePublish(bytes)).toThrow(malformed);
  });

  it('tells the largest message without what the broker sets itself', () => {
    const messages = ['small', 'the largest'].map((value) => ({
      ...content(value),
      timestampNs: TIMESTAMP_MIN_NS,
      isClose: true,
    }));
    const bytes = encode({ ...PublishRequest.decode(Buffer.alloc(0)), messages });
    expect(decodePublish(bytes).largestBytes).toBe(bytesField(3, 'the largest').length);
  });

  it('has one checksum for what is sent again, and another for anything else', () => {
    const request = (value: string, sequence = 1n) =>
      decodePublish(
        Buffer.concat([
          bytesField(
            2,
            Message.encode({ ...content(value), timestampNs: 0n, isClose: false }).finish(),
          ),
          varintField(4, sequence),
        ]),
      ).crc;
    expect(request('a')).toBe(request('a'));
    expect(request('a', 1n)).toBe(request('a', 2n));
    expect(request('a')).not.toBe(request('b'));
  });
});

function mutate(bytes: Buffer, kind: string, at: number, byte: number): Buffer {
  const before = bytes.subarray(0, at);
  switch (kind) {
    case 'flip':
      return Buffer.concat([
        before,
        Buffer.from([(bytes[at] ?? 0) ^ (1 << (byte & 7))]),
        bytes.subarray(at + 1),
      ]);
    case 'set':
      return Buffer.concat([before, Buffer.from([byte]), bytes.subarray(at + 1)]);
    case 'insert':
      return Buffer.concat([before, Buffer.from([byte]), bytes.subarray(at)]);
    case 'remove':
      return Buffer.concat([before, bytes.subarray(at + 1)]);
    case 'repeat':
      return Buffer.concat([bytes.subarray(0, at + byte), bytes.subarray(at)]);
    default:
      return Buffer.from(before);
  }
}
