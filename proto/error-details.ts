import type { ErrorReason } from './errors.ts';
import { isRetryableReason } from './errors.ts';
import { ErrorInfo } from './gen/google/rpc/error_details.ts';
import { Status } from './gen/google/rpc/status.ts';

/** Trailer that carries a `google.rpc.Status`, by the convention of all gRPC libraries. */
export const ERROR_DETAILS_TRAILER = 'grpc-status-details-bin';

const DOMAIN = 'playhead';
const ERROR_INFO_URL = 'type.googleapis.com/google.rpc.ErrorInfo';

/** The part of a refusal that programs read. */
export interface ErrorDetails {
  readonly reason: ErrorReason;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Encodes the value of {@link ERROR_DETAILS_TRAILER} (https://google.aip.dev/193). */
export function encodeErrorDetails(code: number, message: string, details: ErrorDetails): Buffer {
  const info = ErrorInfo.encode({
    reason: details.reason,
    domain: DOMAIN,
    metadata: { ...details.metadata },
  }).finish();
  return Buffer.from(
    Status.encode({ code, message, details: [{ typeUrl: ERROR_INFO_URL, value: info }] }).finish(),
  );
}

/** Decodes the trailer's value; undefined if it holds nothing of playhead's. */
export function decodeErrorDetails(bytes: Uint8Array): ErrorDetails | undefined {
  try {
    for (const any of Status.decode(bytes).details) {
      if (any.typeUrl !== ERROR_INFO_URL) continue;
      const info = ErrorInfo.decode(any.value);
      if (info.domain !== DOMAIN || !isReason(info.reason)) continue;
      return { reason: info.reason, metadata: info.metadata };
    }
  } catch {
    // Not a google.rpc.Status: some proxy wrote the trailer. The status code still tells what happened.
  }
  return undefined;
}

function isReason(text: string): text is ErrorReason {
  return Object.hasOwn(isRetryableReason, text);
}
