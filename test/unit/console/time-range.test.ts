import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TIME_MAX_NS } from '../../../clients/console/src/time/nanoseconds.ts';
import { ticksOf } from '../../../clients/console/src/time/ticks.ts';
import {
  around,
  fractionOf,
  momentAt,
  pan,
  SPAN_MIN_NS,
  showing,
  spanOf,
  zoom,
} from '../../../clients/console/src/time/time-range.ts';

const DAY_NS = 86_400_000_000_000n;
const BEGIN_NS = 1_763_726_400_000_000_000n;
const week = { fromNs: BEGIN_NS, untilNs: BEGIN_NS + 7n * DAY_NS };

const ranges = fc
  .tuple(fc.bigInt(0n, TIME_MAX_NS - SPAN_MIN_NS), fc.bigInt(SPAN_MIN_NS, 100n * 365n * DAY_NS))
  .map(([fromNs, spanNs]) => {
    const untilNs = fromNs + spanNs > TIME_MAX_NS ? TIME_MAX_NS : fromNs + spanNs;
    return { fromNs, untilNs };
  });

describe('a range of the tape', () => {
  it('zooms from days to nanoseconds, and the time under the pointer stays there', () => {
    const target = BEGIN_NS + 3n * DAY_NS + 123_456_789n;
    let range = week;
    while (spanOf(range) > SPAN_MIN_NS) range = zoom(range, 0.5, fractionOf(range, target));
    expect(spanOf(range)).toBe(SPAN_MIN_NS);
    expect(target - range.fromNs).toBeGreaterThanOrEqual(-1n);
    expect(target - range.fromNs).toBeLessThanOrEqual(SPAN_MIN_NS + 1n);
  });

  it('zooms out of the narrowest again', () => {
    const narrow = { fromNs: BEGIN_NS, untilNs: BEGIN_NS + SPAN_MIN_NS };
    expect(spanOf(zoom(narrow, 1.01, 0.5))).toBeGreaterThan(SPAN_MIN_NS);
  });

  it('stays within time, and as long as it is when it is moved', () => {
    fc.assert(
      fc.property(
        ranges,
        fc.double({ min: 0.01, max: 50, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (range, factor, anchor) => {
          const zoomed = zoom(range, factor, anchor);
          expect(zoomed.fromNs).toBeGreaterThanOrEqual(0n);
          expect(zoomed.untilNs).toBeLessThanOrEqual(TIME_MAX_NS);
          expect(spanOf(zoomed)).toBeGreaterThanOrEqual(SPAN_MIN_NS);
          const moved = pan(range, factor - 25);
          expect(spanOf(moved)).toBe(spanOf(range));
        },
      ),
    );
  });

  it('tells where a time is, and which time is there', () => {
    expect(fractionOf(week, BEGIN_NS)).toBe(0);
    expect(fractionOf(week, week.untilNs)).toBe(1);
    expect(momentAt(week, 0.5)).toBe(BEGIN_NS + (7n * DAY_NS) / 2n);
  });

  it('goes along with a time that leaves it', () => {
    expect(showing(week, BEGIN_NS + DAY_NS)).toBe(week);
    const moved = showing(week, week.untilNs + DAY_NS);
    expect(moved.untilNs).toBeGreaterThan(week.untilNs + DAY_NS);
    expect(spanOf(moved)).toBe(spanOf(week));
  });

  it('has room around a single message', () => {
    const { fromNs, untilNs } = around(BEGIN_NS, BEGIN_NS + 1n);
    expect(fromNs).toBeLessThan(BEGIN_NS);
    expect(untilNs).toBeGreaterThan(BEGIN_NS + 1n);
  });
});

describe('ticks', () => {
  it('are at round times, not too many, and tell what the step needs', () => {
    fc.assert(
      fc.property(ranges, fc.integer({ min: 2, max: 20 }), (range, most) => {
        const ticks = ticksOf(range, most);
        expect(ticks.length).toBeLessThanOrEqual(most + 1);
        for (const { timestampNs } of ticks) {
          expect(timestampNs).toBeGreaterThanOrEqual(range.fromNs);
          expect(timestampNs).toBeLessThan(range.untilNs);
        }
      }),
    );
  });

  it('have labels from days to nanoseconds', () => {
    const labels = (spanNs: bigint) =>
      ticksOf({ fromNs: BEGIN_NS + 1n, untilNs: BEGIN_NS + 1n + spanNs }, 5).map(
        (tick) => tick.label,
      );
    expect(labels(4n * DAY_NS)).toContain('2025-11-22');
    expect(labels(7_200_000_000_000n)).toContain('12:30');
    expect(labels(40_000_000_000n)).toContain('12:00:30');
    expect(labels(40_000_000n)).toContain('.020');
    expect(labels(40_000n)).toContain('.000 020');
    expect(labels(40n)).toContain('.000 000 020');
  });
});
