import { PublishStreamRequest } from 'playhead-proto';
import { Message } from './message.ts';
import type { Publishable, PublishableMessage } from './publishable.ts';
import { checkBytes, headerPairs } from './publishable.ts';
import { endOfVarint, readVarint } from './wire-reader.ts';

const INITIAL_BYTES = 1024;
/** Above this, counting the UTF-8 first is cheaper than reserving three bytes for each character. */
const LONG_STRING = 4096;
/** Tag and varint of a field of any length below 4 GiB. */
const FIELD_OVERHEAD = 6;
/** Tag and varint of any int64. */
const SEQUENCE_BYTES = 11;

/**
 * Each message begins with a timestamp_ns of nine bytes: the room that the broker's stamp needs. So the broker can
 * store the messages where they are, without copying them one by one.
 */
const STAMP_BYTES = 10;
const TAG_TIMESTAMP = 0x08;

const TAG_MESSAGES = 0x12;
const TAG_SEQUENCE = 0x20;
const TAG_KEY = 0x12;
const TAG_VALUE = 0x1a;
const TAG_HEADERS = 0x22;
const TAG_HEADER_NAME = 0x0a;
const TAG_HEADER_VALUE = 0x12;

/**
 * The bytes of one PublishStreamRequest, encoded message by message as they are handed over.
 *
 * ```
 * | room | topic, producer |  sequence  | messages … | expected, close |
 *         `- first request of a stream only
 *                           `- written when it is sent
 * ```
 *
 * What goes in front is written backwards from the messages once it is known, so that they never move. Sent again, the
 * messages are the same to the byte.
 */
export class Batch {
  readonly #prefix: Buffer;
  readonly #messagesAt: number;
  #buffer: Buffer;
  #end: number;
  #messagesEnd: number | undefined;
  #count = 0;
  #isGiven = false;

  /** `prefix` holds the encoded topic and producer. */
  constructor(prefix: Buffer, expectedBytes = INITIAL_BYTES) {
    this.#prefix = prefix;
    this.#messagesAt = prefix.length + SEQUENCE_BYTES;
    // Small ones share the slabs of Node's pool.
    this.#buffer = Buffer.allocUnsafe(this.#messagesAt + expectedBytes);
    this.#end = this.#messagesAt;
  }

  /** The encoded topic and producer, which all batches of a publisher share. */
  static encodePrefix(topic: string, producer: string): Buffer {
    return encodeRequest({ topic, producer });
  }

  /** Number of messages. */
  get count(): number {
    return this.#count;
  }

  /** Size of the encoded messages. */
  get byteLength(): number {
    return this.#end - this.#messagesAt;
  }

  /** The encoded messages: `repeated Message messages = 2`. */
  get messages(): Buffer {
    return this.#buffer.subarray(this.#messagesAt, this.#messagesEnd ?? this.#end);
  }

  /** Calls back with each message's value, in order. The values are views. */
  eachValue(callback: (value: Uint8Array) => void): void {
    const bytes = this.messages;
    for (let at = 0; at < bytes.length; ) {
      const length = readVarint(bytes, at + 1);
      const start = endOfVarint();
      at = start + length;
      callback(new Message('', bytes, start, at).value);
    }
  }

  /** Adds a message. Throws a TypeError, and adds nothing, if it is none. */
  add(message: Publishable): void {
    if (typeof message === 'string') this.#addText(message);
    else if (message instanceof Uint8Array) this.#addBytes(message);
    else this.#addMessage(message);
    this.#count += 1;
  }

  /** Adds, behind the last message, what a request may have besides. */
  addTerms(terms: {
    readonly expectedLastTimestampNs?: bigint | undefined;
    readonly close?: { readonly reason: string; readonly checksum: Uint8Array } | undefined;
  }): void {
    const bytes = encodeRequest(terms);
    this.#messagesEnd = this.#end;
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /**
   * The whole request. `sequence` 0n stands for none, `isFirst` says that the stream does not know topic and producer
   * yet. The bytes are a view that is valid until the next call; or, if they are given away, the broker's, which stamps
   * them, and a next call makes others.
   */
  encode(sequence: bigint, isFirst: boolean, isGiven = false): Buffer {
    if (this.#isGiven) this.#renew();
    this.#isGiven = isGiven;
    let start = this.#messagesAt;
    if (sequence !== 0n) {
      start -= varint64Length(sequence) + 1;
      this.#buffer[start] = TAG_SEQUENCE;
      writeVarint64(this.#buffer, start + 1, sequence);
    }
    if (isFirst) {
      start -= this.#prefix.length;
      this.#buffer.set(this.#prefix, start);
    }
    return this.#buffer.subarray(start, this.#end);
  }

  /** The same request in a buffer of its own, without the tags and stamps that the other has got. */
  #renew(): void {
    this.#buffer = Buffer.from(this.#buffer.subarray(0, this.#end));
    const bytes = this.messages;
    for (let at = 0; at < bytes.length; ) {
      const length = readVarint(bytes, at + 1);
      const start = endOfVarint();
      bytes[at] = TAG_MESSAGES;
      writeRoom(bytes, start);
      at = start + length;
    }
  }

  #addText(value: string): void {
    const { length } = value;
    if (length > LONG_STRING) {
      this.#addLongText(value);
      return;
    }
    this.#reserve(length * 3 + STAMP_BYTES + 2 * FIELD_OVERHEAD);
    // Most text is ASCII: bytes and characters are the same number, and the lengths can be written first.
    const buffer = this.#buffer;
    const valueBytes = length === 0 ? 0 : 1 + varintLength(length) + length;
    let at = this.#openMessage(valueBytes);
    if (length > 0) {
      buffer[at] = TAG_VALUE;
      at = writeVarint(buffer, at + 1, length);
      const written = buffer.write(value, at, 'utf8');
      if (written !== length) {
        this.#addSizedText(value, written);
        return;
      }
      at += written;
    }
    this.#end = at;
  }

  #addLongText(value: string): void {
    const bytes = Buffer.byteLength(value);
    this.#reserve(bytes + STAMP_BYTES + 2 * FIELD_OVERHEAD);
    this.#addSizedText(value, bytes);
  }

