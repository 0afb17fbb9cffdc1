import type { HttpOptions, Reply, Request } from '../http/context.ts';
import { HTTP_STATUS, retryAfterSeconds, StatusError } from '../http/problem.ts';
import { understand } from '../http/understood.ts';

/** What is answered to what went wrong: the one map from errors to those of gophermq. */
export function gophermqError(thrown: unknown): {
  readonly status: number;
  readonly message: string;
  readonly isOurFault: boolean;
  readonly retryAfter: number | undefined;
} {
  const { error, status = HTTP_STATUS[understand(thrown).error.reason] } = understand(thrown);
  const isOurFault = error.reason === 'INTERNAL';
  const rest = { isOurFault, retryAfter: retryAfterSeconds(error.reason) };
  // What a route has refused by itself is in the words of gophermq.
  if (thrown instanceof StatusError) return { ...rest, status, message: error.message };
  switch (error.reason) {
    case 'BACKLOG_FULL':
      return { ...rest, status, message: 'broker overflow' };
    case 'SUBSCRIPTION_NOT_FOUND':
    case 'SUBSCRIPTION_DELETED':
    case 'TOPIC_DELETED':
      return { ...rest, status: HTTP_STATUS.SUBSCRIPTION_NOT_FOUND, message: 'bad id' };
    case 'INTERNAL':
      return { ...rest, status, message: 'server error' };
    default: {
      const isBody = error.metadata['field'] === 'body';
      return { ...rest, status, message: isBody ? "request's body is invalid" : error.message };
    }
  }
}

export function sendGophermqError(
  thrown: unknown,
  request: Request,
  reply: Reply,
  { logger }: HttpOptions,
): Reply {
  const { status, message, isOurFault, retryAfter } = gophermqError(thrown);
  if (isOurFault) logger.error({ err: thrown, path: request.url }, 'request failed');
  if (retryAfter !== undefined) reply.header('retry-after', `${retryAfter}`);
  return reply.code(status).send({ message });
}
