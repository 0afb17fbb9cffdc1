import type { WireError } from 'playhead-proto';
import { encodeErrorDetails, encodeErrorReason, StatusCode } from 'playhead-proto';
import type { BrokerError, ErrorReason } from '../errors.ts';
import { CallError } from './call.ts';

/** The one map from reasons to gRPC codes. */
const CODE: Readonly<Record<ErrorReason, StatusCode>> = {
  INVALID_ARGUMENT: StatusCode.INVALID_ARGUMENT,
  MALFORMED: StatusCode.INVALID_ARGUMENT,
  MESSAGE_TOO_LARGE: StatusCode.INVALID_ARGUMENT,
  REQUEST_TOO_LARGE: StatusCode.INVALID_ARGUMENT,
  TOPIC_NOT_FOUND: StatusCode.NOT_FOUND,
  TOPIC_EXISTS: StatusCode.ALREADY_EXISTS,
  TOPIC_DELETED: StatusCode.FAILED_PRECONDITION,
  CHANNEL_CLOSED: StatusCode.FAILED_PRECONDITION,
  CONFLICT: StatusCode.ABORTED,
  PRODUCER_CONFLICT: StatusCode.ABORTED,
  OVERLOADED: StatusCode.RESOURCE_EXHAUSTED,
  LIMIT_EXCEEDED: StatusCode.RESOURCE_EXHAUSTED,
  DISK_FULL: StatusCode.UNAVAILABLE,
  STORAGE_FAILED: StatusCode.UNAVAILABLE,
  SHUTTING_DOWN: StatusCode.UNAVAILABLE,
  DATA_LOSS: StatusCode.DATA_LOSS,
  INTERNAL: StatusCode.INTERNAL,
  SUBSCRIPTION_NOT_FOUND: StatusCode.NOT_FOUND,
  SUBSCRIPTION_EXISTS: StatusCode.ALREADY_EXISTS,
  SUBSCRIPTION_DELETED: StatusCode.FAILED_PRECONDITION,
  BACKLOG_FULL: StatusCode.RESOURCE_EXHAUSTED,
  SCHEDULE_NOT_FOUND: StatusCode.NOT_FOUND,
  SCHEDULE_EXISTS: StatusCode.ALREADY_EXISTS,
};

/** The error as a gRPC status, for before the first response of a call. */
export function toCallError(error: BrokerError): CallError {
  const code = CODE[error.reason];
  const { reason, message, metadata } = error;
  return new CallError(code, message, encodeErrorDetails(code, message, { reason, metadata }));
}

/** The error as it is told inside a stream. */
export function toWireError(error: BrokerError): WireError {
  return {
    reason: encodeErrorReason(error.reason),
    message: error.message,
    metadata: { ...error.metadata },
  };
}
