import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyOrder } from '../../../src/subscription/key-order.ts';
import type { WaitingRun } from '../../../src/subscription/waiting.ts';

function waitingAt(sequence: bigint): WaitingRun {
  const run = { firstTimestampNs: sequence, firstSequence: sequence, messageCount: 1 };
  return { run, attempts: 0, notBeforeNs: 0n, isSuspect: false, orderSequence: sequence };
}

describe('the order of keys', () => {
  it('lets the first of a key go that is not settled', () => {
    const action = fc.oneof(
      fc.record({
        type: fc.constant('add' as const),
        sequence: fc.bigInt({ min: 0n, max: 20n }),
        key: fc.constantFrom('', 'a', 'b'),
      }),
      fc.record({
        type: fc.constant('settle' as const),
        sequence: fc.bigInt({ min: 0n, max: 20n }),
      }),
      fc.record({
        type: fc.constant('drop' as const),
        sequence: fc.bigInt({ min: 0n, max: 20n }),
      }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const order = new KeyOrder();
        const naive = new Map<bigint, string>();
        const firstOf = (key: string) =>
          [...naive]
            .filter(([, each]) => each === key)
            .sort(([a], [b]) => (a < b ? -1 : 1))[0]?.[0];
        for (const each of actions) {
          if (each.type === 'add') {
            order.add(each.sequence, Buffer.from(each.key));
            if (each.key !== '' && !naive.has(each.sequence)) naive.set(each.sequence, each.key);
          } else if (each.type === 'settle') {
            order.settled(each.sequence);
            naive.delete(each.sequence);
          } else {
            order.settledBefore(each.sequence);
            for (const other of naive.keys()) if (other < each.sequence) naive.delete(other);
          }
          for (const key of ['', 'a', 'b']) {
            expect(order.isBusy(Buffer.from(key))).toBe([...naive.values()].includes(key));
          }
          for (const [sequence, key] of naive) {
            expect(order.isFirst(sequence)).toBe(firstOf(key) === sequence);
          }
        }
      }),
    );
  });

  it('gives back what was set aside once its key is free', () => {
    const order = new KeyOrder();
    const key = Buffer.from('k');
    const [second, third] = [waitingAt(2n), waitingAt(3n)];
    for (const sequence of [1n, 2n, 3n]) order.add(sequence, key);
    order.setAside(third);
    order.setAside(second);
    expect(order.settled(1n)).toBe(second);
    expect(order.settled(2n)).toBe(third);
    expect(order.settled(3n)).toBeUndefined();
    expect(order.settled(3n)).toBeUndefined();
  });

  it('gives back what was set aside once what is before it is no more, or all is forgotten', () => {
    const order = new KeyOrder();
    const key = Buffer.from('k');
    const third = waitingAt(3n);
    for (const sequence of [1n, 2n, 3n]) order.add(sequence, key);
    order.setAside(third);
    expect(order.settledBefore(2n)).toEqual([]);
    expect(order.settledBefore(3n)).toEqual([third]);
    order.setAside(third);
    expect(order.clear()).toEqual([third]);
    expect([order.isBusy(key), order.isFirst(3n)]).toEqual([false, true]);
  });

  it('tells keys apart that are no text', () => {
    const order = new KeyOrder();
    order.add(1n, Buffer.from([0xff]));
    expect(order.isBusy(Buffer.from([0xfe]))).toBe(false);
    expect(order.isBusy(Buffer.from([0xff]))).toBe(true);
  });
});
