import { SubscriptionEntry } from 'playhead-proto/storage';
import { BrokerError, invalidArgument } from '../errors.ts';
import {
  CONSUMED_TRIM_INTERVAL_MS,
  SUBSCRIPTION_NAME_BYTES,
  SUBSCRIPTIONS_MAX,
} from '../limits.ts';
import { Journal } from '../log/journal.ts';
import type { Log } from '../log/log.ts';
import { checkPageToken } from '../log/page-token.ts';
import type { Position } from '../log/position.ts';
import type { Topic } from '../log/topic.ts';
import { topicDeleted } from '../log/topic.ts';
import { checkTopicName, checkWritableName, compileGlob } from '../log/topic-name.ts';
import type { Logger } from '../logger.ts';
import { BacklogGuards } from './backlog-guards.ts';
import { cursorAt } from './cursor.ts';
import { encodeEntry } from './entry.ts';
import { Subscription } from './subscription.ts';
import type { SubscriptionConfig } from './subscription-config.ts';
import {
  checkConfig,
  DEFAULT_SUBSCRIPTION_CONFIG,
  differenceOf,
  toConfigEntry,
} from './subscription-config.ts';
import { SubscriptionState } from './subscription-state.ts';

const JOURNAL = '_subscriptions';
const QUEUE_PREFIX = 'queue/';
const QUEUE_SUBSCRIPTION = 'queue';
const NS_PER_MS = 1_000_000n;
const NAME = /^[A-Za-z0-9_-]*$/;

/** How subscriptions are set up; all of it handed in. */
export interface SubscriptionsOptions {
  readonly logger: Logger;
  /** A number from 0 to 1. */
  readonly random?: () => number;
  /** A queue that is empty and unused for so long is dropped; 0 or undefined: never. */
  readonly queueIdleExpiryMs?: number | undefined;
}

/** What is asked of a new subscription. */
export interface CreateSubscription {
  readonly topic: string;
  readonly name: string;
  readonly position: Position;
  readonly config: Partial<SubscriptionConfig>;
  readonly createTopic: boolean;
}

/** All durable subscriptions of a log, kept in a journal on its tape. */
export class Subscriptions {
  readonly #log: Log;
  readonly #options: SubscriptionsOptions;
  readonly #byId = new Map<number, Subscription>();
  readonly #byTopic = new Map<Topic, Map<string, Subscription>>();
  readonly #guards: BacklogGuards;
  /** States while the journal is read, before their topics are looked up. */
  #replayed = new Map<number, SubscriptionState>();
  #journal: Journal | undefined;
  #lastId = 0;
  /** Why no subscription can be used now; undefined if they can. */
  #failure: BrokerError | undefined;
  /** How often the storage has failed or was opened again. */
  #storageChanges = 0;
  #opening: Promise<void> = Promise.resolve();
  #cancelTimer: (() => void) | undefined;
  #isClosed = false;

  private constructor(log: Log, options: SubscriptionsOptions) {
    this.#log = log;
    this.#options = options;
    this.#guards = new BacklogGuards(log, (topic) => this.#byTopic.get(topic)?.values() ?? []);
  }

