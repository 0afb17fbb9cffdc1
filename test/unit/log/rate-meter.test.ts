import { describe, expect, it } from 'vitest';
import { RateMeter } from '../../../src/log/rate-meter.ts';

const SECOND_NS = 1_000_000_000n;
const START_NS = 1_790_000_000n * SECOND_NS;

describe('RateMeter', () => {
  it('tells nothing before anything was counted', () => {
    expect(new RateMeter().perSecond(START_NS)).toBe(0);
  });

  it('comes to a steady rate within a few minutes', () => {
    const meter = new RateMeter();
    for (let second = 0n; second < 300n; second++) meter.add(50, START_NS + second * SECOND_NS);
    const rate = meter.perSecond(START_NS + 300n * SECOND_NS);
    expect(rate).toBeGreaterThan(48);
    expect(rate).toBeLessThan(52);
  });

  it('fades to a third within a minute, and to nothing', () => {
    const meter = new RateMeter();
    meter.add(6000, START_NS);
    expect(meter.perSecond(START_NS)).toBe(100);
    expect(meter.perSecond(START_NS + 60n * SECOND_NS)).toBeCloseTo(100 / Math.E, 5);
    expect(meter.perSecond(START_NS + 3600n * SECOND_NS)).toBeLessThan(1e-9);
  });

  it('does not grow by itself when the clock jumps back', () => {
    const meter = new RateMeter();
    meter.add(600, START_NS);
    meter.add(600, START_NS - 3600n * SECOND_NS);
    expect(meter.perSecond(START_NS - 3600n * SECOND_NS)).toBe(20);
    expect(meter.perSecond(START_NS - 7200n * SECOND_NS)).toBe(20);
  });
});
