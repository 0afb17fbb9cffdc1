import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import type { FastifyRequest } from 'fastify';
import { Message } from 'playhead-proto';
import { z } from 'zod';
import { invalidArgument } from '../errors.ts';
import { runOfFields } from '../log/message-run.ts';
import { publish } from '../log/publish-request.ts';
import type { App, HttpContext } from './context.ts';
import { topicParams } from './context.ts';
import type { MessageBody } from './message-json.ts';
import { encodeMessageBody, messageBody } from './message-json.ts';

const HEADER_PREFIX = 'playhead-header-';

/** One message, some, or some in an object. */
export const publishBody = z
  .union([
    messageBody,
    z.array(messageBody).min(1),
    z.strictObject({ messages: z.array(messageBody).min(1) }),
  ])
  .meta({ id: 'Publish' });

const published = z.object({
  first_timestamp_ns: z.string(),
  last_timestamp_ns: z.string(),
  message_count: z.int(),
  /** It was stored before: this is the first answer. */
  is_duplicate: z.boolean(),
});

const publishHeaders = z.object({
  'playhead-producer': z.string().optional(),
  'playhead-sequence': z
    .string()
    .regex(/^\d{1,19}$/)
    .optional(),
  'playhead-expected-last-timestamp-ns': z
    .string()
    .regex(/^\d{1,19}$/)
    .optional(),
  'playhead-key': z.string().optional(),
});

/** Publishes messages: all of a request, or none. */
export function publishRoutes(app: App, { log }: HttpContext): void {
  app.post(
    '/v1/topics/:topic/messages',
    {
      schema: {
        tags: ['messages'],
        summary: 'Publish: JSON or NDJSON for many messages, any other type for one of these bytes',
        params: topicParams,
        headers: publishHeaders,
        response: { 200: published },
      },
    },
    async (request) => {
      const { params, headers } = request;
      const messages = messagesOf(request);
      const run = runOfFields(messages.map((message) => [message]));
      const producer = headers['playhead-producer'] ?? '';
      const sequence = BigInt(headers['playhead-sequence'] ?? 0);
      const expected = headers['playhead-expected-last-timestamp-ns'];
      const ack = await publish(log, {
        topic: params.topic,
        run,
        largestBytes: messages.reduce((most, { length }) => Math.max(most, length), 0),
        producer,
        sequence,
        crc: sequence === 0n ? 0 : crc32(run.bytes),
        expectedLastTimestampNs: expected === undefined ? undefined : BigInt(expected),
        close: undefined,
      });
      return {
        first_timestamp_ns: `${ack.firstTimestampNs}`,
        last_timestamp_ns: `${ack.lastTimestampNs}`,
        message_count: messages.length,
        is_duplicate: ack.isDuplicate,
      };
    },
  );
}

/** The messages of a request, encoded. */
function messagesOf({ headers, body }: Pick<FastifyRequest, 'headers' | 'body'>): Uint8Array[] {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  switch (type.trim().toLowerCase()) {
    case 'application/json':
      return asList(publishBody.parse(body)).map(encodeMessageBody);
    case 'application/x-ndjson':
      return linesOf(asBytes(body)).map(encodeMessageBody);
    default:
      return [encodeRaw(asBytes(body), headers)];
  }
}

function asList(body: z.output<typeof publishBody>): readonly MessageBody[] {
  if (Array.isArray(body)) return body;
  return 'messages' in body ? body.messages : [body];
}

function linesOf(body: Buffer): MessageBody[] {
  const messages: MessageBody[] = [];
  body
    .toString()
    .split('\n')
    .forEach((line, index) => {
      if (line.trim() !== '') messages.push(messageOf(line, index + 1));
    });
  if (messages.length === 0) throw invalidArgument('body', 'has no line with a message');
  return messages;
}

function messageOf(line: string, number: number): MessageBody {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw invalidArgument('body', `line ${number} is no JSON`);
  }
  const result = messageBody.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw invalidArgument(
    'body',
    `line ${number}: ${where === '' ? '' : `${where}: `}${issue?.message}`,
  );
}

/** These bytes as one message; its key and headers are headers of the request. */
function encodeRaw(value: Buffer, headers: IncomingHttpHeaders): Uint8Array {
  const key = headers['playhead-key'];
  const own = Object.entries(headers).flatMap(([name, text]) =>
    name.startsWith(HEADER_PREFIX)
      ? [{ name: name.slice(HEADER_PREFIX.length), value: Buffer.from(String(text)) }]
      : [],
  );
  return Message.encode(
    Message.fromPartial({
      key: Buffer.from(typeof key === 'string' ? key : ''),
      value,
      headers: own,
    }),
  ).finish();
}

/** The body as it came; a request without one has none. */
function asBytes(body: unknown): Buffer {
  if (body === undefined || body === null) return Buffer.alloc(0);
  if (Buffer.isBuffer(body)) return body;
  throw new Error('a body was parsed that should have stayed bytes');
}
