import type { StatusCode } from 'playhead-proto';
import { StatusCode as Code, statusName } from 'playhead-proto';
import { asBrokerError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { UnaryCall, UnaryHandler } from './call.ts';
import type { CallContext } from './call-timer.ts';
import { timeCall } from './call-timer.ts';
import { toCallError } from './status.ts';

/** Who is told of calls. */
export interface UnaryContext extends CallContext {
  readonly logger: Logger;
}

/**
 * Makes a handler of a function: what it throws, or the decoder of its requests, becomes a status, and a bug is
 * logged. The responses are written as `method` says.
 */
export function unary<Request, Response>(
  context: UnaryContext,
  decode: (bytes: Buffer) => Request,
  method: { readonly responseSerialize: (response: Response) => Buffer },
  handle: (request: Request, call: UnaryCall) => Response | Promise<Response>,
): { readonly kind: 'unary'; readonly handle: UnaryHandler } {
  const { logger } = context;
  const answer = async (bytes: Buffer, call: UnaryCall): Promise<Buffer> => {
    const ended = timeCall(call, context);
    const answered = (code: StatusCode) => {
      ended(code);
      logger.debug({ method: call.getPath(), code: statusName(code) }, 'request');
    };
    try {
      const response = method.responseSerialize(await handle(decode(bytes), call));
      answered(Code.OK);
      return response;
    } catch (thrown) {
      const error = asBrokerError(thrown);
      if (error.reason === 'INTERNAL')
        logger.error({ err: thrown, path: call.getPath() }, 'call failed');
      const refusal = toCallError(error);
      answered(refusal.code);
      throw refusal;
    }
  };
  return { kind: 'unary', handle: answer };
}
