import { parseTimestamp } from 'playhead-client';
import { describe, expect, it } from 'vitest';
import {
  parseCount,
  parseFrom,
  parseMoment,
  parseRange,
  parseUntil,
  resolveRange,
  resolveTime,
} from '../../../src/cli/range.ts';

const SECOND = 10n ** 9n;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;
const MOMENT = parseTimestamp('2026-11-21T10:00:00.000000001Z');
const DAY = parseTimestamp('2026-11-21T00:00:00Z');

describe('parseRange', () => {
  it.each([
    ['start', { from: 'earliest' }],
    ['earliest', { from: 'earliest' }],
    ['end', { from: 'latest' }],
    ['latest', { from: 'latest' }],
    ['-10', { from: { last: 10 } }],
    ['+5', { from: 'earliest', skip: 5 }],
    [':end', { from: 'earliest', until: 'now' }],
    [':now', { from: 'earliest', until: 'now' }],
    ['-10:end', { from: { last: 10 }, until: 'now' }],
    ['+5:end', { from: 'earliest', skip: 5, until: 'now' }],
    ['@-1h', { from: { agoNs: HOUR } }],
    ['@-1h:', { from: { agoNs: HOUR } }],
    ['@-1m:end', { from: { agoNs: MINUTE }, until: 'now' }],
    ['@-48h:-24h', { from: { agoNs: 48n * HOUR }, until: { agoNs: 24n * HOUR } }],
    ['@-48h:@-24h', { from: { agoNs: 48n * HOUR }, until: { agoNs: 24n * HOUR } }],
    ['@:-1h', { from: 'earliest', until: { agoNs: HOUR } }],
    [':@-1h', { from: 'earliest', until: { agoNs: HOUR } }],
    ['@2026-11-21', { from: DAY }],
    ['@2026-11-21:1h', { from: DAY, until: { afterStartNs: HOUR } }],
    ['@2026-11-21:1m30s', { from: DAY, until: { afterStartNs: MINUTE + 30n * SECOND } }],
    ['@2026-11-21T10:00:00.000000001Z', { from: MOMENT }],
    ['@2026-11-21T10:00:00.000000001Z:', { from: MOMENT }],
    [
      '@2026-11-21T11:00:00.000000001+01:00:+5m',
      { from: MOMENT, until: { afterStartNs: 5n * MINUTE } },
    ],
    ['@2026-11-21T00:00:00Z:@2026-11-21T10:00:00.000000001Z', { from: DAY, until: MOMENT }],
    ['@2026-11-21:2026-11-21T10:00:00.000000001Z', { from: DAY, until: MOMENT }],
    [
      '@1763719200s:+250ms',
      { from: 1_763_719_200n * SECOND, until: { afterStartNs: SECOND / 4n } },
    ],
    ['@1763719200000000001ns', { from: 1_763_719_200_000_000_001n }],
    ['@1763719200s:1763719201s', { from: 1_763_719_200n * SECOND, until: 1_763_719_201n * SECOND }],
  ])('reads %s', (text, expected) => {
    expect(parseRange(text)).toEqual(expected);
  });

  it.each([
    ['', /must be START, :END or START:END/],
    [':', /must be START/],
    ['5', /5 is no position; write -5, \+5 or a time such as @5s/],
    ['5:9', /5 is no position/],
    ['-0', /a start is start, end, -N, \+N or @TIME/],
    ['-1h', /a start is start, end, -N, \+N or @TIME/],
    ['@1763719200', /needs a unit/],
    ['@2026-11-21T10:00Z', /must be START/],
    ['@2026-02-30', /not on the calendar/],
    ['@-5', /needs a unit/],
    ['@-1h:30s', /30s would be 1970-01-01T00:00:30\.000000000Z; for a duration write \+30s/],
    ['start:later', /"later" is no timestamp/],
  ])('refuses "%s"', (text, message) => {
    expect(() => parseRange(text)).toThrow(expect.objectContaining({ exitCode: 2 }));
    expect(() => parseRange(text)).toThrow(message);
    expect(() => parseRange(text)).toThrow(`--range ${text}`);
  });
});

describe('parseFrom and parseUntil', () => {
  it('read edges, times and lengths', () => {
    expect(parseFrom('earliest')).toBe('earliest');
    expect(parseFrom('end')).toBe('latest');
    expect(parseFrom('-5m')).toEqual({ agoNs: 5n * MINUTE });
    expect(parseFrom('2026-11-21')).toBe(DAY);
    expect(parseUntil('now')).toBe('now');
    expect(parseUntil('+5m')).toEqual({ afterStartNs: 5n * MINUTE });
    expect(parseUntil('-5m')).toEqual({ agoNs: 5n * MINUTE });
  });

  it('name the option', () => {
    expect(() => parseFrom('1732186800')).toThrow(
      '--from 1732186800: timestamp "1732186800" needs a unit',
    );
    expect(() => parseUntil('tomorrow')).toThrow('--until tomorrow: ');
    expect(() => parseMoment('--before', '5m')).toThrow('--before 5m: ');
  });
});

describe('parseCount', () => {
  it.each(['0', '-1', '1.5', '', 'ten', '99999999999999999999'])('refuses "%s"', (text) => {
    expect(() => parseCount('--limit', text)).toThrow(
      `--limit ${text}: must be a whole number, at least 1`,
    );
  });
});

describe('resolveRange', () => {
  const clockNs = 1_000n * HOUR;

  it('leaves alone what the broker resolves', () => {
    expect(resolveRange({ agoNs: HOUR }, { agoNs: MINUTE }, clockNs)).toEqual({
      from: { agoNs: HOUR },
      until: { agoNs: MINUTE },
    });
    expect(resolveRange({ last: 3 }, 'now', clockNs)).toEqual({ from: { last: 3 }, until: 'now' });
  });

  it('counts a length from the start', () => {
    const until = { afterStartNs: 5n * MINUTE };
    expect(resolveRange(DAY, until, clockNs).until).toBe(DAY + 5n * MINUTE);
    expect(resolveRange('latest', until, clockNs).until).toBe(clockNs + 5n * MINUTE);
    expect(resolveRange({ agoNs: HOUR }, until, clockNs)).toEqual({
      from: 999n * HOUR,
      until: 999n * HOUR + 5n * MINUTE,
    });
  });

  it.each(['earliest', { last: 3 }] as const)('refuses a length from %o', (from) => {
    expect(() => resolveRange(from, { afterStartNs: 1n }, clockNs)).toThrow(
      'needs a start that is a time',
    );
  });
});

describe('resolveTime', () => {
  it('takes what lies before 1970 for 1970', () => {
    expect(resolveTime({ agoNs: 3n }, 5n)).toBe(2n);
    expect(resolveTime({ agoNs: 7n }, 5n)).toBe(0n);
    expect(resolveTime(7n, 5n)).toBe(7n);
  });
});
