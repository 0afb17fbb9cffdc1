import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/manual-clock.ts';

const later = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a clock driven by hand', () => {
  it('runs what falls due at its time and in order, and nothing that was cancelled', () => {
    const clock = new ManualClock(0n);
    const seen: [string, bigint][] = [];
    const note = (name: string) => () => void seen.push([name, clock.nowNs()]);
    clock.schedule(note('b'), 20);
    clock.schedule(note('a'), 10);
    clock.schedule(note('gone'), 15)();
    clock.schedule(note('late'), 31);
    clock.advance(30);
    expect(seen).toEqual([
      ['a', 10_000_000n],
      ['b', 20_000_000n],
    ]);
    expect([clock.nowNs(), clock.timerCount]).toEqual([30_000_000n, 1]);
  });

  it('waits for what follows from it, if it is asked to', async () => {
    const clock = new ManualClock(0n);
    const seen: bigint[] = [];
    const repeat = async () => {
      await later();
      seen.push(clock.nowNs());
      clock.schedule(() => void repeat(), 10);
    };
    clock.schedule(() => void repeat(), 10);
    await clock.advanceAsync(35);
    expect(seen).toEqual([10_000_000n, 20_000_000n, 30_000_000n]);
    expect(clock.nowNs()).toBe(35_000_000n);
  });

  it('does a chore once before each time at which something falls due, and at the end', async () => {
    const clock = new ManualClock(0n);
    const seen: [string, bigint][] = [];
    const chore = () => {
      seen.push(['chore', clock.nowNs() / 1_000_000n]);
      clock.schedule(chore, 1, true);
    };
    clock.schedule(chore, 1, true);
    clock.schedule(() => void seen.push(['due', clock.nowNs() / 1_000_000n]), 500);
    await clock.advanceAsync(100_000_000);
    expect(seen).toEqual([
      ['chore', 500n],
      ['due', 500n],
      ['chore', 100_000_000n],
    ]);
  });

  it.each([-1, 0.5, Number.NaN])('refuses to let %d ms pass', async (ms) => {
    const clock = new ManualClock();
    expect(() => clock.advance(ms)).toThrow(TypeError);
    await expect(clock.advanceAsync(ms)).rejects.toThrow(TypeError);
  });
});
