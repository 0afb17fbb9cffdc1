import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lease } from '../../../src/subscription/lease.ts';
import { Leases } from '../../../src/subscription/leases.ts';
import { Worker } from '../../../src/subscription/worker.ts';

function leaseOf(receipt: bigint, deadlineNs: bigint, messageCount = 2): Lease {
  const run = { firstTimestampNs: receipt * 10n, firstSequence: receipt * 10n, messageCount };
  return new Lease({ receipt, run, attempt: 1, deadlineNs, isStreamed: true }, run);
}

describe('leases', () => {
  it('are found by a message that they hold', () => {
    const leases = new Leases();
    const [first, second] = [leaseOf(1n, 5n, 3), leaseOf(2n, 5n, 1)];
    leases.add(first);
    leases.add(second);
    const held = () => [9n, 10n, 11n, 12n, 13n, 20n, 21n].map((ns) => leases.holding(ns)?.receipt);
    expect(held()).toEqual([undefined, 1n, 1n, 1n, undefined, 2n, undefined]);
    for (const run of first.settle(11n, 11n)) leases.settled(first, run.messageCount);
    for (const run of second.settle(20n, 20n)) leases.settled(second, run.messageCount);
    expect(held()).toEqual([undefined, 1n, undefined, 1n, undefined, undefined, undefined]);
  });

  it('run out at one moment in the order of the topic', () => {
    const leases = new Leases();
    for (const receipt of [5n, 2n, 7n, 1n, 6n, 3n, 4n]) leases.add(leaseOf(receipt, 9n));
    leases.add(leaseOf(8n, 8n));
    const receipts = leases.expired(9n).map(({ receipt }) => receipt);
    expect(receipts).toEqual([8n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]);
  });

  it('are found by receipt and by deadline until all of them is settled', () => {
    const action = fc.oneof(
      fc.record({
        type: fc.constant('add' as const),
        receipt: fc.bigInt({ min: 1n, max: 4n }),
        deadlineNs: fc.bigInt({ min: 1n, max: 20n }),
      }),
      fc.record({ type: fc.constant('settle' as const), index: fc.nat(20), all: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const leases = new Leases();
        const all: Lease[] = [];
        for (const each of actions) {
          if (each.type === 'add') {
            const lease = leaseOf(each.receipt, each.deadlineNs);
            all.push(lease);
            leases.add(lease);
          } else {
            const lease = all[each.index % Math.max(1, all.length)];
            const { firstTimestampNs = 0n } = lease?.run ?? {};
            const lastNs = each.all ? firstTimestampNs + 1n : firstTimestampNs;
            for (const run of lease?.settle(firstTimestampNs, lastNs) ?? []) {
              if (lease !== undefined) leases.settled(lease, run.messageCount);
            }
          }
          const held = all.filter(({ heldCount }) => heldCount > 0);
          const deadlines = held.map(({ deadlineNs }) => deadlineNs);
          expect(leases.messageCount).toBe(held.reduce((sum, { heldCount }) => sum + heldCount, 0));
          expect(leases.nextDeadlineNs).toBe(deadlines.sort((a, b) => (a < b ? -1 : 1))[0]);
          expect(new Set(leases.all())).toEqual(new Set(held));
          for (const receipt of [1n, 2n, 3n, 4n]) {
            expect(leases.of(receipt)).toEqual(held.filter((other) => other.receipt === receipt));
          }
        }
      }),
    );
  });

  it('run out at their deadline, those that were not sent yet later', () => {
    const leases = new Leases();
    const [first, second, unsent] = [leaseOf(1n, 10n), leaseOf(2n, 11n), leaseOf(3n, 5n)];
    const sink = { deliver: () => {}, tell: () => {}, end: () => {} };
    const worker = new Worker(sink, { isStreamed: true });
    worker.hold(unsent);
    for (const lease of [second, first, unsent]) leases.add(lease);
    expect(leases.expired(9n)).toEqual([]);
    expect(leases.expired(10n)).toEqual([first]);
    expect(leases.nextDeadlineNs).toBe(5n);
    unsent.isSent = true;
    expect(leases.expired(11n)).toEqual([unsent, second]);
    leases.clear();
    expect([leases.messageCount, leases.nextDeadlineNs]).toEqual([0, undefined]);
  });
});
