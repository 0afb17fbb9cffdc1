import { crc32 } from 'node:zlib';

/**
 * A frame: the messages that one commit appended to one topic, stored as one value of the tape. Its key is the
 * timestamp of its first message; the others follow by one nanosecond each. All integers are big-endian.
 *
 * ```
 *  offset  bytes
 *       0      1  format version, 1
 *       1      1  kind: 0 data, 1 close
 *       2      1  lane: 0 for native messages
 *       3      1  zero
 *       4      4  CRC-32 (IEEE) over the key (8 bytes), the 4 bytes before, and everything behind
 *       8      4  topic id
 *      12      4  message count
 *      16      8  tape sequence: frames before this one on the tape, ever
 *      24      8  topic sequence: messages before this frame in the topic, ever
 *      32      8  topic bytes: bytes of messages before this frame in the topic, ever
 *      40      4  length of the producer entries
 *      44      4  length of the body
 *      48      …  producer entries, then the body
 * ```
 *
 * The body of a data frame is `0x0A length Message` repeated, which is a valid SubscribeResponse, as it goes over
 * the wire. The body of a close frame is `0x32 length Closed`, likewise. The two sequences are dense: a missing
 * frame leaves a hole that a reader sees.
 *
 * These numbers are on disks: never change them. A new layout gets a new format version.
 */
export interface Frame {
  readonly timestampNs: bigint;
  readonly kind: FrameKind;
  readonly lane: number;
  readonly topicId: number;
  /** Number of messages; 0 in a close frame, which still takes one nanosecond of the tape. */
  readonly messageCount: number;
  readonly tapeSequence: bigint;
  readonly topicSequence: bigint;
  readonly topicBytes: bigint;
  readonly producers: readonly ProducerEntry[];
  /** A view on the stored value. Not to be written to. */
  readonly body: Buffer;
}

export type FrameKind = 'data' | 'close';

/**
 * A request of a producer whose messages begin in this frame. They may go on in the next frames of the same
 * commit.
 *
 * ```
 *  2  length of the name      8  sequence            4  message count
 *  …  name, UTF-8             4  index in the frame  4  CRC-32 over the request's messages
 * ```
 */
export interface ProducerEntry {
  readonly name: string;
  /** The producer's number of the request's first message. */
  readonly sequence: bigint;
  /** Place of the request's first message in this frame. */
  readonly index: number;
  readonly messageCount: number;
  /** Over the messages before they were stamped: tells a repeated request from another one. */
  readonly crc: number;
}

const FORMAT_VERSION = 1;
const KIND_CODE: Readonly<Record<FrameKind, number>> = { data: 0, close: 1 };
export const FRAME_HEADER_BYTES = 48;
const PRODUCER_ENTRY_FIXED_BYTES = 22;

/** Key of the tape: the timestamp, so that keys sort as time does. */
export function encodeTapeKey(timestampNs: bigint): Buffer {
  const key = Buffer.allocUnsafe(8);
  key.writeBigUInt64BE(timestampNs);
  return key;
}

export function decodeTapeKey(key: Buffer): bigint {
  return key.readBigUInt64BE(0);
}

/** Timestamp behind the frame: that of the next frame or a smaller one. */
export function frameEndNs(frame: Pick<Frame, 'timestampNs' | 'messageCount'>): bigint {
  return frame.timestampNs + BigInt(Math.max(frame.messageCount, 1));
}

/** What a frame is made of, its body in pieces. */
export interface FrameParts extends Omit<Frame, 'body'> {
  readonly body: readonly Uint8Array[];
  readonly bodyBytes: number;
}