  /** Finds all subscriptions as they were. */
  static async open(log: Log, options: SubscriptionsOptions): Promise<Subscriptions> {
    const subscriptions = new Subscriptions(log, options);
    log.onStorage((failure) => subscriptions.#onStorage(failure));
    log.onDraining(() => subscriptions.#guards.refuseHeld(shuttingDown()));
    log.onDeleted((topic) => subscriptions.#onTopicDeleted(topic));
    await subscriptions.#open();
    subscriptions.#schedule();
    return subscriptions;
  }

  get size(): number {
    return this.#byId.size;
  }

  all(): IterableIterator<Subscription> {
    return this.#byId.values();
  }

  has(topicName: string, name: string): boolean {
    const topic = this.#log.topics.get(topicName);
    return topic !== undefined && this.#byTopic.get(topic)?.has(name) === true;
  }

  /** The subscriptions of a topic, in no order; none if there is no such topic. */
  of(topicName: string): Iterable<Subscription> {
    this.#checkUsable();
    const topic = this.#log.topics.get(topicName);
    return (topic && this.#byTopic.get(topic)?.values()) ?? [];
  }

  /** The subscription of this name. Throws TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND. */
  get(topicName: string, name: string): Subscription {
    this.#checkUsable();
    const topic = this.#log.topic(topicName);
    checkSubscriptionName(name);
    const subscription = this.#byTopic.get(topic)?.get(name);
    if (subscription !== undefined) return subscription;
    throw new BrokerError(
      'SUBSCRIPTION_NOT_FOUND',
      `topic ${topicName} has no subscription ${name}`,
      { topic: topicName, subscription: name },
    );
  }

  /** Subscriptions of topics that match, by topic and name, behind these two. */
  *list(glob: string, pageToken: string): Generator<Subscription> {
    this.#checkUsable();
    checkPageToken(pageToken, checkToken);
    const [afterTopic = '', afterName = ''] = pageToken.split(' ');
    const matches = compileGlob(glob);
    const topics = [...this.#byTopic.keys()]
      .filter(({ name }) => name >= afterTopic && matches(name))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const topic of topics) {
      const all = [...(this.#byTopic.get(topic)?.values() ?? [])];
      all.sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const each of all) if (topic.name > afterTopic || each.name > afterName) yield each;
    }
  }

  /** Creates a subscription; answers with the one of this name if its settings are the same. */
  async create(asked: CreateSubscription): Promise<Subscription> {
    this.#checkUsable();
    const { name } = asked;
    checkSubscriptionName(name);
    checkWritableName(asked.topic);
    const config = { ...DEFAULT_SUBSCRIPTION_CONFIG, ...asked.config };
    checkConfig(config);
    checkTopicName(config.deadLetterTopic || `dead-letter/${asked.topic}/${name}`);
    const topic = asked.createTopic
      ? await this.#log.topicForWriting(asked.topic)
      : this.#log.topic(asked.topic);
    const cursor = await cursorAt(this.#log, topic, asked.position);
    await this.#openJournal.prepare();
    this.#checkUsable();
    if (topic.isDeleted) throw topicDeleted(topic.name);
    const existing = this.#byTopic.get(topic)?.get(name);
    if (existing !== undefined) {
      // Who asks again is answered no sooner than the first.
      await this.#openJournal.append([]);
      return this.#sameAs(existing, config);
    }
    if (this.#byId.size >= SUBSCRIPTIONS_MAX) throw tooMany();
    const id = ++this.#lastId;
    const state = new SubscriptionState({
      topicId: topic.id,
      name,
      createdTimestampNs: this.#log.clock.nowNs(),
      config: toConfigEntry(config),
      cursorSequence: cursor.sequence,
      cursorTimestampNs: cursor.timestampNs,
      // Each lease takes a nanosecond of the tape at least, so that no receipt of a subscription of this name before it,
      // which was deleted, comes again.
      nextReceipt: this.#log.lastTimestampNs + 1n,
      acknowledgedCount: 0n,
      redeliveredCount: 0n,
      deadLetteredCount: 0n,
      droppedCount: 0n,
      leases: [],
      waiting: [],
      dead: [],
    });
    const subscription = this.#add(id, topic, state);
    await this.#openJournal.append([subscription.encodeImage()]);
    return subscription;
  }

  async update(subscription: Subscription, changes: Partial<SubscriptionConfig>): Promise<void> {
    const config = { ...subscription.state.config, ...changes };
    checkConfig(config);
    await subscription.update(config);
    this.#guards.update(subscription.topic);
    subscription.dropExcess();
  }

  async delete(subscription: Subscription): Promise<void> {
    this.#checkUsable();
    this.#remove(subscription, { isTopicDeleted: false });
    const removed = encodeEntry(subscription.id, { $case: 'removed', value: {} });
    await this.#openJournal.append([removed]);
  }

  async seek(subscription: Subscription, position: Position): Promise<void> {
    await subscription.seek(await cursorAt(this.#log, subscription.topic, position));
  }

  /** The state of a subscription, to be put back by {@link restore}. */
  snapshot(subscription: Subscription): Uint8Array {
    return subscription.encodeImage();
  }

  /** Puts a state back. Throws INVALID_ARGUMENT if it is none, or one of another topic. */
  async restore(subscription: Subscription, snapshot: Uint8Array): Promise<void> {
    const state = stateOf(snapshot);
    if (state === undefined) {
      throw invalidArgument('snapshot', 'is not what SnapshotSubscription has answered');
    }
    if (state.topicId !== subscription.topic.id) {
      throw invalidArgument('snapshot', `is of another topic than ${subscription.topic.name}`);
    }
    if (state.cursor.sequence > subscription.topic.sequence) {
      throw invalidArgument('snapshot', `is of a later time than topic ${subscription.topic.name}`);
    }
    await subscription.restore(state);
  }

  /** Ends all workers. Idempotent. What is under way in the journal is the log's to finish. */
  close(error: BrokerError): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelTimer?.();
    for (const each of this.#byId.values()) each.close({ type: 'error', error });
  }

  get #openJournal(): Journal {
    if (this.#journal !== undefined) return this.#journal;
    throw new BrokerError('INTERNAL', 'the journal of subscriptions is not open');
  }

  async #open(): Promise<void> {
    const storageChanges = this.#storageChanges;
    this.#replayed = new Map();
    try {
      if (this.#journal !== undefined) await this.#journal.replay();
      else
        this.#journal = await Journal.open(this.#log, JOURNAL, {
          replay: (entry) => this.#replay(entry),
          images: () => this.#images(),
        });
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      if (storageChanges !== this.#storageChanges) return;
      this.#options.logger.error({ err: error }, 'subscriptions cannot be used');
      this.#failure = error;
      return;
    }
    // It has failed again: what was read is read anew.
    if (storageChanges !== this.#storageChanges || this.#isClosed) return;
    this.#failure = undefined;
    for (const [id, state] of this.#replayed) {
      const topic = this.#log.topics.byId(state.topicId);
      if (topic !== undefined && !topic.isDeleted) this.#add(id, topic, state);
    }
    this.#replayed = new Map();
    for (const each of this.#byId.values()) each.start();
  }

  #replay(bytes: Buffer): void {
    const { subscriptionId: id, change } = SubscriptionEntry.decode(bytes);
    this.#lastId = Math.max(this.#lastId, id);
    if (change === undefined) return;
    const state = this.#replayed.get(id);
    if (change.$case === 'removed') this.#replayed.delete(id);
    else if (state !== undefined) state.apply(change);
    else if (change.$case === 'image') this.#replayed.set(id, new SubscriptionState(change.value));
    // What comes before the first image of a subscription is in it.
  }

  *#images(): Generator<Uint8Array> {
    for (const each of this.#byId.values()) yield each.encodeImage();
  }

  #add(id: number, topic: Topic, state: SubscriptionState): Subscription {
    const subscription = new Subscription(id, topic, state, {
      log: this.#log,
      clock: this.#log.clock,
      journal: this.#openJournal,
      random: this.#options.random ?? Math.random,
      warn: (error, text) => this.#options.logger.warn({ err: error }, text),
      onChanged: (changed) => this.#guards.release(changed),
    });
    this.#byId.set(id, subscription);
    const ofTopic = this.#byTopic.get(topic) ?? new Map<string, Subscription>();
    this.#byTopic.set(topic, ofTopic);
    ofTopic.set(state.name, subscription);
    topic.companion = {
      sealed: (frames, add) => {
        for (const each of ofTopic.values()) each.sealed(frames);
        this.#openJournal.addTo(add);
      },
    };
    this.#guards.update(topic);
    return subscription;
  }

  #remove(subscription: Subscription, { isTopicDeleted }: { isTopicDeleted: boolean }): void {
    const { topic, name } = subscription;
    const ofTopic = this.#byTopic.get(topic);
    this.#byId.delete(subscription.id);
    if (ofTopic?.get(name) === subscription) ofTopic.delete(name);
    if (ofTopic?.size === 0) {
      this.#byTopic.delete(topic);
      topic.companion = undefined;
    }
    this.#guards.update(topic);
    subscription.close({ type: 'deleted', isTopicDeleted });
  }

  #onTopicDeleted(topic: Topic): void {
    const ofTopic = this.#byTopic.get(topic) ?? new Map<string, Subscription>();
    for (const each of ofTopic.values()) this.#remove(each, { isTopicDeleted: true });
  }

  #onStorage(failure: BrokerError | undefined): void {
    if (this.#isClosed) return;
    const storageChanges = ++this.#storageChanges;
    if (failure === undefined) {
      const open = () => (storageChanges === this.#storageChanges ? this.#open() : undefined);
      this.#opening = this.#opening.then(open).catch((error: unknown) => {
        this.#options.logger.error({ err: error }, 'subscriptions cannot be used');
      });
      return;
    }
    this.#failure = failure;
    this.#guards.clear(failure);
    for (const topic of this.#byTopic.keys()) topic.companion = undefined;
    for (const each of this.#byId.values()) each.close({ type: 'error', error: failure });
    this.#byId.clear();
    this.#byTopic.clear();
  }

  #checkUsable(): void {
    if (this.#log.isDraining) {
      throw shuttingDown();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #sameAs(existing: Subscription, config: SubscriptionConfig): Subscription {
    const difference = differenceOf(existing.state.config, config);
    if (difference === undefined) return existing;
    const { topic, name } = existing;
    throw new BrokerError(
      'SUBSCRIPTION_EXISTS',
      `subscription ${name} of topic ${topic.name} exists with another ${difference}`,
      { topic: topic.name, subscription: name },
    );
  }

  #schedule(): void {
    this.#cancelTimer = this.#log.clock.schedule(
      () => {
        this.#removeUnused();
        this.#trimConsumed()
          .catch(() => {
            // The log tells of it, and this is tried again.
          })
          .finally(() => {
            if (!this.#isClosed) this.#schedule();
          });
      },
      CONSUMED_TRIM_INTERVAL_MS,
      true,
    );
  }

  #removeUnused(): void {
    if (this.#log.isDraining) return;
    const nowNs = this.#log.clock.nowNs();
    this.#dropIdleQueues(nowNs);
    for (const each of this.#byId.values()) {
      const expiryNs = each.state.config.idleExpiryMs * 1_000_000n;
      if (expiryNs === 0n || nowNs - each.lastUsedNs < expiryNs) continue;
      void this.delete(each).catch(() => {
        // The storage has failed; the subscription is found again, and expires again.
      });
    }
  }

  /** Drops queues that are empty and unused. A queue is what the command line and the client make of one. */
  #dropIdleQueues(nowNs: bigint): void {
    const expiryNs = BigInt(this.#options.queueIdleExpiryMs ?? 0) * NS_PER_MS;
    if (expiryNs === 0n) return;
    for (const { topic, state, name, lastUsedNs } of this.#byId.values()) {
      const isQueue = topic.name.startsWith(QUEUE_PREFIX) && name === QUEUE_SUBSCRIPTION;
      if (!isQueue || (this.#byTopic.get(topic)?.size ?? 0) > 1 || topic.subscriberCount > 0)
        continue;
      const isEmpty = state.isIdle && state.pendingCount(topic.span) === 0n;
      const usedNs = lastUsedNs > topic.lastTimestampNs ? lastUsedNs : topic.lastTimestampNs;
      if (!isEmpty || nowNs - usedNs < expiryNs) continue;
      void this.#log.deleteTopic(topic.name).catch(() => {
        // The storage has failed; the queue is found again, and expires again.
      });
    }
  }

  /** Trims what all subscriptions of a topic are done with, where the topic says so. */
  async #trimConsumed(): Promise<void> {
    for (const [topic, ofTopic] of this.#byTopic) {
      if (topic.config.trimConsumed !== true || topic.isDeleted || this.#isClosed) continue;
      const consumed = consumedBefore(topic, ofTopic);
      if (consumed <= topic.floor.sequence) continue;
      // An ack that is not durable yet may still not have been; and meanwhile somebody may want what was consumed.
      await this.#openJournal.append([]);
      const still = consumedBefore(topic, this.#byTopic.get(topic) ?? ofTopic);
      const sequence = still < consumed ? still : consumed;
      if (sequence <= topic.floor.sequence || topic.isDeleted) continue;
      await this.#log.trimBehind(topic, { sequence });
    }
  }
}

/** Sequence before which all subscriptions of a topic are done. */
function consumedBefore(topic: Topic, subscriptions: ReadonlyMap<string, Subscription>): bigint {
  let sequence = topic.sequence;
  for (const { state } of subscriptions.values()) {
    if (state.floorSequence < sequence) sequence = state.floorSequence;
  }
  return sequence;
}

/** Throws INVALID_ARGUMENT unless this is the name of a subscription. */
export function checkSubscriptionName(name: string): void {
  if (name.length >= 1 && name.length <= SUBSCRIPTION_NAME_BYTES && NAME.test(name)) return;
  throw invalidArgument(
    'subscription',
    `${JSON.stringify(name.slice(0, 80))} is not 1 to ${SUBSCRIPTION_NAME_BYTES} letters, digits, "_" and "-"`,
  );
}

/** Throws unless this is the token of a page: a topic and a subscription. */
function checkToken(token: string): void {
  const [topic = '', name = '', ...rest] = token.split(' ');
  checkTopicName(topic);
  checkSubscriptionName(rest.length === 0 ? name : token);
}

function stateOf(snapshot: Uint8Array): SubscriptionState | undefined {
  try {
    const { change } = SubscriptionEntry.decode(snapshot);
    return change?.$case === 'image' ? new SubscriptionState(change.value) : undefined;
  } catch {
    return undefined;
  }
}

function shuttingDown(): BrokerError {
  return new BrokerError('SHUTTING_DOWN', 'the broker is shutting down');
}

function tooMany(): BrokerError {
  return new BrokerError(
    'LIMIT_EXCEEDED',
    `the broker has ${SUBSCRIPTIONS_MAX} subscriptions, which is the limit`,
    { limit: `${SUBSCRIPTIONS_MAX}` },
  );
}
