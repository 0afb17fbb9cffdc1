import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGoDuration, waitMs } from '../../../src/compat/go-duration.ts';

describe('a duration as Go writes it', () => {
  it.each([
    ['0', 0],
    ['0s', 0],
    ['+0', 0],
    ['5s', 5000],
    ['+5s', 5000],
    ['1.5h', 5_400_000],
    ['1h2m0.5s', 3_720_500],
    ['.5s', 500],
    ['1.s', 1000],
    ['1000000ns', 1],
    ['1us', 0.001],
    ['1µs', 0.001],
    ['1μs', 0.001],
    ['3ms', 3],
    ['5s5s', 10_000],
  ])('%s is %f ms', (text, ms) => {
    expect(parseGoDuration(text)).toBeCloseTo(ms, 9);
  });

  it.each([
    '',
    '5',
    '-5s',
    's',
    '.s',
    '5 s',
    '5d',
    '1e3s',
    '5S',
    's5',
    '+',
    '+-5s',
    '0x5s',
    'x5s',
    '5sx',
  ])('"%s" is none', (text) => {
    expect(parseGoDuration(text)).toBeUndefined();
  });

  it('is never anything but a number that is not negative', () => {
    const texts = fc.string({ unit: fc.constantFrom(...'0123456789.+-nuµmsh ') });
    fc.assert(
      fc.property(texts, (text) => {
        const ms = parseGoDuration(text);
        expect(ms === undefined || (Number.isFinite(ms) && ms >= 0)).toBe(true);
      }),
    );
  });
});

describe('a wait', () => {
  it('is whole milliseconds, up to an hour', () => {
    expect(waitMs('timeout', '1us')).toBe(1);
    expect(waitMs('timeout', '1h')).toBe(3_600_000);
  });

  it.each([['5s', '6s'], '60m1s', 'x'.repeat(1000)])('is not %j', (text) => {
    expect(() => waitMs('timeout', text)).toThrow(/^timeout: .{1,100} is not a duration/);
  });

  it('has to be there', () => {
    expect(() => waitMs('timeout', undefined)).toThrow(/^timeout: is missing/);
  });
});
