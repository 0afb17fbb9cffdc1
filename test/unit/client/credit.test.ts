import { describe, expect, it } from 'vitest';
import { Credit } from '../../../clients/node/src/credit.ts';

describe('Credit', () => {
  it('begins with all of it', () => {
    const credit = new Credit(10, 100);
    credit.giveBack(3, 30);
    expect(credit.restart()).toEqual({ creditMessages: 10, creditBytes: 100 });
    expect(credit.take()).toBeUndefined();
  });

  it('gives back once what was settled', () => {
    const credit = new Credit(10, 100);
    expect(credit.isDue).toBe(false);
    credit.giveBack(1, 10);
    credit.giveBack(2, 20);
    expect(credit.take()).toEqual({ creditMessages: 3, creditBytes: 30 });
    expect(credit.take()).toBeUndefined();
  });

  it('keeps it while too much waits for its result', () => {
    const credit = new Credit(10, 100);
    credit.expect(41);
    credit.giveBack(1, 10);
    expect(credit.isDue).toBe(false);
    expect(credit.take()).toBeUndefined();
    credit.confirm(1);
    expect(credit.take()).toEqual({ creditMessages: 1, creditBytes: 10 });
  });

  it('gives bytes back in parts that fit a request', () => {
    const credit = new Credit(10, 2 ** 31 - 1);
    credit.giveBack(2, 2 ** 31 + 4);
    expect(credit.take()).toEqual({ creditMessages: 2, creditBytes: 2 ** 31 - 1 });
    expect(credit.take()).toEqual({ creditMessages: 0, creditBytes: 5 });
  });
});
