import { describe, expect, it } from 'vitest';
import { formatAgo, formatDuration } from '../../../clients/console/src/time/duration.ts';
import {
  clampTime,
  formatTime,
  TIME_MAX_NS,
  timestampOf,
} from '../../../clients/console/src/time/nanoseconds.ts';
import { parseMoment } from '../../../clients/console/src/time/parse-moment.ts';

const NOON_NS = 1_763_726_400_000_000_000n; // 2025-11-21T12:00:00Z
const context = { nowNs: NOON_NS + 7n, earliestNs: 5n, latestNs: 9n };

describe('a time', () => {
  it('has nine digits', () => {
    expect(formatTime(NOON_NS + 1n)).toBe('2025-11-21T12:00:00.000000001Z');
    expect(formatTime(TIME_MAX_NS)).toBe('2262-04-11T23:47:16.854775807Z');
    expect(formatTime(0n)).toBe('1970-01-01T00:00:00.000000000Z');
  });

  it('is held within 64 bits', () => {
    expect(clampTime(-1n)).toBe(0n);
    expect(clampTime(TIME_MAX_NS + 1n)).toBe(TIME_MAX_NS);
  });

  it('is read from digits alone', () => {
    expect(timestampOf('1763726400000000001')).toBe(NOON_NS + 1n);
    expect(timestampOf(null)).toBeUndefined();
    expect(timestampOf('1e3')).toBeUndefined();
  });
});

describe('a moment that is typed', () => {
  it.each([
    ['2025-11-21T12:00:00.000000001Z', NOON_NS + 1n],
    ['2025-11-21 12:00:00.000 000 001', NOON_NS + 1n],
    ['2025-11-21 12:00', NOON_NS],
    ['2025-11-21 13:00+01:00', NOON_NS],
    ['2025-11-21', NOON_NS - 43_200_000_000_000n],
    ['12:00:00.5', NOON_NS + 500_000_000n],
    ['1763726400000000001', NOON_NS + 1n],
    ['1763726400s', NOON_NS],
    ['-5m', NOON_NS + 7n - 300_000_000_000n],
    ['5 min ago', NOON_NS + 7n - 300_000_000_000n],
    ['1.5h ago', NOON_NS + 7n - 5_400_000_000_000n],
    [' now ', NOON_NS + 7n],
    ['earliest', 5n],
    ['latest', 9n],
  ])('%s', (text, expected) => {
    expect(parseMoment(text, context)).toBe(expected);
  });

  it.each([
    '',
    'soon',
    '2025-02-31',
    '25:00',
    '5',
    '2025-11-21 12:00:00.1234567891',
    '99999999999999999999',
  ])('%s is none', (text) => {
    expect(parseMoment(text, context)).toBeUndefined();
  });
});

describe('a length of time', () => {
  it.each([
    [12n, '12 ns'],
    [1500n, '1.5 µs'],
    [340_000_000n, '340 ms'],
    [9_000_000_000n, '9 s'],
    [5_400_000_000_000n, '1.5 h'],
    [-1500n, '−1.5 µs'],
  ])('%d', (lengthNs, text) => {
    expect(formatDuration(lengthNs)).toBe(text);
  });

  it('is told as how long ago it is', () => {
    expect(formatAgo(0n, 90_000_000_000n)).toBe('1 min ago');
    expect(formatAgo(0n, 3n)).toBe('just now');
    expect(formatAgo(90_000_000_000n, 0n)).toBe('in 1 min');
  });
});
