import type { DeathEntry, SubscriptionEntry, SubscriptionImage } from 'playhead-proto/storage';
import { BrokerError } from '../errors.ts';
import { BURIAL_MESSAGES } from '../limits.ts';
import type { TopicSpan } from '../log/topic.ts';
import { compareBigInts, LazyHeap } from './lazy-heap.ts';
import { Lease } from './lease.ts';
import { Leases } from './leases.ts';
import type { Run } from './run.ts';
import { endNs, endSequence, partOf } from './run.ts';
import type { SubscriptionConfig } from './subscription-config.ts';
import { fromConfigEntry, toConfigEntry } from './subscription-config.ts';
import type { WaitingRun } from './waiting.ts';
import { Waiting } from './waiting.ts';

/** A change of a subscription, as it is journaled. */
export type Change = NonNullable<SubscriptionEntry['change']>;

/** Messages that are to go to the dead-letter topic, at most {@link BURIAL_MESSAGES} of one death. */
export interface Dead extends Omit<DeathEntry, 'range'> {
  readonly run: Run;
  readonly attempts: number;
  /** By what it is ordered among all that is not settled. */
  readonly orderSequence: bigint;
}

/** Where the next message that was never delivered is. */
export interface Cursor {
  readonly sequence: bigint;
  readonly timestampNs: bigint;
}

/**
 * What a subscription knows of its topic's messages. Behind the cursor none was delivered; before it each is leased,
 * waits to be delivered again, is to become a dead letter, or is done. The settings aside it changes by
 * {@link apply} alone, so that whoever replays the journal comes to the same state.
 */
