import fc from 'fast-check';
import { Message, ReadRequest } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import {
  endOfVarint,
  readInt64,
  readVarint,
  skipField,
} from '../../../clients/node/src/wire-reader.ts';

describe('readVarint', () => {
  it('reads what a protobuf writer wrote, and says where it ends', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0x7fffffff }), (maxMessages) => {
        const bytes = ReadRequest.encode(ReadRequest.fromPartial({ maxMessages })).finish();
        expect(readVarint(bytes, 1)).toBe(maxMessages);
        expect(endOfVarint()).toBe(bytes.length);
      }),
    );
  });

  it.each([[[]], [[0x80]], [Array(11).fill(0x80)]])('refuses %j', (bytes) => {
    expect(() => readVarint(Uint8Array.from(bytes), 0)).toThrow('not well-formed');
  });
});

describe('readInt64', () => {
  it('reads every int64 that is not negative, exactly', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }), (timestampNs) => {
        const bytes = Message.encode(Message.fromPartial({ timestampNs })).finish();
        expect(readInt64(bytes, 1)).toBe(timestampNs);
      }),
    );
  });

  it('refuses one that is cut', () => {
    expect(() => readInt64(Uint8Array.from([0x80, 0x80]), 0)).toThrow('not well-formed');
  });
});

describe('skipField', () => {
  it.each([
    ['varint', 0x08, [0x81, 0x01], 2],
    ['fixed64', 0x09, [1, 2, 3, 4, 5, 6, 7, 8], 8],
    ['bytes', 0x0a, [2, 7, 7], 3],
    ['fixed32', 0x0d, [1, 2, 3, 4], 4],
  ])('passes over a %s', (_, tag, bytes, end) => {
    expect(skipField(Uint8Array.from(bytes), tag, 0)).toBe(end);
    expect(() => skipField(Uint8Array.from(bytes.slice(0, -1)), tag, 0)).toThrow('not well-formed');
  });

  it('refuses groups and unknown wire types', () => {
    for (const wireType of [3, 4, 6, 7]) {
      expect(() => skipField(Uint8Array.from([1, 1, 1]), 8 | wireType, 0)).toThrow(
        'not well-formed',
      );
    }
  });
});
