import { describe, expect, it } from 'vitest';
import { BrokerError } from '../../../src/errors.ts';
import { REOPEN_DELAY_MAX_MS, REOPEN_DELAY_MS } from '../../../src/limits.ts';
import { Reopener } from '../../../src/log/reopener.ts';
import { silentLogger } from '../../../src/logger.ts';
import { ManualClock } from '../../../src/manual-clock.ts';
import type { Recovered } from '../../../src/storage/recovery.ts';

const RECOVERED: Recovered = {
  topics: [],
  tails: new Map(),
  producers: [],
  lastTopicId: 0,
  tapeSequence: 0n,
  endNs: 0n,
  isDamaged: false,
  isNoted: true,
};

function setUp() {
  const clock = new ManualClock();
  const calls: string[] = [];
  let failure: Error | undefined;
  const store = {
    close: async () => {
      calls.push('close');
      throw new Error('cannot close what has failed');
    },
    open: async () => {
      calls.push('open');
      if (failure !== undefined) throw failure;
      return RECOVERED;
    },
  };
  const reopener = new Reopener({
    store,
    clock,
    logger: silentLogger,
    onFailed: (error) => calls.push(`failed ${error.reason}`),
    onReopened: () => calls.push('reopened'),
  });
  const failWith = (error: Error | undefined) => {
    failure = error;
  };
  /** Lets time pass, and what has fallen due end. */
  const advance = async (ms: number) => {
    clock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, calls, reopener, failWith, advance };
}

describe('Reopener', () => {
  it('tells those who wait, closes the storage whatever it says, and opens it again', async () => {
    const { calls, reopener, advance } = setUp();
    const cause = new Error('EIO');
    const error = reopener.fail(cause);
    expect(error).toMatchObject({ reason: 'STORAGE_FAILED', cause });
    expect(error.message).toContain('EIO');
    expect(reopener.failure?.reason).toBe('STORAGE_FAILED');
    await advance(0);
    expect(calls).toEqual(['failed STORAGE_FAILED', 'close', 'open', 'reopened']);
    expect(reopener.failure).toBeUndefined();
  });

  it('takes many errors of one failure as one', async () => {
    const { calls, reopener, advance } = setUp();
    for (let i = 0; i < 3; i++) expect(reopener.fail(new Error('EIO'))).toBeInstanceOf(BrokerError);
    await advance(0);
    expect(calls.filter((call) => call === 'open')).toHaveLength(1);
  });

  it('tries again, later each time, up to a bound', async () => {
    const { calls, reopener, failWith, advance } = setUp();
    const opened = () => calls.filter((call) => call === 'open').length;
    failWith(new Error('EIO'));
    reopener.fail(new Error('EIO'));
    await advance(0);
    let delayMs = REOPEN_DELAY_MS;
    for (let attempts = 2; attempts < 9; attempts++) {
      await advance(delayMs - 1);
      expect(opened()).toBe(attempts - 1);
      await advance(1);
      expect(opened()).toBe(attempts);
      delayMs = Math.min(delayMs * 2, REOPEN_DELAY_MAX_MS);
    }
    failWith(undefined);
    await advance(REOPEN_DELAY_MAX_MS);
    expect(reopener.failure).toBeUndefined();
  });

  it.each([
    new Error('ENOSPC: no space left on device'),
    new Error('open failed', { cause: new Error('IO error: No space left on device') }),
  ])('says meanwhile that the disk is full if that is why: %s', (cause) => {
    const { calls, reopener } = setUp();
    // Who met the error cannot know what became of the request.
    expect(reopener.fail(cause).reason).toBe('STORAGE_FAILED');
    expect(reopener.failure?.reason).toBe('DISK_FULL');
    expect(calls).toEqual(['failed DISK_FULL']);
  });

  it('does nothing more once it is closed', async () => {
    const { clock, calls, reopener, failWith, advance } = setUp();
    failWith(new Error('EIO'));
    reopener.fail(new Error('EIO'));
    await advance(0);
    await reopener.close();
    expect(clock.timerCount).toBe(0);
    reopener.fail(new Error('EIO'));
    expect([clock.timerCount, calls.filter((call) => call === 'open').length]).toEqual([0, 1]);
  });
});
