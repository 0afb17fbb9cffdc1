import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { invalidArgument } from '../errors.ts';
import { HTTP_CHUNK_BYTES, READ_MESSAGES_DEFAULT, READ_MESSAGES_MAX } from '../limits.ts';
import type { Position } from '../log/position.ts';
import { subscribe } from '../log/subscribe.ts';
import type { Topic } from '../log/topic.ts';
import { isGlob } from '../log/topic-name.ts';
import type { App, HttpContext } from './context.ts';
import { topicParams } from './context.ts';
import type { EventEncoding } from './event-encoding.ts';
import { isNdjson, NDJSON, readEvent, readLine, SERVER_SENT_EVENTS } from './event-encoding.ts';
import { eventStream } from './event-stream.ts';
import { messagePage, readPage } from './message-page.ts';
import type { Operation } from './operation.ts';
import { wholeNumber } from './params.ts';
import { endText, momentNs, positionText } from './time-param.ts';

/** When no topic was created. */
const NEVER = 1n;

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

const readQuery = z.strictObject({
  from: positionText
    .optional()
    .describe(
      'Where to begin: `earliest`, which it is by default, `latest`, a time ago such as `-5m`, nanoseconds since 1970, or a time as RFC 3339 has it.',
    ),
  until: endText
    .optional()
    .describe('Where to end, not included: a time, or `now` for what is there.'),
  limit: wholeNumber(1)
    .optional()
    .describe(
      `Most messages; of a page ${READ_MESSAGES_DEFAULT}, or as many as \`last\` asks for, unless set, and ${READ_MESSAGES_MAX} at most.`,
    ),
  last: wholeNumber(1).optional().describe('Begin with the last so many messages.'),
  follow: flag
    .optional()
    .describe('Wait for what comes; so do event streams unless they are told not to.'),
});

/** What is asked for; a time ago has become one. */
type ReadQuery = Omit<z.output<typeof readQuery>, 'until'> & {
  readonly until: bigint | 'now' | undefined;
};

const readHeaders = z.object({
  'last-event-id': z
    .string()
    .regex(/^\d{0,19}$/, { error: 'must be the id of an event' })
    .optional()
    .describe('The last event that was seen: the stream goes on behind it, whatever `from` says.'),
});

const operation: Operation = {
  reasons: ['INVALID_ARGUMENT', 'TOPIC_NOT_FOUND'],
  answers: {
    [NDJSON.contentType]: {
      description:
        'A message a line, and what happens besides as an object with `event`. Ends with what is there, unless it is to follow.',
      item: readLine,
    },
    [SERVER_SENT_EVENTS.contentType]: {
      description:
        'Messages as events without a name, with the timestamp as id; what happens besides with a name. Follows, unless it is not to. An error ends it.',
      item: readEvent,
    },
  },
  empty: {
    204: 'Everything that is asked for was seen, and no more will come: do not come again.',
  },
};

/** Reads messages of a topic, or of all that match a glob, in the form that is accepted. */
export function readRoutes(app: App, context: HttpContext): void {
  app.get(
    '/v1/topics/:topic/messages',
    {
      config: { operation },
      schema: {
        operationId: 'read',
        tags: ['messages'],
        summary: 'Read: a page of JSON, a stream of NDJSON, or server-sent events',
        description:
          'Whoever follows a topic that does not exist waits for it; else it is an error. Of a topic that was deleted and created again since the last event that a client has seen, an event stream tells that it was deleted, and the next one goes on with the new one.',
        params: topicParams,
        querystring: readQuery,
        headers: readHeaders,
        response: { 200: messagePage },
      },
    },
    async (request, reply) => {
      const { params, headers } = request;
      const { until, ...rest } = request.query;
      const isTime = until !== undefined && until !== 'now';
      const query = { ...rest, until: isTime ? momentNs(until, context.log.clock) : until };
      const encoding = acceptedEncoding(headers.accept ?? '');
      if (encoding === undefined) return sendPage(context, reply, params.topic, query);
      const resumed = behind(headers['last-event-id'] ?? '');
      return stream(context, reply, { topic: params.topic, query, encoding, resumed });
    },
  );
}

/** Of the types that a client accepts the first that is a stream; undefined if JSON comes before, or none is. */
function acceptedEncoding(accept: string): EventEncoding | undefined {
  for (const range of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    if (parameters.includes('q=0')) continue;
    if (type === SERVER_SENT_EVENTS.contentType) return SERVER_SENT_EVENTS;
    if (isNdjson(type)) return NDJSON;
    if (type === 'application/json') return undefined;
  }
  return undefined;
}

