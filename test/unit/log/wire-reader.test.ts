import fc from 'fast-check';
import { Message } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { WIRE, WireReader } from '../../../src/log/wire-reader.ts';
import { tag, varint } from '../../support/wire.ts';

const malformed = expect.objectContaining({ reason: 'MALFORMED' });

describe('WireReader.uint32', () => {
  it('reads every value, also if it is written longer than it need be', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(4), (value, padding) => {
        const minimal = varint(value);
        const reader = new WireReader(varint(value, Math.min(padding, 5 - minimal.length)));
        expect(reader.uint32()).toBe(value);
        expect(reader.at).toBe(reader.end);
      }),
    );
  });

  it.each([
    ['more than 32 bits', varint(1n << 32n)],
    ['more than five bytes', varint(5, 5)],
    ['a cut-off varint', Buffer.from([0x80])],
    ['nothing', Buffer.alloc(0)],
  ])('refuses %s', (_, bytes) => {
    expect(() => new WireReader(bytes).uint32()).toThrow(malformed);
  });

  it('does not read beyond its end', () => {
    const bytes = Buffer.from([0x80, 0x01]);
    expect(() => new WireReader(bytes, 0, 1).uint32()).toThrow(malformed);
    expect(() => new WireReader(Buffer.from([5]), 0, 0).uint32()).toThrow(malformed);
  });
});

describe('WireReader.int64', () => {
  it('reads as ts-proto does', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const bytes = varint(value);
        expect(new WireReader(bytes).int64()).toBe(value);
        expect(Message.decode(Buffer.concat([tag(1, 0), bytes])).timestampNs).toBe(value);
      }),
    );
  });

  it('refuses eleven bytes', () => {
    expect(() => new WireReader(Buffer.alloc(11, 0x80)).int64()).toThrow(malformed);
  });
});

describe('WireReader.delimited', () => {
  it('answers where what is counted ends', () => {
    const reader = new WireReader(Buffer.from([3, 1, 2, 3]));
    expect(reader.delimited()).toBe(4);
    expect(reader.at).toBe(1);
  });

  it('refuses a length beyond what holds it, by one byte too', () => {
    expect(() => new WireReader(Buffer.from([3, 1, 2])).delimited()).toThrow(malformed);
    expect(() => new WireReader(Buffer.from([2, 1, 2, 3]), 0, 2).delimited()).toThrow(malformed);
  });
});

describe('WireReader.skip', () => {
  it.each([
    ['a varint', WIRE.varint, varint(-1n)],
    ['eight bytes', WIRE.fixed64, Buffer.alloc(8)],
    ['a length and its bytes', WIRE.bytes, Buffer.from([2, 7, 7])],
    ['four bytes', WIRE.fixed32, Buffer.alloc(4)],
  ])('passes over %s and stops behind', (_, wireType, bytes) => {
    const reader = new WireReader(Buffer.concat([bytes, Buffer.from([99])]));
    reader.skip(wireType);
    expect(reader.at).toBe(bytes.length);
  });

  it.each([
    ['a varint of eleven bytes', WIRE.varint, Buffer.alloc(11, 0x80)],
    ['a cut-off varint', WIRE.varint, Buffer.from([0x80])],
    ['seven of eight bytes', WIRE.fixed64, Buffer.alloc(7)],
    ['three of four bytes', WIRE.fixed32, Buffer.alloc(3)],
    ['fewer bytes than counted', WIRE.bytes, Buffer.from([3, 7, 7])],
    ['the start of a group', 3, Buffer.alloc(8)],
    ['the end of a group', 4, Buffer.alloc(8)],
    ['wire type 6', 6, Buffer.alloc(8)],
    ['wire type 7', 7, Buffer.alloc(8)],
  ])('refuses %s', (_, wireType, bytes) => {
    expect(() => new WireReader(bytes).skip(wireType)).toThrow(malformed);
  });
});

describe('WireReader.field', () => {
  const schema = (field: number) => (field === 1 ? WIRE.bytes : undefined);

  it('reads a tag', () => {
    expect(new WireReader(tag(1, 2)).field(schema)).toEqual({ field: 1, wireType: 2 });
    expect(new WireReader(tag(536_870_911, 5)).field(schema)).toEqual({
      field: 536_870_911,
      wireType: 5,
    });
  });

  it('refuses another wire type than the schema gives, and field number 0', () => {
    expect(() => new WireReader(tag(1, 0)).field(schema)).toThrow(malformed);
    expect(() => new WireReader(tag(0, 2)).field(schema)).toThrow(malformed);
  });

  it('leaves the wire type of unknown fields open', () => {
    expect(new WireReader(tag(2, 0)).field(schema)).toEqual({ field: 2, wireType: 0 });
  });
});
