import { describe, expect, it } from 'vitest';
import { open } from '../../src/index.ts';
import { CLOCK_NS_MAX } from '../../src/limits.ts';
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

  it('adds up what is asked for at the same time, and skips nothing', async () => {
    const clock = new ManualClock(0n);
    const seen: bigint[] = [];
    const repeat = async () => {
      await later();
      seen.push(clock.nowNs() / 1_000_000n);
      clock.schedule(() => void repeat(), 10);
    };
    clock.schedule(() => void repeat(), 10);
    const first = clock.advanceAsync(25).then(() => clock.nowNs());
    const second = clock.advanceAsync(10);
    await Promise.all([first, second]);
    expect(await first).toBe(25_000_000n);
    expect(seen).toEqual([10n, 20n, 30n]);
    expect(clock.nowNs()).toBe(35_000_000n);
  });

  it.each(['advance', 'advanceAsync'] as const)(
    'adds what passes and jumps while it does %s',
    async (method) => {
      const clock = new ManualClock(0n);
      const seen: [string, bigint][] = [];
      const note = (name: string) => () => void seen.push([name, clock.nowNs() / 1_000_000n]);
      clock.schedule(() => clock.advance(5), 10);
      clock.schedule(note('meanwhile'), 12);
      clock.schedule(() => clock.jump(1000), 20);
      clock.schedule(note('after the jump'), 25);
      clock.schedule(() => clock.jump(-500), 26);
      clock.schedule(note('too late'), 36);
      await clock[method](30);
      expect(seen).toEqual([
        ['meanwhile', 12n],
        ['after the jump', 1025n],
      ]);
      expect(clock.nowNs()).toBe(535_000_000n);
    },
  );

  it('goes on after a timer that throws', async () => {
    const clock = new ManualClock(0n);
    clock.schedule(() => {
      throw new Error('thrown');
    }, 10);
    const first = clock.advanceAsync(20);
    const second = clock.advanceAsync(20);
    await expect(first).rejects.toThrow('thrown');
    await second;
    expect(clock.nowNs()).toBe(30_000_000n);
  });

  it.each([[5], ['5'], [null], [-1n], [CLOCK_NS_MAX + 1n], [2n ** 63n]])(
    'does not begin at %s',
    (start) => {
      const wrong = start as bigint;
      expect(() => new ManualClock(wrong)).toThrow(TypeError);
      expect(() => new ManualClock(wrong)).toThrow(String(start));
    },
  );

  it('does not pass its end', async () => {
    const clock = new ManualClock(CLOCK_NS_MAX - 5_000_000n);
    expect(() => clock.advance(6)).toThrow(TypeError);
    await expect(clock.advanceAsync(6)).rejects.toThrow(`${CLOCK_NS_MAX}`);
    const together = await Promise.allSettled([clock.advanceAsync(3), clock.advanceAsync(3)]);
    expect(together).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: expect.any(TypeError) },
    ]);
    clock.advance(2);
    expect(clock.nowNs()).toBe(CLOCK_NS_MAX);
  });

  it('does not jump by parts of a millisecond, nor out of its time', () => {
    const clock = new ManualClock(5_000_000n);
    for (const ms of [-6, 0.5, Number.NaN, Number.MAX_SAFE_INTEGER]) {
      expect(() => clock.jump(ms)).toThrow(TypeError);
    }
    clock.jump(-5);
    expect(clock.nowNs()).toBe(0n);
  });

  it.each([0n, CLOCK_NS_MAX])('is good for a broker at %d', async (start) => {
    const clock = new ManualClock(start);
    await using broker = await open({ memory: true, clock });
    await broker.schedules.create('later', 'x', { id: 'last', delay: '3650d' });
    await broker.queue('q').put('job');
    const delivery = await broker.queue('q').get();
    await delivery?.nack({ delay: '7d' });
    expect((await broker.queue('q').get()) === undefined).toBe(true);
    expect(await broker.schedules.get('last')).toMatchObject({ topic: 'later' });
  });

  it.each([-1, 0.5, Number.NaN])('refuses to let %d ms pass', async (ms) => {
    const clock = new ManualClock();
    expect(() => clock.advance(ms)).toThrow(TypeError);
    await expect(clock.advanceAsync(ms)).rejects.toThrow(TypeError);
  });
});
