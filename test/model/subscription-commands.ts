import fc from 'fast-check';
import { expect } from 'vitest';
import type { Position } from '../../src/log/position.ts';
import { pull } from '../../src/subscription/pull.ts';
import type { SubscriptionConfig } from '../../src/subscription/subscription-config.ts';
import { DEFAULT_SUBSCRIPTION_CONFIG } from '../../src/subscription/subscription-config.ts';
import { keyedRunOf } from '../support/message.ts';
import type { Command } from './subscription-command.ts';
import { command, onSubscription, onWorker, textOf } from './subscription-command.ts';
import type { Got, Harness } from './subscription-harness.ts';
import { StreamWorker, TOPIC, take } from './subscription-harness.ts';
import type { Model } from './subscription-model.ts';
import { ModelSubscription, ModelTopic } from './subscription-model.ts';
import { ackUpTo, settle, settlements } from './subscription-settlements.ts';

const NAMES = ['r', 's'];

const isFree = (model: Model) => !model.isHeld;

const publish = (keys: readonly string[], closes: boolean, trimConsumed: boolean, first: number) =>
  command(
    `publish ${keys.map((key) => `"${key}"`)}${closes ? ' and close' : ''}`,
    (model) => model.topic?.isClosed !== true && (model.topic !== undefined || isFree(model)),
    async (model, harness) => {
      const { log } = harness.test;
      if (model.topic === undefined) {
        const { id } = await log.createTopic(TOPIC, { trimConsumed });
        model.topic = new ModelTopic(id, trimConsumed);
      }
      const { topic } = model;
      const messages = keys.map((key, i) => [key, `m${first + i}`] as const);
      const publishing = log.appendAndWait({
        topic: log.topic(TOPIC),
        run: messages.length === 0 ? undefined : keyedRunOf(...messages),
        producer: undefined,
        expectedLastTimestampNs: undefined,
        close: closes ? { reason: 'done', checksum: Buffer.alloc(0) } : undefined,
      });
      harness.later(
        publishing,
        ({ firstTimestampNs, closed }) => {
          messages.forEach(([key, value], i) => {
            topic.messages.push({ key, value, ns: firstTimestampNs + BigInt(i) });
          });
          if (closed !== undefined) topic.isClosed = true;
        },
        ({ reason }) => expect([reason, topic.isClosed]).toEqual(['CHANNEL_CLOSED', true]),
      );
    },
  );

/** Where to go, in the state in which it is run. */
type Place = 'earliest' | 'latest' | { readonly index: number; readonly offset: bigint };

function positionOf(place: Place, topic: ModelTopic): { position: Position; sequence: number } {
  if (place === 'earliest') return { position: { at: place }, sequence: topic.floor };
  if (place === 'latest') return { position: { at: place }, sequence: topic.messages.length };
  const near = topic.messages[place.index % Math.max(1, topic.messages.length)];
  const timestampNs = (near?.ns ?? 1_790_000_000_000_000_000n) + place.offset;
  return { position: { at: 'timestamp', timestampNs }, sequence: topic.at(timestampNs) };
}

const create = (name: string, config: Partial<SubscriptionConfig>, place: Place) =>
  command(
    `create ${name} ${textOf({ config, place })}`,
    ({ topic }) => topic !== undefined && !topic.subscriptions.has(name),
    async (model, harness) => {
      const { topic } = model;
      if (topic === undefined) return;
      const { position, sequence } = positionOf(place, topic);
      const asked = { topic: TOPIC, name, position, config, createTopic: false };
      harness.later(harness.all.create(asked), () => {});
      await harness.quiet();
      const whole = { ...DEFAULT_SUBSCRIPTION_CONFIG, ...config };
      topic.subscriptions.set(name, new ModelSubscription(name, topic, whole, sequence));
      harness.observe(harness.subscription(name));
    },
  );

const join = (name: string, credit: number) =>
  onSubscription(`join with ${credit}`, name, (_, harness) => {
    void new StreamWorker(harness, name, { credit });
  });

