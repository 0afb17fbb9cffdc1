import type { SubscriptionImage } from 'playhead-proto/storage';
import type { Clock } from '../clock.ts';
import { BrokerError, invalidArgument } from '../errors.ts';
import type { Journal } from '../log/journal.ts';
import type { Log } from '../log/log.ts';
import type { Topic } from '../log/topic.ts';
import type { Frame } from '../log/topic-frames.ts';
import { TopicFrames, timestampIn } from '../log/topic-frames.ts';
import { DeadLetters } from './dead-letters.ts';
import type { DispatcherHost } from './dispatcher.ts';
import { Dispatcher } from './dispatcher.ts';
import { encodeEntry, withoutSpent } from './entry.ts';
import type { Lease } from './lease.ts';
import type { Run } from './run.ts';
import type { Settlement, SettlementOutcome } from './settlement.ts';
import { checkSettlement, leaseLost } from './settlement.ts';
import type { SubscriptionConfig } from './subscription-config.ts';
import { backoffMs } from './subscription-config.ts';
import type { Change, Cursor, SubscriptionState } from './subscription-state.ts';
import type { Worker, WorkerEnd } from './worker.ts';
import { errorOf } from './worker.ts';
import { Workers } from './workers.ts';

const NS_PER_MS = 1_000_000n;

/** What subscriptions share. */
export interface SubscriptionContext {
  readonly log: Log;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'append' | 'appendAlong'>;
  /** A number from 0 to 1, for the jitter of backoffs. */
  readonly random: () => number;
  readonly warn: (error: unknown, text: string) => void;
  /** A subscription of this topic has changed: its backlog may have become smaller. */
  readonly onChanged: (topic: Topic) => void;
}

/** Where a subscription stands. */
export interface SubscriptionStat {
  /** Timestamp of the next message that was never delivered; undefined if there is none. */
  readonly cursorNs: bigint | undefined;
  /** Timestamp of the oldest message that is not acknowledged; undefined if there is none. */
  readonly oldestPendingNs: bigint | undefined;
}

/**
 * A durable subscription of a topic and its workers. It owns its state: every change is made at once, in memory, and
 * journaled; whoever asked for it is answered when it is durable.
 */
export class Subscription implements DispatcherHost {
  readonly id: number;
  readonly topic: Topic;
  readonly state: SubscriptionState;
  readonly context: SubscriptionContext;
  readonly workers = new Workers();
  readonly #dispatcher: Dispatcher;
  readonly #deadLetters: DeadLetters;
  #timer: { readonly dueNs: bigint; readonly cancel: () => void } | undefined;
  #lastUsedNs: bigint;
  /** Why it is closed; undefined while it is open. */
  #end: WorkerEnd | undefined;

  constructor(id: number, topic: Topic, state: SubscriptionState, context: SubscriptionContext) {
    this.id = id;
    this.topic = topic;
    this.state = state;
    this.context = context;
    this.#lastUsedNs = context.clock.nowNs();
    this.#dispatcher = new Dispatcher(this);
    this.#deadLetters = new DeadLetters(this);
    this.workers.setMode(state.config.deliveryMode);
  }

  get name(): string {
    return this.state.name;
  }

  /** When a worker, a pull or a settlement was here last; now while a worker is. */
  get lastUsedNs(): bigint {
    return this.workers.size > 0 ? this.context.clock.nowNs() : this.#lastUsedNs;
  }

  get isDrained(): boolean {
    const { topic, state } = this;
    return topic.isClosed && state.isIdle && state.freshCount(topic.span) === 0n;
  }

  /** Takes up what was left to do when the broker ended: leases of streams go back, and dead letters go on. */
  start(): void {
    const changes = [...this.state.leases.all()]
      .filter((lease) => lease.isStreamed && lease.holder === undefined)
      .flatMap((lease) =>
        this.#giveBack(lease, lease.allHeld(), { delayMs: 0n, isSuspect: false }),
      );
    void this.change(changes);
    this.dropExcess();
    this.#after();
  }

  async stat(): Promise<SubscriptionStat> {
    const { topic, state } = this;
    const { cursor } = state;
    const { floor } = topic;
    const sequence = cursor.sequence > floor.sequence ? cursor.sequence : floor.sequence;
    const pendingNs = state.oldestPendingNs;
    // What is leased already may still be about to be stored.
    const oldestNs = pendingNs === undefined || pendingNs >= topic.endNs ? undefined : pendingNs;
    if (sequence >= topic.sequence) return { cursorNs: undefined, oldestPendingNs: oldestNs };
    const reader = new TopicFrames(this.context.log.readContext, topic);
    const fromNs = cursor.timestampNs > floor.timestampNs ? cursor.timestampNs : floor.timestampNs;
    const [frame] = await reader.read(sequence, fromNs);
    const cursorNs = frame && timestampIn(frame, sequence);
    return { cursorNs, oldestPendingNs: oldestNs ?? cursorNs };
  }

