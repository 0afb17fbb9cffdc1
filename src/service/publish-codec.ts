import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { BrokerError, invalidArgument } from '../errors.ts';
import { CLOSE_CHECKSUM_BYTES, CLOSE_REASON_BYTES, PRODUCER_NAME_BYTES } from '../limits.ts';
import type { CloseRequest } from '../log/append.ts';
import type { MessagePlace, MessageRun } from '../log/message-run.ts';
import { checkMessage, makeRun } from '../log/message-run.ts';
import { malformed, WIRE, WireReader } from '../log/wire-reader.ts';
import { formatTimestamp } from '../timestamp.ts';

/** A PublishRequest or PublishStreamRequest, which have the same fields; its messages stay encoded. */
export interface PublishFields {
  readonly topic: string;
  readonly run: MessageRun | undefined;
  /** Size of the largest message, without the fields that the broker drops. */
  readonly largestBytes: number;
  readonly producer: string;
  readonly sequence: bigint;
  /** Over the messages as they came. */
  readonly crc: number;
  readonly expectedLastTimestampNs: bigint | undefined;
  readonly close: CloseRequest | undefined;
}

const INT64_MAX = 2n ** 63n - 1n;

const FIELD = {
  topic: 1,
  messages: 2,
  producer: 3,
  sequence: 4,
  expectedLast: 5,
  close: 6,
} as const;

const WIRE_TYPE: Readonly<Record<number, number>> = {
  [FIELD.topic]: WIRE.bytes,
  [FIELD.messages]: WIRE.bytes,
  [FIELD.producer]: WIRE.bytes,
  [FIELD.sequence]: WIRE.varint,
  [FIELD.expectedLast]: WIRE.varint,
  [FIELD.close]: WIRE.bytes,
};

/**
 * Decodes a publish request by hand: the messages are checked and taken over as bytes. The request's buffer becomes
 * the run's, and is written to. Throws MALFORMED or INVALID_ARGUMENT.
 */
export function decodePublish(request: Buffer): PublishFields {
  const reader = new WireReader(request);
  const places: MessagePlace[] = [];
  let topic = '';
  let producer = '';
  let sequence = 0n;
  let expectedLastTimestampNs: bigint | undefined;
  let close: CloseRequest | undefined;
  let largestBytes = 0;
  while (reader.at < request.length) {
    const tagAt = reader.at;
    const { field, wireType } = reader.field((number) => WIRE_TYPE[number]);
    if (field === FIELD.messages) {
      const end = reader.delimited();
      const start = reader.at;
      const droppedBytes = checkMessage(request, start, end);
      places.push({ tagAt, start, end, droppedBytes });
      largestBytes = Math.max(largestBytes, end - start - droppedBytes);
      reader.at = end;
    } else if (field === FIELD.topic) {
      topic = text(reader);
    } else if (field === FIELD.producer) {
      producer = text(reader);
    } else if (field === FIELD.sequence) {
      sequence = reader.int64();
    } else if (field === FIELD.expectedLast) {
      expectedLastTimestampNs = reader.int64();
    } else if (field === FIELD.close) {
      close = decodeClose(reader);
    } else {
      reader.skip(wireType);
    }
  }
  const run = places.length === 0 ? undefined : makeRun(request, places);
  const crc = run === undefined || sequence === 0n ? 0 : crc32(run.bytes);
  return { topic, run, largestBytes, producer, sequence, crc, expectedLastTimestampNs, close };
}

