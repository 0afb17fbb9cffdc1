import { ErrorReason as WireReason } from './gen/playhead/v1/error.ts';

/** Why a request was refused or failed. The comments of error.proto say what each one means. */
export type ErrorReason = Exclude<keyof typeof WireReason, 'UNSPECIFIED'>;

/** Whether the same request may succeed if it is sent again, unchanged, a little later. */
export const isRetryableReason: Readonly<Record<ErrorReason, boolean>> = {
  INVALID_ARGUMENT: false,
  MALFORMED: false,
  MESSAGE_TOO_LARGE: false,
  REQUEST_TOO_LARGE: false,
  TOPIC_NOT_FOUND: false,
  TOPIC_EXISTS: false,
  TOPIC_DELETED: false,
  CHANNEL_CLOSED: false,
  CONFLICT: false,
  PRODUCER_CONFLICT: false,
  OVERLOADED: true,
  LIMIT_EXCEEDED: false,
  DISK_FULL: true,
  STORAGE_FAILED: true,
  SHUTTING_DOWN: true,
  DATA_LOSS: false,
  INTERNAL: false,
  SUBSCRIPTION_NOT_FOUND: false,
  SUBSCRIPTION_EXISTS: false,
  SUBSCRIPTION_DELETED: false,
  BACKLOG_FULL: false,
  SCHEDULE_NOT_FOUND: false,
  SCHEDULE_EXISTS: false,
};

/** The reason's number on the wire. */
export function encodeErrorReason(reason: ErrorReason): WireReason {
  return WireReason[reason];
}

const nameOfNumber = new Map<number, ErrorReason>(
  (Object.keys(isRetryableReason) as ErrorReason[]).map((name) => [WireReason[name], name]),
);

/** The reason with this number on the wire, or `INTERNAL` if this version does not know it. */
export function decodeErrorReason(number: number): ErrorReason {
  return nameOfNumber.get(number) ?? 'INTERNAL';
}
