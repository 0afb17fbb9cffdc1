import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeFrame,
  decodeTapeKey,
  encodeFrame,
  encodeTapeKey,
  frameEndNs,
} from '../../../src/storage/frame.ts';

const uint32 = fc.nat({ max: 0xffffffff });
const uint64 = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n });
const producer = fc.record({
  name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
  sequence: uint64,
  index: uint32,
  messageCount: uint32,
  crc: uint32,
});
const parts = fc.record({
  timestampNs: uint64,
  kind: fc.constantFrom('data', 'close'),
  lane: fc.nat({ max: 255 }),
  topicId: uint32,
  messageCount: uint32,
  tapeSequence: uint64,
  topicSequence: uint64,
  topicBytes: uint64,
  producers: fc.array(producer, { maxLength: 3 }),
  pieces: fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 4 }),
});

function encode({ pieces, ...fields }: typeof parts extends fc.Arbitrary<infer T> ? T : never) {
  const bodyBytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return encodeFrame({ ...fields, body: pieces, bodyBytes });
}

describe('frame', () => {
  it('decodes to what was encoded', () => {
    fc.assert(
      fc.property(parts, (each) => {
        const { pieces, ...fields } = each;
        const frame = decodeFrame(encodeTapeKey(each.timestampNs), encode(each));
        expect(frame).toEqual({ ...fields, body: Buffer.concat(pieces) });
      }),
    );
  });

  it('is refused if any bit of it is flipped, or of its key', () => {
    fc.assert(
      fc.property(parts, fc.nat(), (each, at) => {
        const stored = Buffer.concat([encodeTapeKey(each.timestampNs), encode(each)]);
        const bit = at % (stored.length * 8);
        stored[bit >>> 3] = (stored[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
        expect(decodeFrame(stored.subarray(0, 8), stored.subarray(8))).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  it('is refused if it is cut off or has more behind it', () => {
    fc.assert(
      fc.property(parts, fc.nat(), (each, length) => {
        const key = encodeTapeKey(each.timestampNs);
        const value = encode(each);
        expect(decodeFrame(key, value.subarray(0, length % value.length))).toBeUndefined();
        expect(decodeFrame(key, Buffer.concat([value, Buffer.alloc(1)]))).toBeUndefined();
      }),
    );
  });

  it('is refused at another place of the tape', () => {
    fc.assert(
      fc.property(parts, uint64, (each, timestampNs) => {
        fc.pre(timestampNs !== each.timestampNs);
        expect(decodeFrame(encodeTapeKey(timestampNs), encode(each))).toBeUndefined();
      }),
    );
  });

  it('never makes the decoder throw, whatever the bytes', () => {
    const bytes = (maxLength: number) =>
      fc.uint8Array({ maxLength }).map((each) => Buffer.from(each));
    fc.assert(
      fc.property(bytes(12), bytes(99), (key, value) => {
        expect(decodeFrame(key, value)).toBeUndefined();
      }),
    );
  });

  it('has these bytes, which are on disks', () => {
    const value = encodeFrame({
      timestampNs: 0x0102030405060708n,
      kind: 'close',
      lane: 3,
      topicId: 0x11121314,
      messageCount: 0,
      tapeSequence: 0x21n,
      topicSequence: 0x31n,
      topicBytes: 0x41n,
      producers: [{ name: 'é', sequence: 0x51n, index: 0x61, messageCount: 0x71, crc: 0x81 }],
      body: [Buffer.from('body')],
      bodyBytes: 4,
    });
    expect(value.toString('hex')).toBe(
      [
        '01010300f723e0951112131400000000',
        '00000000000000210000000000000031',
        '00000000000000410000001800000004',
        '0002c3a90000000000000051000000610000007100000081',
        '626f6479',
      ].join(''),
    );
  });

  it('lets the body be stamped before its checksum is taken', () => {
    const fields = {
      timestampNs: 5n,
      kind: 'data',
      lane: 0,
      topicId: 1,
      messageCount: 1,
      tapeSequence: 0n,
      topicSequence: 0n,
      topicBytes: 0n,
      producers: [],
    } as const;
    const value = encodeFrame({ ...fields, body: [Buffer.from('ab')], bodyBytes: 2 }, (body) =>
      body.fill('x'),
    );
    expect(decodeFrame(encodeTapeKey(5n), value)?.body.toString()).toBe('xx');
  });

  it('ends behind its last message; a close frame takes one nanosecond', () => {
    expect(frameEndNs({ timestampNs: 10n, messageCount: 3 })).toBe(13n);
    expect(frameEndNs({ timestampNs: 10n, messageCount: 0 })).toBe(11n);
  });
});

describe('the key of a frame', () => {
  it('sorts as time does', () => {
    fc.assert(
      fc.property(uint64, uint64, (a, b) => {
        const order = Buffer.compare(encodeTapeKey(a), encodeTapeKey(b));
        expect(order).toBe(a < b ? -1 : a > b ? 1 : 0);
        expect(decodeTapeKey(encodeTapeKey(a))).toBe(a);
      }),
    );
  });
});
