import { expect } from 'vitest';
import type { SubscriptionConfig } from '../../src/subscription/subscription-config.ts';

const NS_PER_MS = 1_000_000n;

/** A message of the topic. Its place in the list of all is its sequence. */
export interface Stored {
  readonly value: string;
  readonly key: string;
  readonly ns: bigint;
}

interface Leased {
  readonly kind: 'leased';
  readonly receipt: bigint;
  readonly attempt: number;
  readonly deadlineNs: bigint;
  /** Number of the stream that has it; undefined if it was pulled. */
  readonly worker: number | undefined;
}

interface Waiting {
  readonly kind: 'waiting';
  readonly attempts: number;
  readonly notBeforeNs: bigint;
  readonly isSuspect: boolean;
}

/** What has become of a message; fresh ones have no status. */
export type Status = Leased | Waiting | { readonly kind: 'dead' } | { readonly kind: 'done' };

/** What has to be on the dead-letter topic. */
export interface Letter {
  readonly value: string;
  readonly sequence: number;
  readonly reason: string;
  readonly attempts: number;
}

/** A delivery of one message, as its worker was told. */
export interface Told {
  readonly value: string;
  readonly receipt: bigint;
  readonly attempt: number;
  readonly deadlineNs: bigint;
  readonly worker: number | undefined;
}

/** A subscription, message by message. */
export class ModelSubscription {
  readonly name: string;
  readonly topic: ModelTopic;
  config: SubscriptionConfig;
  /** Everything before this sequence is of no concern. */
  from: number;
  statuses = new Map<number, Status>();
  acknowledged = 0;
  redelivered = 0;
  letters: Letter[] = [];
  /** Dead letters of messages that were trimmed, which may have been dropped instead. */
  unsureLetters = 0;
  /** What may be in flight: more than the limit if that was lowered. */
  inFlightMax: number;

  constructor(name: string, topic: ModelTopic, config: SubscriptionConfig, from: number) {
    this.name = name;
    this.topic = topic;
    this.config = config;
    this.from = from;
    this.inFlightMax = config.maxInFlight;
  }

  clone(topic: ModelTopic): ModelSubscription {
    const copy = new ModelSubscription(this.name, topic, this.config, this.from);
    const { acknowledged, redelivered, unsureLetters, inFlightMax } = this;
    Object.assign(copy, { acknowledged, redelivered, unsureLetters, inFlightMax });
    copy.statuses = new Map(this.statuses);
    copy.letters = [...this.letters];
    return copy;
  }

  isFresh(sequence: number): boolean {
    return sequence >= this.from && !this.statuses.has(sequence);
  }

  /** Sequences that are not settled and not trimmed, in order. */
  unsettled(): number[] {
    const { messages, floor, trimmed } = this.topic;
    const found: number[] = [];
    for (let i = Math.max(this.from, floor, trimmed); i < messages.length; i++) {
      const kind = this.statuses.get(i)?.kind;
      if (kind !== 'done' && kind !== 'dead') found.push(i);
    }
    return found;
  }

  leased(isWanted: (lease: Leased, sequence: number) => boolean = () => true): [number, Leased][] {
    return [...this.statuses].flatMap(([sequence, status]): [number, Leased][] =>
      status.kind === 'leased' && isWanted(status, sequence) ? [[sequence, status]] : [],
    );
  }

  /** Somebody was given a message. */
  deliver(told: Told, nowNs: bigint): void {
    const sequence = this.topic.sequenceOf(told.value);
    const status = this.statuses.get(sequence);
    const what = `${told.value}, delivery ${told.attempt}`;
    expect(sequence, `${what}: is before the position`).toBeGreaterThanOrEqual(this.from);
    if (status?.kind === 'leased') this.expire(sequence, status, nowNs);
    const before = this.statuses.get(sequence);
    const isDeliverable = before === undefined || before.kind === 'waiting';
    expect(isDeliverable, `${what}: is ${before?.kind}`).toBe(true);
    if (before?.kind === 'waiting') {
      expect(before.notBeforeNs <= nowNs, `${what}: comes before its time`).toBe(true);
    }
    const attempts = before?.kind === 'waiting' ? before.attempts : 0;
    expect(told.attempt, what).toBe(attempts + 1);
    if (this.config.deliveryMode === 'key_ordered') this.#checkKey(sequence, nowNs);
    if (this.config.deliveryMode === 'exclusive' && attempts === 0) {
      const earlier = this.unsettled().filter((each) => each < sequence && this.isFresh(each));
      expect(earlier, `${what}: these come before`).toEqual([]);
    }
    if (told.attempt > 1) this.redelivered++;
    const { receipt, attempt, deadlineNs, worker } = told;
    this.statuses.set(sequence, { kind: 'leased', receipt, attempt, deadlineNs, worker });
  }

