import { describe, expect, it } from 'vitest';
import { Followers, Wakeup } from '../../../src/log/wakeup.ts';

describe('Wakeup', () => {
  it('keeps a wake that comes before the wait', async () => {
    const wakeup = new Wakeup();
    wakeup.wake();
    await wakeup.wait();
  });

  it('keeps many wakes as one', async () => {
    const wakeup = new Wakeup();
    wakeup.wake();
    wakeup.wake();
    await wakeup.wait();
    let isAwake = false;
    const second = wakeup.wait().then(() => {
      isAwake = true;
    });
    await Promise.resolve();
    expect(isAwake).toBe(false);
    wakeup.wake();
    await second;
  });

  it('wakes the one who waits', async () => {
    const wakeup = new Wakeup();
    const waiting = wakeup.wait();
    wakeup.wake();
    await waiting;
  });
});

describe('Followers', () => {
  it('wakes all that are on it, and those who have left no more', async () => {
    const followers = new Followers();
    const [stays, leaves] = [new Wakeup(), new Wakeup()];
    followers.add(stays);
    followers.add(leaves);
    followers.remove(leaves);
    expect(followers.size).toBe(1);
    let isAwake = false;
    void leaves.wait().then(() => {
      isAwake = true;
    });
    followers.wakeAll();
    await stays.wait();
    expect(isAwake).toBe(false);
  });
});