const pullFrom = (name: string, maxMessages: number, waitMs: number, leaseMs: bigint | undefined) =>
  onSubscription(
    `pull ${maxMessages}, wait ${waitMs}, lease ${leaseMs}`,
    name,
    (model, harness) => {
      const { signal } = new AbortController();
      const options = { maxMessages, maxBytes: 1 << 20, waitMs, leaseMs, signal };
      const { name: text } = model;
      harness.later(
        pull(harness.subscription(name), options),
        (pulled) => {
          const now = harness.model.topic?.subscriptions.get(text);
          if (now === undefined) throw new Error(`${text} is no more`);
          const taken = take(harness, now, pulled, undefined);
          expect(taken.length).toBeLessThanOrEqual(maxMessages);
          if (taken.some(({ isSuspect }) => isSuspect)) expect(taken).toHaveLength(1);
          if (pulled.drained !== undefined) {
            expect([now.topic.isClosed, now.unsettled()]).toEqual([true, []]);
          }
        },
        ({ reason }) => expect(reason).toBe('SUBSCRIPTION_DELETED'),
      );
    },
  );

const advance = (ms: number) =>
  command(
    `advance ${ms}`,
    () => true,
    (_, { test }) => test.clock.advance(ms),
  );

/** While dead letters are held up, a move waits for them. */
const canMove = (model: Model) => !model.isHeld;

const seek = (name: string, place: Place) =>
  onSubscription(
    `seek ${textOf(place)}`,
    name,
    async (model, harness) => {
      const { position, sequence } = positionOf(place, model.topic);
      await move(
        harness,
        () => model.seek(sequence),
        () => harness.all.seek(harness.subscription(name), position),
      );
    },
    (model) => canMove(model) || noDead(model, name),
  );

function noDead(model: Model, name: string): boolean {
  const statuses = [...(model.topic?.subscriptions.get(name)?.statuses.values() ?? [])];
  return !statuses.some(({ kind }) => kind === 'dead');
}

async function move(
  harness: Harness,
  onMoved: () => void,
  start: () => Promise<void>,
): Promise<void> {
  let count = 0;
  harness.onMoved = () => {
    count++;
    onMoved();
  };
  harness.later(start(), () => {});
  await harness.quiet();
  harness.onMoved = undefined;
  expect(count).toBe(1);
}

const snapshot = (name: string) =>
  onSubscription(
    'snapshot',
    name,
    (model, harness) => {
      const bytes = harness.all.snapshot(harness.subscription(name));
      const state = model.clone(model.topic);
      harness.model.snapshots.push({ topicId: model.topic.id, bytes, state });
    },
    isFree,
  );

const restore = (name: string, index: number) =>
  onSubscription(
    `restore ${index}`,
    name,
    async (model, harness) => {
      const { snapshots } = harness.model;
      const found = snapshots[index % Math.max(1, snapshots.length)];
      if (found === undefined) return;
      const start = () => harness.all.restore(harness.subscription(name), found.bytes);
      if (found.topicId === model.topic.id) {
        return move(harness, () => model.restore(found.state), start);
      }
      await expect(start()).rejects.toMatchObject({ reason: 'INVALID_ARGUMENT' });
    },
    (model) => canMove(model) || noDead(model, name),
  );

const update = (name: string, config: Partial<SubscriptionConfig>) =>
  onSubscription(`update ${textOf(config)}`, name, (model, harness) => {
    const real = harness.subscription(name);
    const hasWorkers = real.workers.size > 0;
    const isRefused =
      hasWorkers &&
      config.deliveryMode !== undefined &&
      config.deliveryMode !== model.config.deliveryMode;
    const leased = new Set<number>();
    for (const lease of real.state.leases.all()) {
      for (const { firstSequence, messageCount } of lease.allHeld()) {
        for (let i = 0; i < messageCount; i++) leased.add(Number(firstSequence) + i);
      }
    }
    const updated = harness.all.update(real, config);
    if (!isRefused) model.configure({ ...model.config, ...config }, (each) => leased.has(each));
    model.inFlightMax = Math.max(model.inFlightMax, model.config.maxInFlight);
    harness.later(
      updated,
      () => expect(isRefused).toBe(false),
      ({ reason }) => expect([isRefused, reason]).toEqual([true, 'INVALID_ARGUMENT']),
    );
  });

