import { describe, expect, it } from 'vitest';
import {
  DISK_CHECK_BYTES,
  DISK_CHECK_INTERVAL_MS,
  DISK_RESERVE_BYTES,
} from '../../../src/limits.ts';
import { DiskGuard } from '../../../src/log/disk-guard.ts';
import { ManualClock } from '../../../src/manual-clock.ts';

const GIB = 1024 ** 3;

function setUp() {
  const clock = new ManualClock();
  const disk = { freeBytes: 100 * GIB, totalBytes: 200 * GIB };
  let looks = 0;
  let rooms = 0;
  const fulls: number[] = [];
  const space = async () => {
    looks++;
    return { ...disk };
  };
  const guard = new DiskGuard({ space }, clock, {
    onFull: (freeBytes) => fulls.push(freeBytes),
    onRoom: () => rooms++,
  });
  return { clock, disk, guard, fulls, looks: () => looks, rooms: () => rooms };
}

/** Lets the look that was begun end. */
const look = () => new Promise((resolve) => setImmediate(resolve));

describe('DiskGuard', () => {
  it('is full below its reserve, and says so once, and when there is room again', async () => {
    const { clock, disk, guard, fulls, rooms } = setUp();
    await guard.check();
    expect(guard.isFull).toBe(false);
    disk.freeBytes = DISK_RESERVE_BYTES - 1;
    await guard.check();
    expect([guard.isFull, guard.freeBytes]).toEqual([true, DISK_RESERVE_BYTES - 1]);
    clock.advance(DISK_CHECK_INTERVAL_MS);
    await look();
    expect([guard.isFull, rooms()]).toEqual([true, 0]);
    expect(fulls).toEqual([DISK_RESERVE_BYTES - 1]);
    disk.freeBytes = DISK_RESERVE_BYTES;
    clock.advance(DISK_CHECK_INTERVAL_MS);
    await look();
    expect([guard.isFull, rooms(), clock.timerCount]).toEqual([false, 1, 0]);
  });

  it('takes a twentieth of a small file system for its reserve', async () => {
    const { disk, guard } = setUp();
    disk.totalBytes = 100 * 1024 ** 2;
    disk.freeBytes = 5 * 1024 ** 2;
    await guard.check();
    expect(guard.isFull).toBe(false);
    disk.freeBytes--;
    await guard.check();
    expect(guard.isFull).toBe(true);
  });

  it(`looks after every ${DISK_CHECK_BYTES} bytes`, async () => {
    const { guard, looks } = setUp();
    guard.wrote(DISK_CHECK_BYTES - 1);
    expect(looks()).toBe(0);
    guard.wrote(1);
    expect(looks()).toBe(1);
    guard.wrote(DISK_CHECK_BYTES - 1);
    expect(looks()).toBe(1);
    await look();
  });

  it('looks no more once it is closed', async () => {
    const { clock, disk, guard } = setUp();
    disk.freeBytes = 0;
    await guard.check();
    guard.close();
    expect(clock.timerCount).toBe(0);
    await guard.check();
    expect(clock.timerCount).toBe(0);
  });

  it('is never full where nothing can fill up, or where nobody can tell', async () => {
    for (const space of [async () => undefined, () => Promise.reject(new Error('EIO'))]) {
      const guard = new DiskGuard({ space }, new ManualClock(), {
        onFull: () => {},
        onRoom: () => {},
      });
      await guard.check();
      expect(guard.isFull).toBe(false);
    }
  });
});
