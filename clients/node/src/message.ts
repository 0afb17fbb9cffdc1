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
  #isParsed = false;
  #timestampAt = -1;
  #keyStart = 0;
  #keyEnd = 0;
  #valueStart = 0;
  #valueEnd = 0;
  #headersAt = -1;
  #headers: readonly Header[] | undefined;

  constructor(topic: string, bytes: Buffer, start: number, end: number) {
    this.topic = topic;
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }

  /** Nanoseconds since 1970, UTC; unique over the whole broker. Resume behind it with `timestampNs + 1n`. */
  get timestampNs(): bigint {
    if (!this.#isParsed) this.#parse();
    return this.#timestampAt < 0 ? 0n : readInt64(this.#bytes, this.#timestampAt);
  }

  /** The timestamp to the millisecond. */
  get time(): Date {
    return new Date(Number(this.timestampNs / 1_000_000n));
  }

  /** Empty if there is none. */
  get key(): Buffer {
    if (!this.#isParsed) this.#parse();
    if (this.#keyStart === this.#keyEnd) return EMPTY;
    return this.#bytes.subarray(this.#keyStart, this.#keyEnd);
  }

  get value(): Buffer {
    if (!this.#isParsed) this.#parse();
    return this.#bytes.subarray(this.#valueStart, this.#valueEnd);
  }

  /** The value as UTF-8. */
  get text(): string {
    if (!this.#isParsed) this.#parse();
    return this.#bytes.toString('utf8', this.#valueStart, this.#valueEnd);
  }

  /** In the publisher's order. */
  get headers(): readonly Header[] {
    if (!this.#isParsed) this.#parse();
    this.#headers ??= this.#parseHeaders();
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

  #parse(): void {
    const bytes = this.#bytes;
    for (let at = this.#start; at < this.#end; ) {
      const tag = readVarint(bytes, at);
      const bodyAt = endOfVarint();
      if (tag === TAG_VALUE || tag === TAG_KEY) {
        const length = readVarint(bytes, bodyAt);
        const start = endOfVarint();
        at = start + length;
        if (at > this.#end) throw malformed();
        if (tag === TAG_VALUE) {
          this.#valueStart = start;
          this.#valueEnd = at;
        } else {
          this.#keyStart = start;
          this.#keyEnd = at;
        }
        continue;
      }
      if (tag === TAG_TIMESTAMP) this.#timestampAt = bodyAt;
      else if (tag === TAG_HEADERS && this.#headersAt < 0) this.#headersAt = at;
      at = skipField(bytes, tag, bodyAt);
    }
    this.#isParsed = true;
  }

  #parseHeaders(): readonly Header[] {
    const headers: Header[] = [];
    if (this.#headersAt < 0) return headers;
    const bytes = this.#bytes;
    for (let at = this.#headersAt; at < this.#end; ) {
      const tag = readVarint(bytes, at);
      const bodyAt = endOfVarint();
      at = skipField(bytes, tag, bodyAt);
      if (tag === TAG_HEADERS) {
        readVarint(bytes, bodyAt);
        headers.push(parseHeader(bytes, endOfVarint(), at));
      }
    }
    return headers;
  }
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