/** Lays out a frame in one new buffer. `stamp` gets the body in place, before the checksum is taken. */
export function encodeFrame(parts: FrameParts, stamp?: (body: Buffer) => void): Buffer {
  const names = parts.producers.map((entry) => Buffer.from(entry.name));
  const producerBytes = names.reduce(
    (sum, name) => sum + name.length + PRODUCER_ENTRY_FIXED_BYTES,
    0,
  );
  const value = Buffer.allocUnsafe(FRAME_HEADER_BYTES + producerBytes + parts.bodyBytes);
  value[0] = FORMAT_VERSION;
  value[1] = KIND_CODE[parts.kind];
  value[2] = parts.lane;
  value[3] = 0;
  value.writeUInt32BE(parts.topicId, 8);
  value.writeUInt32BE(parts.messageCount, 12);
  value.writeBigUInt64BE(parts.tapeSequence, 16);
  value.writeBigUInt64BE(parts.topicSequence, 24);
  value.writeBigUInt64BE(parts.topicBytes, 32);
  value.writeUInt32BE(producerBytes, 40);
  value.writeUInt32BE(parts.bodyBytes, 44);
  let at = FRAME_HEADER_BYTES;
  parts.producers.forEach((entry, i) => {
    at = writeProducerEntry(value, at, entry, names[i] ?? Buffer.alloc(0));
  });
  const bodyStart = at;
  for (const piece of parts.body) {
    value.set(piece, at);
    at += piece.length;
  }
  stamp?.(value.subarray(bodyStart));
  value.writeUInt32BE(checksum(encodeTapeKey(parts.timestampNs), value), 4);
  return value;
}

function writeProducerEntry(to: Buffer, at: number, entry: ProducerEntry, name: Buffer): number {
  to.writeUInt16BE(name.length, at);
  name.copy(to, at + 2);
  const rest = at + 2 + name.length;
  to.writeBigUInt64BE(entry.sequence, rest);
  to.writeUInt32BE(entry.index, rest + 8);
  to.writeUInt32BE(entry.messageCount, rest + 12);
  to.writeUInt32BE(entry.crc, rest + 16);
  return rest + 20;
}

/**
 * Decodes and verifies a frame; undefined if it is damaged, whatever the damage. The body is a view on `value`.
 */
export function decodeFrame(key: Buffer, value: Buffer): Frame | undefined {
  if (key.length !== 8 || value.length < FRAME_HEADER_BYTES) return undefined;
  if (value.readUInt32BE(4) !== checksum(key, value)) return undefined;
  const kind =
    value[1] === KIND_CODE.data ? 'data' : value[1] === KIND_CODE.close ? 'close' : undefined;
  const producerBytes = value.readUInt32BE(40);
  const bodyBytes = value.readUInt32BE(44);
  if (value[0] !== FORMAT_VERSION || kind === undefined) return undefined;
  if (value.length !== FRAME_HEADER_BYTES + producerBytes + bodyBytes) return undefined;
  return {
    timestampNs: decodeTapeKey(key),
    kind,
    lane: value[2] ?? 0,
    topicId: value.readUInt32BE(8),
    messageCount: value.readUInt32BE(12),
    tapeSequence: value.readBigUInt64BE(16),
    topicSequence: value.readBigUInt64BE(24),
    topicBytes: value.readBigUInt64BE(32),
    producers:
      producerBytes === 0 ? [] : readProducerEntries(value, FRAME_HEADER_BYTES + producerBytes),
    body: value.subarray(FRAME_HEADER_BYTES + producerBytes),
  };
}

function readProducerEntries(value: Buffer, end: number): ProducerEntry[] {
  const entries: ProducerEntry[] = [];
  for (let at = FRAME_HEADER_BYTES; at < end; ) {
    const rest = at + 2 + value.readUInt16BE(at);
    entries.push({
      name: value.toString('utf8', at + 2, rest),
      sequence: value.readBigUInt64BE(rest),
      index: value.readUInt32BE(rest + 8),
      messageCount: value.readUInt32BE(rest + 12),
      crc: value.readUInt32BE(rest + 16),
    });
    at = rest + 20;
  }
  return entries;
}

function checksum(key: Buffer, value: Buffer): number {
  return crc32(value.subarray(8), crc32(value.subarray(0, 4), crc32(key)));
}
