import type { StatusCode } from 'playhead-proto';
import { StatusCode as Code, statusName } from 'playhead-proto';
import { asBrokerError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { UnaryCall, UnaryHandler, UnaryMethod } from './call.ts';
import type { CallContext } from './call-timer.ts';
import { timeCall } from './call-timer.ts';
import { toCallError } from './status.ts';

/** Who is told of calls. */
export interface UnaryContext extends CallContext {
  readonly logger: Logger;
}

/** What of a method its handler needs. */
interface Codec<Response> {
  readonly path: string;
  readonly responseSerialize: (response: Response) => Buffer;
}

/**
 * Makes a handler of a function: what it throws, or the decoder of its requests, becomes a status, and a bug is logged.
 */
export function unary<Request, Response>(
  context: UnaryContext,
  { path, responseSerialize }: Codec<Response>,
  decode: (bytes: Buffer) => Request,
  handle: (request: Request, call: UnaryCall) => Response | Promise<Response>,
): UnaryMethod {
  const { logger } = context;
  const answer: UnaryHandler = async (bytes, call) => {
    const ended = timeCall(call, context);
    const answered = (code: StatusCode) => {
      ended(code);
      logger.debug({ method: path, code: statusName(code) }, 'request');
    };
    try {
      const response = responseSerialize(await handle(decode(bytes), call));
      answered(Code.OK);
      return response;
    } catch (thrown) {
      const error = asBrokerError(thrown);
      if (error.reason === 'INTERNAL') logger.error({ err: thrown, path }, 'call failed');
      const refusal = toCallError(error);
      answered(refusal.code);
      throw refusal;
    }
  };
  return { kind: 'unary', path, handle: answer };
}

/** As {@link unary}, for responses that are bytes already. */
export function unaryBytes<Request>(
  context: UnaryContext,
  { path }: { readonly path: string },
  decode: (bytes: Buffer) => Request,
  handle: (request: Request, call: UnaryCall) => Promise<Buffer>,
): UnaryMethod {
  return unary(context, { path, responseSerialize: (bytes: Buffer) => bytes }, decode, handle);
}