export class SubscriptionState {
  readonly topicId: number;
  readonly name: string;
  readonly createdTimestampNs: bigint;
  readonly leases = new Leases();
  readonly waiting = new Waiting();
  config: SubscriptionConfig;
  cursor: Cursor = { sequence: 0n, timestampNs: 0n };
  acknowledgedCount = 0n;
  redeliveredCount = 0n;
  deadLetteredCount = 0n;
  droppedCount = 0n;
  #nextReceipt = 1n;
  readonly #dead = new Set<Dead>();
  #deadCount = 0;
  readonly #oldest = new LazyHeap<Lease | WaitingRun>(bySequence, (item) =>
    item instanceof Lease ? item.heldCount > 0 : this.waiting.has(item),
  );
  readonly #oldestDead = new LazyHeap<Dead>(bySequence, (dead) => this.#dead.has(dead));

  constructor(image: SubscriptionImage) {
    this.topicId = image.topicId;
    this.name = image.name;
    this.createdTimestampNs = image.createdTimestampNs;
    this.config = fromConfigEntry(required(image.config));
    this.#restore(image);
  }

  /** The receipt of the next lease. */
  get nextReceipt(): bigint {
    return this.#nextReceipt;
  }

  /** What is to go to the dead-letter topic, in this order. */
  get dead(): ReadonlySet<Dead> {
    return this.#dead;
  }

  /** Messages in {@link dead}. */
  get deadCount(): number {
    return this.#deadCount;
  }

  /** Messages that were never delivered. */
  freshCount({ floor, end }: TopicSpan): bigint {
    const { sequence } = this.cursor;
    return end.sequence - (sequence > floor.sequence ? sequence : floor.sequence);
  }

  /** Messages that are not acknowledged. */
  pendingCount(topic: TopicSpan): bigint {
    const { leases, waiting } = this;
    return this.freshCount(topic) + BigInt(leases.messageCount + waiting.messageCount);
  }

  /** Sequence of the first message that is neither acknowledged nor a dead letter on its topic. */
  get floorSequence(): bigint {
    let { sequence } = this.cursor;
    for (const item of [this.#oldestPending(), this.#oldestDead.peek()]) {
      if (item !== undefined && item.orderSequence < sequence) sequence = item.orderSequence;
    }
    return sequence;
  }

  /** Timestamp of the first message before the cursor that is not acknowledged; undefined if all are. */
  get oldestPendingNs(): bigint | undefined {
    const item = this.#oldestPending();
    return item && item.run.firstTimestampNs + (item.orderSequence - item.run.firstSequence);
  }

  /** Sequence behind the oldest messages that are not acknowledged: so many, or those of the first run if they are less. */
  sequenceBehindOldest(messageCount: bigint, floorSequence: bigint): bigint {
    const oldest = this.#oldestPending();
    const run = oldest instanceof Lease ? oldest.allHeld()[0] : oldest?.run;
    if (run === undefined || run.firstSequence >= this.cursor.sequence) {
      const { sequence } = this.cursor;
      return (sequence > floorSequence ? sequence : floorSequence) + messageCount;
    }
    const count = BigInt(run.messageCount);
    return run.firstSequence + (messageCount < count ? messageCount : count);
  }

  /** True if everything before the cursor is settled for good. */
  get isIdle(): boolean {
    return this.leases.messageCount + this.waiting.messageCount + this.#deadCount === 0;
  }

  apply(change: Change): void {
    switch (change.$case) {
      case 'image':
        this.config = fromConfigEntry(required(change.value.config));
        return this.#restore(change.value);
      case 'leased': {
        const run = required(change.value.run);
        this.#pass(run);
        const rest = this.waiting.take(run);
        if (rest !== undefined) this.#oldest.push(rest);
        this.#addLease(new Lease(change.value, run));
        if (change.value.attempt > 1) this.redeliveredCount += BigInt(run.messageCount);
        return;
      }
      case 'acknowledged':
        for (const { run } of this.#settle(change.value)) {
          this.acknowledgedCount += BigInt(run.messageCount);
        }
        return;
      case 'returned': {
        const { range, notBeforeNs, isUncounted, isSuspect } = change.value;
        for (const { run, lease } of this.#settle(required(range))) {
          const attempts = lease.attempt - (isUncounted ? 1 : 0);
          if (isUncounted && attempts > 0) this.redeliveredCount -= BigInt(run.messageCount);
          this.#wait({ run, attempts, notBeforeNs, isSuspect });
        }
        return;
      }
      case 'extended': {
        const { range, deadlineNs } = change.value;
        for (const { run, lease } of this.#settle(required(range)))
          this.#split(lease, run, deadlineNs);
        return;
      }
      case 'died': {
        const { range, ...why } = change.value;
        for (const { run, lease } of this.#settle(required(range))) {
          this.#die({ ...why, run, attempts: lease.attempt });
        }
        return;
      }
      case 'buried':
        this.#bury(change.value.messageCount);
        this.deadLetteredCount += BigInt(change.value.messageCount);
        return;
      case 'dropped':
        return this.#drop(change.value.beforeSequence);
      case 'parked':
        this.#pass(change.value);
        return this.#wait({ run: change.value, attempts: 0, notBeforeNs: 0n, isSuspect: false });
      case 'removed':
    }
  }

  /** Takes other settings: what was delivered as often as they allow is dead. To be noted by an image. */
  configure(config: SubscriptionConfig, nowNs: bigint): void {
    this.config = config;
    const why = { reason: '', timestampNs: nowNs, isTerminated: false };
    for (const { run, attempts } of this.waiting.all()) {
      if (attempts < config.maxAttempts) continue;
      this.waiting.take(run);
      this.#die({ ...why, run, attempts });
    }
    for (const waiting of Array.from(this.waiting.all())) {
      this.waiting.take(waiting.run);
      this.#wait(waiting);
    }
  }

  /** All there is; without those dead letters that are on their way to their topic already. */
  image(buryingCount = 0): SubscriptionImage {
    return {
      topicId: this.topicId,
      name: this.name,
      createdTimestampNs: this.createdTimestampNs,
      config: toConfigEntry(this.config),
      cursorSequence: this.cursor.sequence,
      cursorTimestampNs: this.cursor.timestampNs,
      nextReceipt: this.#nextReceipt,
      acknowledgedCount: this.acknowledgedCount,
      redeliveredCount: this.redeliveredCount,
      deadLetteredCount: this.deadLetteredCount + BigInt(buryingCount),
      droppedCount: this.droppedCount,
      leases: [...this.leases.all()].flatMap((lease) => {
        const { receipt, attempt, deadlineNs, isStreamed } = lease;
        return lease.allHeld().map((run) => ({ receipt, run, attempt, deadlineNs, isStreamed }));
      }),
      waiting: [...this.waiting.all()],
      dead: this.#deadBehind(buryingCount),
    };
  }

  #restore(image: SubscriptionImage): void {
    for (const lease of this.leases.all()) {
      lease.holder?.release();
      lease.holder = undefined;
    }
    this.leases.clear();
    this.waiting.clear();
    this.#oldest.clear();
    this.#oldestDead.clear();
    this.#dead.clear();
    this.#deadCount = 0;
    this.cursor = { sequence: image.cursorSequence, timestampNs: image.cursorTimestampNs };
    this.#nextReceipt = image.nextReceipt;
    this.acknowledgedCount = image.acknowledgedCount;
    this.redeliveredCount = image.redeliveredCount;
    this.deadLetteredCount = image.deadLetteredCount;
    this.droppedCount = image.droppedCount;
    for (const entry of image.leases) this.#addLease(new Lease(entry, required(entry.run)));
    for (const entry of image.waiting) this.#wait({ ...entry, run: required(entry.run) });
    for (const entry of image.dead) this.#die({ ...entry, run: required(entry.run) });
  }

  /** Moves the cursor behind a run that begins at it. */
  #pass(run: Run): void {
    if (run.firstSequence < this.cursor.sequence) return;
    this.droppedCount += run.firstSequence - this.cursor.sequence;
    this.cursor = { sequence: endSequence(run), timestampNs: endNs(run) };
  }

  #addLease(lease: Lease): void {
    this.leases.add(lease);
    this.#oldest.push(lease);
    if (lease.receipt >= this.#nextReceipt) this.#nextReceipt = lease.receipt + 1n;
  }

  #wait(fields: Omit<WaitingRun, 'orderSequence'>): void {
    const { run } = fields;
    // One by one, where one may have to wait for its key while the next need not.
    const most = this.config.deliveryMode === 'key_ordered' ? 1 : run.messageCount;
    for (let at = 0; at < run.messageCount; at += most) {
      this.#oldest.push(this.waiting.add({ ...fields, run: partOf(run, at, most) }));
    }
  }

  #die(death: Omit<Dead, 'orderSequence'>): void {
    const { run } = death;
    for (let at = 0; at < run.messageCount; at += BURIAL_MESSAGES) {
      const part = partOf(run, at, Math.min(run.messageCount - at, BURIAL_MESSAGES));
      const dead = { ...death, run: part, orderSequence: part.firstSequence };
      this.#dead.add(dead);
      this.#oldestDead.push(dead);
      this.#deadCount += part.messageCount;
    }
  }

  /** What is dead behind so many messages. */
  #deadBehind(messageCount: number): Dead[] {
    let passed = 0;
    return [...this.#dead].filter(({ run }) => {
      passed += run.messageCount;
      return passed > messageCount;
    });
  }

  #bury(messageCount: number): void {
    let left = messageCount;
    for (const dead of this.#dead) {
      if (left <= 0) return;
      left -= dead.run.messageCount;
      this.#dead.delete(dead);
      this.#deadCount -= dead.run.messageCount;
    }
  }

  /** Settles what is held of a range of a receipt. */
  #settle(range: {
    receipt: bigint;
    firstTimestampNs: bigint;
    messageCount: number;
  }): { run: Run; lease: Lease }[] {
    const lastNs = range.firstTimestampNs + BigInt(range.messageCount) - 1n;
    const settled: { run: Run; lease: Lease }[] = [];
    for (const lease of this.leases.of(range.receipt)) {
      for (const run of lease.settle(range.firstTimestampNs, lastNs)) {
        settled.push({ run, lease });
        this.leases.settled(lease, run.messageCount);
        lease.holder?.settled(lease, run.messageCount);
      }
    }
    return settled;
  }

  /** A lease of its own, with the same receipt, for what has another deadline than the rest. */
  #split(lease: Lease, run: Run, deadlineNs: bigint): void {
    const { receipt, attempt, isStreamed } = lease;
    const part = new Lease({ receipt, run, attempt, deadlineNs, isStreamed }, run);
    part.holder = lease.holder;
    part.isSent = lease.isSent;
    part.isAlone = lease.isAlone;
    part.holder?.hold(part);
    this.#addLease(part);
  }

  #drop(beforeSequence: bigint): void {
    let count = this.waiting.messageCount;
    for (const rest of this.waiting.dropBefore(beforeSequence)) this.#oldest.push(rest);
    count -= this.waiting.messageCount;
    for (const lease of this.leases.all()) {
      const { run } = lease;
      if (run.firstSequence >= beforeSequence) continue;
      const lastNs = run.firstTimestampNs + (beforeSequence - run.firstSequence) - 1n;
      for (const { messageCount } of lease.settle(run.firstTimestampNs, lastNs)) {
        this.leases.settled(lease, messageCount);
        lease.holder?.settled(lease, messageCount);
        count += messageCount;
      }
    }
    this.droppedCount += BigInt(count);
    const { sequence, timestampNs } = this.cursor;
    if (beforeSequence <= sequence) return;
    this.droppedCount += beforeSequence - sequence;
    this.cursor = { sequence: beforeSequence, timestampNs };
  }

  /** The first of all that is leased or waits, ordered by its first message that still is. */
  #oldestPending(): Lease | WaitingRun | undefined {
    for (;;) {
      const item = this.#oldest.peek();
      if (!(item instanceof Lease) || item.orderSequence === item.firstHeldSequence) return item;
      this.#oldest.pop();
      item.orderSequence = item.firstHeldSequence;
      this.#oldest.push(item);
    }
  }
}

function bySequence(a: { orderSequence: bigint }, b: { orderSequence: bigint }): number {
  return compareBigInts(a.orderSequence, b.orderSequence);
}

/** A field of an entry that is always there. */
function required<T>(field: T | undefined): T {
  if (field !== undefined) return field;
  throw new BrokerError(
    'DATA_LOSS',
    'the journal of subscriptions has an entry that lacks a field',
  );
}
