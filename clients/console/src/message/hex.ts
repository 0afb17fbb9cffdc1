/** A line of a hex dump. */
export interface HexLine {
  readonly offset: string;
  readonly bytes: string;
  /** The bytes as ASCII, with a dot for what is none. */
  readonly text: string;
}

/** Of a larger value the rest is not shown. */
export const HEX_BYTES_MAX = 16 * 1024;

/** Sixteen bytes a line, as `hexdump -C` has them. */
export function hexLines(bytes: Uint8Array): HexLine[] {
  const lines: HexLine[] = [];
  for (let offset = 0; offset < Math.min(bytes.length, HEX_BYTES_MAX); offset += 16) {
    const part = [...bytes.subarray(offset, offset + 16)];
    const digits = part.map((byte) => byte.toString(16).padStart(2, '0'));
    lines.push({
      offset: offset.toString(16).padStart(8, '0'),
      bytes: `${digits.slice(0, 8).join(' ')}  ${digits.slice(8).join(' ')}`.trimEnd(),
      text: part
        .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
        .join(''),
    });
  }
  return lines;
}
