import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTimestamp, parseDuration, parseTimestamp } from '../../../clients/node/src/time.ts';

describe('parseDuration', () => {
  it.each([
    ['1ns', 1n],
    ['2us', 2_000n],
    ['500ms', 500_000_000n],
    ['1.5s', 1_500_000_000n],
    ['5m', 300_000_000_000n],
    ['1h30m', 5_400_000_000_000n],
    ['1d', 86_400_000_000_000n],
    ['2w', 1_209_600_000_000_000n],
    ['0s', 0n],
  ])('reads %s', (text, ns) => {
    expect(parseDuration(text)).toBe(ns);
  });

  it.each(['', 's', '5 m', '-5m', '5M', '5m3', '1e3s', '.5s', '5x'])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow(TypeError);
  });

  it('says that a bare number lacks its unit', () => {
    expect(() => parseDuration('30')).toThrow('a number needs a unit, for instance 30s');
  });

  it('refuses what does not fit into 64 bits', () => {
    expect(() => parseDuration('99999999w')).toThrow('longer than 292 years');
  });
});

describe('formatTimestamp', () => {
  it('shows nine digits in UTC', () => {
    expect(formatTimestamp(1_732_186_800_000_000_001n)).toBe('2024-11-21T11:00:00.000000001Z');
    expect(formatTimestamp(0n)).toBe('1970-01-01T00:00:00.000000000Z');
  });

  it('is read back to the nanosecond', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (ns) => {
        expect(parseTimestamp(formatTimestamp(ns))).toBe(ns);
      }),
    );
  });
});

describe('parseTimestamp', () => {
  it.each([
    ['2024-11-21T11:00:00Z', 1_732_186_800_000_000_000n],
    ['2024-11-21 11:00:00.5z', 1_732_186_800_500_000_000n],
    ['2024-11-21T12:00:00.000000001+01:00', 1_732_186_800_000_000_001n],
    ['1732186800s', 1_732_186_800_000_000_000n],
    ['1732186800001ms', 1_732_186_800_001_000_000n],
    ['5us', 5_000n],
    ['7ns', 7n],
  ])('reads %s', (text, ns) => {
    expect(parseTimestamp(text)).toBe(ns);
  });

  it('refuses a bare number and names the units', () => {
    expect(() => parseTimestamp('1732186800')).toThrow(
      'timestamp "1732186800" needs a unit: 1732186800s, 1732186800ms',
    );
  });

  it.each([
    ['yesterday', 'is no timestamp'],
    ['2024-11-21T11:00:00', 'needs a zone'],
    ['2024-11-21T11:00:00.1234567890Z', 'is no timestamp'],
    ['2024-02-31T00:00:00Z', 'is not on the calendar'],
    ['2024-13-01T00:00:00Z', 'is not on the calendar'],
    ['2024-01-01T25:00:00Z', 'is not on the calendar'],
    ['1969-12-31T23:59:59Z', 'is before 1970'],
    ['9223372037s', 'is after the year 2262'],
    ['2263-01-01T00:00:00Z', 'is after the year 2262'],
  ])('refuses %s', (text, why) => {
    expect(() => parseTimestamp(text)).toThrow(why);
  });
});
