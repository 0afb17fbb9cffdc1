import { z } from 'zod';
import type { BrokerError } from '../errors.ts';
import { HTTP_TEXT_LENGTH } from '../limits.ts';
import type { MessagesEvent, ReadEvent, TopicRun } from '../log/read-event.ts';
import { WireReader } from '../log/wire-reader.ts';
import { type MessageJson, messageJson } from './message-json.ts';
import { type MessageText, MessageWriter } from './message-text.ts';
import { problemJson, toProblem } from './problem.ts';
import { closedJson, closedToJson, timestampOrNull } from './topic-json.ts';

/** What a stream tells besides messages, by its name. */
const EVENTS = {
  caught_up: z.object({ next_timestamp_ns: z.string() }),
  trimmed: z.object({ topic: z.string(), first_timestamp_ns: z.string().nullable() }),
  closed: closedJson,
  deleted: z.object({ topic: z.string() }),
  end: z.object({ reason: z.enum(['closed', 'limit', 'until', 'deleted']) }),
  error: problemJson,
} as const;

const { caught_up, trimmed, closed, deleted, end, error } = EVENTS;

/** A line of NDJSON. */
export const readLine = z
  .union([
    messageJson,
    z.object({ event: z.literal('caught_up'), ...caught_up.shape }),
    z.object({ event: z.literal('trimmed'), ...trimmed.shape }),
    z.object({ event: z.literal('closed'), ...closed.shape }),
    z.object({ event: z.literal('deleted'), ...deleted.shape }),
    z.object({ event: z.literal('end'), ...end.shape }),
    z.object({ event: z.literal('error'), ...error.shape }),
  ])
  .meta({ id: 'ReadLine', description: 'A message, or an object with `event`.' });

const id = z.string().describe('A resume with `Last-Event-ID` goes on behind it.');

/** An event of an event stream, with its data as JSON. */
export const readEvent = z
  .union([
    z.object({ id, data: messageJson }).describe('A message. It has no name.'),
    z.object({ event: z.literal('caught_up'), id, data: caught_up }),
    z.object({ event: z.literal('trimmed'), data: trimmed }),
    z.object({ event: z.literal('closed'), id, data: closed }),
    z.object({ event: z.literal('deleted'), id: id.optional(), data: deleted }),
    z.object({ event: z.literal('end'), data: end }),
    z.object({ event: z.literal('error'), data: error }),
  ])
  .meta({ id: 'ReadEvent', description: 'An event; `data` is JSON.' });

/** How what a reader brings is written. */
export interface EventEncoding {
  readonly contentType: string;
  message(json: string, timestampNs: string): string;
  /** What happens besides messages. With an id, a resume goes on behind it. */
  event(name: keyof typeof EVENTS, data: object, id?: string): string;
}

/** Newline-delimited JSON (https://github.com/ndjson/ndjson-spec): a message a line, or an object with `event`. */
export const NDJSON: EventEncoding = {
  contentType: 'application/x-ndjson',
  message: (json) => `${json}\n`,
  event: (name, data) => `${JSON.stringify({ event: name, ...data })}\n`,
};

/** By that name, and by those that others give it. */
export function isNdjson(contentType: string): boolean {
  return NDJSON_TYPES.has(contentType);
}

const NDJSON_TYPES: ReadonlySet<string> = new Set([
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
]);

/** Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export const SERVER_SENT_EVENTS: EventEncoding = {
  contentType: 'text/event-stream',
  message: (json, timestampNs) => `id: ${timestampNs}\ndata: ${json}\n\n`,
  event: (name, data, eventId) =>
    `event: ${name}\n${eventId === undefined ? '' : `id: ${eventId}\n`}data: ${JSON.stringify(data)}\n\n`,
};

/** What has no meaning for a client of an event stream, which keeps it from being cut by those in between. */
export const KEEP_ALIVE = ': still here\n\n';

