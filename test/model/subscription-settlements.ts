import fc from 'fast-check';
import { expect } from 'vitest';
import type { Settlement, SettlementOutcome } from '../../src/subscription/settlement.ts';
import { command, onWorker, textOf } from './subscription-command.ts';
import type { ModelSubscription } from './subscription-model.ts';

const NS_PER_MS = 1_000_000n;

/** Which deliveries to settle, by what was ever delivered. */
interface Which {
  readonly index: number;
  readonly before: bigint;
  readonly behind: bigint;
  readonly isForeign: boolean;
  readonly action: Settlement['action'];
}

/** Settles what was ever delivered. */
export const settle = (which: readonly Which[]) =>
  command(
    `settle ${textOf(which)}`,
    () => true,
    (model, harness) => {
      const byName = new Map<string, Settlement[]>();
      for (const { index, before, behind, isForeign, action } of which) {
        const got = harness.got.at(-1 - (index % Math.max(1, harness.got.length)));
        if (got === undefined || model.topic?.subscriptions.has(got.subscription) !== true)
          continue;
        const settlement = {
          receipt: got.receipt + (isForeign ? 1000n : 0n),
          firstNs: got.ns - before,
          lastNs: got.ns + behind,
          action,
        };
        byName.set(got.subscription, [...(byName.get(got.subscription) ?? []), settlement]);
      }
      for (const [name, settlements] of byName) {
        const state = model.topic?.subscriptions.get(name);
        if (state === undefined) continue;
        const settled = harness.subscription(name).settle(settlements);
        const expected = settlements.map((each) => expectedOf(state, each, harness.nowNs));
        const isChange = expected.some(({ messageCount }) => messageCount > 0);
        harness.later(settled, (outcomes) => {
          expect(outcomes.map(shortOf)).toEqual(expected);
          if (isChange) expect(harness.model.isHeld, 'is durable').toBe(false);
        });
      }
    },
  );

interface Outcome {
  readonly messageCount: number;
  readonly refused: string | undefined;
  readonly deadlineNs: bigint | undefined;
}

function shortOf({ messageCount, error, deadlineNs }: SettlementOutcome): Outcome {
  return { messageCount, refused: error?.reason, deadlineNs };
}

/** Settles in the model, and says what the broker has to answer. */
function expectedOf(
  model: ModelSubscription,
  { receipt, firstNs, lastNs, action }: Settlement,
  nowNs: bigint,
): Outcome {
  const nothing = { messageCount: 0, deadlineNs: undefined };
  if (action.type === 'ack' && action.isCumulative) {
    return { ...nothing, refused: 'INVALID_ARGUMENT' };
  }
  const leases = model.leased((lease, sequence) => {
    const ns = model.topic.messages[sequence]?.ns ?? 0n;
    return lease.receipt === receipt && ns >= firstNs && ns <= lastNs;
  });
  const extendMs = action.type === 'extend' ? (action.leaseMs ?? model.config.leaseMs) : 0n;
  const deadlineNs = nowNs + extendMs * NS_PER_MS;
  for (const [sequence, lease] of leases) {
    const { attempt } = lease;
    switch (action.type) {
      case 'ack':
        model.ack(sequence);
        break;
      case 'nack': {
        const delayNs =
          action.delayMs === undefined ? model.backoffNs(attempt) : action.delayMs * NS_PER_MS;
        model.giveBack(sequence, attempt, { notBeforeNs: nowNs + delayNs, isSuspect: false });
        break;
      }
      case 'extend':
        model.statuses.set(sequence, { ...lease, deadlineNs });
        break;
      case 'terminate':
        model.die(
          sequence,
          attempt,
          action.reason === '' ? 'terminated' : `terminated: ${action.reason}`,
        );
        break;
      case 'unset':
    }
  }
  const isWhole = BigInt(leases.length) === lastNs - firstNs + 1n;
  return {
    messageCount: leases.length,
    refused: isWhole ? undefined : 'CONFLICT',
    deadlineNs: action.type === 'extend' && leases.length > 0 ? deadlineNs : undefined,
  };
}

/** Acknowledges all that a worker has up to something that was delivered. */
export const ackUpTo = (index: number, upTo: number) =>
  onWorker(`ack up to ${upTo}`, index, ({ number, name, worker, subscription }, harness) => {
    const model = harness.model.topic?.subscriptions.get(name);
    const last = harness.got.at(-1 - (upTo % Math.max(1, harness.got.length)));
    if (model === undefined || last === undefined) return;
    const action = { type: 'ack', isCumulative: true } as const;
    const { receipt, ns } = last;
    const nsOf = (sequence: number) => model.topic.messages[sequence]?.ns ?? 0n;
    // What was leased behind it the worker may not have seen when it wrote this.
    const leases = model.leased((lease, sequence) =>
      lease.receipt === receipt && nsOf(sequence) === ns
        ? true
        : lease.worker === number && lease.receipt <= receipt && nsOf(sequence) <= ns,
    );
    const isHeld = leases.some(
      ([sequence, lease]) => lease.receipt === receipt && nsOf(sequence) === ns,
    );
    const settled = subscription.settle([{ receipt, firstNs: ns, lastNs: ns, action }], worker);
    for (const [sequence] of leases) model.ack(sequence);
    harness.later(settled, (outcomes) => {
      const error = isHeld ? {} : { error: expect.objectContaining({ reason: 'CONFLICT' }) };
      expect(outcomes).toEqual([{ messageCount: leases.length, ...error }]);
    });
  });

/** Settlements of all kinds, mostly of what was delivered last. */
export function settlements(): fc.Arbitrary<Which[]> {
  const ms = fc.option(fc.constantFrom(0n, 300n, 2000n), { nil: undefined });
  const action: fc.Arbitrary<Settlement['action']> = fc.oneof(
    { weight: 4, arbitrary: fc.constant({ type: 'ack' as const, isCumulative: false }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('nack' as const), delayMs: ms }) },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constant('extend' as const),
        leaseMs: fc.constantFrom(undefined, 1n, 1500n, 9000n),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('terminate' as const),
        reason: fc.constantFrom('', 'bad'),
      }),
    },
  );
  const few = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 3n }));
  const which = fc.record({
    index: fc.oneof(fc.nat(3), fc.nat(12)),
    before: few,
    behind: few,
    isForeign: fc.option(fc.constant(true), { nil: false, freq: 1 }),
    action,
  });
  return fc.array(which, { minLength: 1, maxLength: 3 });
}