  #checkKey(sequence: number, nowNs: bigint): void {
    const key = this.topic.messages[sequence]?.key;
    if (key === '') return;
    const before = this.unsettled().filter((each) => {
      if (each >= sequence || this.topic.messages[each]?.key !== key) return false;
      const status = this.statuses.get(each);
      // What was leased for the last time may have died of it by now.
      if (status?.kind !== 'leased' || status.attempt < this.config.maxAttempts) return true;
      return status.deadlineNs > nowNs;
    });
    expect(before, `of key ${key} these come before ${sequence}`).toEqual([]);
  }

  /** The lease has run out, if it has. */
  expire(sequence: number, { attempt, deadlineNs, worker }: Leased, nowNs: bigint): void {
    expect(deadlineNs <= nowNs, `${sequence} is leased until ${deadlineNs}`).toBe(true);
    const notBeforeNs = deadlineNs + this.backoffNs(attempt);
    this.giveBack(sequence, attempt, { notBeforeNs, isSuspect: worker === undefined });
    // What is trimmed may have been dropped before it could die.
    const isTrimmed = sequence < Math.max(this.topic.floor, this.topic.trimmed);
    if (isTrimmed && this.statuses.get(sequence)?.kind === 'dead') this.unsureLetters++;
  }

  /** The topic is closed, and nothing is left to do. */
  checkDrained(nowNs: bigint): void {
    for (const [sequence, lease] of this.leased(({ deadlineNs }) => deadlineNs <= nowNs)) {
      this.expire(sequence, lease, nowNs);
    }
    expect([this.topic.isClosed, this.unsettled()]).toEqual([true, []]);
  }

  /** The message waits for its next delivery, or was delivered often enough. */
  giveBack(
    sequence: number,
    attempts: number,
    rest: { readonly notBeforeNs: bigint; readonly isSuspect: boolean },
  ): void {
    if (attempts >= this.config.maxAttempts) return this.die(sequence, attempts, 'max_attempts');
    const isSuspect = rest.isSuspect && this.isSuspectAfter(attempts);
    this.statuses.set(sequence, { kind: 'waiting', attempts, ...rest, isSuspect });
  }

  /** Whether what was lost with a worker after so many deliveries is delivered alone. */
  isSuspectAfter(attempts: number): boolean {
    return attempts > 1 || this.config.maxAttempts <= 2;
  }

  /** What was delivered as often as the settings allow now is dead, but for what is on its way to somebody. */
  configure(config: SubscriptionConfig, isOnItsWay = (_sequence: number) => false): void {
    this.config = config;
    for (const [sequence, status] of this.statuses) {
      if (isOnItsWay(sequence)) continue;
      if (status.kind === 'waiting' && status.attempts >= config.maxAttempts) {
        this.giveBack(sequence, status.attempts, status);
      }
    }
  }

  die(sequence: number, attempts: number, reason: string): void {
    const value = this.topic.messages[sequence]?.value ?? '';
    this.statuses.set(sequence, { kind: 'dead' });
    this.letters.push({ value, sequence, reason, attempts });
  }

  ack(sequence: number): void {
    this.statuses.set(sequence, { kind: 'done' });
    this.acknowledged++;
  }

  backoffNs(attempts: number): bigint {
    const { delaysMs, initialMs, maxMs } = this.config.backoff;
    let delayMs = delaysMs[attempts - 1] ?? delaysMs.at(-1);
    if (delayMs === undefined) {
      delayMs = initialMs;
      for (let i = 1; i < attempts; i++) delayMs *= 2n;
      if (delayMs > maxMs) delayMs = maxMs;
    }
    return delayMs * NS_PER_MS;
  }

  /** Goes on at another place, with nothing known. */
  seek(sequence: number): void {
    this.from = sequence;
    this.statuses.clear();
  }

  /** Goes on as it was when `before` was made. */
  restore(before: ModelSubscription): void {
    this.from = before.from;
    this.statuses = new Map(before.statuses);
    for (const [sequence, { attempt }] of this.leased()) {
      this.giveBack(sequence, attempt, { notBeforeNs: 0n, isSuspect: false });
    }
    // Another subscription may have allowed more deliveries than this one.
    this.configure(this.config);
  }

  /** Streams do not outlive the broker. */
  restart(nowNs: bigint): void {
    for (const [sequence, { attempt }] of this.leased(({ worker }) => worker !== undefined)) {
      this.giveBack(sequence, attempt, { notBeforeNs: nowNs, isSuspect: false });
    }
  }
}

