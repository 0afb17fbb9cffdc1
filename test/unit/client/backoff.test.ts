import { describe, expect, it } from 'vitest';
import { Backoff } from '../../../clients/node/src/backoff.ts';

const options = { initialBackoffMs: 100, maxBackoffMs: 1000, giveUpAfterMs: 10_000 };

describe('Backoff', () => {
  it('doubles up to the longest pause', () => {
    const backoff = new Backoff(
      options,
      () => 0,
      () => 1,
    );
    expect([1, 2, 3, 4, 5, 6].map(() => backoff.fail())).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  it('takes half of a pause at random', () => {
    const backoff = new Backoff(
      options,
      () => 0,
      () => 0,
    );
    expect([backoff.fail(), backoff.fail()]).toEqual([50, 100]);
  });

  it('tries every address before the first pause', () => {
    const backoff = new Backoff(
      options,
      () => 0,
      () => 1,
    );
    expect([backoff.fail(3), backoff.fail(3), backoff.fail(3), backoff.fail(3)]).toEqual([
      0, 0, 100, 200,
    ]);
  });

  it('begins again after a success', () => {
    const backoff = new Backoff(
      options,
      () => 0,
      () => 1,
    );
    backoff.fail();
    backoff.fail();
    backoff.succeed();
    expect(backoff.failures).toBe(0);
    expect(backoff.fail()).toBe(100);
  });

  it('makes its last try at the end of the time, then gives up', () => {
    let nowMs = 0;
    const backoff = new Backoff(
      options,
      () => nowMs,
      () => 1,
    );
    backoff.fail();
    nowMs = 9_990;
    expect(backoff.fail()).toBe(10);
    nowMs = 10_000;
    expect(backoff.fail()).toBeUndefined();
  });

  it('gives up at once with 0, but only when each address was tried', () => {
    const backoff = new Backoff({ ...options, giveUpAfterMs: 0 }, () => 0);
    expect([backoff.fail(2), backoff.fail(2)]).toEqual([0, undefined]);
  });
});
