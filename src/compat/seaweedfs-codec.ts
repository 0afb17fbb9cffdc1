import type { PublishInit as PublishInitMessage } from 'playhead-proto/seaweedfs';
import { PublishInit } from 'playhead-proto/seaweedfs';
import { SEAWEEDFS_PARTITIONS } from '../limits.ts';
import { checkMessage, NOTE, varintBytes, writeVarint } from '../log/message-run.ts';
import { malformed, WIRE, WireReader } from '../log/wire-reader.ts';
import { strict } from '../service/request-codec.ts';

/** A message of SeaweedFS as it is stored: the fields that it shares with ours, and what is ours to remember. */
export interface SeaweedMessage {
  /** Views on the request. Nothing if only the close was asked for. */
  readonly pieces: readonly Uint8Array[];
  /** Without what is added to it here. */
  readonly bytes: number;
  readonly isClose: boolean;
}

export interface SeaweedPublish {
  readonly init: PublishInitMessage | undefined;
  readonly message: SeaweedMessage | undefined;
}

const FIELD = { init: 1, data: 2 } as const;
/** Of Message, as both sides have it. */
const MESSAGE = { eventTimeNs: 1, isClose: 5 } as const;
/**
 * Behind the other fields of a stored message: the partition that it was published on, and the time that its publisher
 * gave it. Readers of either service are sent both and pass over them, so that what is stored is what is sent; of what
 * comes in they are dropped, whoever sends them.
 *
 * ```
 *  1  0x38: field 7   …  event_time_ns, varint
 *  1  0x30: field 6   1  partition
 * ```
 */
const NOTE_TAG = { partition: NOTE.partition << 3, eventTimeNs: NOTE.eventTimeNs << 3 } as const;
const EVENT_TIME_TAG = MESSAGE.eventTimeNs << 3;

const decodeInit = strict({ 1: 'text', 2: 'text', 3: WIRE.varint }, (bytes) =>
  PublishInit.decode(bytes),
);

/** The note of each partition. */
const PARTITION_NOTES = [0, 1, 2, 3].map((partition) =>
  Buffer.from([NOTE_TAG.partition, partition]),
);

/**
 * Decodes a PublishRequest of SeaweedFS by hand: its message stays bytes. Throws MALFORMED. `partition` is noted in the
 * message, unless undefined.
 */
export function decodeSeaweedPublish(
  request: Buffer,
  partition: number | undefined,
): SeaweedPublish {
  const reader = new WireReader(request);
  let init: PublishInitMessage | undefined;
  let message: SeaweedMessage | undefined;
  while (reader.at < request.length) {
    const { field, wireType } = reader.field((number) =>
      number === FIELD.init || number === FIELD.data ? WIRE.bytes : undefined,
    );
    if (field !== FIELD.init && field !== FIELD.data) {
      reader.skip(wireType);
      continue;
    }
    const end = reader.delimited();
    if (field === FIELD.init) init = decodeInit(request.subarray(reader.at, end));
    else if (message !== undefined) throw malformed('a request has two messages', reader.at);
    else message = takeMessage(request, reader.at, end, partition);
    reader.at = end;
  }
  return { init, message };
}

function takeMessage(
  request: Buffer,
  start: number,
  end: number,
  partition: number | undefined,
): SeaweedMessage {
  const droppedBytes = checkMessage(request, start, end);
  const note = partition === undefined ? undefined : PARTITION_NOTES[partition];
  if (droppedBytes > 0) return takeMarked(new WireReader(request, start, end), note);
  const body = request.subarray(start, end);
  const pieces = note === undefined ? [body] : [body, note];
  return { pieces, bytes: end - start, isClose: false };
}

/** A message that is a close, has a time of its own, or was delivered before. */
function takeMarked(reader: WireReader, note: Buffer | undefined): SeaweedMessage {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  let eventTimeNs = 0n;
  let isClose = false;
  while (reader.at < reader.end) {
    const fieldStart = reader.at;
    const tag = reader.uint32();
    const field = tag >>> 3;
    if (field === MESSAGE.eventTimeNs) eventTimeNs = reader.int64();
    else if (field === MESSAGE.isClose) isClose = reader.int64() !== 0n;
    else if (field === NOTE.partition || field === NOTE.eventTimeNs) reader.skip(tag & 7);
    else {
      reader.skip(tag & 7);
      pieces.push(reader.buffer.subarray(fieldStart, reader.at));
      bytes += reader.at - fieldStart;
    }
  }
  if (isClose && bytes === 0) return { pieces: [], bytes, isClose };
  if (eventTimeNs !== 0n) pieces.push(varintField(NOTE_TAG.eventTimeNs, eventTimeNs));
  if (note !== undefined) pieces.push(note);
  return { pieces, bytes, isClose };
}

/** What is noted in a stored message, and its key. */
export interface SeaweedNotes {
  /** Undefined if none is noted that there is. */
  readonly partition: number | undefined;
  readonly eventTimeNs: bigint;
  readonly key: Buffer;
}

const NO_KEY: Buffer = Buffer.alloc(0);

/** Reads what is noted in the fields of a stored message. */
export function notesOf(fields: Buffer): SeaweedNotes {
  const reader = new WireReader(fields);
  let partition: number | undefined;
  let eventTimeNs = 0n;
  let key: Buffer = NO_KEY;
  while (reader.at < reader.end) {
    const tag = reader.uint32();
    if (tag === NOTE_TAG.partition) partition = knownPartition(reader.int64());
    else if (tag === NOTE_TAG.eventTimeNs) eventTimeNs = reader.int64();
    else if (tag === KEY_TAG) {
      const end = reader.delimited();
      key = fields.subarray(reader.at, end);
      reader.at = end;
    } else reader.skip(tag & 7);
  }
  return { partition, eventTimeNs, key };
}

function knownPartition(noted: bigint): number | undefined {
  return noted >= 0n && noted < BigInt(SEAWEEDFS_PARTITIONS) ? Number(noted) : undefined;
}

const KEY_TAG = 0x12;
/** Field 1 of BrokerMessage, length-delimited. It is RUN_TAG: a stored message is a BrokerMessage as it stands. */
const DATA_TAG = 0x0a;

/** A BrokerMessage of these fields, with the time that its publisher gave it. */
export function withEventTime(fields: Buffer, eventTimeNs: bigint): Buffer {
  const time = varintField(EVENT_TIME_TAG, eventTimeNs);
  const length = time.length + fields.length;
  const head = Buffer.allocUnsafe(1 + varintBytes(length));
  head[0] = DATA_TAG;
  writeVarint(head, 1, length);
  return Buffer.concat([head, time, fields]);
}

/** A BrokerMessage that is the close marker. */
export function closeMessage(timestampNs: bigint): Buffer {
  return withEventTime(Buffer.from([MESSAGE.isClose << 3, 1]), timestampNs);
}

function varintField(tag: number, value: bigint): Buffer {
  const bytes = [tag];
  let rest = BigInt.asUintN(64, value);
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

/** Answers to a publisher: that it may begin, and that its channel is closed. */
export const PUBLISH_STARTED = Buffer.alloc(0);
export const PUBLISH_CLOSED = Buffer.from([3 << 3, 1]);
