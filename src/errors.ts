import type { ErrorReason } from 'playhead-proto';

export type { ErrorReason } from 'playhead-proto';

/**
 * The one error of the broker: a refusal or a failure that a caller can act upon. Programs decide by `reason`,
 * which is API; the message is for people and is not. What is not a BrokerError is a bug.
 */
export class BrokerError extends Error {
  readonly reason: ErrorReason;
  /** Values that belong to the reason; `error.proto` lists them. */
  readonly metadata: Readonly<Record<string, string>>;

  constructor(
    reason: ErrorReason,
    message: string,
    metadata: Readonly<Record<string, string>> = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'BrokerError';
    this.reason = reason;
    this.metadata = metadata;
  }
}

/** An INVALID_ARGUMENT that names the field. */
export function invalidArgument(field: string, message: string): BrokerError {
  return new BrokerError('INVALID_ARGUMENT', `${field}: ${message}`, { field });
}

/** The error as a BrokerError: itself, or INTERNAL with the original as its cause. */
export function asBrokerError(error: unknown): BrokerError {
  if (error instanceof BrokerError) return error;
  return new BrokerError(
    'INTERNAL',
    'internal error; the log of the broker has the details',
    {},
    error,
  );
}
