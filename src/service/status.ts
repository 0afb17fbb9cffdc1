import type { ServiceError } from '@grpc/grpc-js';
import { Metadata, status } from '@grpc/grpc-js';
import type { WireError } from 'playhead-proto';
import { ERROR_DETAILS_TRAILER, encodeErrorDetails, encodeErrorReason } from 'playhead-proto';
import type { BrokerError, ErrorReason } from '../errors.ts';

/** The one map from reasons to gRPC codes. */
const CODE: Readonly<Record<ErrorReason, status>> = {
  INVALID_ARGUMENT: status.INVALID_ARGUMENT,
  MALFORMED: status.INVALID_ARGUMENT,
  MESSAGE_TOO_LARGE: status.INVALID_ARGUMENT,
  REQUEST_TOO_LARGE: status.INVALID_ARGUMENT,
  TOPIC_NOT_FOUND: status.NOT_FOUND,
  TOPIC_EXISTS: status.ALREADY_EXISTS,
  TOPIC_DELETED: status.FAILED_PRECONDITION,
  CHANNEL_CLOSED: status.FAILED_PRECONDITION,
  CONFLICT: status.ABORTED,
  PRODUCER_CONFLICT: status.ABORTED,
  OVERLOADED: status.RESOURCE_EXHAUSTED,
  LIMIT_EXCEEDED: status.RESOURCE_EXHAUSTED,
  DISK_FULL: status.UNAVAILABLE,
  STORAGE_FAILED: status.UNAVAILABLE,
  SHUTTING_DOWN: status.UNAVAILABLE,
  DATA_LOSS: status.DATA_LOSS,
  INTERNAL: status.INTERNAL,
  SUBSCRIPTION_NOT_FOUND: status.NOT_FOUND,
  SUBSCRIPTION_EXISTS: status.ALREADY_EXISTS,
  SUBSCRIPTION_DELETED: status.FAILED_PRECONDITION,
  BACKLOG_FULL: status.RESOURCE_EXHAUSTED,
  SCHEDULE_NOT_FOUND: status.NOT_FOUND,
  SCHEDULE_EXISTS: status.ALREADY_EXISTS,
};

/** The error as a gRPC status, for before the first response of a call. */
export function toStatus(error: BrokerError): ServiceError {
  const code = CODE[error.reason];
  const metadata = new Metadata();
  const { reason, message } = error;
  metadata.set(
    ERROR_DETAILS_TRAILER,
    encodeErrorDetails(code, message, { reason, metadata: error.metadata }),
  );
  return Object.assign(new Error(message), { code, details: message, metadata });
}

/** The error as it is told inside a stream. */
export function toWireError(error: BrokerError): WireError {
  return {
    reason: encodeErrorReason(error.reason),
    message: error.message,
    metadata: { ...error.metadata },
  };
}
