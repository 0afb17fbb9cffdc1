import type { handleUnaryCall, ServerUnaryCall } from '@grpc/grpc-js';
import { asBrokerError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { toStatus } from './status.ts';

/**
 * Makes a gRPC handler of a function: what it throws, or the decoder of its requests, becomes a status, and a bug is
 * logged.
 */
export function unary<Request, Response>(
  logger: Logger,
  decode: (bytes: Buffer) => Request,
  handle: (
    request: Request,
    call: ServerUnaryCall<Buffer, Response>,
  ) => Response | Promise<Response>,
): handleUnaryCall<Buffer, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => handle(decode(call.request), call))
      .then(
        (response) => callback(null, response),
        (thrown: unknown) => {
          const error = asBrokerError(thrown);
          if (error.reason === 'INTERNAL')
            logger.error({ err: thrown, path: call.getPath() }, 'call failed');
          callback(toStatus(error));
        },
      );
  };
}
