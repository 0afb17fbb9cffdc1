import type { Message } from 'playhead-client';
import { formatTimestamp } from 'playhead-client';
import { usageError } from './exit-code.ts';

/** What is shown of a message. */
export type ShownMessage = Pick<Message, 'timestampNs' | 'topic' | 'key' | 'value' | 'headers'>;

/** Writes one message. */
export type Formatter = (message: ShownMessage, out: ByteSink) => void;

/** What takes formatted bytes; they are not changed afterwards. */
export interface ByteSink {
  push(bytes: Uint8Array): void;
}

type Field = (message: ShownMessage) => Uint8Array;

const text = (write: (message: ShownMessage) => string): Field => {
  return (message) => Buffer.from(write(message));
};

const PERCENT = Buffer.from('%');
const COMMA = Buffer.from(',');
const EQUALS = Buffer.from('=');

const fields: Readonly<Record<string, Field>> = {
  t: text(({ topic }) => topic),
  T: text(({ timestampNs }) => formatTimestamp(timestampNs)),
  n: text(({ timestampNs }) => String(timestampNs)),
  k: ({ key }) => key,
  s: ({ value }) => value,
  h: formatHeaders,
  S: text(({ value }) => String(value.length)),
  '%': () => PERCENT,
};

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '0': '\0',
  '\\': '\\',
};

/** The directives of `--format`, for help. */
export const FORMAT_HELP = `Directives of --format:
  %t topic   %T time, RFC 3339   %n time, ns since 1970   %k key   %s value   %h headers, name=value,…
  %S size of the value, bytes   %% percent sign   and \\n \\t \\r \\0 \\\\
The default is '%s\\n'. Keys, values and headers are written as they are, byte for byte.`;

/** Compiles a `--format`. Throws a usage error for a directive or an escape that it does not know. */
export function compileFormat(format: string): Formatter {
  const steps: (Field | Uint8Array)[] = [];
  for (const [token, directive, escape] of format.matchAll(/%(.?)|\\(.?)|[^%\\]+/gsu)) {
    const step = directive !== undefined ? fields[directive] : literal(token, escape);
    if (step === undefined) {
      const known = directive === undefined ? '\\n \\t \\r \\0 \\\\' : '%t %T %n %k %s %h %S %%';
      throw usageError(`--format: ${JSON.stringify(token)} is unknown; known are ${known}`);
    }
    steps.push(step);
  }
  return (message, out) => {
    for (const step of steps) out.push(typeof step === 'function' ? step(message) : step);
  };
}

function literal(token: string, escape: string | undefined): Uint8Array | undefined {
  const content = escape === undefined ? token : escapes[escape];
  return content === undefined ? undefined : Buffer.from(content);
}

function formatHeaders({ headers }: ShownMessage): Uint8Array {
  return Buffer.concat(
    headers.flatMap(({ name, value }, index) => [
      ...(index === 0 ? [] : [COMMA]),
      Buffer.from(name),
      EQUALS,
      value,
    ]),
  );
}
