import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { asBrokerError, BrokerError, invalidArgument } from '../errors.ts';
import type { ByteBudget } from './byte-budget.ts';

/** Takes the body, or why there is none. */
export type BodyTaker = (error: Error | null, body?: Buffer) => void;

/**
 * Reads the body of a request. What has come of it counts in the budget until it is whole. Answers REQUEST_TOO_LARGE,
 * before anything is read if the request says its length; OVERLOADED; and INVALID_ARGUMENT if the client hangs up.
 */
export function readBody(
  request: IncomingMessage,
  limitBytes: number,
  budget: ByteBudget,
  done: BodyTaker,
): void {
  if (Number(request.headers['content-length']) > limitBytes) {
    done(tooLarge(limitBytes));
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  const settle: BodyTaker = (error, body) => {
    request.off('data', take).off('end', end).off('error', fail).off('close', fail);
    budget.give(bytes);
    done(error, body);
  };
  const take = (chunk: Buffer) => {
    if (bytes + chunk.length > limitBytes) {
      settle(tooLarge(limitBytes));
      return;
    }
    try {
      budget.take(chunk.length);
    } catch (error) {
      settle(asBrokerError(error));
      return;
    }
    bytes += chunk.length;
    chunks.push(chunk);
  };
  const end = () => {
    const [first] = chunks;
    settle(null, chunks.length === 1 ? first : Buffer.concat(chunks, bytes));
  };
  const fail = () => settle(invalidArgument('body', 'was cut off: the client has hung up'));
  request.on('data', take).on('end', end).on('error', fail).on('close', fail);
}

/** The body as JSON; undefined if there is none. Throws INVALID_ARGUMENT. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  const text = textOf(body);
  try {
    return JSON.parse(text);
  } catch {
    throw invalidArgument('body', 'is no JSON');
  }
}

/** The body as text. Throws INVALID_ARGUMENT for what is no UTF-8: it would be stored as something else. */
export function textOf(body: Buffer): string {
  if (isUtf8(body)) return body.toString();
  throw invalidArgument('body', 'is no UTF-8; bytes go into value_base64, or alone into a body');
}

function tooLarge(limitBytes: number): BrokerError {
  return new BrokerError(
    'REQUEST_TOO_LARGE',
    `the body is larger than ${limitBytes} bytes, the limit: split it`,
    { limit_bytes: `${limitBytes}` },
  );
}
