import fc from 'fast-check';
import { Message, PublishRequest } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import type { MessagePlace, MessageRun } from '../../../src/log/message-run.ts';
import {
  checkMessage,
  fieldsOfMessageAt,
  makeRun,
  offsetOfMessage,
  sizeOfMessageAt,
  splitRun,
  stampRun,
  TIMESTAMP_MIN_NS,
} from '../../../src/log/message-run.ts';
import { WireReader } from '../../../src/log/wire-reader.ts';
import { freeMessages, sentMessages } from '../../support/arbitrary-message.ts';
import { contentOf, decodeRun, runOf } from '../../support/message.ts';
import { bytesField, tag, varint, varintField } from '../../support/wire.ts';

const malformed = expect.objectContaining({ reason: 'MALFORMED' });
const timestamps = fc.bigInt({ min: TIMESTAMP_MIN_NS, max: 2n ** 63n - 10_000n });

/** A request of nothing but these encoded messages, as field 2. */
function requestOf(messages: readonly Uint8Array[], padding = 0): Buffer {
  return Buffer.concat(
    messages.flatMap((each) => [tag(2, 2, padding), varint(each.length, padding), each]),
  );
}

function placesOf(request: Buffer): MessagePlace[] {
  const reader = new WireReader(request);
  const places: MessagePlace[] = [];
  while (reader.at < request.length) {
    const tagAt = reader.at;
    reader.uint32();
    const end = reader.delimited();
    const start = reader.at;
    places.push({ tagAt, start, end, droppedBytes: checkMessage(request, start, end) });
    reader.at = end;
  }
  return places;
}

function runFrom(request: Buffer): MessageRun {
  return makeRun(request, placesOf(request));
}

function isView(bytes: Buffer, on: Buffer): boolean {
  const at = bytes.byteOffset - on.byteOffset;
  return bytes.buffer === on.buffer && at >= 0 && at < on.length;
}

function expectSent(run: Uint8Array, sent: readonly Message[], firstNs: bigint): void {
  const decoded = decodeRun(run);
  expect(decoded.map(contentOf)).toEqual(sent.map(contentOf));
  expect(decoded.map(({ timestampNs }) => timestampNs)).toEqual(
    sent.map((_, i) => firstNs + BigInt(i)),
  );
  expect(decoded.some(({ isClose }) => isClose)).toBe(false);
}

describe('a run that is checked and stamped', () => {
  it('decodes as exactly what ts-proto was given, run behind run', () => {
    fc.assert(
      fc.property(fc.array(sentMessages, { maxLength: 4 }), timestamps, (requests, firstNs) => {
        const stamped: Buffer[] = [];
        let nextNs = firstNs;
        for (const messages of requests) {
          const request = requestOf(messages.map((each) => Message.encode(each).finish()));
          const run = runFrom(request);
          expect(run.messageCount).toBe(messages.length);
          stampRun(run.bytes, nextNs);
          nextNs += BigInt(messages.length);
          stamped.push(run.bytes);
        }
        expectSent(Buffer.concat(stamped), requests.flat(), firstNs);
      }),
    );
  });

  it('decodes as what was sent however protobuf was written: padded, repeated, in any order', () => {
    fc.assert(
      fc.property(freeMessages, fc.nat(3), timestamps, (encoded, padding, firstNs) => {
        const sent = encoded.map((each) => Message.decode(each));
        const run = runFrom(requestOf(encoded, padding));
        stampRun(run.bytes, firstNs);
        expectSent(run.bytes, sent, firstNs);
      }),
      { numRuns: 300 },
    );
  });

  it('counts on over the borders of seven bits', () => {
    const run = runOf(...Array.from({ length: 300 }, (_, i) => `${i}`));
    const firstNs = (1n << 57n) - 150n;
    stampRun(run.bytes, firstNs);
    const stamps = decodeRun(run.bytes).map(({ timestampNs }) => timestampNs);
    expect(stamps).toEqual(stamps.map((_, i) => firstNs + BigInt(i)));
  });
});

