import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import type { CloseRequest } from '../log/append.ts';
import type { MessagePlace, MessageRun } from '../log/message-run.ts';
import { checkMessage, makeRun, REQUEST_TAG } from '../log/message-run.ts';
import type { PlainRun } from '../log/plain-run.ts';
import { giveBackPlainRun, takePlainRun } from '../log/plain-run.ts';
import type { PublishRequest } from '../log/publish-request.ts';
import { malformed, WIRE, WireReader } from '../log/wire-reader.ts';

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
 * Decodes a PublishRequest or PublishStreamRequest, which have the same fields, by hand: the messages are checked and taken over as bytes. The request's buffer becomes
 * the run's, and is written to. Throws MALFORMED or INVALID_ARGUMENT.
 */
export function decodePublish(request: Buffer): PublishRequest {
  const reader = new WireReader(request);
  const places: MessagePlace[] = [];
  let plain: PlainRun | undefined;
  let isMixed = false;
  let topic = '';
  let producer = '';
  let sequence = 0n;
  let expectedLastTimestampNs: bigint | undefined;
  let close: CloseRequest | undefined;
  let largestBytes = 0;
  while (reader.at < request.length) {
    const tagAt = reader.at;
    if (!isMixed && plain === undefined && request[tagAt] === REQUEST_TAG) {
      plain = takePlainRun(request, tagAt);
      if (plain !== undefined) {
        reader.at = plain.end;
        continue;
      }
    }
    const { field, wireType } = reader.field((number) => WIRE_TYPE[number]);
    if (field === FIELD.messages) {
      isMixed = true;
      if (plain !== undefined) {
        // There are others than plain ones: all of them are looked at one by one.
        giveBackPlainRun(request, plain);
        reader.at = plain.start;
        plain = undefined;
        continue;
      }
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
  const run = runOf(request, plain, places);
  largestBytes = plain?.largestBytes ?? largestBytes;
  const crc = run === undefined || sequence === 0n ? 0 : crc32(run.bytes);
  return { topic, run, largestBytes, producer, sequence, crc, expectedLastTimestampNs, close };
}

function runOf(
  request: Buffer,
  plain: PlainRun | undefined,
  places: readonly MessagePlace[],
): MessageRun | undefined {
  if (plain === undefined) return places.length === 0 ? undefined : makeRun(request, places);
  return { bytes: request.subarray(plain.start, plain.end), messageCount: plain.messageCount };
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
