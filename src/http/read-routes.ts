import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { invalidArgument } from '../errors.ts';
import {
  HTTP_CHUNK_BYTES,
  READ_BYTES_DEFAULT,
  READ_MESSAGES_DEFAULT,
  READ_MESSAGES_MAX,
} from '../limits.ts';
import type { Position } from '../log/position.ts';
import type { Subscription } from '../log/subscribe.ts';
import { subscribe } from '../log/subscribe.ts';
import { topicDeleted } from '../log/topic.ts';
import { isGlob } from '../log/topic-name.ts';
import type { App, HttpContext } from './context.ts';
import { topicParams } from './context.ts';
import type { EventEncoding } from './event-encoding.ts';
import { messagesIn, NDJSON, SERVER_SENT_EVENTS } from './event-encoding.ts';
import { eventStream } from './event-stream.ts';
import { messageJson } from './message-json.ts';
import { positionText, timeText } from './time-param.ts';
import { closedJson, closedToJson, timestampOrNull } from './topic-json.ts';

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

const readQuery = z.strictObject({
  from: positionText.optional(),
  /** Not included; `now` for what is there. */
  until: z.union([z.literal('now'), timeText]).optional(),
  /** Most messages. */
  limit: z.coerce.number().int().min(1).optional(),
  /** Begin with the last so many. */
  last: z.coerce.number().int().min(1).optional(),
  /** Wait for what comes; so do event streams unless they are told not to. */
  follow: flag.optional(),
});

type ReadQuery = z.output<typeof readQuery>;

/** A page of messages. */
export const messagePage = z
  .object({
    messages: z.array(messageJson),
    /** Where to go on. */
    next_timestamp_ns: z.string(),
    is_caught_up: z.boolean(),
    trimmed: z.object({ topic: z.string(), first_timestamp_ns: z.string().nullable() }).nullable(),
    closed: closedJson.nullable(),
  })
  .meta({ id: 'MessagePage' });

type MessagePage = z.output<typeof messagePage>;

/** Reads messages of a topic, or of all that match a glob, in the form that is accepted. */
export function readRoutes(app: App, context: HttpContext): void {
  app.get(
    '/v1/topics/:topic/messages',
    {
      schema: {
        tags: ['messages'],
        summary: 'Read: a page of JSON, a stream of NDJSON, or server-sent events',
        params: topicParams,
        querystring: readQuery,
      },
    },
    async (request, reply) => {
      const { query, headers } = request;
      const { topic } = request.params;
      const encoding = acceptedEncoding(headers.accept ?? '');
      if (encoding === undefined) return readPage(context, topic, query);
      const lastEventId = headers['last-event-id'];
      const resumed = resumeAt(typeof lastEventId === 'string' ? lastEventId : '');
      return stream(context, reply, { topic, query, encoding, resumed });
    },
  );
}

function acceptedEncoding(accept: string): EventEncoding | undefined {
  if (accept.includes(SERVER_SENT_EVENTS.contentType)) return SERVER_SENT_EVENTS;
  return accept.includes(NDJSON.contentType) ? NDJSON : undefined;
}

/** Behind the last event that a client has seen. */
function resumeAt(lastEventId: string): Position | undefined {
  if (!/^\d{1,19}$/.test(lastEventId)) return undefined;
  return { at: 'timestamp', timestampNs: BigInt(lastEventId) + 1n };
}

interface StreamRequest {
  readonly topic: string;
  readonly query: ReadQuery;
  readonly encoding: EventEncoding;
  readonly resumed: Position | undefined;
}

