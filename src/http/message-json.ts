import { isUtf8 } from 'node:buffer';
import { Message } from 'playhead-proto';
import { z } from 'zod';
import { formatTimestamp } from '../timestamp.ts';

const text = z.string();
const base64 = z.base64();

const header = z
  .strictObject({ name: text, value: text.optional(), value_base64: base64.optional() })
  .refine((each) => isOnce(each.value, each.value_base64), {
    error: 'a header has either value or value_base64',
  });

/** A message as it is published. */
export const messageBody = z
  .strictObject({
    key: text.optional(),
    key_base64: base64.optional(),
    value: text.optional(),
    value_base64: base64.optional(),
    headers: z.array(header).optional(),
    // What a message has that was read is left aside: a publish sets its own.
    topic: text.optional(),
    timestamp_ns: text.optional(),
    time: text.optional(),
  })
  .refine((each) => isOnce(each.value, each.value_base64), {
    error: 'a message has either value or value_base64',
  })
  .refine((each) => each.key === undefined || each.key_base64 === undefined, {
    error: 'key and key_base64 exclude each other',
  })
  .meta({ id: 'NewMessage' });

export type MessageBody = z.output<typeof messageBody>;

/** A message as it is read. Bytes that are no UTF-8 are base64 under `…_base64`; what is empty is left out. */
export const messageJson = z
  .object({
    topic: text,
    timestamp_ns: text,
    time: text,
    key: text.optional(),
    key_base64: text.optional(),
    value: text.optional(),
    value_base64: text.optional(),
    headers: z
      .array(z.object({ name: text, value: text.optional(), value_base64: text.optional() }))
      .optional(),
  })
  .meta({ id: 'Message' });

export type MessageJson = z.output<typeof messageJson>;

/** The message, encoded, without a timestamp. */
export function encodeMessageBody(body: MessageBody): Uint8Array {
  const key = bytesOf(body.key, body.key_base64);
  const value = bytesOf(body.value, body.value_base64);
  const headers = (body.headers ?? []).map((each) => {
    return { name: each.name, value: bytesOf(each.value, each.value_base64) };
  });
  return Message.encode(Message.fromPartial({ key, value, headers })).finish();
}

/** `encoded` is a message as it is stored. */
export function messageToJson(encoded: Buffer, topic: string): MessageJson {
  const { timestampNs, key, value, headers } = Message.decode(encoded);
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

function isOnce(plain: string | undefined, encoded: string | undefined): boolean {
  return (plain === undefined) !== (encoded === undefined);
}

function bytesOf(plain: string | undefined, encoded: string | undefined): Buffer {
  return encoded === undefined ? Buffer.from(plain ?? '') : Buffer.from(encoded, 'base64');
}

function named(name: string, bytes: Uint8Array): Record<string, string> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // What is no UTF-8 would not come back as it was.
  if (isUtf8(buffer)) return { [name]: buffer.toString() };
  return { [`${name}_base64`]: buffer.toString('base64') };
}
