import { inspect } from 'node:util';
import type { JsonMessage } from './message-json.ts';
import { messageToJson } from './message-json.ts';
import { endOfVarint, malformed, readInt64, readVarint, skipField } from './wire-reader.ts';

const TAG_TIMESTAMP = 0x08;
const TAG_KEY = 0x12;
const TAG_VALUE = 0x1a;
const TAG_HEADERS = 0x22;
const TAG_HEADER_NAME = 0x0a;
const TAG_HEADER_VALUE = 0x12;

const EMPTY: Buffer = Buffer.alloc(0);

/** One name and value pair of a message. */
export interface Header {
  readonly name: string;
  readonly value: Buffer;
}

/**
 * A message as it was stored. Decoded on demand; `key`, `value` and header values are views of the response they came
 * in, about 256 KiB, which they keep in memory: copy what is kept for long.
 */
export class Message {
  readonly topic: string;
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #end: number;
  #headers: readonly Header[] | undefined;

  constructor(topic: string, bytes: Buffer, start: number, end: number) {
    this.topic = topic;
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }

  /** Length of its protobuf encoding: what the broker counts as its size. */
  get byteLength(): number {
    return this.#end - this.#start;
  }

  /** Nanoseconds since 1970, UTC; unique over the whole broker. Resume behind it with `timestampNs + 1n`. */
  get timestampNs(): bigint {
    const at = findField(this.#bytes, this.#start, this.#end, TAG_TIMESTAMP);
    return at < 0 ? 0n : readInt64(this.#bytes, at);
  }

  /** The timestamp to the millisecond. */
  get time(): Date {
    return new Date(Number(this.timestampNs / 1_000_000n));
  }

  /** Empty if there is none. */
  get key(): Buffer {
    const at = findField(this.#bytes, this.#start, this.#end, TAG_KEY);
    return at < 0 ? EMPTY : this.#bytes.subarray(at, foundEnd);
  }

  get value(): Buffer {
    const at = findField(this.#bytes, this.#start, this.#end, TAG_VALUE);
    return at < 0 ? EMPTY : this.#bytes.subarray(at, foundEnd);
  }

  /** The value as UTF-8. */
  get text(): string {
    const at = findField(this.#bytes, this.#start, this.#end, TAG_VALUE);
    return at < 0 ? '' : this.#bytes.toString('utf8', at, foundEnd);
  }

  /** In the publisher's order. */
  get headers(): readonly Header[] {
    this.#headers ??= parseHeaders(this.#bytes, this.#start, this.#end);
    return this.#headers;
  }

  /** Value of the first header of this name. */
  header(name: string): Buffer | undefined {
    return this.headers.find((header) => header.name === name)?.value;
  }

  /** For JSON.stringify: what was published, with the timestamp as text. */
  toJSON(): JsonMessage {
    return messageToJson(this);
  }

  /** For console.log. */
  [inspect.custom](): string {
    return `Message ${inspect(messageToJson(this))}`;
  }
}

/** The offset behind the field that was found last. */
let foundEnd = 0;

/**
 * Where the contents of the field with this tag begin; of several the last one counts. Negative without one.
 *
 * Nothing that is found is kept: most messages are asked for their value once, and an object with the offsets of all
 * fields costs more than to walk over the few bytes in front of it again.
 */
function findField(bytes: Buffer, start: number, end: number, wanted: number): number {
  let found = -1;
  for (let at = start; at < end; ) {
    const tag = readVarint(bytes, at);
    const bodyAt = endOfVarint();
    at = skipField(bytes, tag, bodyAt);
    if (at > end) throw malformed();
    if (tag !== wanted) continue;
    found = tag === TAG_TIMESTAMP ? bodyAt : endOfVarint();
    foundEnd = at;
  }
  return found;
}

function parseHeaders(bytes: Buffer, start: number, end: number): readonly Header[] {
  const headers: Header[] = [];
  for (let at = start; at < end; ) {
    const tag = readVarint(bytes, at);
    const bodyAt = endOfVarint();
    at = skipField(bytes, tag, bodyAt);
    if (at > end) throw malformed();
    if (tag !== TAG_HEADERS) continue;
    headers.push(parseHeader(bytes, endOfVarint(), at));
  }
  return headers;
}

function parseHeader(bytes: Buffer, start: number, end: number): Header {
  let name = '';
  let value: Buffer = EMPTY;
  for (let at = start; at < end; ) {
    const tag = readVarint(bytes, at);
    const bodyAt = endOfVarint();
    at = skipField(bytes, tag, bodyAt);
    if (at > end) throw malformed();
    if (tag === TAG_HEADER_NAME || tag === TAG_HEADER_VALUE) {
      readVarint(bytes, bodyAt);
      if (tag === TAG_HEADER_NAME) name = bytes.toString('utf8', endOfVarint(), at);
      else value = bytes.subarray(endOfVarint(), at);
    }
  }
  return { name, value };
}
