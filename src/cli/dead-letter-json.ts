import { type MessageFields, messageToJson } from 'playhead-client';
import { escapeControls, previewOf } from './preview.ts';
import { type Column, formatOptionalTimestamp } from './table.ts';

const PREFIX = 'playhead-dead-letter-';

/** A message of a dead-letter topic, with what its headers say. What a header does not say is undefined. */
export interface DeadLetter {
  /** Without the headers of a dead letter. */
  readonly message: MessageFields;
  /** `max_attempts`, or `terminated: ` and why. */
  readonly reason: string | undefined;
  /** Number of deliveries. */
  readonly attempts: number | undefined;
  /** When it became one, RFC 3339. */
  readonly time: string | undefined;
  /** Where it came from. */
  readonly topic: string | undefined;
  readonly subscription: string | undefined;
  /** Of the message in that topic. */
  readonly timestampNs: bigint | undefined;
}

/** Takes the headers of a dead letter out of a message. */
export function readDeadLetter(message: MessageFields): DeadLetter {
  const { topic, timestampNs, key, value, headers } = message;
  // The broker puts its headers behind those of the message, which may be a dead letter that was published again.
  const text = (name: string) =>
    headers.findLast((header) => header.name === `${PREFIX}${name}`)?.value.toString();
  const attempts = text('attempts') ?? '';
  const originNs = text('timestamp-ns') ?? '';
  return {
    message: {
      topic,
      timestampNs,
      key,
      value,
      headers: headers.filter(({ name }) => !name.startsWith(PREFIX)),
    },
    reason: text('reason'),
    attempts: /^\d+$/.test(attempts) ? Number(attempts) : undefined,
    time: text('time'),
    topic: text('topic'),
    subscription: text('subscription'),
    timestampNs: /^\d+$/.test(originNs) ? BigInt(originNs) : undefined,
  };
}

/** The message as `sub --json` writes it, and apart from it what made it a dead letter. */
export function deadLetterToJson(letter: DeadLetter): object {
  return {
    ...messageToJson(letter.message),
    dead_letter: {
      reason: letter.reason ?? null,
      attempts: letter.attempts ?? null,
      time: letter.time ?? null,
      topic: letter.topic ?? null,
      subscription: letter.subscription ?? null,
      timestamp_ns: letter.timestampNs?.toString() ?? null,
    },
  };
}

const orDash = (text: string | undefined) =>
  text === undefined || text === '' ? '-' : escapeControls(text);

/** What a list shows of a dead letter. */
export const deadLetterColumns: readonly Column<DeadLetter>[] = [
  { title: 'TIME', cell: ({ time }) => orDash(time) },
  { title: 'REASON', cell: ({ reason }) => orDash(reason) },
  { title: 'ATTEMPTS', isNumber: true, cell: ({ attempts }) => attempts?.toString() ?? '-' },
  { title: 'TOPIC', isCut: true, cell: ({ topic }) => orDash(topic) },
  { title: 'PUBLISHED', cell: ({ timestampNs }) => formatOptionalTimestamp(timestampNs) },
  { title: 'VALUE', isCut: true, cell: ({ message }) => previewOf(message.value) },
];
