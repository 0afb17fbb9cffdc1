/** Bytes as a case sees them: compared with text, and shown as text where they are some. */
export class Bytes {
  readonly buffer: Buffer;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  static fromBase64(text: unknown): Bytes {
    return new Bytes(Buffer.from(typeof text === 'string' ? text : '', 'base64'));
  }

  get base64(): string {
    return this.buffer.toString('base64');
  }

  equals(other: Bytes): boolean {
    return this.buffer.equals(other.buffer);
  }

  /** For messages of failures. */
  toString(): string {
    const text = this.buffer.toString('utf8');
    const isText = Buffer.from(text, 'utf8').equals(this.buffer);
    const shown = isText ? JSON.stringify(text) : `hex ${this.buffer.toString('hex')}`;
    return shown.length > 100 ? `${shown.slice(0, 100)}… (${this.buffer.length} bytes)` : shown;
  }

  toJSON(): string {
    return this.toString();
  }
}

/** A record of anything, as JSON and YAML have them. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Bytes) &&
    !(value instanceof Uint8Array)
  );
}

/** The bytes that a case writes as text, `{hex}`, `{base64}` or `{repeat, times}`; undefined if it is none of them. */
export function bytesOf(written: unknown): Bytes | undefined {
  if (written instanceof Bytes) return written;
  if (typeof written === 'string') return new Bytes(Buffer.from(written, 'utf8'));
  if (typeof written === 'number') return new Bytes(Buffer.from(String(written), 'utf8'));
  if (!isFields(written)) return undefined;
  const { hex, base64, repeat, times } = written;
  if (typeof hex === 'string') return new Bytes(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  if (typeof base64 === 'string') return new Bytes(Buffer.from(base64, 'base64'));
  if (typeof repeat === 'string' && typeof times === 'number') {
    return new Bytes(Buffer.from(repeat.repeat(times), 'utf8'));
  }
  return undefined;
}

/** `{numbered: {count, prefix, from}}`: `m-0` to `m-(count - 1)`. A list stays as it is. */
export function listOf(written: unknown): readonly unknown[] | undefined {
  if (Array.isArray(written)) return written;
  if (!isFields(written) || !isFields(written['numbered'])) return undefined;
  const { count, prefix = 'm', from = 0 } = written['numbered'];
  return Array.from({ length: Number(count) }, (_, i) => `${String(prefix)}-${Number(from) + i}`);
}

/** A value that is text, or nothing. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string' || typeof value === 'number') return `${value}`;
  throw new TypeError(`expected a text, not ${JSON.stringify(value)}`);
}