/** The topic, and its subscriptions. */
export class ModelTopic {
  readonly id: number;
  messages: Stored[] = [];
  isClosed = false;
  trimConsumed: boolean;
  /** Where the topic begins. */
  floor = 0;
  /** What is before was trimmed in so many words. */
  trimmed = 0;
  readonly subscriptions = new Map<string, ModelSubscription>();

  constructor(id: number, trimConsumed: boolean) {
    this.id = id;
    this.trimConsumed = trimConsumed;
  }

  clone(): ModelTopic {
    const copy = new ModelTopic(this.id, this.trimConsumed);
    const { messages, isClosed, floor, trimmed } = this;
    Object.assign(copy, { messages: [...messages], isClosed, floor, trimmed });
    for (const each of this.subscriptions.values()) {
      copy.subscriptions.set(each.name, each.clone(copy));
    }
    return copy;
  }

  sequenceOf(value: string): number {
    const sequence = this.messages.findIndex((message) => message.value === value);
    expect(sequence, `${value} was published`).toBeGreaterThanOrEqual(0);
    return sequence;
  }

  /** Sequence of the first message at or behind a timestamp that is there. */
  at(ns: bigint): number {
    const found = this.messages.findIndex((message, i) => message.ns >= ns && i >= this.floor);
    return found < 0 ? this.messages.length : found;
  }

  /** What the broker has trimmed by itself must be settled. */
  trimTo(floor: number): void {
    for (let i = Math.max(this.floor, this.trimmed); i < floor; i++) {
      expect(this.trimConsumed && this.subscriptions.size > 0, `${i} is trimmed`).toBe(true);
      for (const each of this.subscriptions.values()) {
        expect(each.unsettled(), `${i} is trimmed`).not.toContain(i);
      }
    }
    this.floor = floor;
  }
}

/** The state of a subscription, to be put back. */
export interface Snapshot {
  readonly topicId: number;
  readonly bytes: Uint8Array;
  readonly state: ModelSubscription;
}

/** All that is known. */
export class Model {
  topic: ModelTopic | undefined;
  /** What is on the disk while the storage holds up what is written. */
  durable: { readonly topic: ModelTopic | undefined } | undefined;
  readonly snapshots: Snapshot[] = [];
  /** Dead letters of subscriptions that are no more. */
  readonly earlierLetters = new Map<string, Letter[]>();

  get isHeld(): boolean {
    return this.durable !== undefined;
  }

  hold(): void {
    this.durable = { topic: this.topic?.clone() };
  }

  /** The topics of the memory and of the disk, as far as they are the same. */
  *incarnations(): Generator<ModelTopic> {
    if (this.topic !== undefined) yield this.topic;
    const durable = this.durable?.topic;
    if (durable !== undefined && durable.id === this.topic?.id) yield durable;
  }

  forget(subscription: ModelSubscription): void {
    subscription.topic.subscriptions.delete(subscription.name);
    const letters = this.earlierLetters.get(subscription.name) ?? [];
    this.earlierLetters.set(subscription.name, [...letters, ...subscription.letters]);
  }
}
