import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { invalidArgument } from '../errors.ts';
import { publish } from '../log/publish-request.ts';
import type { RunBuilder } from '../log/run-builder.ts';
import type { App, HttpContext } from './context.ts';
import { topicParams } from './context.ts';
import { isNdjson } from './event-encoding.ts';
import { messageBody } from './message-json.ts';
import type { Operation } from './operation.ts';
import { noQuery } from './params.ts';
import {
  HEADER_PREFIX,
  messageOfBytes,
  messagesOfJson,
  messagesOfLines,
  publishBody,
} from './publish-body.ts';

const published = z
  .object({
    first_timestamp_ns: z.string(),
    last_timestamp_ns: z.string(),
    message_count: z.int(),
    is_duplicate: z.boolean().describe('It was stored before: this is the first answer.'),
  })
  .meta({ id: 'Published' });

const digits = z.string().regex(/^\d{1,19}$/);

const publishHeaders = z.object({
  'playhead-producer': z
    .string()
    .optional()
    .describe(
      'Name of the producer: with its sequence, a publish that is sent again is stored once.',
    ),
  'playhead-sequence': digits
    .optional()
    .describe('Number of the first message among those of the producer, from 1.'),
  'playhead-expected-last-timestamp-ns': digits
    .optional()
    .describe(
      'The topic is to have this last timestamp; else the publish is refused. 0: to be empty.',
    ),
  'playhead-key': z
    .string()
    .optional()
    .describe(
      'Key of the message, if the body is one message. Its headers are headers `playhead-header-NAME`.',
    ),
});

const operation: Operation = {
  reasons: [
    'INVALID_ARGUMENT',
    'MESSAGE_TOO_LARGE',
    'TOPIC_NOT_FOUND',
    'TOPIC_DELETED',
    'CHANNEL_CLOSED',
    'CONFLICT',
    'PRODUCER_CONFLICT',
    'BACKLOG_FULL',
  ],
  bodies: {
    'application/json': { description: 'One message, or some.', schema: publishBody },
    'application/x-ndjson': { description: 'A message a line.', item: messageBody },
    'application/octet-stream': { description: 'The value of one message.' },
    '*/*': {
      description: 'The value of one message, of any type but those of HTML forms.',
    },
  },
  isBodyOptional: true,
};

/** Publishes messages: all of a request, or none. */
export function publishRoutes(app: App, { log }: HttpContext): void {
  app.post(
    '/v1/topics/:topic/messages',
    {
      config: { operation },
      schema: {
        operationId: 'publish',
        tags: ['messages'],
        summary: 'Publish: JSON or NDJSON for many messages, any other type for one of these bytes',
        params: topicParams,
        querystring: noQuery,
        headers: publishHeaders,
        response: { 200: published },
      },
    },
    async ({ params, headers, body, raw }) => {
      const messages = messagesOf(raw.headers['content-type'] ?? '', body, raw.headers);
      const run = messages.build();
      const sequence = BigInt(headers['playhead-sequence'] ?? 0);
      const expected = headers['playhead-expected-last-timestamp-ns'];
      const ack = await publish(log, {
        topic: params.topic,
        run,
        largestBytes: messages.largestBytes,
        producer: headers['playhead-producer'] ?? '',
        sequence,
        crc: sequence === 0n ? 0 : crc32(run.bytes),
        expectedLastTimestampNs: expected === undefined ? undefined : BigInt(expected),
        close: undefined,
      });
      return {
        first_timestamp_ns: `${ack.firstTimestampNs}`,
        last_timestamp_ns: `${ack.lastTimestampNs}`,
        message_count: messages.messageCount,
        is_duplicate: ack.isDuplicate,
      };
    },
  );
}

function messagesOf(contentType: string, body: unknown, headers: IncomingHttpHeaders): RunBuilder {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isJson = type === 'application/json';
  if (!isJson && !isNdjson(type)) return messageOfBytes(asBytes(body), headers);
  checkNoMessageHeaders(headers);
  return isJson ? messagesOfJson(body) : messagesOfLines(asBytes(body));
}

/** Each message of JSON has its own: a key that is passed over would break an order. */
function checkNoMessageHeaders(headers: IncomingHttpHeaders): void {
  for (const name in headers) {
    if (name === 'playhead-key' || name.startsWith(HEADER_PREFIX)) {
      throw invalidArgument(name, 'is for a body that is one message; JSON has key and headers');
    }
  }
}

/** The body as it came; a request without one has none. */
function asBytes(body: unknown): Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (Buffer.isBuffer(body)) return body;
  throw new Error('a body was parsed that should have stayed bytes');
}
