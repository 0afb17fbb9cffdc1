import fc from 'fast-check';
import { formatTimestamp as formatInClient, parseTimestamp } from 'playhead-client';
import { expect, it } from 'vitest';
import { formatTimestamp } from '../../src/timestamp.ts';

it('writes a timestamp with nine digits, as the client reads and writes it', () => {
  expect(formatTimestamp(0n)).toBe('1970-01-01T00:00:00.000000000Z');
  expect(formatTimestamp(1_790_000_000_000_000_001n)).toBe('2026-09-21T14:13:20.000000001Z');
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (timestampNs) => {
      const text = formatTimestamp(timestampNs);
      expect(text).toBe(formatInClient(timestampNs));
      expect(parseTimestamp(text)).toBe(timestampNs);
    }),
  );
});