/** Throws unless the fields go together; the topic's own limit is checked where the topic is known. */
export function checkPublish(fields: PublishFields): void {
  if (fields.run === undefined && fields.close === undefined) {
    throw invalidArgument('messages', 'a publish has at least one message, or closes the topic');
  }
  if (fields.producer !== '' && fields.run !== undefined && fields.sequence < 1n) {
    throw invalidArgument(
      'sequence',
      `${fields.sequence}: the first message of producer ${fields.producer} has 1`,
    );
  }
  const lastSequence = fields.sequence + BigInt(fields.run?.messageCount ?? 0) - 1n;
  if (lastSequence > INT64_MAX) {
    throw invalidArgument('sequence', `${lastSequence} of the last message is beyond 64 bits`);
  }
  if (fields.producer === '' && fields.sequence !== 0n) {
    throw invalidArgument('producer', `must be set, since sequence is ${fields.sequence}`);
  }
  if (fields.producer.startsWith('_')) {
    throw invalidArgument('producer', 'names that begin with "_" are the broker\'s own');
  }
  if (Buffer.byteLength(fields.producer) > PRODUCER_NAME_BYTES) {
    throw invalidArgument('producer', `a name has at most ${PRODUCER_NAME_BYTES} bytes`);
  }
  const expected = fields.expectedLastTimestampNs;
  if (expected !== undefined && expected < 0n) {
    throw invalidArgument('expected_last_timestamp_ns', `${expected} is before 1970`);
  }
  if (fields.close !== undefined) checkClose(fields.close);
}

/**
 * Throws what a topic would refuse that does not exist yet, so that it is not created for nothing: `limitBytes` is
 * the largest message of a new one.
 */
export function checkFirstPublish(fields: PublishFields, topic: string, limitBytes: number): void {
  if (fields.largestBytes > limitBytes) {
    throw messageTooLarge(topic, fields.largestBytes, limitBytes);
  }
  const expected = fields.expectedLastTimestampNs ?? 0n;
  if (expected === 0n) return;
  throw new BrokerError(
    'CONFLICT',
    `topic ${topic} does not exist and has no last timestamp, which should be ${formatTimestamp(expected)}`,
    { topic, last_timestamp_ns: '0' },
  );
}

export function checkClose({ reason, checksum }: CloseRequest): void {
  const bytes = Buffer.byteLength(reason);
  if (bytes > CLOSE_REASON_BYTES) {
    throw invalidArgument('close.reason', `has ${bytes} bytes; at most ${CLOSE_REASON_BYTES}`);
  }
  if (checksum.length !== 0 && checksum.length !== CLOSE_CHECKSUM_BYTES) {
    throw invalidArgument(
      'close.checksum',
      `has ${checksum.length} bytes; an MD5 has ${CLOSE_CHECKSUM_BYTES}`,
    );
  }
}

export function requestTooLarge(bytes: number, limitBytes: number): BrokerError {
  return new BrokerError(
    'REQUEST_TOO_LARGE',
    `request has ${bytes} bytes; the limit is ${limitBytes}: split it`,
    {
      limit_bytes: `${limitBytes}`,
      bytes: `${bytes}`,
    },
  );
}

export function messageTooLarge(topic: string, bytes: number, limitBytes: number): BrokerError {
  return new BrokerError(
    'MESSAGE_TOO_LARGE',
    `a message for topic ${topic} has ${bytes} bytes; the limit is ${limitBytes}`,
    { limit_bytes: `${limitBytes}`, bytes: `${bytes}` },
  );
}

function text(reader: WireReader): string {
  const end = reader.delimited();
  const bytes = reader.buffer.subarray(reader.at, end);
  if (!isUtf8(bytes)) throw malformed('a text is not UTF-8', reader.at);
  reader.at = end;
  return bytes.toString();
}

function decodeClose(reader: WireReader): CloseRequest {
  const end = reader.delimited();
  const close = new WireReader(reader.buffer, reader.at, end);
  let reason = '';
  let checksum: Buffer = Buffer.alloc(0);
  while (close.at < end) {
    const { field, wireType } = close.field((number) => (number <= 2 ? WIRE.bytes : undefined));
    if (field === 1) {
      reason = text(close);
    } else if (field === 2) {
      const checksumEnd = close.delimited();
      checksum = Buffer.from(reader.buffer.subarray(close.at, checksumEnd));
      close.at = checksumEnd;
    } else {
      close.skip(wireType);
    }
  }
  reader.at = end;
  return { reason, checksum };
}
