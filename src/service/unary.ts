import type { handleUnaryCall, ServerUnaryCall } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { asBrokerError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Observer } from '../observer.ts';
import { timeCall } from './call-timer.ts';
import { toStatus } from './status.ts';

/** Who is told of calls. */
export interface UnaryContext {
  readonly logger: Logger;
  readonly observer?: Observer | undefined;
}

/**
 * Makes a gRPC handler of a function: what it throws, or the decoder of its requests, becomes a status, and a bug is
 * logged.
 */
export function unary<Request, Response>(
  { logger, observer }: UnaryContext,
  decode: (bytes: Buffer) => Request,
  handle: (
    request: Request,
    call: ServerUnaryCall<Buffer, Response>,
  ) => Response | Promise<Response>,
): handleUnaryCall<Buffer, Response> {
  return (call, callback) => {
    const ended = timeCall(call, observer);
    const answered = (code: status) => {
      ended(code);
      logger.debug({ method: call.getPath(), code: status[code] }, 'request');
    };
    Promise.resolve()
      .then(() => handle(decode(call.request), call))
      .then(
        (response) => {
          callback(null, response);
          answered(status.OK);
        },
        (thrown: unknown) => {
          const error = asBrokerError(thrown);
          if (error.reason === 'INTERNAL')
            logger.error({ err: thrown, path: call.getPath() }, 'call failed');
          const refusal = toStatus(error);
          callback(refusal);
          answered(refusal.code);
        },
      );
  };
}
