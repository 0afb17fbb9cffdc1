import { isUtf8 } from 'node:buffer';
import { malformed, WIRE, WireReader } from './wire-reader.ts';

/**
 * A run is a sequence of messages as they are stored and as they go over the wire:
 *
 * ```
 *  1  0x0A: field 1 of SubscribeResponse, length-delimited
 *  …  length of what follows, varint
 *  1  0x08: field 1 of Message, timestamp_ns
 *  9  timestamp, varint; nine bytes from 1972 to 2262
 *  …  the other fields of Message, as the publisher sent them
 * ```
 *
 * Because the timestamp has a fixed size and place, a message is stamped without being decoded, and stored and sent
 * without being encoded.
 */
export interface MessageRun {
  readonly bytes: Buffer;
  readonly messageCount: number;
}

/** The first timestamp whose varint has nine bytes. No message is older. */
export const TIMESTAMP_MIN_NS = 1n << 56n;

export const RUN_TAG = 0x0a;
/** Field 2 of PublishRequest, length-delimited. */
export const REQUEST_TAG = 0x12;
const TIMESTAMP_TAG = 0x08;
/** Field 3 of Message, length-delimited. */
const VALUE_TAG = 0x1a;
/** Field 4 of Message, length-delimited. */
const HEADER_TAG = 0x22;
const TIMESTAMP_BYTES = 9;
export const STAMP_BYTES = 1 + TIMESTAMP_BYTES;

const FIELD = { timestampNs: 1, key: 2, value: 3, headers: 4, isClose: 5 } as const;
/** Reserved in message.proto: what the service for clients of SeaweedFS notes in the messages that it stores. */
export const NOTE = { partition: 6, eventTimeNs: 7 } as const;

/**
 * Whether the broker sets this field itself. A publisher may send what it has received, with all that was unknown to it:
 * a note of then would put the message on a partition where nobody looks.
 */
function isOurs(field: number): boolean {
  return (
    field === FIELD.timestampNs ||
    field === FIELD.isClose ||
    field === NOTE.partition ||
    field === NOTE.eventTimeNs
  );
}

/**
 * Checks the structure of one encoded Message, so that it cannot make the response that carries it unreadable.
 * Answers how many of its bytes are fields that the broker sets itself.
 */
export function checkMessage(buffer: Buffer, start: number, end: number): number {
  let droppedBytes = 0;
  const reader = new WireReader(buffer, start, end);
  while (reader.at < end) {
    const fieldStart = reader.at;
    const tag = reader.uint32();
    const field = tag >>> 3;
    const wireType = tag & 7;
    if (field === FIELD.key || field === FIELD.value) {
      expectWireType(field, wireType, WIRE.bytes, fieldStart);
      reader.at = reader.delimited();
    } else if (field === FIELD.headers) {
      expectWireType(field, wireType, WIRE.bytes, fieldStart);
      checkHeader(reader);
    } else if (field === FIELD.timestampNs || field === FIELD.isClose) {
      expectWireType(field, wireType, WIRE.varint, fieldStart);
      reader.skip(wireType);
      droppedBytes += reader.at - fieldStart;
    } else if (field === 0) {
      throw malformed('field number 0', fieldStart);
    } else {
      reader.skip(wireType);
      if (isOurs(field)) droppedBytes += reader.at - fieldStart;
    }
  }
  return droppedBytes;
}

function expectWireType(field: number, actual: number, expected: number, at: number): void {
  if (actual === expected) return;
  throw malformed(`field ${field} of a message has wire type ${actual} instead of ${expected}`, at);
}

/** Names are checked to be UTF-8: other languages refuse a whole response for one that is not. */
function checkHeader(reader: WireReader): void {
  const end = reader.delimited();
  const header = new WireReader(reader.buffer, reader.at, end);
  while (header.at < end) {
    const { field, wireType } = header.field((number) => (number <= 2 ? WIRE.bytes : undefined));
    if (field === 1) {
      const nameEnd = header.delimited();
      if (!isUtf8(reader.buffer.subarray(header.at, nameEnd))) {
        throw malformed('the name of a header is not UTF-8', header.at);
      }
      header.at = nameEnd;
    } else {
      header.skip(wireType);
    }
  }
  reader.at = end;
}

/** One message as it came in: its place in the request, and how much of it is dropped. */
export interface MessagePlace {
  /** Where its tag begins. */
  readonly tagAt: number;
  readonly start: number;
  readonly end: number;
  readonly droppedBytes: number;
}

/**
 * Makes a run, not yet stamped, of the messages of a request. If each begins with a timestamp of nine bytes, as
 * playhead's clients write it, they are taken over where they are, and the request's buffer becomes the run's.
 */
export function makeRun(request: Buffer, places: readonly MessagePlace[]): MessageRun {
  return takeOver(request, places) ?? copyOver(request, places);
}

