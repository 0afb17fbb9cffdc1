import { describe, expect, it } from 'vitest';
import type { PublishRequest } from '../../../src/log/publish-request.ts';
import {
  checkPublish,
  messageTooLarge,
  requestTooLarge,
} from '../../../src/log/publish-request.ts';

describe('checkPublish', () => {
  const fields: PublishRequest = {
    topic: 't',
    run: { bytes: Buffer.alloc(1), messageCount: 1 },
    largestBytes: 1,
    producer: '',
    sequence: 0n,
    crc: 0,
    expectedLastTimestampNs: undefined,
    close: undefined,
  };
  const close = { reason: '', checksum: Buffer.alloc(0) };
  const INT64_MAX = 2n ** 63n - 1n;

  it.each([
    ['messages', {}],
    ['nothing but a close', { run: undefined, close }],
    ['a producer with a sequence', { producer: 'p', sequence: 1n }],
    ['a producer name of 255 bytes', { producer: 'p'.repeat(255), sequence: 1n }],
    ['the last sequence', { producer: 'p', sequence: INT64_MAX }],
    ['an expected timestamp of 0', { expectedLastTimestampNs: 0n }],
    ['a reason of 1024 bytes', { close: { ...close, reason: 'x'.repeat(1024) } }],
    ['a checksum of 16 bytes', { close: { ...close, checksum: Buffer.alloc(16) } }],
  ])('takes %s', (_, changes) => {
    expect(() => checkPublish({ ...fields, ...changes })).not.toThrow();
  });

  it.each([
    ['nothing', { run: undefined }, 'messages'],
    ['a producer without a sequence', { producer: 'p' }, 'sequence'],
    ['a negative sequence', { producer: 'p', sequence: -1n }, 'sequence'],
    [
      'a sequence that overflows',
      { producer: 'p', sequence: INT64_MAX, run: { bytes: Buffer.alloc(2), messageCount: 2 } },
      'sequence',
    ],
    ['a sequence without a producer', { sequence: 1n }, 'producer'],
    ["a producer name of the broker's own", { producer: '_p', sequence: 1n }, 'producer'],
    ['a producer name of 256 bytes', { producer: 'ä'.repeat(128), sequence: 1n }, 'producer'],
    [
      'an expected timestamp before 1970',
      { expectedLastTimestampNs: -1n },
      'expected_last_timestamp_ns',
    ],
    ['a reason of 1025 bytes', { close: { ...close, reason: 'x'.repeat(1025) } }, 'close.reason'],
    [
      'a checksum of 15 bytes',
      { close: { ...close, checksum: Buffer.alloc(15) } },
      'close.checksum',
    ],
  ])('refuses %s', (_, changes, field) => {
    expect(() => checkPublish({ ...fields, ...changes })).toThrow(
      expect.objectContaining({ reason: 'INVALID_ARGUMENT', metadata: { field } }),
    );
  });
});

it('a refusal of something too large names the limit and the size', () => {
  const metadata = { limit_bytes: '10', bytes: '11' };
  expect(requestTooLarge(11, 10)).toMatchObject({ reason: 'REQUEST_TOO_LARGE', metadata });
  expect(messageTooLarge('t', 11, 10)).toMatchObject({ reason: 'MESSAGE_TOO_LARGE', metadata });
  expect(messageTooLarge('t', 11, 10).message).toMatch(/topic t .*11.*10/);
});