/** Behind the last event that a client has seen. */
function behind(lastEventId: string): Resume | undefined {
  if (lastEventId === '') return undefined;
  return { at: 'timestamp', timestampNs: BigInt(lastEventId) + 1n };
}

type Resume = Extract<Position, { at: 'timestamp' }>;

interface StreamRequest {
  readonly topic: string;
  readonly query: ReadQuery;
  readonly encoding: EventEncoding;
  readonly resumed: Resume | undefined;
}

async function stream(
  { log, readers, options: { observer } }: HttpContext,
  reply: FastifyReply,
  { topic, query, encoding, resumed }: StreamRequest,
): Promise<FastifyReply> {
  // A stream has no length, and is not opened to be thrown away.
  if (reply.request.method === 'HEAD') return reply.type(encoding.contentType).send();
  const follows = query.follow ?? encoding === SERVER_SENT_EVENTS;
  const { endNs } = log.readContext.committer;
  const isOver = typeof query.until === 'bigint' && query.until <= endNs;
  // What is still to come is waited for by those who follow.
  const untilNow = query.until === 'now' || (!follows && !isOver);
  const isAnother = resumed !== undefined && isNewer(log.topics.get(topic), resumed);
  if (resumed !== undefined && !isAnother) {
    const lastNs = untilNow || typeof query.until !== 'bigint' ? endNs : query.until;
    const isAtEnd = (untilNow || isOver) && resumed.timestampNs >= lastNs;
    // Whoever has seen all that was asked for is not to come again.
    if (isAtEnd || isComplete(log.topics.get(topic), resumed)) return reply.code(204).send();
  }
  const subscription = await subscribe(log, {
    ...optionsOf(topic, query, resumed),
    untilNow,
    ...(untilNow && { untilNs: undefined }),
    // No topic has this one: the reader tells that what was read before was deleted.
    createdTimestampNs: isAnother ? NEVER : undefined,
    chunkBytes: HTTP_CHUNK_BYTES,
  });
  const { reader } = subscription;
  const remove = readers.add(reader);
  const over = () => {
    reader.close();
    remove();
    observer?.streamClosed('http');
  };
  observer?.streamOpened('http');
  // The client may have gone while it was opened.
  if (reply.raw.destroyed) over();
  else reply.raw.once('close', over);
  return reply
    .type(encoding.contentType)
    .header('cache-control', 'no-store')
    .header('x-accel-buffering', 'no')
    .send(eventStream({ subscription, topic, encoding, log }));
}

function isComplete(topic: Topic | undefined, { timestampNs }: Resume): boolean {
  return topic?.isClosed === true && timestampNs >= topic.endNs;
}

/** True if the topic was created behind what a client has seen: that was of one of this name before it. */
function isNewer(topic: Topic | undefined, { timestampNs }: Resume): boolean {
  if (topic === undefined || topic.createdTimestampNs <= timestampNs) return false;
  return topic.firstTimestampNs === 0n || topic.firstTimestampNs > timestampNs;
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
  };
}

/** What is there, up to the bounds, without waiting. */
async function sendPage(
  { log, readers, pages }: HttpContext,
  reply: FastifyReply,
  topic: string,
  query: ReadQuery,
): Promise<FastifyReply> {
  const { last, until } = query;
  const { limit = Math.min(last ?? READ_MESSAGES_DEFAULT, READ_MESSAGES_MAX) } = query;
  if (query.follow === true) {
    const streams = `${NDJSON.contentType} or ${SERVER_SENT_EVENTS.contentType}`;
    throw invalidArgument('follow', `accept ${streams}`);
  }
  if (limit > READ_MESSAGES_MAX) {
    const most = `${limit} is more than ${READ_MESSAGES_MAX}`;
    throw invalidArgument('limit', `${most}; accept ${NDJSON.contentType}`);
  }
  if (!isGlob(topic)) log.topic(topic);
  // What is still to come is not waited for.
  const isBehindEnd = typeof until === 'bigint' && until <= log.readContext.committer.endNs;
  const text = await readPage(log, readers, {
    ...optionsOf(topic, { ...query, limit }, undefined),
    ...(isBehindEnd ? { untilNow: false } : { untilNow: true, untilNs: undefined }),
  });
  pages.take(text.length);
  reply.raw.once('close', () => pages.give(text.length));
  return reply.type('application/json; charset=utf-8').send(text);
}
