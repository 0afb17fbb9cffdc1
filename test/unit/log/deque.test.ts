import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deque } from '../../../src/log/deque.ts';

describe('Deque', () => {
  it('does what an array does, whatever the order of calls', () => {
    const call = fc.oneof(
      { weight: 3, arbitrary: fc.integer().map((value) => ({ name: 'push' as const, value })) },
      { weight: 2, arbitrary: fc.constant({ name: 'shift' as const }) },
      {
        weight: 1,
        arbitrary: fc
          .integer({ min: -2, max: 60 })
          .map((place) => ({ name: 'at' as const, place })),
      },
    );
    fc.assert(
      fc.property(fc.array(call, { maxLength: 200, size: 'max' }), (calls) => {
        const deque = new Deque<number>();
        const array: number[] = [];
        for (const each of calls) {
          if (each.name === 'push') {
            deque.push(each.value);
            array.push(each.value);
          } else if (each.name === 'shift') {
            expect(deque.shift()).toBe(array.shift());
          } else {
            expect(deque.at(each.place)).toBe(each.place < 0 ? undefined : array[each.place]);
          }
          expect(deque.length).toBe(array.length);
        }
        expect(array.map((_, place) => deque.at(place))).toEqual(array);
      }),
    );
  });

  it('finds the first place whose item is wanted, also after it has wrapped around', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), fc.nat(80), (dropped, kept, wanted) => {
        const deque = new Deque<number>();
        for (let i = 0; i < dropped; i++) deque.push(i);
        for (let i = 0; i < dropped; i++) deque.shift();
        for (let i = 0; i < kept; i++) deque.push(i);
        expect(deque.firstPlace((item) => item >= wanted)).toBe(Math.min(wanted, kept));
      }),
    );
  });

  it('is empty after a clear, and usable', () => {
    const deque = new Deque<string>();
    for (let i = 0; i < 20; i++) deque.push(`${i}`);
    deque.clear();
    expect([deque.length, deque.at(0), deque.shift()]).toEqual([0, undefined, undefined]);
    deque.push('again');
    expect(deque.at(0)).toBe('again');
  });
});
