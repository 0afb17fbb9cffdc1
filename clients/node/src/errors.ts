import type { ErrorReason, WireError } from 'playhead-proto';
import {
  decodeErrorDetails,
  decodeErrorReason,
  ERROR_DETAILS_TRAILER,
  isRetryableReason,
  StatusCode,
  statusName,
} from 'playhead-proto';
import type { CallFailure } from './transport.ts';

/**
 * Why an operation failed: the broker's reasons, which `error.proto` explains, and those of the client.
 *
 * - `UNREACHABLE`: no broker answered, or the connection was lost. What was under way may have been stored.
 * - `DEADLINE_EXCEEDED`: the broker did not answer in time. What was under way may have been stored.
 * - `CANCELLED`: an AbortSignal fired.
 * - `CLIENT_CLOSED`: the client, publisher or channel was closed before or meanwhile.
 * - `PUBLISHER_FULL`: more was handed over than the publisher keeps in memory; nothing of it was sent.
 */
export type PlayheadErrorReason =
  | ErrorReason
  | 'UNREACHABLE'
  | 'DEADLINE_EXCEEDED'
  | 'CANCELLED'
  | 'CLIENT_CLOSED'
  | 'PUBLISHER_FULL';

const isRetryableHere: Readonly<Record<Exclude<PlayheadErrorReason, ErrorReason>, boolean>> = {
  UNREACHABLE: true,
  DEADLINE_EXCEEDED: true,
  CANCELLED: false,
  CLIENT_CLOSED: false,
  PUBLISHER_FULL: true,
};

const isRetryable: Readonly<Record<PlayheadErrorReason, boolean>> = {
  ...isRetryableReason,
  ...isRetryableHere,
};

export interface PlayheadErrorOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/**
 * The one error that the client reports. Programs decide by `reason`; `message` is for people and may change.
 * A wrong argument is a TypeError instead.
 */
export class PlayheadError extends Error {
  override readonly name = 'PlayheadError';
  readonly reason: PlayheadErrorReason;
  /** Values that belong to the reason, such as `limit_bytes`; `error.proto` lists them. */
  readonly metadata: Readonly<Record<string, string>>;

  constructor(reason: PlayheadErrorReason, message: string, options: PlayheadErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.reason = reason;
    this.metadata = options.metadata ?? {};
  }

  /** Whether the same request may succeed if it is sent again, unchanged, a little later. */
  get retryable(): boolean {
    return isRetryable[this.reason];
  }
}

/** The error that a signal stands for. */
export function cancelledError(what: string, signal: AbortSignal): PlayheadError {
  return new PlayheadError('CANCELLED', `${what} was cancelled`, { cause: signal.reason });
}

export function closedError(what: string): PlayheadError {
  return new PlayheadError('CLIENT_CLOSED', `${what} is closed`);
}

/** An error that the broker told inside a stream. */
export function fromWireError(error: WireError): PlayheadError {
  return new PlayheadError(decodeErrorReason(error.reason), error.message, {
    metadata: error.metadata,
  });
}

/** The status of a call that failed and that this client did not cancel. */
export function fromCallFailure(error: CallFailure, address: string): PlayheadError {
  const trailer = error.metadata?.get(ERROR_DETAILS_TRAILER)[0];
  const details = trailer instanceof Buffer ? decodeErrorDetails(trailer) : undefined;
  if (details !== undefined) {
    return new PlayheadError(details.reason, error.details, {
      metadata: details.metadata,
      cause: error,
    });
  }
  const reason = reasonOfStatus(error);
  const message =
    reason === 'UNREACHABLE'
      ? `broker ${address} is unreachable: ${connectFailure(error.details)}`
      : `broker ${address} answered ${statusName(error.code)}: ${error.details}`;
  return new PlayheadError(reason, message, { cause: error });
}

/** The cause, without what grpc-js says around it. */
function connectFailure(details: string): string {
  const cause = /Last error: (?:Error: )?(.+?)\.?(?: Resolution note:.*)?$/.exec(details)?.[1];
  return cause ?? details;
}

/** grpc-js reports a lost connection as UNAVAILABLE, as CANCELLED, or as INTERNAL with one of these texts. */
const LOST_CONNECTION = /RST_STREAM|Session closed|stream terminated|ECONNRESET|goaway/i;

function reasonOfStatus(error: CallFailure): PlayheadErrorReason {
  switch (error.code) {
    case StatusCode.UNAVAILABLE:
    case StatusCode.CANCELLED:
      return 'UNREACHABLE';
    case StatusCode.INTERNAL:
      return LOST_CONNECTION.test(error.details) ? 'UNREACHABLE' : 'INTERNAL';
    case StatusCode.DEADLINE_EXCEEDED:
      return 'DEADLINE_EXCEEDED';
    case StatusCode.INVALID_ARGUMENT:
      return 'INVALID_ARGUMENT';
    case StatusCode.RESOURCE_EXHAUSTED:
      // The transport itself refuses what is over its own limit, before the broker sees it.
      return /larger than max/i.test(error.details) ? 'REQUEST_TOO_LARGE' : 'OVERLOADED';
    case StatusCode.DATA_LOSS:
      return 'DATA_LOSS';
    default:
      return 'INTERNAL';
  }
}
