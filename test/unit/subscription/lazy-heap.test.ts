import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBigInts, LazyHeap } from '../../../src/subscription/lazy-heap.ts';

interface Item {
  readonly rank: bigint;
  isLive: boolean;
}

function newHeap(): LazyHeap<Item> {
  return new LazyHeap(
    (a, b) => compareBigInts(a.rank, b.rank),
    ({ isLive }) => isLive,
  );
}

describe('a lazy heap', () => {
  it('gives what lives, in order', () => {
    const action = fc.oneof(
      fc.record({ type: fc.constant('push' as const), rank: fc.bigInt({ min: 0n, max: 20n }) }),
      fc.record({ type: fc.constant('die' as const), index: fc.nat(30) }),
      fc.constant({ type: 'pop' as const }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const heap = newHeap();
        let items: Item[] = [];
        for (const each of actions) {
          if (each.type === 'push') {
            const item = { rank: each.rank, isLive: true };
            heap.push(item);
            items.push(item);
          } else if (each.type === 'die') {
            const item = items[each.index % Math.max(1, items.length)];
            if (item !== undefined) item.isLive = false;
          } else {
            const popped = heap.pop();
            items = items.filter((item) => item !== popped);
          }
          const live = items.filter(({ isLive }) => isLive).map(({ rank }) => rank);
          const least = live.sort(compareBigInts)[0];
          expect(heap.peek()?.rank).toBe(least);
        }
        heap.clear();
        expect(heap.peek()).toBeUndefined();
      }),
    );
  });

  it('forgets what has died, also behind what lives', () => {
    const heap = newHeap();
    const first = { rank: 0n, isLive: true };
    heap.push(first);
    let asked = 0;
    for (let i = 0; i < 10_000; i++) {
      const item = {
        rank: 1n,
        get isLive() {
          asked++;
          return false;
        },
      };
      heap.push(item);
    }
    asked = 0;
    expect(heap.pop()).toBe(first);
    expect(heap.pop()).toBeUndefined();
    expect(asked).toBeLessThan(3000);
  });
});
