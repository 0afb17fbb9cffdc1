import { describe, expect, it } from 'vitest';
import { parseSeekPosition } from '../../../src/cli/subscriptions.ts';

describe('parseSeekPosition', () => {
  it.each([
    ['now', 'now'],
    ['earliest', 'earliest'],
    ['latest', 'latest'],
    ['-5m', { agoNs: 300_000_000_000n }],
    ['2025-11-21T10:00:00.000000001Z', 1_763_719_200_000_000_001n],
    ['2025-11-21', 1_763_683_200_000_000_000n],
  ])('reads %s', (text, expected) => {
    expect(parseSeekPosition(text)).toEqual(expected);
  });

  it.each(['1763719200', '--bogus', '5m', ''])('refuses "%s" with a usage error', (text) => {
    expect(() => parseSeekPosition(text)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});
