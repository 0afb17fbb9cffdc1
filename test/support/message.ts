import type { Message } from 'playhead-proto';
import { SubscribeResponse } from 'playhead-proto';
import type { MessageRun } from '../../src/log/message-run.ts';
import { TIMESTAMP_MIN_NS } from '../../src/log/message-run.ts';

/** What a publisher says of a message. */
export type Content = Pick<Message, 'key' | 'value' | 'headers'>;

/** A message with this value and nothing else. */
export function content(value: string | Uint8Array): Content {
  return { key: new Uint8Array(), value: Buffer.from(value), headers: [] };
}

/** A run of messages that are not stamped yet, as the broker holds it. */
export function runOf(...values: (string | Uint8Array)[]): MessageRun {
  return runOfContents(values.map(content));
}

/** As {@link runOf}, of messages that have more than a value. */
export function runOfContents(contents: readonly Content[]): MessageRun {
  const messages = contents.map((each) => ({
    ...each,
    timestampNs: TIMESTAMP_MIN_NS,
    isClose: false,
  }));
  const bytes = SubscribeResponse.encode({ messages, runs: [], event: undefined }).finish();
  return { bytes: Buffer.from(bytes), messageCount: contents.length };
}

/** A run of messages with keys and values. */
export function keyedRunOf(...messages: readonly (readonly [key: string, value: string])[]) {
  return runOfContents(
    messages.map(([key, value]) => ({ ...content(value), key: Buffer.from(key) })),
  );
}

/** What any client makes of a run. */
export function decodeRun(run: Uint8Array): Message[] {
  return SubscribeResponse.decode(run).messages;
}

/** The values in a run, as text. */
export function valuesOf(run: Uint8Array): string[] {
  return decodeRun(run).map(({ value }) => Buffer.from(value).toString());
}

/** Only what the publisher said, in plain arrays, so that two of them compare by content. */
export function contentOf({ key, value, headers }: Content): object {
  return {
    key: [...key],
    value: [...value],
    headers: headers.map((header) => ({ name: header.name, value: [...header.value] })),
  };
}
