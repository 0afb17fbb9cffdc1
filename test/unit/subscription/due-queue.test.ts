import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueQueue } from '../../../src/subscription/due-queue.ts';

describe('DueQueue', () => {
  it('gives places out in the order of their due times, and none too early', () => {
    const queue = new DueQueue();
    const places = [30, 10, 20].map((dueUs) => queue.push(dueUs));
    expect(queue.nextUs).toBe(10);
    expect(queue.take(9)).toBeUndefined();
    expect([queue.take(20), queue.take(20), queue.take(20)]).toEqual([
      places[1],
      places[2],
      undefined,
    ]);
    expect(queue.length).toBe(1);
  });

  it('passes over what is cancelled', () => {
    const queue = new DueQueue();
    const first = queue.push(1);
    const second = queue.push(2);
    queue.cancel(first);
    expect(queue.nextUs).toBe(2);
    expect(queue.take(5)).toBe(second);
    expect(queue.nextUs).toBeUndefined();
  });

  it('keeps few places for what is cancelled', () => {
    const queue = new DueQueue();
    queue.push(0);
    for (let i = 1; i < 100_000; i++) queue.cancel(queue.push(i));
    expect(queue.length).toBe(1);
    expect(queue.placeCount).toBeLessThan(3000);
  });

  it('does what a sorted list does', () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('push'), at: fc.nat(50) }),
      fc.record({ type: fc.constant('take'), at: fc.nat(50) }),
      fc.record({ type: fc.constant('cancel'), at: fc.nat(50) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = new DueQueue();
        const waiting = new Map<number, number>();
        for (const { type, at } of steps) {
          if (type === 'push') {
            const place = queue.push(at);
            expect(waiting.has(place)).toBe(false);
            waiting.set(place, at);
          } else if (type === 'cancel') {
            const place = [...waiting.keys()][at];
            if (place === undefined) continue;
            queue.cancel(place);
            waiting.delete(place);
          } else {
            const first = Math.min(...waiting.values());
            const place = queue.take(at);
            if (first > at) expect(place).toBeUndefined();
            else expect(waiting.get(place ?? -1)).toBe(first);
            if (place !== undefined) waiting.delete(place);
          }
          expect(queue.length).toBe(waiting.size);
        }
      }),
    );
  });
});
