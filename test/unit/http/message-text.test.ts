import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { Message } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { MessageWriter } from '../../../src/http/message-text.ts';
import { TimestampWriter } from '../../../src/http/timestamp-text.ts';
import { runOfFields, stampRun, TIMESTAMP_MIN_NS } from '../../../src/log/message-run.ts';
import { WireReader } from '../../../src/log/wire-reader.ts';
import { formatTimestamp } from '../../../src/timestamp.ts';
import { freeMessages, sentMessages } from '../../support/arbitrary-message.ts';
import { varint } from '../../support/wire.ts';

const timestamps = fc.bigInt({ min: TIMESTAMP_MIN_NS, max: 2n ** 63n - 10_000n });

/** As the broker stores it: stamped, without what the broker sets itself. */
function stored(fields: Uint8Array, timestampNs: bigint): Buffer {
  const { bytes } = runOfFields([[fields]]);
  stampRun(bytes, timestampNs);
  return bytes;
}

function textOf(run: Buffer, topic: string): string {
  const reader = new WireReader(run);
  reader.uint32();
  return new MessageWriter().write(reader, reader.delimited(), topic).json;
}

/** What a message is as JSON, by the library's decoder. */
function jsonOf(run: Buffer, topic: string): object {
  const reader = new WireReader(run);
  reader.uint32();
  const end = reader.delimited();
  const { timestampNs, key, value, headers } = Message.decode(run.subarray(reader.at, end));
  return {
    topic,
    timestamp_ns: `${timestampNs}`,
    time: formatTimestamp(timestampNs),
    ...(key.length > 0 && named('key', key)),
    ...named('value', value),
    ...(headers.length > 0 && {
      headers: headers.map((each) => ({ name: each.name, ...named('value', each.value) })),
    }),
  };
}

function named(name: string, bytes: Uint8Array): object {
  const buffer = Buffer.from(bytes);
  if (isUtf8(buffer)) return { [name]: buffer.toString() };
  return { [`${name}_base64`]: buffer.toString('base64') };
}

describe('a message as text', () => {
  it('is its JSON, whatever is in it', () => {
    const text = fc.string({ unit: 'binary', maxLength: 30 });
    fc.assert(
      fc.property(sentMessages, text, timestamps, (messages, topic, timestampNs) => {
        for (const message of messages) {
          const own = { ...message, timestampNs: 0n, isClose: false };
          const run = stored(Message.encode(own).finish(), timestampNs);
          expect(textOf(run, topic)).toBe(JSON.stringify(jsonOf(run, topic)));
        }
      }),
    );
  });

  it('is its JSON in whatever way its bytes are written', () => {
    fc.assert(
      fc.property(freeMessages, timestamps, (encoded, timestampNs) => {
        for (const fields of encoded) {
          // The broker drops what it sets itself.
          if (hasOwnFields(fields)) continue;
          const run = stored(fields, timestampNs);
          expect(textOf(run, 't')).toBe(JSON.stringify(jsonOf(run, 't')));
        }
      }),
    );
  });
});

function hasOwnFields(fields: Buffer): boolean {
  const reader = new WireReader(fields);
  while (reader.at < reader.end) {
    const tag = reader.uint32();
    if (tag >>> 3 === 1 || tag >>> 3 === 5) return true;
    reader.skip(tag & 7);
  }
  return false;
}

describe('timestamps as texts', () => {
  it('are right one after the other, near and far, over the turn of a second', () => {
    const steps = fc.array(
      fc.oneof(
        fc.bigInt({ min: 0n, max: 3n }),
        fc.bigInt({ min: -2_000_000_000n, max: 2_000_000_000n }),
        fc.bigInt({ min: -(2n ** 55n), max: 2n ** 55n }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(timestamps, steps, (firstNs, all) => {
        const writer = new TimestampWriter();
        let timestampNs = firstNs;
        for (const step of all) {
          const next = timestampNs + step;
          if (next >= TIMESTAMP_MIN_NS && next < 2n ** 63n) timestampNs = next;
          const bytes = varint(timestampNs);
          expect(bytes.length).toBe(9);
          expect(writer.write(bytes, 0)).toEqual({
            digits: `${timestampNs}`,
            time: formatTimestamp(timestampNs),
          });
        }
      }),
    );
  });
});
