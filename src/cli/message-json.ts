import type { PublishableMessage } from 'playhead-client';

type JsonObject = Readonly<Record<string, unknown>>;

const MESSAGE_FIELDS = [
  'topic',
  'timestamp_ns',
  'time',
  'key',
  'key_base64',
  'value',
  'value_base64',
  'headers',
];
const HEADER_FIELDS = ['name', 'value', 'value_base64'];

/**
 * Reads what the client's messageToJson writes. Headers may be an object of texts, too. Topic and time are accepted and
 * left aside: a publish sets its own. Throws a TypeError that names the field, also for an unknown one.
 */
export function messageFromJson(line: string): PublishableMessage {
  const json = asObject(parseJson(line), 'the line', MESSAGE_FIELDS);
  const value = bytesFromJson(json, 'value');
  if (value === undefined) throw new TypeError('value or value_base64 is missing');
  return {
    value,
    key: bytesFromJson(json, 'key'),
    headers: json['headers'] === undefined ? undefined : headersFromJson(json['headers']),
  };
}

function headersFromJson(json: unknown): [string, string | Uint8Array][] {
  if (!Array.isArray(json)) {
    return Object.entries(asObject(json, 'headers')).map(([name, value]) => {
      if (typeof value !== 'string') throw new TypeError(`header ${name} must be a text`);
      return [name, value];
    });
  }
  return json.map((element: unknown) => {
    const header = asObject(element, 'a header', HEADER_FIELDS);
    if (typeof header['name'] !== 'string') throw new TypeError('name of a header must be a text');
    return [header['name'], bytesFromJson(header, 'value') ?? ''];
  });
}

function bytesFromJson(json: JsonObject, name: 'key' | 'value'): string | Uint8Array | undefined {
  const text = json[name];
  const base64 = json[`${name}_base64`];
  if (text !== undefined && base64 !== undefined) {
    throw new TypeError(`${name} and ${name}_base64 exclude each other`);
  }
  if (base64 !== undefined) return bytesFromBase64(base64, `${name}_base64`);
  if (text !== undefined && typeof text !== 'string') {
    throw new TypeError(`${name} must be a text; JSON goes in as a text, bytes as ${name}_base64`);
  }
  return text;
}

function bytesFromBase64(base64: unknown, name: string): Uint8Array {
  // Buffer.from skips what it does not know.
  const isBase64 =
    typeof base64 === 'string' && /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2,3}={0,2})?$/.test(base64);
  if (!isBase64) throw new TypeError(`${name} must be base64`);
  return Buffer.from(base64, 'base64');
}

function asObject(json: unknown, what: string, fields?: readonly string[]): JsonObject {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new TypeError(`${what} must be a JSON object`);
  }
  const unknownField = Object.keys(json).find((field) => fields?.includes(field) === false);
  if (unknownField !== undefined) {
    throw new TypeError(`unknown field ${unknownField}; known are ${fields?.join(', ')}`);
  }
  return { ...json };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new TypeError('the line is no JSON', { cause: error });
  }
}
