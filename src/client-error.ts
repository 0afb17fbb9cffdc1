import { PlayheadError } from 'playhead-client';
import { BrokerError } from './errors.ts';

/** The broker's error as a client has it; anything else as it is. */
export function toPlayheadError(error: unknown): unknown {
  if (!(error instanceof BrokerError)) return error;
  const { reason, message, metadata } = error;
  return new PlayheadError(reason, message, { metadata, cause: error });
}
