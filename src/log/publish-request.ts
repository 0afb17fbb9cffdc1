import { BrokerError, invalidArgument } from '../errors.ts';
import { CLOSE_CHECKSUM_BYTES, CLOSE_REASON_BYTES, PRODUCER_NAME_BYTES } from '../limits.ts';
import { formatTimestamp } from '../timestamp.ts';
import type { CloseRequest, PublishAck } from './append.ts';
import type { Log } from './log.ts';
import type { MessageRun } from './message-run.ts';
import { checkTopicName } from './topic-name.ts';

/** What a publisher asks for; its messages stay encoded. */
export interface PublishRequest {
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

/**
 * Publishes, and creates the topic if there is none. Throws INVALID_ARGUMENT, MESSAGE_TOO_LARGE, and what the log
 * refuses it with.
 */
export async function publish(log: Log, request: PublishRequest): Promise<PublishAck> {
  const { producer: name, sequence, crc, run, close, expectedLastTimestampNs } = request;
  checkPublish(request);
  if (log.topics.get(request.topic) === undefined) {
    checkTopicName(request.topic);
    checkFirstPublish(request, request.topic, log.maxMessageBytes());
  }
  const topic = await log.topicForWriting(request.topic);
  const limitBytes = log.maxMessageBytes(topic);
  if (request.largestBytes > limitBytes)
    throw messageTooLarge(topic.name, request.largestBytes, limitBytes);
  const producer = name === '' ? undefined : { name, sequence, crc };
  return log.appendAndWait({ topic, run, producer, expectedLastTimestampNs, close });
}

/** Throws unless the fields go together; the topic's own limit is checked where the topic is known. */
export function checkPublish(fields: PublishRequest): void {
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
export function checkFirstPublish(fields: PublishRequest, topic: string, limitBytes: number): void {
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