function takeOver(request: Buffer, places: readonly MessagePlace[]): MessageRun | undefined {
  const first = places[0];
  let end = first?.tagAt;
  for (const place of places) {
    // A tag may have been padded to more bytes than the one that it becomes.
    const hasRoom =
      place.droppedBytes === STAMP_BYTES &&
      request[place.tagAt] === REQUEST_TAG &&
      isStampRoom(request, place.start);
    if (!hasRoom || place.tagAt !== end) return undefined;
    end = place.end;
  }
  if (first === undefined || end === undefined) return undefined;
  for (const place of places) request[place.tagAt] = RUN_TAG;
  return { bytes: request.subarray(first.tagAt, end), messageCount: places.length };
}

/** Whether a message, whose fields begin here, begins with a timestamp of nine bytes. */
export function isStampRoom(buffer: Buffer, start: number): boolean {
  if (buffer[start] !== TIMESTAMP_TAG) return false;
  for (let i = 1; i < TIMESTAMP_BYTES; i++) if ((buffer[start + i] ?? 0) < 0x80) return false;
  return (buffer[start + TIMESTAMP_BYTES] ?? 0x80) < 0x80;
}

function copyOver(request: Buffer, places: readonly MessagePlace[]): MessageRun {
  let size = 0;
  for (const { start, end, droppedBytes } of places) {
    const length = STAMP_BYTES + (end - start - droppedBytes);
    size += 1 + varintBytes(length) + length;
  }
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const place of places) {
    bytes[at++] = RUN_TAG;
    at = writeVarint(bytes, at, STAMP_BYTES + (place.end - place.start - place.droppedBytes));
    at = copyKept(request, place, bytes, writeBlankStamp(bytes, at));
  }
  return { bytes, messageCount: places.length };
}

/** Room for the timestamp, which a commit fills in; answers where it ends. */
export function writeBlankStamp(bytes: Buffer, at: number): number {
  bytes[at] = TIMESTAMP_TAG;
  bytes.fill(0x80, at + 1, at + TIMESTAMP_BYTES);
  bytes[at + TIMESTAMP_BYTES] = 1;
  return at + STAMP_BYTES;
}

function copyKept(request: Buffer, place: MessagePlace, to: Buffer, at: number): number {
  if (place.droppedBytes === 0) return at + request.copy(to, at, place.start, place.end);
  const reader = new WireReader(request, place.start, place.end);
  let end = at;
  while (reader.at < place.end) {
    const fieldStart = reader.at;
    const tag = reader.uint32();
    reader.skip(tag & 7);
    if (!isOurs(tag >>> 3)) end += request.copy(to, end, fieldStart, reader.at);
  }
  return end;
}

/** A run of messages of which each is given by its fields, in pieces, without a timestamp. */
export function runOfFields(messages: readonly (readonly Uint8Array[])[]): MessageRun {
  const sizes = messages.map((pieces) =>
    pieces.reduce((sum, { length }) => sum + length, STAMP_BYTES),
  );
  const size = sizes.reduce((sum, each) => sum + 1 + varintBytes(each) + each, 0);
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  messages.forEach((pieces, i) => {
    bytes[at++] = RUN_TAG;
    at = writeVarint(bytes, at, sizes[i] ?? 0);
    at = writeBlankStamp(bytes, at);
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
  });
  return { bytes, messageCount: messages.length };
}

/** A run of messages that have nothing but a value. */
export function runOfValues(values: readonly Uint8Array[]): MessageRun {
  return runOfFields(values.map((value) => [lengthDelimited(VALUE_TAG, value.length), value]));
}

/** The fields of the message that begins at this offset of a run, without its timestamp; a view on the run. */
export function fieldsOfMessageAt(run: Buffer, at: number): Buffer {
  return run.subarray(bodyStart(run, at) + STAMP_BYTES, at + sizeOfMessageAt(run, at));
}

/** A header as a field of a message. */
export function headerField(name: string, value: string): Buffer {
  const [nameBytes, valueBytes] = [Buffer.from(name), Buffer.from(value)];
  const parts = [
    lengthDelimited(0x0a, nameBytes.length),
    nameBytes,
    lengthDelimited(0x12, valueBytes.length),
    valueBytes,
  ];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([lengthDelimited(HEADER_TAG, length), ...parts]);
}

/** The fields of a message without the headers whose name begins so. */
export function withoutHeaders(fields: Buffer, namePrefix: string): Buffer {
  const reader = new WireReader(fields);
  const kept: Buffer[] = [];
  while (reader.at < reader.end) {
    const start = reader.at;
    const tag = reader.uint32();
    const isHeader = tag === HEADER_TAG;
    const valueStart = reader.at;
    reader.skip(tag & 7);
    if (!isHeader || !headerName(fields, valueStart, reader.at).startsWith(namePrefix)) {
      kept.push(fields.subarray(start, reader.at));
    }
  }
  return Buffer.concat(kept);
}