  #addSizedText(value: string, bytes: number): void {
    const at = this.#openMessage(1 + varintLength(bytes) + bytes);
    this.#end = writeTextField(this.#buffer, at, TAG_VALUE, value, bytes);
  }

  #addBytes(value: Uint8Array): void {
    const { length } = value;
    this.#reserve(length + STAMP_BYTES + 2 * FIELD_OVERHEAD);
    if (length === 0) {
      this.#end = this.#openMessage(0);
      return;
    }
    const at = this.#openMessage(1 + varintLength(length) + length);
    this.#end = writeBytesField(this.#buffer, at, TAG_VALUE, value);
  }

  #addMessage(message: PublishableMessage): void {
    if (typeof message !== 'object' || message === null) {
      throw new TypeError('a message is a string, a Uint8Array or an object with a value');
    }
    const { key = '', value } = message;
    checkBytes('the key of a message', key);
    checkBytes('the value of a message', value);
    const headers = headerPairs(message.headers);
    let bytes = fieldLength(byteLength(key)) + fieldLength(byteLength(value));
    for (const [name, headerValue] of headers)
      bytes += 1 + framedLength(headerLength(name, headerValue));
    this.#reserve(bytes + STAMP_BYTES + FIELD_OVERHEAD);
    const buffer = this.#buffer;
    let at = writeField(buffer, this.#openMessage(bytes), TAG_KEY, key);
    at = writeField(buffer, at, TAG_VALUE, value);
    for (const [name, headerValue] of headers) {
      buffer[at] = TAG_HEADERS;
      at = writeVarint(buffer, at + 1, headerLength(name, headerValue));
      at = writeField(buffer, at, TAG_HEADER_NAME, name);
      at = writeField(buffer, at, TAG_HEADER_VALUE, headerValue);
    }
    this.#end = at;
  }

  /** Writes what is in front of a message's fields, which have this length; returns the offset behind it. */
  #openMessage(bytes: number): number {
    const buffer = this.#buffer;
    buffer[this.#end] = TAG_MESSAGES;
    const stampAt = writeVarint(buffer, this.#end + 1, STAMP_BYTES + bytes);
    return writeRoom(buffer, stampAt);
  }

  #reserve(bytes: number): void {
    const needed = this.#end + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, this.#messagesAt, this.#messagesAt, this.#end);
    this.#buffer = grown;
  }
}

/** Writes a timestamp of nine bytes, where the broker's will stand; returns the offset behind it. */
function writeRoom(buffer: Buffer, stampAt: number): number {
  const end = stampAt + STAMP_BYTES;
  buffer[stampAt] = TAG_TIMESTAMP;
  for (let at = stampAt + 1; at < end - 1; at++) buffer[at] = 0x80;
  buffer[end - 1] = 1;
  return end;
}

function encodeRequest(fields: Partial<PublishStreamRequest>): Buffer {
  const bytes = PublishStreamRequest.encode({
    topic: '',
    messages: [],
    producer: '',
    sequence: 0n,
    close: undefined,
    ...fields,
  }).finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function byteLength(bytes: string | Uint8Array): number {
  return typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length;
}

/** Length and what it counts. */
function framedLength(bytes: number): number {
  return varintLength(bytes) + bytes;
}

/** A field of bytes, which is left out when empty. */
function fieldLength(bytes: number): number {
  return bytes === 0 ? 0 : 1 + framedLength(bytes);
}

function headerLength(name: string, value: string | Uint8Array): number {
  return fieldLength(byteLength(name)) + fieldLength(byteLength(value));
}

function writeField(buffer: Buffer, at: number, tag: number, bytes: string | Uint8Array): number {
  return typeof bytes === 'string'
    ? writeTextField(buffer, at, tag, bytes, Buffer.byteLength(bytes))
    : writeBytesField(buffer, at, tag, bytes);
}

function writeTextField(
  buffer: Buffer,
  at: number,
  tag: number,
  text: string,
  bytes: number,
): number {
  if (bytes === 0) return at;
  buffer[at] = tag;
  const textAt = writeVarint(buffer, at + 1, bytes);
  return textAt + buffer.write(text, textAt, 'utf8');
}

function writeBytesField(buffer: Buffer, at: number, tag: number, bytes: Uint8Array): number {
  if (bytes.length === 0) return at;
  buffer[at] = tag;
  const bytesAt = writeVarint(buffer, at + 1, bytes.length);
  buffer.set(bytes, bytesAt);
  return bytesAt + bytes.length;
}

function varintLength(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}

/** Writes a varint of at most 32 bits; returns the offset behind it. */
function writeVarint(buffer: Buffer, at: number, value: number): number {
  let rest = value;
  let end = at;
  while (rest >= 0x80) {
    buffer[end++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  buffer[end++] = rest;
  return end;
}

function varint64Length(value: bigint): number {
  let bytes = 1;
  for (let rest = value >> 7n; rest > 0n; rest >>= 7n) bytes += 1;
  return bytes;
}

function writeVarint64(buffer: Buffer, at: number, value: bigint): void {
  let rest = value;
  let end = at;
  for (; rest >= 0x80n; rest >>= 7n) buffer[end++] = Number(rest & 0x7fn) | 0x80;
  buffer[end] = Number(rest);
}
