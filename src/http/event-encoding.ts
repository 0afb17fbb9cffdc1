import type { BrokerError } from '../errors.ts';
import { messagesOfRun } from '../log/message-run.ts';
import type { ReadEvent } from '../log/read-event.ts';
import { messageToJson } from './message-json.ts';
import { toProblem } from './problem.ts';
import { closedToJson, timestampOrNull } from './topic-json.ts';

/** How what a reader brings is written. */
export interface EventEncoding {
  readonly contentType: string;
  message(json: string, timestampNs: string): string;
  /** What happens besides messages. With an id, a resume goes on behind it. */
  event(name: string, data: object, id?: string): string;
}

/** Newline-delimited JSON (https://github.com/ndjson/ndjson-spec): a message a line, or an object with `event`. */
export const NDJSON: EventEncoding = {
  contentType: 'application/x-ndjson',
  message: (json) => `${json}\n`,
  event: (name, data) => `${JSON.stringify({ event: name, ...data })}\n`,
};

/** Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export const SERVER_SENT_EVENTS: EventEncoding = {
  contentType: 'text/event-stream',
  message: (json, timestampNs) => `id: ${timestampNs}\ndata: ${json}\n\n`,
  event: (name, data, id) =>
    `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`,
};

/** What has no meaning for a client of an event stream, which keeps it from being cut by those in between. */
export const KEEP_ALIVE = ': still here\n\n';

/** The event as text; empty if there is nothing to say. `topic` is what was asked for. */
export function encodeEvent(encoding: EventEncoding, event: ReadEvent, topic: string): string {
  switch (event.type) {
    case 'messages':
      return encodeMessages(encoding, event, topic);
    case 'created':
      return '';
    case 'caught_up':
      return encoding.event('caught_up', { next_timestamp_ns: `${event.nextNs}` });
    case 'trimmed':
      return encoding.event('trimmed', {
        topic: event.topic,
        first_timestamp_ns: timestampOrNull(event.firstTimestampNs),
      });
    case 'closed': {
      const closed = closedToJson(event.marker, event.topic);
      return encoding.event('closed', closed, closed.timestamp_ns);
    }
    case 'deleted':
      return encoding.event('deleted', { topic: event.topic });
    case 'end':
      return encoding.event('end', { reason: event.reason });
  }
}

export function encodeError(encoding: EventEncoding, error: BrokerError): string {
  return encoding.event('error', toProblem(error));
}

function encodeMessages(
  encoding: EventEncoding,
  { chunks, runs }: Extract<ReadEvent, { type: 'messages' }>,
  topic: string,
): string {
  let text = '';
  for (const json of messagesIn(chunks, runs, topic)) {
    text += encoding.message(JSON.stringify(json), json.timestamp_ns);
  }
  return text;
}

/** The messages of an event, each with its topic. */
export function* messagesIn(
  chunks: readonly Buffer[],
  runs: readonly { readonly topic: string; readonly messageCount: number }[],
  topic: string,
): Generator<ReturnType<typeof messageToJson>> {
  let run = 0;
  let left = runs[0]?.messageCount ?? Number.POSITIVE_INFINITY;
  for (const chunk of chunks) {
    for (const message of messagesOfRun(chunk)) {
      while (left === 0) left = runs[++run]?.messageCount ?? Number.POSITIVE_INFINITY;
      left--;
      yield messageToJson(message, runs[run]?.topic ?? topic);
    }
  }
}