const trim = (place: Place) =>
  command(
    `trim ${textOf(place)}`,
    ({ topic }) => topic !== undefined,
    async (model, { test }) => {
      if (model.topic === undefined) return;
      const { position, sequence } = positionOf(place, model.topic);
      for (const each of model.incarnations()) each.trimmed = Math.max(each.trimmed, sequence);
      const endNs = (model.topic.messages.at(-1)?.ns ?? 0n) + 1n;
      const beforeNs = position.at === 'timestamp' ? position.timestampNs : endNs;
      if (place !== 'earliest') await test.log.trimTopic(TOPIC, beforeNs);
    },
  );

const retain = (maxMessages: number) =>
  command(
    `retain ${maxMessages}`,
    (model) => model.topic !== undefined && isFree(model),
    async (model, { test }) => {
      if (model.topic === undefined) return;
      const sequence = model.topic.messages.length - maxMessages;
      model.topic.trimmed = Math.max(model.topic.trimmed, sequence);
      await test.log.updateTopic(TOPIC, { maxMessages: BigInt(maxMessages) });
      test.clock.advance(1000);
      await test.log.swept();
      await test.log.updateTopic(TOPIC, { maxMessages: 0n });
    },
  );

const removeTopic = command(
  'delete the topic',
  (model) => model.topic !== undefined && isFree(model),
  async (model, harness) => {
    for (const each of model.topic?.subscriptions.values() ?? []) model.forget(each);
    model.topic = undefined;
    harness.got = [];
    await harness.test.log.deleteTopic(TOPIC);
  },
);

const removeSubscription = (name: string) =>
  onSubscription(
    'delete',
    name,
    async (model, harness) => {
      harness.model.forget(model);
      harness.got = harness.got.filter((each: Got) => each.subscription !== name);
      await harness.all.delete(harness.subscription(name));
    },
    isFree,
  );

const restart = (kind: 'reopen' | 'crash') =>
  command(
    kind,
    (model) => kind === 'crash' || isFree(model),
    async (model, harness) => {
      if (model.durable !== undefined) model.topic = model.durable.topic;
      model.durable = undefined;
      for (const each of model.topic?.subscriptions.values() ?? []) each.restart(harness.nowNs);
      await harness.restart(kind);
    },
  );

const hold = command('hold', isFree, (model, { test }) => {
  model.hold();
  void test.store.appends.close();
});

const release = command(
  'release',
  (model) => model.isHeld,
  (model, harness) => {
    model.durable = undefined;
    harness.settledNs = harness.nowNs;
    harness.test.store.appends.open();
  },
);

/** What is in memory for those who follow has to make room: they read from the disk again. */
const evict = command(
  'evict',
  () => true,
  (_, { test }) => {
    const { recent, committer } = test.log.readContext;
    recent.restart(committer.endNs);
  },
);

/** Begins with something to do. */
export async function begin(model: Model, harness: Harness): Promise<void> {
  await publish(['', 'k', ''], false, true, -3).run(model, harness);
  await create('s', { maxAttempts: 3 }, 'earliest').run(model, harness);
}

/** In the end everything is delivered to one who acknowledges all. */
export async function settleAll(model: Model, harness: Harness): Promise<void> {
  if (model.isHeld) await release.run(model, harness);
  for (const worker of harness.workers) worker.leave(false);
  for (const name of model.topic?.subscriptions.keys() ?? []) {
    void new StreamWorker(harness, name, { credit: 5, acksAll: true });
  }
  const all = [...(model.topic?.subscriptions.values() ?? [])];
  const isOpen = (each: ModelSubscription) =>
    each.unsettled().length > 0 || !harness.subscription(each.name).state.isIdle;
  for (let rounds = 0; rounds < 60 && (rounds < 2 || all.some(isOpen)); rounds++) {
    await advance(5000).run(model, harness);
  }
  for (const each of all) {
    expect(each.unsettled(), `left over in ${each.name}`).toEqual([]);
    const { isDrained, state, topic } = harness.subscription(each.name);
    expect(state.freshCount(topic.span)).toBe(0n);
    expect(state.isIdle).toBe(true);
    expect(isDrained).toBe(each.topic.isClosed);
  }
  if (model.topic?.isClosed === true) expect(harness.workers).toEqual([]);
}

