import { z } from 'zod';
import { HTTP_MESSAGE_HEADERS_MAX } from '../limits.ts';
import type { MessageParts } from '../log/run-builder.ts';
import { listOf } from './params.ts';

/** Half of a pair of surrogates, which has no bytes in UTF-8. */
const LONE_SURROGATE = /\p{Surrogate}/u;

const text = z.string();
/** A text that is stored as it is. */
export const storedText = text.refine((each) => !LONE_SURROGATE.test(each), {
  error: 'has half of a pair of surrogates, which has no bytes in UTF-8',
});
const base64 = z.base64();

const header = z
  .strictObject({
    name: storedText,
    value: storedText.optional(),
    value_base64: base64.optional(),
  })
  .refine((each) => isOnce(each.value, each.value_base64), {
    error: 'a header has either value or value_base64',
  })
  .meta({ id: 'NewHeader', description: 'Has either `value` or `value_base64`.' });

/** A message as it is published. */
export const messageBody = z
  .strictObject({
    key: storedText.optional(),
    key_base64: base64.optional(),
    value: storedText.optional(),
    value_base64: base64.optional(),
    headers: listOf(header, { max: HTTP_MESSAGE_HEADERS_MAX }).optional(),
    topic: text.optional().describe('Left aside, as it is in a message that was read.'),
    timestamp_ns: text.optional().describe('Left aside: a publish gives its own.'),
    time: text.optional().describe('Left aside.'),
  })
  .refine((each) => isOnce(each.value, each.value_base64), {
    error: 'a message has either value or value_base64',
  })
  .refine((each) => each.key === undefined || each.key_base64 === undefined, {
    error: 'key and key_base64 exclude each other',
  })
  .meta({
    id: 'NewMessage',
    description: 'Has either `value` or `value_base64`, and `key` or `key_base64` or neither.',
  });

export type MessageBody = z.output<typeof messageBody>;

/** A message as it is read. Bytes that are no UTF-8 are base64 under `…_base64`; what is empty is left out. */
export const messageJson = z
  .object({
    topic: text,
    timestamp_ns: text,
    time: text.describe('The timestamp as RFC 3339 has it, to the nanosecond.'),
    key: text.optional(),
    key_base64: text.optional(),
    value: text.optional(),
    value_base64: text.optional(),
    headers: z
      .array(z.object({ name: text, value: text.optional(), value_base64: text.optional() }))
      .optional(),
  })
  .meta({
    id: 'Message',
    description: 'Bytes that are no UTF-8 are base64 under a name with `_base64`.',
  });

export type MessageJson = z.output<typeof messageJson>;

/** A message of texts alone: most are. */
interface PlainMessage {
  readonly key?: string;
  readonly value: string;
}

/**
 * True for a message that obeys {@link messageBody} and has nothing but texts, without headers: found out in a tenth of
 * the time. What is not such a message the schema judges.
 */
export function isPlainMessage(json: unknown): json is PlainMessage {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return false;
  let hasValue = false;
  for (const [name, content] of Object.entries(json)) {
    if (typeof content !== 'string') return false;
    if (name === 'value' || name === 'key') {
      if (LONE_SURROGATE.test(content)) return false;
      hasValue ||= name === 'value';
    } else if (name !== 'topic' && name !== 'timestamp_ns' && name !== 'time') {
      return false;
    }
  }
  return hasValue;
}

/** What of a message is published. */
export function partsOf(body: MessageBody): MessageParts {
  return {
    key: contentOf(body.key, body.key_base64),
    value: contentOf(body.value, body.value_base64),
    headers: (body.headers ?? []).map((each) => {
      return { name: each.name, value: contentOf(each.value, each.value_base64) };
    }),
  };
}

function isOnce(plain: string | undefined, encoded: string | undefined): boolean {
  return (plain === undefined) !== (encoded === undefined);
}

function contentOf(plain: string | undefined, encoded: string | undefined): string | Buffer {
  return encoded === undefined ? (plain ?? '') : Buffer.from(encoded, 'base64');
}
