import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Waiting } from '../../../src/subscription/waiting.ts';

const runAt = (first: number, messageCount: number) => ({
  firstTimestampNs: BigInt(first) + 1000n,
  firstSequence: BigInt(first),
  messageCount,
});

interface Naive {
  readonly notBeforeNs: bigint;
  readonly isSuspect: boolean;
}

describe('what waits', () => {
  it('comes in the order of the topic once its time has come, and is taken in parts', () => {
    const action = fc.oneof(
      fc.record({
        type: fc.constant('add' as const),
        notBeforeNs: fc.bigInt({ min: 0n, max: 30n }),
        isSuspect: fc.boolean(),
        count: fc.integer({ min: 1, max: 4 }),
      }),
      fc.record({
        type: fc.constant('take' as const),
        kind: fc.constantFrom('ordinary' as const, 'suspect' as const),
        count: fc.integer({ min: 1, max: 4 }),
      }),
      fc.record({ type: fc.constant('drop' as const), before: fc.integer({ min: 0, max: 60 }) }),
      fc.constant({ type: 'pass' as const }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 50 }), (actions) => {
        const waiting = new Waiting();
        const naive = new Map<number, Naive>();
        let [end, nowNs] = [0, 0n];
        for (const each of actions) {
          if (each.type === 'pass') nowNs += 5n;
          else if (each.type === 'add') {
            const { notBeforeNs, isSuspect } = each;
            waiting.add({ run: runAt(end, each.count), attempts: 1, notBeforeNs, isSuspect });
            for (let i = 0; i < each.count; i++) naive.set(end++, { notBeforeNs, isSuspect });
          } else if (each.type === 'drop') {
            waiting.dropBefore(BigInt(each.before));
            for (const sequence of naive.keys()) if (sequence < each.before) naive.delete(sequence);
          } else {
            const next = waiting.next(nowNs, each.kind);
            const ready = [...naive].find(
              ([, { notBeforeNs, isSuspect }]) =>
                notBeforeNs <= nowNs && isSuspect === (each.kind === 'suspect'),
            );
            expect(next?.run.firstSequence).toBe(ready && BigInt(ready[0]));
            if (next === undefined) continue;
            const first = Number(next.run.firstSequence);
            const count = Math.min(each.count, next.run.messageCount);
            const rest = waiting.take(runAt(first, count));
            expect(rest?.run.messageCount ?? 0).toBe(next.run.messageCount - count);
            for (let i = 0; i < count; i++) naive.delete(first + i);
          }
          expect(waiting.messageCount).toBe(naive.size);
          const sequences = [...waiting.all()].flatMap(({ run }) =>
            Array.from({ length: run.messageCount }, (_, i) => Number(run.firstSequence) + i),
          );
          expect(sequences.sort((a, b) => a - b)).toEqual([...naive.keys()]);
        }
      }),
    );
  });

  it('is passed over while it is set aside', () => {
    const waiting = new Waiting();
    const rest = { attempts: 0, notBeforeNs: 0n, isSuspect: false };
    const first = waiting.add({ run: runAt(0, 1), ...rest });
    const second = waiting.add({ run: runAt(1, 1), ...rest });
    expect(waiting.next(0n, 'ordinary')).toBe(first);
    waiting.setAside(first);
    expect(waiting.next(0n, 'ordinary')).toBe(second);
    waiting.release(first);
    expect(waiting.next(0n, 'ordinary')).toBe(first);
    waiting.take(first.run);
    waiting.release(first);
    expect(waiting.next(0n, 'ordinary')).toBe(second);
    waiting.clear();
    expect([waiting.messageCount, waiting.next(0n, 'ordinary')]).toEqual([0, undefined]);
  });

  it('says when the next is due', () => {
    const waiting = new Waiting();
    expect(waiting.nextDueNs).toBeUndefined();
    waiting.add({ run: runAt(0, 1), attempts: 1, notBeforeNs: 9n, isSuspect: false });
    const sooner = waiting.add({ run: runAt(1, 1), attempts: 1, notBeforeNs: 7n, isSuspect: true });
    expect(waiting.nextDueNs).toBe(7n);
    expect(waiting.next(8n, 'ordinary')).toBeUndefined();
    expect(waiting.next(8n, 'suspect')).toBe(sooner);
    expect(waiting.nextDueNs).toBe(9n);
  });
});
