import { PlayheadError } from './errors.ts';

/** The offset behind what readVarint read last. A second result without an object for each of millions of calls. */
let varintEnd = 0;

/** Reads a varint of at most 32 bits at `at`; `endOfVarint()` is the offset behind it. */
export function readVarint(bytes: Uint8Array, at: number): number {
  let byte = bytes[at] ?? -1;
  if (byte >= 0 && byte < 0x80) {
    varintEnd = at + 1;
    return byte;
  }
  let value = 0;
  let factor = 1;
  for (let i = at; i < at + 10; i++) {
    byte = bytes[i] ?? -1;
    if (byte < 0) break;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) {
      varintEnd = i + 1;
      return value;
    }
    factor *= 0x80;
  }
  throw malformed();
}

export function endOfVarint(): number {
  return varintEnd;
}

/** The offset behind the field whose tag was just read and whose contents begin at `at`. */
export function skipField(bytes: Uint8Array, tag: number, at: number): number {
  const end = behindField(bytes, tag, at);
  if (end > bytes.length) throw malformed();
  return end;
}

function behindField(bytes: Uint8Array, tag: number, at: number): number {
  switch (tag & 7) {
    case 0: {
      let end = at;
      while ((bytes[end] ?? 0) >= 0x80) end += 1;
      return end + 1;
    }
    case 1:
      return at + 8;
    case 2: {
      const length = readVarint(bytes, at);
      return varintEnd + length;
    }
    case 5:
      return at + 4;
    default:
      throw malformed();
  }
}

/** Puts two halves together: arithmetic on bigints would allocate one for each step. */
const halves = new DataView(new ArrayBuffer(8));

/** Reads an int64 that is not negative. */
export function readInt64(bytes: Uint8Array, at: number): bigint {
  // Halves of 28 and 35 bits stay exact in a double.
  let low = 0;
  let high = 0;
  let factor = 1;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) break;
    if (i < 4) low += (byte & 0x7f) * factor;
    else high += (byte & 0x7f) * factor;
    if (byte < 0x80) {
      // The highest 4 bits of the lower 32 are the lowest of the higher half.
      halves.setUint32(0, Math.floor(high / 16));
      halves.setUint32(4, low + (high % 16) * 0x10000000);
      return halves.getBigUint64(0);
    }
    factor = i === 3 ? 1 : factor * 0x80;
  }
  throw malformed();
}

export function malformed(): PlayheadError {
  return new PlayheadError('INTERNAL', 'the broker sent a response that is not well-formed');
}
