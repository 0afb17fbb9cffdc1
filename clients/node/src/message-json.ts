import type { Message } from './message.ts';
import { formatTimestamp } from './time.ts';

/** The parts of a message that JSON shows. */
export type MessageFields = Pick<Message, 'topic' | 'timestampNs' | 'key' | 'value' | 'headers'>;

/** A header in JSON: the value as text, or as base64 if it is no UTF-8. */
export interface JsonHeader {
  readonly name: string;
  readonly value?: string;
  readonly value_base64?: string;
}

/** A message in JSON. Bytes that are no UTF-8 travel as base64 under `…_base64`; what is empty is left out. */
export interface JsonMessage {
  readonly topic: string;
  /** Nanoseconds since 1970, UTC, as decimal digits: a JSON number cannot hold them. */
  readonly timestamp_ns: string;
  /** The same, RFC 3339 with nine digits. */
  readonly time: string;
  readonly key?: string;
  readonly key_base64?: string;
  readonly value?: string;
  readonly value_base64?: string;
  readonly headers?: readonly JsonHeader[];
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A message as JSON has it, as `playhead sub --json` writes it and `playhead pub --ndjson` reads it. */
export function messageToJson(message: MessageFields): JsonMessage {
  const { timestampNs, topic, key, value, headers } = message;
  return {
    topic,
    timestamp_ns: String(timestampNs),
    time: formatTimestamp(timestampNs),
    ...(key.length > 0 && bytesToJson('key', key)),
    ...bytesToJson('value', value),
    ...(headers.length > 0 && {
      headers: headers.map(({ name, value }) => ({ name, ...bytesToJson('value', value) })),
    }),
  };
}

function bytesToJson(name: string, bytes: Buffer): Record<string, string> {
  try {
    return { [name]: decoder.decode(bytes) };
  } catch {
    // Not UTF-8. As text it would not come back as it was.
    return { [`${name}_base64`]: bytes.toString('base64') };
  }
}
