import { BrokerError } from '../errors.ts';
import type { HttpOptions, Reply, Request } from '../http/context.ts';
import { HTTP_STATUS, retryAfterSeconds } from '../http/problem.ts';
import { understand } from '../http/understood.ts';

/** What blockqueue says of what there is not, by what it is. */
const NOT_FOUND = {
  TOPIC_NOT_FOUND: 'topic not found',
  TOPIC_DELETED: 'topic not found',
  SUBSCRIPTION_NOT_FOUND: 'listener not found',
  SUBSCRIPTION_DELETED: 'listener was deleted',
  MESSAGE_NOT_FOUND: 'error ack message. message_id not found',
} as const;

/** A message that the subscriber does not have. */
export class MessageNotFound extends Error {}

/** Sends what went wrong: the one map from errors to what blockqueue answers. */
export function sendBlockqueueError(
  thrown: unknown,
  request: Request,
  reply: Reply,
  { logger }: HttpOptions,
): Reply {
  const missing = missingIn(thrown);
  if (missing !== undefined) {
    return reply.code(HTTP_STATUS.TOPIC_NOT_FOUND).send({ message: 'not found', error: missing });
  }
  const { error, status = HTTP_STATUS[understand(thrown).error.reason] } = understand(thrown);
  if (error.reason === 'INTERNAL') {
    logger.error({ err: thrown, path: request.url }, 'request failed');
  }
  const seconds = retryAfterSeconds(error.reason);
  if (seconds !== undefined) reply.header('retry-after', `${seconds}`);
  const text = error.reason === 'TOPIC_EXISTS' ? 'topic was exist' : error.message;
  return reply.code(status).send({ message: 'failure', error: text });
}

function missingIn(thrown: unknown): string | undefined {
  if (thrown instanceof MessageNotFound) return thrown.message || NOT_FOUND.MESSAGE_NOT_FOUND;
  if (!(thrown instanceof BrokerError)) return undefined;
  return Object.entries(NOT_FOUND).find(([reason]) => reason === thrown.reason)?.[1];
}
