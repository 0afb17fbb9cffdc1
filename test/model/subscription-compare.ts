import type { SubscriptionImage } from 'playhead-proto/storage';
import { expect } from 'vitest';
import type { Subscription } from '../../src/subscription/subscription.ts';
import type { Harness } from './subscription-harness.ts';
import type { ModelSubscription, Status } from './subscription-model.ts';

const NS_PER_MS = 1_000_000n;

type Real = Exclude<Status, { kind: 'done' }>;

/** What the image says of each message; each must be in one place. */
function realStatuses(image: SubscriptionImage): Map<number, Real> {
  const found = new Map<number, Real>();
  const add = (
    run: { readonly firstSequence: bigint; readonly messageCount: number } | undefined,
    status: Real,
  ) => {
    for (let i = 0; i < (run?.messageCount ?? 0); i++) {
      const sequence = Number(run?.firstSequence) + i;
      expect(found.has(sequence), `${sequence} is ${found.get(sequence)?.kind}`).toBe(false);
      expect(sequence).toBeLessThan(Number(image.cursorSequence));
      found.set(sequence, status);
    }
  };
  for (const { run, receipt, attempt, deadlineNs } of image.leases) {
    add(run, { kind: 'leased', receipt, attempt, deadlineNs, worker: undefined });
  }
  for (const { run, attempts, notBeforeNs, isSuspect } of image.waiting) {
    add(run, { kind: 'waiting', attempts, notBeforeNs, isSuspect });
  }
  for (const { run } of image.dead) add(run, { kind: 'dead' });
  return found;
}

/** Compares a subscription message by message, and takes over what the model leaves open. */
export function compareStates(
  model: ModelSubscription,
  real: Subscription,
  harness: Harness,
): void {
  const image = real.state.image();
  const statuses = realStatuses(image);
  const cursor = Number(image.cursorSequence);
  checkCounts(model, real, statuses);
  for (let sequence = 0; sequence < model.topic.messages.length; sequence++) {
    const status: Status | undefined =
      statuses.get(sequence) ?? (sequence < cursor ? { kind: 'done' } : undefined);
    if (sequence < model.topic.floor) takeOver(model, sequence, status, harness.nowNs);
    else compareOne(model, sequence, status, harness);
  }
  if (!harness.model.isHeld) checkCounters(model, real);
}

/** What is trimmed may be forgotten at any time. */
function takeOver(
  model: ModelSubscription,
  sequence: number,
  real: Status | undefined,
  nowNs: bigint,
): void {
  const before = model.statuses.get(sequence);
  if (before === undefined || before.kind === real?.kind) return;
  if (before.kind === 'leased' && before.deadlineNs <= nowNs) {
    if (real?.kind === 'waiting') model.statuses.set(sequence, real);
    if (before.attempt >= model.config.maxAttempts) {
      model.die(sequence, before.attempt, 'max_attempts');
      model.unsureLetters++;
    }
  }
  if (real?.kind === 'done') model.statuses.set(sequence, real);
}

function compareOne(
  model: ModelSubscription,
  sequence: number,
  real: Status | undefined,
  harness: Harness,
): void {
  const { nowNs } = harness;
  const { isHeld } = harness.model;
  const before = model.statuses.get(sequence);
  const text = (each: unknown) =>
    JSON.stringify(each, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
  const what = `message ${sequence} is ${text(real)}, not ${text(before)}`;
  if (before?.kind === 'leased') {
    if (real?.kind === 'leased' && real.receipt === before.receipt) {
      expect([real.attempt, real.deadlineNs], what).toEqual([before.attempt, before.deadlineNs]);
      const sinceNs = before.deadlineNs > harness.settledNs ? before.deadlineNs : harness.settledNs;
      expect(nowNs - sinceNs < 2n * NS_PER_MS, `${what}: should be over`).toBe(true);
      return;
    }
    model.expire(sequence, before, nowNs);
  }
  const now = model.statuses.get(sequence);
  if (now === undefined) {
    if (sequence < model.from) expect(real?.kind, what).toBe('done');
    else if (real?.kind === 'leased') expect([isHeld, real.attempt], what).toEqual([true, 1]);
    else if (real !== undefined) expect(real, what).toMatchObject({ kind: 'waiting', attempts: 0 });
  } else if (now.kind === 'waiting') {
    if (real?.kind === 'leased') {
      expect([isHeld, real.attempt], what).toEqual([true, now.attempts + 1]);
      return;
    }
    const { attempts, isSuspect } = now;
    expect(real, what).toMatchObject({ kind: 'waiting', attempts, isSuspect });
    if (real?.kind !== 'waiting') return;
    const isReady = real.notBeforeNs <= nowNs && now.notBeforeNs <= nowNs;
    const isLate = before?.kind === 'leased' && real.notBeforeNs >= now.notBeforeNs;
    expect(isReady || isLate || real.notBeforeNs === now.notBeforeNs, what).toBe(true);
    model.statuses.set(sequence, real);
  } else if (now.kind === 'dead' && isHeld) expect(['dead', 'done'], what).toContain(real?.kind);
  else expect(real?.kind, what).toBe('done');
}

function checkCounts(
  model: ModelSubscription,
  { state, topic }: Subscription,
  statuses: ReadonlyMap<number, Real>,
): void {
  const count = (kind: Real['kind']) =>
    [...statuses.values()].filter((each) => each.kind === kind).length;
  const [leased, waiting, dead] = [count('leased'), count('waiting'), count('dead')];
  expect(state.leases.messageCount).toBe(leased);
  expect(state.waiting.messageCount).toBe(waiting);
  expect(state.deadCount).toBe(dead);
  const cursor = Number(state.cursor.sequence);
  const fresh = Number(topic.sequence) - Math.max(cursor, Number(topic.floor.sequence));
  expect(state.freshCount(topic.span)).toBe(BigInt(fresh));
  expect(state.pendingCount(topic.span)).toBe(BigInt(fresh + leased + waiting));
  expect(state.isIdle).toBe(leased + waiting + dead === 0);
  expect(Number(state.floorSequence)).toBe(Math.min(cursor, ...statuses.keys()));
  const pending = [...statuses].filter(([, { kind }]) => kind === 'leased' || kind === 'waiting');
  const oldest = Math.min(...pending.map(([sequence]) => sequence));
  // What is leased in the commit that stores it is not a message yet while that is held up.
  const isStored = oldest < model.topic.messages.length || oldest === Infinity;
  if (isStored) expect(state.oldestPendingNs).toBe(model.topic.messages[oldest]?.ns);
  else expect(state.oldestPendingNs).toBeGreaterThanOrEqual(topic.endNs);
  expect(leased).toBeLessThanOrEqual(model.inFlightMax);
  model.inFlightMax = Math.max(model.config.maxInFlight, leased);
}

function checkCounters(model: ModelSubscription, { state }: Subscription): void {
  expect(Number(state.acknowledgedCount)).toBe(model.acknowledged);
  // A redelivery of what is trimmed before it is sent is counted though it is not made.
  const unmade = Number(state.redeliveredCount) - model.redelivered;
  expect(unmade).toBeGreaterThanOrEqual(0);
  expect(unmade).toBeLessThanOrEqual(model.topic.floor);
  model.redelivered += unmade;
  const unsure = model.letters.length - Number(state.deadLetteredCount);
  expect(unsure).toBeGreaterThanOrEqual(0);
  expect(unsure).toBeLessThanOrEqual(model.unsureLetters);
}