function headerName(fields: Buffer, start: number, end: number): string {
  const reader = new WireReader(fields, start, end);
  reader.uint32();
  return fieldOf(reader, 1).toString();
}

function lengthDelimited(tag: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(1 + varintBytes(length));
  bytes[0] = tag;
  writeVarint(bytes, 1, length);
  return bytes;
}

/** The values of the messages of a run, which are views on it. */
export function* valuesOfRun(run: Buffer): Generator<Buffer> {
  for (let at = 0; at < run.length; ) {
    const reader = new WireReader(run, bodyStart(run, at), at + sizeOfMessageAt(run, at));
    at = reader.end;
    yield fieldOf(reader, FIELD.value);
  }
}

/** The timestamp of the message that begins at this offset of a stamped run. */
export function timestampOfMessageAt(run: Buffer, at: number): bigint {
  return new WireReader(run, bodyStart(run, at) + 1).int64();
}

/** The key of the message that begins at this offset of a run; empty if it has none. */
export function keyOfMessageAt(run: Buffer, at: number): Buffer {
  return fieldOf(new WireReader(run, bodyStart(run, at), at + sizeOfMessageAt(run, at)), FIELD.key);
}

/** The last field of this number, as protobuf has it. */
function fieldOf(reader: WireReader, field: number): Buffer {
  let found = reader.buffer.subarray(reader.end, reader.end);
  while (reader.at < reader.end) {
    const tag = reader.uint32();
    if (tag >>> 3 !== field) {
      reader.skip(tag & 7);
      continue;
    }
    const end = reader.delimited();
    found = reader.buffer.subarray(reader.at, end);
    reader.at = end;
  }
  return found;
}

/** Writes consecutive timestamps into a run. */
export function stampRun(run: Buffer, firstTimestampNs: bigint): void {
  const stamp = new Uint8Array(TIMESTAMP_BYTES);
  let rest = firstTimestampNs;
  for (let i = 0; i < TIMESTAMP_BYTES; i++, rest >>= 7n) {
    stamp[i] = Number(rest & 0x7fn) | (i < TIMESTAMP_BYTES - 1 ? 0x80 : 0);
  }
  for (let at = 0; at < run.length; ) {
    const start = bodyStart(run, at);
    const end = start + bodyLength(run, at);
    for (let i = 0; i < TIMESTAMP_BYTES; i++) run[start + 1 + i] = stamp[i] as number;
    increment(stamp);
    at = end;
  }
}

/** Adds one to a varint of fixed size. */
function increment(stamp: Uint8Array): void {
  for (let i = 0; i < TIMESTAMP_BYTES; i++) {
    const byte = stamp[i] as number;
    if ((byte & 0x7f) !== 0x7f) {
      stamp[i] = byte + 1;
      return;
    }
    stamp[i] = byte & 0x80;
  }
}

/** Byte offset of the message with this index in a run; the run's length if it has no more. */
export function offsetOfMessage(run: Buffer, index: number): number {
  let at = 0;
  for (let i = 0; i < index && at < run.length; i++) at += sizeOfMessageAt(run, at);
  return at;
}

/** Bytes of the message that begins at this offset of a run, with its tag and length. */
export function sizeOfMessageAt(run: Buffer, at: number): number {
  return bodyStart(run, at) + bodyLength(run, at) - at;
}

/** Cuts a run into pieces of at most `maxBytes`, or one message, and at most `maxMessages`. */
export function* splitRun(
  run: MessageRun,
  maxBytes: number,
  maxMessages: number,
): Generator<MessageRun> {
  if (run.bytes.length <= maxBytes && run.messageCount <= maxMessages) {
    yield run;
    return;
  }
  let start = 0;
  let count = 0;
  for (let at = 0; at < run.bytes.length; ) {
    const end = at + sizeOfMessageAt(run.bytes, at);
    if (count > 0 && (end - start > maxBytes || count === maxMessages)) {
      yield { bytes: run.bytes.subarray(start, at), messageCount: count };
      start = at;
      count = 0;
    }
    at = end;
    count++;
  }
  yield { bytes: run.bytes.subarray(start), messageCount: count };
}

function bodyStart(run: Buffer, at: number): number {
  let start = at + 1;
  while ((run[start] ?? 0) >= 0x80) start++;
  return start + 1;
}

function bodyLength(run: Buffer, at: number): number {
  let length = 0;
  for (let i = at + 1, shift = 0; ; i++, shift += 7) {
    const byte = run[i] ?? 0;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) return length;
  }
}

export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 0x80; rest >>>= 7) bytes++;
  return bytes;
}

/** Answers where it ends. */
export function writeVarint(to: Buffer, at: number, value: number): number {
  let end = at;
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) to[end++] = (rest & 0x7f) | 0x80;
  to[end++] = rest;
  return end;
}
