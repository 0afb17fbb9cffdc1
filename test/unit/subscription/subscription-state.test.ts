import fc from 'fast-check';
import type { SubscriptionImage } from 'playhead-proto/storage';
import { SubscriptionEntry } from 'playhead-proto/storage';
import { describe, expect, it } from 'vitest';
import { encodeEntry } from '../../../src/subscription/entry.ts';
import {
  DEFAULT_SUBSCRIPTION_CONFIG,
  toConfigEntry,
} from '../../../src/subscription/subscription-config.ts';
import type { Change } from '../../../src/subscription/subscription-state.ts';
import { SubscriptionState } from '../../../src/subscription/subscription-state.ts';

const BEGIN_NS = 5000n;

function emptyImage(): SubscriptionImage {
  return {
    topicId: 1,
    name: 's',
    createdTimestampNs: 1n,
    config: toConfigEntry(DEFAULT_SUBSCRIPTION_CONFIG),
    cursorSequence: 0n,
    cursorTimestampNs: BEGIN_NS,
    nextReceipt: 1n,
    acknowledgedCount: 0n,
    redeliveredCount: 0n,
    deadLetteredCount: 0n,
    droppedCount: 0n,
    leases: [],
    waiting: [],
    dead: [],
  };
}

const runAt = (sequence: number, messageCount: number) => ({
  firstTimestampNs: BEGIN_NS + BigInt(sequence),
  firstSequence: BigInt(sequence),
  messageCount,
});

/** What a message is in the naive version; those that are done are not in it. */
interface Naive {
  readonly kind: 'leased' | 'waiting' | 'dead';
  readonly attempts: number;
  readonly receipt: bigint;
}

type Op = { readonly type: string; readonly a: number; readonly b: number; readonly flag: boolean };

/** Makes a change of what is asked for, if the state allows it, on both sides. */
class Pair {
  readonly state = new SubscriptionState(emptyImage());
  readonly naive = new Map<number, Naive>();
  readonly entries: Buffer[] = [];
  counts = { acknowledged: 0, redelivered: 0, dead: 0 };
  cursor = 0;
  #receipt = 1n;

  do(op: Op): void {
    const change = this.#changeOf(op);
    if (change === undefined) return;
    this.entries.push(Buffer.from(encodeEntry(1, change)));
    this.state.apply(change);
  }

  #changeOf({ type, a, b, flag }: Op): Change | undefined {
    const count = 1 + (b % 4);
    if (type === 'lease') return this.#lease(this.cursor, count, 0);
    if (type === 'park') {
      this.naive.set(this.cursor, { kind: 'waiting', attempts: 0, receipt: 0n });
      return { $case: 'parked', value: runAt(this.cursor++, 1) };
    }
    if (type === 'again') return this.#leaseAgain(a, count);
    if (type === 'bury') return this.#bury();
    if (type === 'drop') return this.#drop(a % (this.cursor + 1));
    return this.#settle(type, a, b, flag);
  }

  #lease(sequence: number, messageCount: number, attempts: number): Change {
    const receipt = this.#receipt++;
    const attempt = attempts + 1;
    for (let i = 0; i < messageCount; i++) {
      this.naive.set(sequence + i, { kind: 'leased', attempts: attempt, receipt });
    }
    if (attempts > 0) this.counts.redelivered += messageCount;
    this.cursor = Math.max(this.cursor, sequence + messageCount);
    const run = runAt(sequence, messageCount);
    return { $case: 'leased', value: { receipt, run, attempt, deadlineNs: 9n, isStreamed: true } };
  }

  #leaseAgain(a: number, count: number): Change | undefined {
    const all = [...this.state.waiting.all()];
    const waiting = all[a % Math.max(1, all.length)];
    if (waiting === undefined) return undefined;
    const { run, attempts } = waiting;
    return this.#lease(Number(run.firstSequence), Math.min(count, run.messageCount), attempts);
  }

  #bury(): Change | undefined {
    const [first] = this.state.dead;
    if (first === undefined) return undefined;
    const { messageCount, firstSequence } = first.run;
    for (let i = 0; i < messageCount; i++) this.naive.delete(Number(firstSequence) + i);
    this.counts.dead += messageCount;
    return { $case: 'buried', value: { messageCount } };
  }

  #drop(before: number): Change {
    for (const [sequence, { kind }] of this.naive) {
      if (sequence < before && kind !== 'dead') this.naive.delete(sequence);
    }
    return { $case: 'dropped', value: { beforeSequence: BigInt(before) } };
  }

  #settle(type: string, a: number, b: number, flag: boolean): Change | undefined {
    const receipt = BigInt(1 + (a % Math.max(1, Number(this.#receipt))));
    const first = b % Math.max(1, this.cursor);
    const messageCount = 1 + (a % 3);
    const range = { receipt, firstTimestampNs: BEGIN_NS + BigInt(first), messageCount };
    for (let sequence = first; sequence < first + messageCount; sequence++) {
      const held = this.naive.get(sequence);
      if (held?.kind !== 'leased' || held.receipt !== receipt) continue;
      this.#settled(type, sequence, held, flag);
    }
    switch (type) {
      case 'ack':
        return { $case: 'acknowledged', value: range };
      case 'return':
        return {
          $case: 'returned',
          value: { range, notBeforeNs: 3n, isUncounted: flag, isSuspect: !flag },
        };
      case 'extend':
        return { $case: 'extended', value: { range, deadlineNs: BigInt(b) } };
      default:
        return {
          $case: 'died',
          value: { range, reason: '', timestampNs: 4n, isTerminated: flag },
        };
    }
  }

  #settled(type: string, sequence: number, held: Naive, isUncounted: boolean): void {
    if (type === 'ack') {
      this.naive.delete(sequence);
      this.counts.acknowledged++;
    } else if (type === 'return') {
      const attempts = held.attempts - (isUncounted ? 1 : 0);
      if (isUncounted && attempts > 0) this.counts.redelivered--;
      this.naive.set(sequence, { kind: 'waiting', attempts, receipt: 0n });
    } else if (type === 'die') {
      this.naive.set(sequence, { ...held, kind: 'dead', receipt: 0n });
    }
  }

  check(): void {
    const { state } = this;
    const count = (kind: Naive['kind']) =>
      [...this.naive.values()].filter((each) => each.kind === kind).length;
    expect(state.leases.messageCount).toBe(count('leased'));
    expect(state.waiting.messageCount).toBe(count('waiting'));
    expect(state.deadCount).toBe(count('dead'));
    expect(state.isIdle).toBe(this.naive.size === 0);
    expect(Number(state.cursor.sequence)).toBe(this.cursor);
    expect(Number(state.floorSequence)).toBe(Math.min(this.cursor, ...this.naive.keys()));
    const pending = [...this.naive].filter(([, { kind }]) => kind !== 'dead');
    const oldest = Math.min(...pending.map(([sequence]) => sequence));
    expect(state.oldestPendingNs).toBe(
      pending.length === 0 ? undefined : BEGIN_NS + BigInt(oldest),
    );
    expect(state.nextReceipt).toBe(this.#receipt);
    expect([state.acknowledgedCount, state.redeliveredCount, state.deadLetteredCount]).toEqual(
      [this.counts.acknowledged, this.counts.redelivered, this.counts.dead].map(BigInt),
    );
    const image = shortOf(state);
    const naive = [...this.naive].sort(([a], [b]) => a - b);
    expect(image).toEqual(
      naive.map(([sequence, { kind, attempts, receipt }]) => [sequence, kind, attempts, receipt]),
    );
  }
}

/** Each message that is not done, in order. */
function shortOf(state: SubscriptionState): (readonly [number, string, number, bigint])[] {
  const { leases, waiting, dead } = state.image();
  const each = (
    run: { readonly firstSequence: bigint; readonly messageCount: number } | undefined,
    ...rest: readonly [string, number, bigint]
  ) =>
    Array.from(
      { length: run?.messageCount ?? 0 },
      (_, i) => [Number(run?.firstSequence) + i, ...rest] as const,
    );
  return [
    ...leases.flatMap(({ run, attempt, receipt }) => each(run, 'leased', attempt, receipt)),
    ...waiting.flatMap(({ run, attempts }) => each(run, 'waiting', attempts, 0n)),
    ...dead.flatMap(({ run, attempts }) => each(run, 'dead', attempts, 0n)),
  ].sort(([a], [b]) => a - b);
}

function replayed(entries: readonly Buffer[], image = emptyImage()): SubscriptionState {
  const state = new SubscriptionState(image);
  for (const entry of entries) {
    const { change } = SubscriptionEntry.decode(entry);
    if (change !== undefined) state.apply(change);
  }
  return state;
}

const op: fc.Arbitrary<Op> = fc.record({
  type: fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom('lease', 'again', 'ack', 'return') },
    { weight: 1, arbitrary: fc.constantFrom('park', 'extend', 'die', 'bury', 'drop') },
  ),
  a: fc.nat(40),
  b: fc.nat(40),
  flag: fc.boolean(),
});

