import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lease } from '../../../src/subscription/lease.ts';
import type { Run } from '../../../src/subscription/run.ts';
import { Worker } from '../../../src/subscription/worker.ts';

const FIRST_NS = 1000n;
const FIRST_SEQUENCE = 70n;

function leaseOf(messageCount: number): Lease {
  const run = { firstTimestampNs: FIRST_NS, firstSequence: FIRST_SEQUENCE, messageCount };
  return new Lease({ receipt: 1n, run, attempt: 1, deadlineNs: 5n, isStreamed: true }, run);
}

const sequencesOf = (runs: readonly Run[]) =>
  runs.flatMap(({ firstSequence, firstTimestampNs, messageCount }) => {
    expect(firstTimestampNs - FIRST_NS).toBe(firstSequence - FIRST_SEQUENCE);
    return Array.from({ length: messageCount }, (_, i) => firstSequence + BigInt(i));
  });

describe('a lease', () => {
  it('holds what is not settled', () => {
    const edge = fc.bigInt({ min: FIRST_NS - 3n, max: FIRST_NS + 13n });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.array(fc.tuple(edge, edge, fc.boolean()), { maxLength: 12 }),
        (messageCount, ranges) => {
          const lease = leaseOf(messageCount);
          const held = new Set(
            Array.from({ length: messageCount }, (_, i) => FIRST_SEQUENCE + BigInt(i)),
          );
          for (const [firstNs, lastNs, settles] of ranges) {
            const wanted = [...held].filter((each) => {
              const ns = each - FIRST_SEQUENCE + FIRST_NS;
              return ns >= firstNs && ns <= lastNs;
            });
            const runs = settles ? lease.settle(firstNs, lastNs) : lease.held(firstNs, lastNs);
            expect(sequencesOf(runs)).toEqual(wanted);
            if (settles) for (const each of wanted) held.delete(each);
            expect(lease.heldCount).toBe(held.size);
            expect(sequencesOf(lease.allHeld())).toEqual([...held]);
            if (held.size > 0) expect(lease.firstHeldSequence).toBe([...held][0]);
          }
        },
      ),
    );
  });

  it('is not sent yet only while somebody has it', () => {
    const lease = leaseOf(1);
    expect(lease.isUnsent).toBe(false);
    const sink = { deliver: () => {}, tell: () => {}, end: () => {} };
    const worker = new Worker(sink, { isStreamed: true });
    worker.hold(lease);
    expect(lease.isUnsent).toBe(true);
    lease.isSent = true;
    expect(lease.isUnsent).toBe(false);
  });
});