function configs(): fc.Arbitrary<Partial<SubscriptionConfig>> {
  const backoff = fc.constantFrom(
    { delaysMs: [], initialMs: 0n, maxMs: 1000n, jitter: 0 },
    { delaysMs: [], initialMs: 100n, maxMs: 250n, jitter: 0.5 },
    { delaysMs: [0n, 500n], initialMs: 0n, maxMs: 0n, jitter: 0 },
  );
  return fc.record(
    {
      leaseMs: fc.constantFrom(1n, 700n, 3000n),
      maxAttempts: fc.constantFrom(1, 2, 3, 5),
      maxInFlight: fc.constantFrom(1, 2, 5, 100),
      backoff,
      deliveryMode: fc.constantFrom('shared', 'shared', 'exclusive', 'key_ordered'),
    },
    { requiredKeys: [] },
  );
}

/** All commands, those that fill and empty subscriptions more often. */
export function commands(): fc.Arbitrary<Command>[] {
  const name = fc.constantFrom(...NAMES);
  const place: fc.Arbitrary<Place> = fc.oneof(
    fc.constantFrom('earliest' as const, 'latest' as const),
    fc.record({ index: fc.nat(40), offset: fc.bigInt({ min: -1n, max: 1n }) }),
  );
  const keys = fc.array(fc.constantFrom('', 'k', 'l'), { minLength: 1, maxLength: 4 });
  let next = 0;
  const toPublish = (closes: boolean) =>
    fc.tuple(keys, fc.boolean()).map(([list, trims]) => {
      const first = next;
      next += list.length;
      return publish(list, closes, trims, first);
    });
  const credit = fc.constantFrom(0, 1, 1, 2, 3, 20);
  const index = fc.nat(5);
  const leaseMs = fc.constantFrom(undefined, 1n, 400n, 2000n);
  const settling = settlements().map(settle);
  return [
    ...Array.from({ length: 10 }, () => toPublish(false)),
    toPublish(true),
    ...Array.from({ length: 3 }, () =>
      fc.tuple(name, configs(), place).map((args) => create(...args)),
    ),
    ...Array.from({ length: 14 }, () => fc.tuple(name, credit).map((args) => join(...args))),
    ...Array.from({ length: 3 }, () =>
      fc
        .tuple(index, fc.boolean())
        .map(([i, isSuspect]) =>
          onWorker(`leave ${isSuspect}`, i, (each) => each.leave(isSuspect)),
        ),
    ),
    fc
      .tuple(index, credit)
      .map(([i, n]) => onWorker(`credit ${n}`, i, (each) => each.addCredit(n))),
    fc
      .tuple(name, fc.constantFrom(1, 2, 10), fc.constantFrom(0, 0, 1000), leaseMs)
      .map((args) => pullFrom(...args)),
    ...Array.from({ length: 24 }, () => settling),
    fc.tuple(index, fc.nat(8)).map((args) => ackUpTo(...args)),
    ...Array.from({ length: 6 }, () => fc.constantFrom(1, 100, 700, 3000).map(advance)),
    fc.tuple(name, place).map((args) => seek(...args)),
    name.map(snapshot),
    fc.tuple(name, fc.nat(5)).map((args) => restore(...args)),
    fc.tuple(name, configs()).map((args) => update(...args)),
    place.map(trim),
    fc.constantFrom(1, 3).map(retain),
    fc.constant(removeTopic),
    name.map(removeSubscription),
    fc.constantFrom('reopen' as const, 'crash' as const).map(restart),
    fc.constant(hold),
    fc.constant(release),
    fc.constant(release),
    fc.constant(evict),
  ];
}