describe('the state of a subscription', () => {
  it('is that of a naive version, and the same when it is replayed or goes on from an image', () => {
    fc.assert(
      fc.property(fc.array(op, { maxLength: 40, size: 'max' }), fc.nat(40), (ops, imageAt) => {
        const pair = new Pair();
        let [image, entriesBefore] = [emptyImage(), 0];
        ops.forEach((each, i) => {
          pair.do(each);
          pair.check();
          if (i !== imageAt) return;
          const entry = encodeEntry(1, { $case: 'image', value: pair.state.image() });
          const { change } = SubscriptionEntry.decode(entry);
          if (change?.$case === 'image') image = change.value;
          entriesBefore = pair.entries.length;
        });
        const wanted = shortOf(pair.state);
        for (const state of [
          replayed(pair.entries),
          replayed(pair.entries.slice(entriesBefore), image),
        ]) {
          expect(shortOf(state)).toEqual(wanted);
          const nothing = { leases: [], waiting: [], dead: [] };
          expect({ ...state.image(), ...nothing }).toEqual({ ...pair.state.image(), ...nothing });
          expect(state.floorSequence).toBe(pair.state.floorSequence);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('leaves out of its image what is being buried, and counts it', () => {
    const state = new SubscriptionState(emptyImage());
    const lease = { receipt: 1n, run: runAt(0, 3), attempt: 1, deadlineNs: 1n, isStreamed: true };
    state.apply({ $case: 'leased', value: lease });
    for (let i = 0; i < 3; i++) {
      const range = { receipt: 1n, firstTimestampNs: BEGIN_NS + BigInt(i), messageCount: 1 };
      const why = { reason: '', timestampNs: 1n, isTerminated: false };
      state.apply({ $case: 'died', value: { range, ...why } });
    }
    const image = state.image(2);
    expect(image.dead.map(({ run }) => run?.firstSequence)).toEqual([2n]);
    expect([image.deadLetteredCount, state.deadLetteredCount]).toEqual([2n, 0n]);
  });

  it('refuses an entry that lacks a field', () => {
    const state = new SubscriptionState(emptyImage());
    const entry = { receipt: 1n, run: undefined, attempt: 1, deadlineNs: 1n, isStreamed: true };
    expect(() => state.apply({ $case: 'leased', value: entry })).toThrow('lacks a field');
  });
});