  join(worker: Worker): void {
    if (this.#end !== undefined) return worker.sink.end(this.#end);
    this.workers.add(worker);
    this.#used();
    this.#after();
  }

  /** The worker is gone. What it holds is given back, unless it was pulled. */
  leave(worker: Worker, { isSuspect }: { isSuspect: boolean }): void {
    const wasFirst = this.workers.first() === worker;
    this.workers.remove(worker);
    this.#used();
    const changes: Change[] = [];
    for (const lease of worker.leases) {
      if (worker.isStreamed || !lease.isSent) {
        // Nobody can have died of what was not sent, but perhaps of the delivery before.
        const options = { delayMs: 0n, isSuspect: lease.isSent ? isSuspect : lease.isAlone };
        changes.push(...this.#giveBack(lease, lease.allHeld(), options));
      }
    }
    void this.change(changes);
    for (const lease of worker.leases) lease.holder = undefined;
    const first = this.workers.first();
    if (wasFirst && first !== undefined && this.state.config.deliveryMode === 'exclusive') {
      first.sink.tell({ type: 'active' });
    }
    this.#after();
  }

  /** Calls `listener` whenever there is nothing to hand out for the moment, until the answer is called. */
  onIdle(listener: () => void): () => void {
    return this.#dispatcher.onIdle(listener);
  }

  /** Messages of its topic are about to be stored. */
  sealed(frames: readonly Frame[]): void {
    if (this.#end === undefined) this.#dispatcher.handOutSealed(frames);
  }

  /** The worker can take more. */
  ready(): void {
    this.#dispatcher.wake();
  }

  /**
   * Settles deliveries, each on its own; resolves when all of it is durable, with the outcomes in their order. Rejects
   * if the subscription is closed.
   */
  async settle(
    settlements: readonly Settlement[],
    worker?: Worker,
  ): Promise<readonly SettlementOutcome[]> {
    this.#checkOpen();
    this.#used();
    const outcomes = settlements.map((settlement) => this.#settleOne(settlement, worker));
    const durable = this.context.journal.append([]);
    this.#after();
    await durable;
    return outcomes;
  }

  /** Changes the settings. */
  async update(config: SubscriptionConfig): Promise<void> {
    this.#checkOpen();
    if (config.deliveryMode !== this.state.config.deliveryMode && this.workers.size > 0) {
      throw invalidArgument(
        'delivery_mode',
        `cannot be changed while there are workers: there are ${this.workers.size}`,
      );
    }
    // What is leased stays with its workers: an image that is taken over would know nothing of them.
    this.state.configure(config, this.context.clock.nowNs());
    this.workers.setMode(config.deliveryMode);
    this.#dispatcher.reset();
    const durable = this.context.journal.append([this.encodeImage()]);
    this.#after();
    await durable;
  }

  /** Goes on at another place: what was leased, waits or is dead is no more. */
  async seek(cursor: Cursor): Promise<void> {
    const { sequence: cursorSequence, timestampNs: cursorTimestampNs } = cursor;
    const nothing = { leases: [], waiting: [], dead: [] };
    await this.#move({ cursorSequence, cursorTimestampNs, ...nothing });
  }

  /**
   * Goes on in a state of before: what was leased then waits, or is dead if that was its last delivery. Settings and
   * counters stay as they are.
   */
  async restore(before: SubscriptionState): Promise<void> {
    const { cursorSequence, cursorTimestampNs, leases, ...image } = before.image();
    const returned = leases.map(({ run, attempt }) => ({
      run,
      attempts: attempt,
      notBeforeNs: 0n,
      isSuspect: false,
    }));
    const waiting = [...image.waiting, ...returned];
    await this.#move({ cursorSequence, cursorTimestampNs, leases: [], waiting, dead: image.dead });
  }

  /** Drops the oldest messages that are more than the backlog may have, if it is to be so. */
  dropExcess(): void {
    const { maxPending, backlogPolicy } = this.state.config;
    if (maxPending === 0n || backlogPolicy !== 'drop_oldest') return;
    while (this.#end === undefined) {
      const excess = this.state.pendingCount(this.topic.span) - maxPending;
      if (excess <= 0n) return;
      const beforeSequence = this.state.sequenceBehindOldest(excess, this.topic.floor.sequence);
      void this.change([{ $case: 'dropped', value: { beforeSequence } }]);
      this.#dispatcher.dropped(beforeSequence);
    }
  }

  /** Everything there is, for the journal. */
  encodeImage(): Uint8Array {
    return encodeEntry(this.id, { $case: 'image', value: this.#image() });
  }

  /** Makes the changes; resolves when they are durable. Of one that is closed nothing is changed any more. */
  change(changes: readonly Change[]): Promise<void> {
    if (this.#end !== undefined) return Promise.resolve();
    const entries = changes.map((change) => encodeEntry(this.id, change));
    for (const change of changes) this.state.apply(change);
    this.#arm();
    const durable = this.context.journal.append(entries);
    this.context.onChanged(this.topic);
    return durable;
  }

  fail(error: unknown): void {
    const end: WorkerEnd = {
      type: 'error',
      error:
        error instanceof BrokerError
          ? error
          : new BrokerError('INTERNAL', String(error), {}, error),
    };
    if (!(error instanceof BrokerError))
      this.context.warn(error, `subscription ${this.name} failed`);
    for (const worker of this.workers.all()) worker.sink.end(end);
  }

  /** Ends all workers; nothing is changed any more. */
  close(end: WorkerEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#timer?.cancel();
    this.#dispatcher.close();
    this.#deadLetters.close();
    for (const worker of this.workers.all()) worker.sink.end(end);
  }

  /** Looks what there is to do after a change; to be called also when the topic was closed. */
  #after(): void {
    if (this.#end !== undefined) return;
    this.#dispatcher.wake();
    this.#deadLetters.wake();
    this.#arm();
    void this.endIfDrained();
  }

  async endIfDrained(): Promise<void> {
    if (this.workers.size === 0 || !this.isDrained) return;
    // What has drained it has to be durable before anybody is told.
    const isDurable = await this.context.journal.append([]).then(
      () => true,
      () => false,
    );
    if (!isDurable || this.#end !== undefined || !this.isDrained) return;
    const marker = this.topic.closeMarker();
    const reason = marker === undefined || marker instanceof BrokerError ? '' : marker.reason;
    for (const worker of this.workers.all()) worker.sink.end({ type: 'drained', reason });
  }

  #image(): SubscriptionImage {
    return this.state.image(this.#deadLetters.buryingCount);
  }

  async #move(changes: Partial<SubscriptionImage>): Promise<void> {
    // What is on its way to the dead-letter topic arrives there.
    while (this.#deadLetters.buryingCount > 0) await this.#deadLetters.idle();
    this.#checkOpen();
    const before = this.#image();
    const redeliveredCount = before.redeliveredCount - this.#unsentRedeliveries();
    const nowNs = this.context.clock.nowNs();
    const image = withoutSpent({ ...before, redeliveredCount, ...changes }, nowNs);
    const durable = this.change([{ $case: 'image', value: image }]);
    this.#dispatcher.reset();
    const { timestampNs } = this.state.cursor;
    for (const { sink } of this.workers.all()) sink.tell({ type: 'sought', timestampNs });
    this.#after();
    await durable;
  }

  /** Redeliveries that are noted but not sent. */
  #unsentRedeliveries(): bigint {
    let count = 0;
    for (const lease of this.state.leases.all()) {
      if (lease.isUnsent && lease.attempt > 1) count += lease.heldCount;
    }
    return BigInt(count);
  }

  #settleOne(settlement: Settlement, worker: Worker | undefined): SettlementOutcome {
    const { action, receipt, firstNs, lastNs } = settlement;
    try {
      checkSettlement(settlement, { isStream: worker !== undefined });
    } catch (error) {
      if (error instanceof BrokerError) return { messageCount: 0, error };
      throw error;
    }
    let messageCount = 0;
    const { leaseMs } = this.state.config;
    const extendMs = action.type === 'extend' ? (action.leaseMs ?? leaseMs) : 0n;
    const deadlineNs = this.context.clock.nowNs() + extendMs * NS_PER_MS;
    // A copy, since an extension makes new ones.
    for (const lease of this.state.leases.of(receipt).slice()) {
      const runs = lease.held(firstNs, lastNs);
      for (const run of runs) messageCount += run.messageCount;
      if (runs.length > 0) void this.change(this.#changesOf(settlement, lease, runs, deadlineNs));
      if (action.type === 'ack' || action.type === 'terminate') this.#settledForGood(runs);
    }
    const isWhole = BigInt(messageCount) === lastNs - firstNs + 1n;
    const isCumulative = action.type === 'ack' && action.isCumulative;
    const besidesCount = isCumulative ? this.#settleAllUpTo(settlement, worker) : 0;
    return {
      messageCount: messageCount + besidesCount,
      ...(!isWhole && { error: leaseLost(settlement, messageCount) }),
      ...(action.type === 'extend' && messageCount > 0 && { deadlineNs }),
    };
  }

  /** What the worker had got when it wrote this: what was leased to it behind the receipt, it may not have seen. */
  #settleAllUpTo({ receipt, lastNs }: Settlement, worker: Worker | undefined): number {
    let messageCount = 0;
    for (const lease of worker?.leases ?? []) {
      if (lease.receipt > receipt || !lease.isSent) continue;
      const runs = lease.held(0n, lastNs);
      for (const run of runs) messageCount += run.messageCount;
      void this.change(runs.map((run) => acknowledged(lease, run)));
      this.#settledForGood(runs);
    }
    return messageCount;
  }

  #changesOf(
    { action }: Settlement,
    lease: Lease,
    runs: readonly Run[],
    deadlineNs: bigint,
  ): Change[] {
    switch (action.type) {
      case 'ack':
        return runs.map((run) => acknowledged(lease, run));
      case 'nack':
        return this.#giveBack(lease, runs, { ...action, isSuspect: false });
      case 'extend':
        return runs.map((run) => ({
          $case: 'extended',
          value: { range: rangeOf(lease, run), deadlineNs },
        }));
      case 'terminate':
        return runs.map((run) => this.#death(lease, run, action.reason));
      case 'unset':
        return [];
    }
  }

  /**
   * Gives messages of a lease back, or makes dead letters of those that were delivered often enough. What workers may have
   * died of twice is delivered alone from then on, or before its last delivery if that comes sooner.
   */
  #giveBack(
    lease: Lease,
    runs: readonly Run[],
    options: {
      readonly delayMs: bigint | undefined;
      readonly isSuspect: boolean;
      readonly isUnseen?: boolean;
    },
  ): Change[] {
    const { config } = this.state;
    const isUncounted = lease.isUnsent || options.isUnseen === true;
    if (!isUncounted && lease.attempt >= config.maxAttempts) {
      this.#settledForGood(runs);
      return runs.map((run) => this.#death(lease, run, undefined));
    }
    const delayMs =
      options.delayMs ?? backoffMs(config.backoff, lease.attempt, this.context.random());
    const notBeforeNs = this.context.clock.nowNs() + delayMs * NS_PER_MS;
    // With a worker that is cut off once, thousands may be lost that have done nothing; those again one by one are slow.
    const isSuspect = options.isSuspect && (lease.attempt > 1 || config.maxAttempts <= 2);
    return runs.map((run) => ({
      $case: 'returned',
      value: { range: rangeOf(lease, run), notBeforeNs, isUncounted, isSuspect },
    }));
  }

  #death(lease: Lease, run: Run, reason: string | undefined): Change {
    return {
      $case: 'died',
      value: {
        range: rangeOf(lease, run),
        reason: reason ?? '',
        timestampNs: this.context.clock.nowNs(),
        isTerminated: reason !== undefined,
      },
    };
  }

  #settledForGood(runs: readonly Run[]): void {
    for (const run of runs) this.#dispatcher.settled(run);
  }

  get names(): { readonly topic: string; readonly subscription: string } {
    return { topic: this.topic.name, subscription: this.state.name };
  }

  /** Whoever has it from before it was closed changes what is no more, and might journal it behind what is. */
  #checkOpen(): void {
    if (this.#end !== undefined) throw errorOf(this.#end, this.names);
  }

  #used(): void {
    this.#lastUsedNs = this.context.clock.nowNs();
  }

  /** Sets the timer to when the next lease runs out or the next message is due. */
  #arm(): void {
    if (this.#end !== undefined) return;
    const { leases, waiting } = this.state;
    const dueNs = earlier(
      leases.nextDeadlineNs,
      this.workers.size > 0 ? waiting.nextDueNs : undefined,
    );
    if (dueNs === undefined || (this.#timer !== undefined && this.#timer.dueNs <= dueNs)) return;
    this.#timer?.cancel();
    const delayNs = dueNs - this.context.clock.nowNs();
    const delayMs = delayNs > 0n ? Number((delayNs + NS_PER_MS - 1n) / NS_PER_MS) : 1;
    const cancel = this.context.clock.schedule(() => this.#onTimer(), delayMs);
    this.#timer = { dueNs, cancel };
  }

  #onTimer(): void {
    this.#timer = undefined;
    if (this.#end !== undefined) return;
    const expired = this.state.leases.expired(this.context.clock.nowNs());
    for (const lease of expired) {
      void this.change(
        this.#giveBack(lease, lease.allHeld(), {
          delayMs: undefined,
          isSuspect: !lease.isStreamed,
        }),
      );
    }
    this.#after();
  }
}

function rangeOf({ receipt }: Lease, { firstTimestampNs, messageCount }: Run) {
  return { receipt, firstTimestampNs, messageCount };
}

function acknowledged(lease: Lease, run: Run): Change {
  return { $case: 'acknowledged', value: rangeOf(lease, run) };
}

function earlier(a: bigint | undefined, b: bigint | undefined): bigint | undefined {
  if (a === undefined) return b;
  return b === undefined || a < b ? a : b;
}
