import { isRetryableReason } from 'playhead-proto';
import { z } from 'zod';
import type { BrokerError, ErrorReason } from '../errors.ts';
import { HTTP_DETAIL_LENGTH } from '../limits.ts';

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

/** What can befall every operation, whatever it is asked for. */
export const FAULTS = [
  'OVERLOADED',
  'LIMIT_EXCEEDED',
  'DISK_FULL',
  'STORAGE_FAILED',
  'SHUTTING_DOWN',
  'DATA_LOSS',
  'INTERNAL',
  'TOPIC_DELETED',
  'SUBSCRIPTION_DELETED',
] as const satisfies readonly ErrorReason[];

/** An error that is told with another status than that of its reason. */
export class StatusError extends Error {
  readonly error: BrokerError;
  readonly status: number;

  constructor(error: BrokerError, status: number) {
    super(error.message, { cause: error });
    this.error = error;
    this.status = status;
  }
}

export const PROBLEM_TYPE = 'application/problem+json';

/** A client waits so many seconds before it sends again what may succeed then. */
const RETRY_AFTER_SECONDS = 1;

/** An error as RFC 9457 has it. Programs decide by `reason`, which is that of gRPC. */
export const problemJson = z
  .object({
    status: z.int().describe('The status of the answer.'),
    title: z.string().describe('The reason in words.'),
    detail: z.string().describe('For people; names the thing, the limit and the value.'),
    reason: z.enum(Object.keys(HTTP_STATUS)).describe('Stable: programs decide by it.'),
    metadata: z.record(z.string(), z.string()).describe('Values that belong to the reason.'),
  })
  .meta({ id: 'Problem', description: 'An error as RFC 9457 has it.' });

export type Problem = z.output<typeof problemJson>;

/** `status` only where HTTP says more than the reason. */
export function toProblem(error: BrokerError, status = HTTP_STATUS[error.reason]): Problem {
  const { reason, message, metadata } = error;
  const isLong = message.length > HTTP_DETAIL_LENGTH;
  const detail = isLong ? `${message.slice(0, HTTP_DETAIL_LENGTH)}…` : message;
  return { status, title: titleOf(reason), detail, reason, metadata: { ...metadata } };
}

/** After how many seconds the same request may succeed; undefined if it will not. */
export function retryAfterSeconds(reason: ErrorReason): number | undefined {
  return isRetryableReason[reason] ? RETRY_AFTER_SECONDS : undefined;
}

/** Such as `Topic not found`. */
function titleOf(reason: ErrorReason): string {
  const text = reason.replaceAll('_', ' ').toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}
