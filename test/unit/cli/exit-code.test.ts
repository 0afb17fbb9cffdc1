import { PlayheadError } from 'playhead-client';
import { isRetryableReason } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { CliError, describeFailure, EXIT, usageError } from '../../../src/cli/exit-code.ts';

describe('describeFailure', () => {
  it.each([
    ['UNREACHABLE', 1],
    ['DEADLINE_EXCEEDED', 1],
    ['DISK_FULL', 1],
    ['INTERNAL', 1],
    ['MESSAGE_TOO_LARGE', 3],
    ['CHANNEL_CLOSED', 3],
    ['OVERLOADED', 3],
    ['TOPIC_EXISTS', 3],
    ['CONFLICT', 3],
    ['INVALID_ARGUMENT', 3],
    ['TOPIC_NOT_FOUND', 4],
    ['TOPIC_DELETED', 4],
    ['DATA_LOSS', 7],
  ] as const)('gives %s the exit code %d', (reason, exitCode) => {
    const metadata = { topic: 'orders' };
    expect(describeFailure(new PlayheadError(reason, 'why', { metadata }))).toEqual({
      exitCode,
      reason,
      message: 'why',
      metadata,
    });
  });

  it('gives every reason of the broker an exit code other than 0', () => {
    for (const reason of Object.keys(isRetryableReason) as (keyof typeof isRetryableReason)[]) {
      expect(describeFailure(new PlayheadError(reason, '')).exitCode).toBeGreaterThan(0);
    }
  });

  it('keeps what the command line found itself', () => {
    expect(describeFailure(usageError('what?'))).toMatchObject({ exitCode: 2, reason: 'USAGE' });
    const error = new CliError(EXIT.dataLoss, 'CHECKSUM_MISMATCH', 'differs');
    expect(describeFailure(error)).toMatchObject({ exitCode: 7, reason: 'CHECKSUM_MISMATCH' });
  });

  it('takes anything else for a failure, told on one line', () => {
    expect(describeFailure(new Error('a\n  b\n'))).toMatchObject({ exitCode: 1, message: 'a b' });
    expect(describeFailure('thrown')).toMatchObject({ exitCode: 1, message: 'thrown' });
  });
});