/** Writes what a reader brings as text. */
export class EventWriter {
  readonly #encoding: EventEncoding;
  readonly #topic: string;
  readonly #messages = new MessageWriter();
  readonly #behindDeleted: () => bigint;

  /** `topic` is what was asked for, a name or a glob; `behindDeleted` is where to go on once it was deleted. */
  constructor(encoding: EventEncoding, topic: string, behindDeleted: () => bigint) {
    this.#encoding = encoding;
    this.#topic = topic;
    this.#behindDeleted = behindDeleted;
  }

  /** The event in pieces of about {@link HTTP_TEXT_LENGTH}; none if there is nothing to say. */
  *write(event: ReadEvent): Generator<string> {
    if (event.type === 'messages') yield* this.#writeMessages(event);
    else if (event.type !== 'created') yield this.#writeEvent(event);
  }

  writeError(failure: BrokerError): string {
    return this.#encoding.event('error', toProblem(failure));
  }

  #writeEvent(event: Exclude<ReadEvent, { type: 'messages' | 'created' }>): string {
    const encoding = this.#encoding;
    switch (event.type) {
      case 'caught_up':
        return encoding.event(
          'caught_up',
          { next_timestamp_ns: `${event.nextNs}` },
          `${event.nextNs > 0n ? event.nextNs - 1n : 0n}`,
        );
      case 'trimmed':
        return encoding.event('trimmed', {
          topic: event.topic,
          first_timestamp_ns: timestampOrNull(event.firstTimestampNs),
        });
      case 'closed': {
        const marker = closedToJson(event.marker, event.topic);
        return encoding.event('closed', marker, marker.timestamp_ns);
      }
      case 'deleted':
        // One of many: the others go on.
        if (event.topic !== this.#topic) return encoding.event('deleted', { topic: event.topic });
        return encoding.event('deleted', { topic: event.topic }, `${this.#behindDeleted()}`);
      case 'end':
        return encoding.event('end', { reason: event.reason });
    }
  }

  *#writeMessages(event: MessagesEvent): Generator<string> {
    let text = '';
    for (const { json, timestampNs } of messageTexts(event, this.#topic, this.#messages)) {
      text += this.#encoding.message(json, timestampNs);
      if (text.length < HTTP_TEXT_LENGTH) continue;
      yield text;
      text = '';
    }
    if (text !== '') yield text;
  }
}

/** The messages of an event as texts of JSON, each with its topic. */
export function* messageTexts(
  { chunks, runs }: Pick<MessagesEvent, 'chunks' | 'runs'>,
  topic: string,
  writer = new MessageWriter(),
): Generator<MessageText> {
  const topics = new TopicsOfRuns(runs, topic);
  for (const chunk of chunks) {
    const reader = new WireReader(chunk);
    while (reader.at < reader.end) {
      // The tag that begins each message of a run.
      reader.uint32();
      const messageEnd = reader.delimited();
      yield writer.write(reader, messageEnd, topics.next());
    }
  }
}

/** The messages of an event, each with its topic. */
export function* messagesIn(
  chunks: readonly Buffer[],
  runs: readonly TopicRun[],
  topic: string,
): Generator<MessageJson> {
  for (const { json } of messageTexts({ chunks, runs }, topic)) {
    const message: MessageJson = JSON.parse(json);
    yield message;
  }
}

/** Whose messages those of an event are, one after the other. */
class TopicsOfRuns {
  readonly #runs: readonly TopicRun[];
  readonly #topic: string;
  #run = -1;
  #left = 0;

  /** `topic` is that of all of them if there are no runs. */
  constructor(runs: readonly TopicRun[], topic: string) {
    this.#runs = runs;
    this.#topic = topic;
  }

  next(): string {
    while (this.#left === 0) {
      this.#run++;
      this.#left = this.#runs[this.#run]?.messageCount ?? Number.POSITIVE_INFINITY;
    }
    this.#left--;
    return this.#runs[this.#run]?.topic ?? this.#topic;
  }
}
