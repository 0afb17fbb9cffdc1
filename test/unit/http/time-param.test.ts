import { describe, expect, it } from 'vitest';
import { parsePosition, parseTimestamp } from '../../../src/http/time-param.ts';

describe('parseTimestamp', () => {
  it.each([
    ['0', 0n],
    ['1795295963985249827', 1795295963985249827n],
    ['2026-11-21T21:19:23.985249827Z', 1795295963985249827n],
    ['2026-11-21T22:19:23.5+01:00', 1795295963500000000n],
  ])('reads %s', (text, expected) => {
    expect(parseTimestamp(text)).toBe(expected);
  });

  it.each(['', '-1', 'soon', '1.5', '2026-11-21', '2026-13-01T00:00:00Z', '1969-12-31T23:59:59Z'])(
    'does not take %j',
    (text) => {
      expect(parseTimestamp(text)).toBeUndefined();
    },
  );
});

describe('parsePosition', () => {
  it.each([
    ['earliest', { at: 'earliest' }],
    ['latest', { at: 'latest' }],
    ['-5m', { at: 'ago', agoNs: 300_000_000_000n }],
    ['-250ms', { at: 'ago', agoNs: 250_000_000n }],
    ['7', { at: 'timestamp', timestampNs: 7n }],
  ])('reads %s', (text, expected) => {
    expect(parsePosition(text)).toEqual(expected);
  });

  it.each(['5m', '-5', '-5w', 'first'])('does not take %j', (text) => {
    expect(parsePosition(text)).toBeUndefined();
  });
});