describe('makeRun', () => {
  const stamped = (value: string) =>
    Buffer.concat([varintField(1, TIMESTAMP_MIN_NS), bytesField(3, value)]);

  it('takes messages over where they are if each has room for its stamp in front', () => {
    const request = requestOf([stamped('a'), stamped('b')]);
    const run = runFrom(request);
    expect(isView(run.bytes, request)).toBe(true);
    expect(run.bytes.length).toBe(request.length);
  });

  it.each([
    ['no timestamp', [bytesField(3, 'a')]],
    ['a short timestamp', [Buffer.concat([varintField(1, 7n), bytesField(3, 'a')])]],
    ['a negative timestamp', [Buffer.concat([varintField(1, -7n), bytesField(3, 'a')])]],
    [
      'the timestamp behind',
      [Buffer.concat([bytesField(3, 'a'), varintField(1, TIMESTAMP_MIN_NS)])],
    ],
    ['two timestamps', [Buffer.concat([varintField(1, TIMESTAMP_MIN_NS), stamped('a')])]],
    ['a close flag', [Buffer.concat([stamped('a'), varintField(5, 1)])]],
    ['the note of a partition', [Buffer.concat([stamped('a'), varintField(6, 3)])]],
    ['the note of a time', [Buffer.concat([stamped('a'), varintField(7, 5)])]],
    [
      'notes that are none',
      [Buffer.concat([bytesField(7, 'x'), stamped('a'), bytesField(6, 'y')])],
    ],
    ['only one of two stamped', [stamped('a'), bytesField(3, 'a')]],
  ])('copies messages with %s, without the fields that are not theirs', (_, messages) => {
    const request = requestOf(messages);
    const before = Buffer.from(request);
    const run = runFrom(request);
    expect(isView(run.bytes, request)).toBe(false);
    expect(request).toEqual(before);
    stampRun(run.bytes, TIMESTAMP_MIN_NS + 5n);
    expect(fieldsOfMessageAt(run.bytes, 0)).toEqual(bytesField(3, 'a'));
    expect(decodeRun(run.bytes)).toEqual(
      messages.map((_each, i) => ({
        timestampNs: TIMESTAMP_MIN_NS + 5n + BigInt(i),
        key: new Uint8Array(),
        value: Buffer.from('a'),
        headers: [],
        isClose: false,
      })),
    );
  });

  it('copies messages whose tag has more than one byte: one cannot be put in its place', () => {
    const request = requestOf([stamped('a'), stamped('b')], 1);
    const run = runFrom(request);
    expect(isView(run.bytes, request)).toBe(false);
    expect(decodeRun(run.bytes).map(({ value }) => Buffer.from(value).toString())).toEqual([
      'a',
      'b',
    ]);
  });

  it('copies messages between which something else stands', () => {
    const [one, two] = [requestOf([stamped('a')]), requestOf([stamped('b')])];
    const between = bytesField(1, 'topic');
    const request = Buffer.concat([one, between, two]);
    const second = one.length + between.length;
    const places = [
      ...placesOf(one),
      ...placesOf(two).map((place) => ({
        ...place,
        tagAt: place.tagAt + second,
        start: place.start + second,
        end: place.end + second,
      })),
    ];
    const run = makeRun(request, places);
    stampRun(run.bytes, TIMESTAMP_MIN_NS);
    expect(decodeRun(run.bytes).map(({ value }) => Buffer.from(value).toString())).toEqual([
      'a',
      'b',
    ]);
  });

  it('keeps fields that it does not know', () => {
    const unknown = bytesField(77, 'later version');
    const run = runFrom(requestOf([Buffer.concat([bytesField(3, 'a'), unknown])]));
    expect(run.bytes.includes(unknown)).toBe(true);
  });
});

