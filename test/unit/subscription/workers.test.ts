import { describe, expect, it } from 'vitest';
import { Lease } from '../../../src/subscription/lease.ts';
import { Worker } from '../../../src/subscription/worker.ts';
import { Workers } from '../../../src/subscription/workers.ts';

const sink = { deliver: () => {}, tell: () => {}, end: () => {} };

function workerWith(credit: number, inFlight = 0): Worker {
  const worker = new Worker(sink, { isStreamed: true });
  worker.creditMessages = credit;
  worker.creditBytes = 1;
  const run = { firstTimestampNs: 0n, firstSequence: 0n, messageCount: inFlight };
  const entry = { receipt: 1n, run, attempt: 1, deadlineNs: 1n, isStreamed: true };
  if (inFlight > 0) worker.hold(new Lease(entry, run));
  return worker;
}

function workersOf(...all: Worker[]): Workers {
  const workers = new Workers();
  for (const each of all) workers.add(each);
  return workers;
}

describe('workers', () => {
  it('take turns, those that have credit', () => {
    const [a, b, c] = [workerWith(1), workerWith(0), workerWith(1)];
    const workers = workersOf(a, b, c);
    const turns = Array.from({ length: 4 }, () => {
      const next = workers.next(false);
      if (next !== undefined) workers.served(next);
      return next;
    });
    expect(turns).toEqual([a, c, a, c]);
    expect(workers.eligibleCount).toBe(2);
    a.creditBytes = 0;
    c.isBlocked = true;
    expect(workers.next(false)).toBeUndefined();
    expect(workers.eligibleCount).toBe(1);
  });

  it('serve an exclusive subscription one at a time', () => {
    const [a, b] = [workerWith(0), workerWith(1)];
    const workers = workersOf(a, b);
    workers.setMode('exclusive');
    expect([workers.next(false), workers.idle()]).toEqual([undefined, undefined]);
    workers.remove(a);
    expect([workers.next(false), workers.idle(), workers.first()]).toEqual([b, b, b]);
    workers.remove(a);
    expect([workers.size, workers.has(a), workers.has(b)]).toEqual([1, false, true]);
  });

  it('spare the one with least work for what has to be delivered alone', () => {
    const [busy, free, less] = [workerWith(1, 3), workerWith(0), workerWith(1, 2)];
    const workers = workersOf(less, busy, free);
    expect(workers.idle()).toBeUndefined();
    expect(workers.next(true)).toBe(busy);
    expect(workers.next(false)).toBe(less);
    expect(workersOf(less).next(true)).toBeUndefined();
  });

  it('give nothing else to one that has a message alone', () => {
    const alone = workerWith(5, 1);
    for (const lease of alone.leases) lease.isAlone = true;
    expect(alone.isAlone).toBe(true);
    expect(workersOf(alone).next(false)).toBeUndefined();
    alone.release();
    expect(workersOf(alone).next(false)).toBe(alone);
  });
});