async function stream(
  { log, readers, options: { observer } }: HttpContext,
  reply: FastifyReply,
  { topic, query, encoding, resumed }: StreamRequest,
): Promise<FastifyReply> {
  const follows = query.follow ?? encoding === SERVER_SENT_EVENTS;
  if (resumed !== undefined && isComplete(log.topics.get(topic), resumed)) {
    // Whoever has seen the close marker is not to come again.
    return reply.code(204).send();
  }
  const subscription = await subscribe(log, {
    ...optionsOf(topic, query, resumed),
    untilNow: query.until === 'now' || (!follows && query.until === undefined),
    chunkBytes: HTTP_CHUNK_BYTES,
  });
  const { reader } = subscription;
  const remove = readers.add(reader);
  observer?.streamOpened('http');
  reply.raw.once('close', () => {
    reader.close();
    remove();
    observer?.streamClosed('http');
  });
  return reply
    .type(encoding.contentType)
    .header('cache-control', 'no-store')
    .header('x-accel-buffering', 'no')
    .send(eventStream({ subscription, topic, encoding, clock: log.clock }));
}

function isComplete(
  topic: { readonly isClosed: boolean; readonly endNs: bigint } | undefined,
  position: Position,
): boolean {
  return (
    topic?.isClosed === true && position.at === 'timestamp' && position.timestampNs >= topic.endNs
  );
}

function optionsOf(topic: string, query: ReadQuery, resumed: Position | undefined) {
  const { from, last, until, limit } = query;
  if (from !== undefined && last !== undefined) {
    throw invalidArgument('last', 'must not be set together with from');
  }
  const asked: Position =
    last === undefined ? (from ?? { at: 'earliest' }) : { at: 'last', messageCount: BigInt(last) };
  return {
    topic,
    position: resumed ?? asked,
    untilNs: typeof until === 'bigint' ? until : undefined,
    maxMessages: limit,
    createdTimestampNs: undefined,
  };
}

/** What is there, up to the bounds, without waiting. */
async function readPage(
  { log, readers }: HttpContext,
  topic: string,
  query: ReadQuery,
): Promise<MessagePage> {
  const { limit = READ_MESSAGES_DEFAULT } = query;
  if (query.follow === true) {
    throw invalidArgument(
      'follow',
      `accept ${NDJSON.contentType} or ${SERVER_SENT_EVENTS.contentType}`,
    );
  }
  if (limit > READ_MESSAGES_MAX) {
    throw invalidArgument(
      'limit',
      `${limit} is more than ${READ_MESSAGES_MAX}; accept ${NDJSON.contentType}`,
    );
  }
  if (!isGlob(topic)) log.topic(topic);
  const { until } = query;
  // What is still to come is not waited for.
  const isBehindEnd = typeof until === 'bigint' && until <= log.readContext.committer.endNs;
  const subscription = await subscribe(log, {
    ...optionsOf(topic, { ...query, limit }, undefined),
    ...(isBehindEnd ? { untilNow: false } : { untilNow: true, untilNs: undefined }),
    chunkBytes: HTTP_CHUNK_BYTES,
  });
  const remove = readers.add(subscription.reader);
  try {
    return await collect(subscription, topic);
  } finally {
    subscription.reader.close();
    remove();
  }
}

async function collect({ reader, fromNs }: Subscription, topic: string): Promise<MessagePage> {
  const page: MessagePage = {
    messages: [],
    next_timestamp_ns: `${fromNs}`,
    is_caught_up: false,
    trimmed: null,
    closed: null,
  };
  let bytes = 0;
  for await (const event of reader.events()) {
    switch (event.type) {
      case 'messages':
        page.messages.push(...messagesIn(event.chunks, event.runs, topic));
        page.next_timestamp_ns = `${event.nextNs}`;
        bytes += event.bytes;
        if (bytes >= READ_BYTES_DEFAULT) return page;
        break;
      case 'trimmed': {
        const first_timestamp_ns = timestampOrNull(event.firstTimestampNs);
        page.trimmed = { topic: event.topic, first_timestamp_ns };
        break;
      }
      case 'closed':
        if (!isGlob(topic)) page.closed = closedToJson(event.marker, event.topic);
        break;
      case 'caught_up':
        page.next_timestamp_ns = `${event.nextNs}`;
        break;
      case 'deleted':
        if (!isGlob(topic)) throw topicDeleted(event.topic);
        break;
      case 'end':
        page.is_caught_up = event.reason !== 'limit';
        return page;
      case 'created':
    }
  }
  return page;
}
