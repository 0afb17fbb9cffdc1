import type { Message as WireMessage } from 'playhead-proto';

/** Headers by name, or as pairs if their order matters or a name occurs more than once. */
export type PublishableHeaders =
  | Readonly<Record<string, string | Uint8Array>>
  | readonly (readonly [name: string, value: string | Uint8Array])[];

/** A message with more than its value. Strings are stored as UTF-8. */
export interface PublishableMessage {
  readonly value: string | Uint8Array;
  readonly key?: string | Uint8Array | undefined;
  readonly headers?: PublishableHeaders | undefined;
}

/**
 * What can be published: a value, or a message with key and headers. Its bytes are copied before `publish` returns, so
 * a buffer may be used again at once.
 */
export type Publishable = string | Uint8Array | PublishableMessage;

type Pairs = readonly (readonly [string, string | Uint8Array])[];
const NO_PAIRS: Pairs = [];

/** The headers as pairs. Throws a TypeError for what is none. */
export function headerPairs(headers: PublishableHeaders | undefined): Pairs {
  if (headers === undefined) return NO_PAIRS;
  const pairs: Pairs = isPairs(headers) ? headers : Object.entries(headers);
  for (const [name, value] of pairs) {
    if (typeof name !== 'string') throw new TypeError('the name of a header is a string');
    checkBytes(`header ${name}`, value);
  }
  return pairs;
}

/** The message as the wire has it. Its bytes are views of what was given. */
export function toWireMessage(message: Publishable): WireMessage {
  const parts: PublishableMessage =
    typeof message === 'string' || message instanceof Uint8Array ? { value: message } : message;
  if (typeof parts !== 'object' || parts === null) {
    throw new TypeError('a message is a string, a Uint8Array or an object with a value');
  }
  const { key = '', value } = parts;
  checkBytes('the key of a message', key);
  checkBytes('the value of a message', value);
  const headers = headerPairs(parts.headers).map(([name, bytes]) => ({
    name,
    value: toBytes(bytes),
  }));
  return { timestampNs: 0n, key: toBytes(key), value: toBytes(value), headers, isClose: false };
}

function toBytes(bytes: string | Uint8Array): Uint8Array {
  return typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
}

export function checkBytes(what: string, bytes: unknown): void {
  if (typeof bytes === 'string' || bytes instanceof Uint8Array) return;
  throw new TypeError(`${what} is a string or Uint8Array, not ${describe(bytes)}`);
}

// Array.isArray does not narrow a readonly array.
function isPairs(headers: PublishableHeaders): headers is Pairs {
  return Array.isArray(headers);
}

function describe(value: unknown): string {
  return value === null || value === undefined ? String(value) : `a ${typeof value}`;
}
