import { BrokerError } from '../errors.ts';

/** Wire types of protobuf (https://protobuf.dev/programming-guides/encoding/). */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Reads varints and fields of one buffer, and refuses what is not well-formed. */
export class WireReader {
  readonly buffer: Buffer;
  at: number;
  readonly end: number;

  constructor(buffer: Buffer, start = 0, end = buffer.length) {
    this.buffer = buffer;
    this.at = start;
    this.end = end;
  }

  /** A varint that fits 32 bits: a tag or a length. */
  uint32(): number {
    const first = this.buffer[this.at];
    if (first !== undefined && first < 0x80 && this.at < this.end) {
      this.at++;
      return first;
    }
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > 0xffffffff) break;
        return value;
      }
    }
    throw malformed('a length or tag is larger than 32 bits', this.at);
  }

  /** A varint of 64 bits, read as signed. */
  int64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw malformed('a varint is longer than ten bytes', this.at);
  }

  /** Reads a length and answers where what it counts ends, which is within this reader. */
  delimited(): number {
    const length = this.uint32();
    if (length > this.end - this.at)
      throw malformed('a field is longer than what holds it', this.at);
    return this.at + length;
  }

  skip(wireType: number): void {
    if (wireType === WIRE.varint) {
      for (let i = 0; this.#byte() >= 0x80; i++) {
        if (i === 9) throw malformed('a varint is longer than ten bytes', this.at);
      }
    } else if (wireType === WIRE.bytes) {
      this.at = this.delimited();
    } else if (wireType === WIRE.fixed64 || wireType === WIRE.fixed32) {
      this.at += wireType === WIRE.fixed64 ? 8 : 4;
      if (this.at > this.end) throw malformed('a field is cut off', this.end);
    } else {
      throw malformed(`wire type ${wireType} is not in use`, this.at);
    }
  }

  /** Reads a tag; throws unless the field has the wire type that the schema gives it. */
  field(wireTypeOf: (field: number) => number | undefined): { field: number; wireType: number } {
    const tag = this.uint32();
    const field = tag >>> 3;
    const wireType = tag & 7;
    if (field === 0) throw malformed('field number 0', this.at);
    const expected = wireTypeOf(field);
    if (expected !== undefined && expected !== wireType) {
      throw malformed(`field ${field} has wire type ${wireType} instead of ${expected}`, this.at);
    }
    return { field, wireType };
  }

  #byte(): number {
    const byte = this.buffer[this.at];
    if (byte === undefined || this.at >= this.end) throw malformed('cut off', this.at);
    this.at++;
    return byte;
  }
}

export function malformed(what: string, at: number): BrokerError {
  return new BrokerError(
    'MALFORMED',
    `request is not well-formed protobuf: ${what}, at byte ${at}`,
  );
}
