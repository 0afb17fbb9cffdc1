import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { ERROR_DETAILS_TRAILER, encodeErrorDetails, encodeErrorReason } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { fromCallFailure, fromWireError, PlayheadError } from '../../../clients/node/src/errors.ts';

function serviceError(code: status, details: string, metadata = new Metadata()): ServiceError {
  return Object.assign(new Error(details), { code, details, metadata });
}

describe('PlayheadError', () => {
  it.each([
    ['CONFLICT', false],
    ['STORAGE_FAILED', true],
    ['UNREACHABLE', true],
    ['PUBLISHER_FULL', true],
    ['CANCELLED', false],
    ['CLIENT_CLOSED', false],
  ] as const)('says whether %s may be retried', (reason, retryable) => {
    expect(new PlayheadError(reason, 'text').retryable).toBe(retryable);
  });

  it('keeps its cause', () => {
    const cause = new Error('why');
    expect(new PlayheadError('INTERNAL', 'text', { cause }).cause).toBe(cause);
  });
});

describe('fromCallFailure', () => {
  it("takes the broker's reason, text and values from the trailer", () => {
    const metadata = new Metadata();
    metadata.set(
      ERROR_DETAILS_TRAILER,
      encodeErrorDetails(status.ABORTED, 'text', {
        reason: 'CONFLICT',
        metadata: { last_timestamp_ns: '7' },
      }),
    );
    const error = fromCallFailure(serviceError(status.ABORTED, 'text', metadata), 'host:1');
    expect(error).toMatchObject({
      reason: 'CONFLICT',
      message: 'text',
      metadata: { last_timestamp_ns: '7' },
    });
  });

  it.each([
    [status.UNAVAILABLE, 'No connection established', 'UNREACHABLE'],
    [status.CANCELLED, 'Call cancelled', 'UNREACHABLE'],
    [status.INTERNAL, 'Received RST_STREAM with code 2', 'UNREACHABLE'],
    [status.INTERNAL, 'Session closed with error code 2', 'UNREACHABLE'],
    [status.INTERNAL, 'something else', 'INTERNAL'],
    [status.DEADLINE_EXCEEDED, 'Deadline exceeded', 'DEADLINE_EXCEEDED'],
    [status.RESOURCE_EXHAUSTED, 'Received message larger than max', 'REQUEST_TOO_LARGE'],
    [status.RESOURCE_EXHAUSTED, 'no memory', 'OVERLOADED'],
    [status.UNIMPLEMENTED, 'unknown method', 'INTERNAL'],
  ] as const)('takes status %i "%s" for %s', (code, details, reason) => {
    const error = fromCallFailure(serviceError(code, details), 'host:1');
    expect(error.reason).toBe(reason);
    expect(error.message).toContain('host:1');
    expect(error.message).toContain(details);
  });

  it('ignores a trailer of somebody else', () => {
    const metadata = new Metadata();
    metadata.set(ERROR_DETAILS_TRAILER, Buffer.from([0xff]));
    const error = fromCallFailure(serviceError(status.UNAVAILABLE, 'x', metadata), 'host:1');
    expect(error.reason).toBe('UNREACHABLE');
  });
});

describe('fromWireError', () => {
  it('takes reason, text and values', () => {
    const reason = encodeErrorReason('DATA_LOSS');
    const metadata = { first_timestamp_ns: '1' };
    expect(fromWireError({ reason, message: 'damaged', metadata })).toMatchObject({
      reason: 'DATA_LOSS',
      message: 'damaged',
      metadata,
    });
  });
});
