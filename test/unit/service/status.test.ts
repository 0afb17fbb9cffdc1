import { readFileSync } from 'node:fs';
import { status } from '@grpc/grpc-js';
import type { ErrorReason } from 'playhead-proto';
import { decodeErrorDetails, decodeErrorReason, isRetryableReason } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../src/errors.ts';
import { toCallError, toWireError } from '../../../src/service/status.ts';

/** What error.proto says of each reason: its number, and the comment above it. */
function readContract(): { name: string; number: number; comment: string }[] {
  const path = new URL('../../../proto/playhead/v1/error.proto', import.meta.url);
  const [, body = ''] = readFileSync(path, 'utf8').split('enum ErrorReason {');
  const entry = /((?:\s*\/\/[^\n]*\n)+)\s*ERROR_REASON_(\w+) = (\d+);/g;
  return [...body.matchAll(entry)].map(([, comment = '', name = '', number]) => ({
    name,
    number: Number(number),
    comment: comment.replaceAll(/\s*\/\/ ?/g, ' ').trim(),
  }));
}

const contract = readContract().filter(({ name }) => name !== 'UNSPECIFIED');
const reasons = Object.keys(isRetryableReason) as ErrorReason[];

describe('the reasons of errors', () => {
  it('are those of error.proto, no more and no fewer', () => {
    expect(contract.map(({ name }) => name).sort()).toEqual([...reasons].sort());
    expect(contract.length).toBeGreaterThan(10);
  });

  it.each(contract)(
    '$name has the gRPC code that its comment begins with',
    ({ name, number, comment }) => {
      const reason = decodeErrorReason(number);
      expect(reason).toBe(name);
      const [code = ''] = comment.split('.');
      expect(status[toCallError(new BrokerError(reason, 'why')).code]).toBe(code);
    },
  );

  it.each(contract)('$name may be sent again if its comment says so', ({ name, comment }) => {
    const reason = reasons.find((each) => each === name);
    const mayRetry = /Retry|a retry/.test(comment.replaceAll('Do not retry', ''));
    expect(reason !== undefined && isRetryableReason[reason]).toBe(mayRetry);
  });
});

describe('an error on its way out', () => {
  const error = new BrokerError('CONFLICT', 'it is 5, not 4', {
    topic: 't',
    last_timestamp_ns: '5',
  });

  it('is a status with its reason and metadata in the trailer', () => {
    const { code, message, trailer } = toCallError(error);
    expect([code, message]).toEqual([status.ABORTED, 'it is 5, not 4']);
    expect(decodeErrorDetails(trailer)).toEqual({
      reason: 'CONFLICT',
      metadata: { topic: 't', last_timestamp_ns: '5' },
    });
  });

  it('is the same in a stream', () => {
    const { reason, message, metadata } = toWireError(error);
    expect(decodeErrorReason(reason)).toBe('CONFLICT');
    expect([message, metadata]).toEqual([error.message, error.metadata]);
  });
});
