import type { CallFailure } from 'playhead-client/transport';
import { ERROR_DETAILS_TRAILER, StatusCode } from 'playhead-proto';
import { CallError } from '../service/call.ts';

/** A refusal as the client reads it. */
export function toCallFailure(error: unknown): CallFailure {
  if (!(error instanceof CallError)) return { code: StatusCode.INTERNAL, details: String(error) };
  const { code, message, trailer } = error;
  const get = (name: string) => (name === ERROR_DETAILS_TRAILER ? [trailer] : []);
  return { code, details: message, metadata: { get } };
}