describe('checkMessage', () => {
  const check = (bytes: Buffer) => checkMessage(bytes, 0, bytes.length);

  it('answers how much of a message the broker sets itself', () => {
    expect(check(Buffer.concat([varintField(1, 5), bytesField(3, 'x'), varintField(5, 1)]))).toBe(
      4,
    );
    expect(check(Buffer.concat([varintField(6, 300), bytesField(7, 'x'), varintField(8, 1)]))).toBe(
      6,
    );
  });

  it.each([
    ['a key as a varint', varintField(2, 1)],
    ['a value as four bytes', Buffer.concat([tag(3, 5), Buffer.alloc(4)])],
    ['a timestamp as eight bytes', Buffer.concat([tag(1, 1), Buffer.alloc(8)])],
    ['headers as a varint', varintField(4, 1)],
    ['a close flag as bytes', bytesField(5, 'x')],
    ['the name of a header as a varint', bytesField(4, varintField(1, 1))],
    [
      'the value of a header as eight bytes',
      bytesField(4, Buffer.concat([tag(2, 1), Buffer.alloc(8)])),
    ],
    ['the name of a header that is not UTF-8', bytesField(4, bytesField(1, Buffer.from([0xff])))],
    ['a name that is longer than its header', bytesField(4, Buffer.from([0x0a, 9, 1]))],
    ['field number 0', Buffer.from([0x02, 0])],
    ['field number 0 in a header', bytesField(4, Buffer.from([0x02, 0]))],
    ['a group', tag(9, 3)],
    ['a cut-off value', Buffer.from([0x1a, 5, 1, 2])],
    ['a cut-off tag', Buffer.from([0x9a])],
  ])('refuses %s', (_, bytes) => {
    expect(() => check(bytes)).toThrow(malformed);
  });

  it('does not look beyond the message', () => {
    const bytes = bytesField(3, 'four');
    expect(() => checkMessage(bytes, 0, bytes.length - 1)).toThrow(malformed);
  });
});

describe('splitRun', () => {
  it('cuts between messages, within its bounds, and loses nothing', () => {
    const runs = fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        runs,
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 70 }),
        (values, maxBytes, maxMessages) => {
          const run = runOf(...values);
          const pieces = [...splitRun(run, maxBytes, maxMessages)];
          expect(Buffer.concat(pieces.map(({ bytes }) => bytes))).toEqual(run.bytes);
          for (const piece of pieces) {
            expect(decodeRun(piece.bytes)).toHaveLength(piece.messageCount);
            expect(piece.messageCount).toBeGreaterThan(0);
            expect(piece.messageCount).toBeLessThanOrEqual(maxMessages);
            if (piece.messageCount > 1) expect(piece.bytes.length).toBeLessThanOrEqual(maxBytes);
          }
        },
      ),
    );
  });

  it('leaves a run in one piece that is within the bounds', () => {
    const run = runOf('a', 'b');
    expect([...splitRun(run, run.bytes.length, 2)]).toEqual([run]);
    expect([...splitRun(run, run.bytes.length - 1, 2)]).toHaveLength(2);
    expect([...splitRun(run, run.bytes.length, 1)]).toHaveLength(2);
  });
});

describe('offsetOfMessage and sizeOfMessageAt', () => {
  it('find every message of a run, of any size', () => {
    const values = [0, 1, 100, 127, 128, 16_383, 16_384, 70_000].map((bytes) =>
      Buffer.alloc(bytes, 7),
    );
    const run = runOf(...values);
    for (const [i, value] of values.entries()) {
      const at = offsetOfMessage(run.bytes, i);
      const one = run.bytes.subarray(at, at + sizeOfMessageAt(run.bytes, at));
      expect(decodeRun(one).map((message) => message.value.length)).toEqual([value.length]);
    }
    expect(offsetOfMessage(run.bytes, values.length)).toBe(run.bytes.length);
    expect(offsetOfMessage(run.bytes, values.length + 5)).toBe(run.bytes.length);
  });
});

describe('any bytes that are not a message', () => {
  it('are refused, or decode as ts-proto decodes them', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .array(fc.constantFrom(0x08, 0x0a, 0x12, 0x1a, 0x22, 0x28, 0x80, 0xff, 0, 1, 2, 3), {
          maxLength: 24,
        })
        .map((all) => Uint8Array.from(all)),
    );
    fc.assert(
      fc.property(bytes, (message) => {
        let run: MessageRun;
        try {
          run = runFrom(requestOf([message]));
        } catch (error) {
          expect(error).toEqual(malformed);
          return;
        }
        stampRun(run.bytes, TIMESTAMP_MIN_NS);
        expectSent(
          run.bytes,
          PublishRequest.decode(requestOf([message])).messages,
          TIMESTAMP_MIN_NS,
        );
      }),
      { numRuns: 2000 },
    );
  });
});
