import fc from 'fast-check';
import type { Message } from 'playhead-proto';
import { bytesField, tag, varint } from './wire.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const name = fc.string({ unit: 'grapheme', maxLength: 12 });
const header = fc.record({ name, value: bytes(20) });

/** Timestamps as publishers put them there, though they are not theirs: none, short, of nine bytes, negative. */
const sentTimestamp = fc.oneof(
  fc.constant(0n),
  fc.constant(1n << 56n),
  fc.bigInt({ min: 1n << 56n, max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 56n }),
);

const message = (timestampNs: fc.Arbitrary<bigint>, isClose: fc.Arbitrary<boolean>) =>
  fc.record<Message>({
    timestampNs,
    key: bytes(20),
    value: fc.oneof(bytes(40), bytes(300)),
    headers: fc.array(header, { maxLength: 3 }),
    isClose,
  });

/** The messages of one request: all with room for a stamp, as playhead's clients send them, or any. */
export const sentMessages: fc.Arbitrary<Message[]> = fc.oneof(
  fc.array(message(fc.constant(1n << 56n), fc.constant(false)), { maxLength: 8 }),
  fc.array(message(sentTimestamp, fc.boolean()), { maxLength: 8 }),
);

const padding = fc.nat(3);
const headerBytes = header.map((each) =>
  Buffer.concat([bytesField(2, each.value), bytesField(1, each.name)]),
);

/** One field of a Message, written in a way that is allowed though no library writes it. */
const freeField = fc.oneof(
  fc
    .tuple(fc.constantFrom(2, 3), padding, padding, bytes(20))
    .map(([field, a, b, content]) =>
      Buffer.concat([tag(field, 2, a), varint(content.length, b), content]),
    ),
  fc
    .tuple(padding, padding, headerBytes)
    .map(([a, b, content]) => Buffer.concat([tag(4, 2, a), varint(content.length, b), content])),
  fc
    .tuple(fc.constantFrom(1, 5, 9), padding, sentTimestamp)
    .map(([field, a, value]) => Buffer.concat([tag(field, 0, a), varint(value)])),
  fc.tuple(fc.constantFrom(6, 99), bytes(9)).map(([field, content]) => bytesField(field, content)),
  fc.constant(Buffer.concat([tag(7, 1), Buffer.alloc(8, 1)])),
  fc.constant(Buffer.concat([tag(8, 5), Buffer.alloc(4, 1)])),
);

const stamp = Buffer.concat([tag(1, 0), varint(1n << 56n)]);

/** Encoded messages in the freedom that protobuf leaves: any order, repetitions, padding, unknown fields. */
export const freeMessages: fc.Arbitrary<Buffer[]> = fc.oneof(
  fc.array(
    fc.array(freeField, { maxLength: 6 }).map((fields) => Buffer.concat(fields)),
    { maxLength: 5 },
  ),
  fc.array(
    fc
      .array(
        freeField.filter((field) => ![1, 5].includes((field[0] ?? 0) >>> 3)),
        { maxLength: 4 },
      )
      .map((fields) => Buffer.concat([stamp, ...fields])),
    { maxLength: 5 },
  ),
);
