import type { BrokerError, ErrorReason } from '../errors.ts';

/** The one map from reasons to HTTP status codes. */
export const HTTP_STATUS: Readonly<Record<ErrorReason, number>> = {
  INVALID_ARGUMENT: 400,
  MALFORMED: 400,
  MESSAGE_TOO_LARGE: 413,
  REQUEST_TOO_LARGE: 413,
  TOPIC_NOT_FOUND: 404,
  TOPIC_EXISTS: 409,
  TOPIC_DELETED: 410,
  CHANNEL_CLOSED: 409,
  CONFLICT: 409,
  PRODUCER_CONFLICT: 409,
  OVERLOADED: 429,
  LIMIT_EXCEEDED: 429,
  DISK_FULL: 507,
  STORAGE_FAILED: 503,
  SHUTTING_DOWN: 503,
  DATA_LOSS: 500,
  INTERNAL: 500,
  SUBSCRIPTION_NOT_FOUND: 404,
  SUBSCRIPTION_EXISTS: 409,
  SUBSCRIPTION_DELETED: 410,
  BACKLOG_FULL: 429,
  SCHEDULE_NOT_FOUND: 404,
  SCHEDULE_EXISTS: 409,
};

export const PROBLEM_TYPE = 'application/problem+json';

/** An error as RFC 9457 has it. Programs decide by `reason`, which is that of gRPC. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly reason: ErrorReason;
  readonly metadata: Readonly<Record<string, string>>;
}

/** `status` only where HTTP says more than the reason. */
export function toProblem(error: BrokerError, status = HTTP_STATUS[error.reason]): Problem {
  const { reason, message: detail, metadata } = error;
  return { status, title: titleOf(reason), detail, reason, metadata };
}

/** Such as `Topic not found`. */
function titleOf(reason: ErrorReason): string {
  const text = reason.replaceAll('_', ' ').toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
