import type { Connection } from './connection.ts';
import type { ConsumeOptions, Consumption } from './consumption.ts';
import type { Delivery } from './delivery.ts';
import { DurableSubscription, type DurableSubscriptionOwner } from './durable-subscription.ts';
import type { Duration } from './duration.ts';
import { PlayheadError } from './errors.ts';
import type { Publishable } from './publishable.ts';
import type { Publisher } from './publisher.ts';
import type { CreateScheduleOptions, ScheduleInfo, Schedules, ScheduleTime } from './schedules.ts';
import type { SubscriptionInfo } from './subscription-info.ts';
import type { RequestOptions, Topics } from './topics.ts';

/** The topics of queues. */
const QUEUE_PREFIX = 'queue/';
const QUEUE_SUBSCRIPTION = 'queue';

export interface PutOptions extends RequestOptions {
  readonly at?: undefined;
  readonly delay?: undefined;
}

/** Exactly one of `at` and `delay`. */
export type PutLaterOptions = RequestOptions &
  (
    | { readonly at: NonNullable<ScheduleTime['at']>; readonly delay?: undefined }
    | { readonly delay: Duration; readonly at?: undefined }
  );

export interface GetOptions extends RequestOptions {
  /** Wait so long for a message, at most 60 s; 0 by default. */
  readonly wait?: Duration | undefined;
  /** How long the message is the caller's own; as the subscription says by default. */
  readonly lease?: Duration | undefined;
}

/** What a queue needs of its client. */
export interface QueueOwner extends DurableSubscriptionOwner {
  readonly connection: Connection;
  readonly topics: Topics;
  readonly schedules: Schedules;
  /** The publisher that all queues of this topic have in common. */
  readonly publisher: (topic: string) => Publisher;
}

/**
 * A queue: the topic `queue/<name>`, which forgets what is consumed, and its shared subscription `queue`, from the
 * earliest message. The first put, get or consume makes it.
 */
export class Queue {
  readonly name: string;
  readonly topic: string;
  /** For `seek`, `redrive`, `update` and the like. */
  readonly subscription: DurableSubscription;
  readonly #owner: QueueOwner;
  #creating: Promise<unknown> | undefined;

  constructor(owner: QueueOwner, name: string) {
    this.#owner = owner;
    this.name = name;
    this.topic = `${QUEUE_PREFIX}${name}`;
    this.subscription = new DurableSubscription(owner, this.topic, QUEUE_SUBSCRIPTION);
  }

  /** Makes the queue, and answers with its subscription as it is now. One that is there stays as it is. */
  async create(options: RequestOptions = {}): Promise<SubscriptionInfo> {
    await this.#owner.topics
      .create(this.topic, { trimConsumed: true }, options)
      .catch((error: unknown) => this.#accept(error, 'TOPIC_EXISTS'));
    const created = await this.subscription
      .create({ from: 'earliest', ...options })
      .catch((error: unknown) => this.#accept(error, 'SUBSCRIPTION_EXISTS'));
    return created ?? this.subscription.info(options);
  }

  /** As it is now. TOPIC_NOT_FOUND or SUBSCRIPTION_NOT_FOUND if there is none. */
  info(options: RequestOptions = {}): Promise<SubscriptionInfo> {
    return this.subscription.info(options);
  }

  /** Stores a message, durably and in the order of the calls, and resolves with its timestamp. */
  put(message: Publishable, options?: PutOptions): Promise<bigint>;
  /** Has a message put later, and resolves with its schedule. */
  put(message: Publishable, options: PutLaterOptions): Promise<ScheduleInfo>;
  async put(
    message: Publishable,
    options: PutOptions | PutLaterOptions = {},
  ): Promise<bigint | ScheduleInfo> {
    const { at, delay, signal } = options;
    if (at !== undefined || delay !== undefined) {
      return this.schedule(message, { at, delay, signal });
    }
    await this.#ready();
    return this.#owner.publisher(this.topic).publish(message, { signal });
  }

  /** Puts a message later, once or again and again. */
  async schedule(message: Publishable, options: CreateScheduleOptions): Promise<ScheduleInfo> {
    await this.#ready();
    return this.#owner.schedules.create(this.topic, message, options);
  }

  /** Takes a message; undefined if there is none. It is gone once it is acknowledged. */
  async get(options: GetOptions = {}): Promise<Delivery | undefined> {
    await this.#ready();
    try {
      return (await this.subscription.pull(options))[0];
    } catch (error) {
      if (!isGone(error)) throw error;
      // Somebody has deleted the queue, or nobody has used it for too long.
      this.#creating = undefined;
      await this.#ready();
      return (await this.subscription.pull(options))[0];
    }
  }

  /** Connects a worker. */
  consume(options: ConsumeOptions = {}): Consumption {
    const prepare = (signal: AbortSignal) => this.create({ signal });
    return this.#owner.consume(this.topic, QUEUE_SUBSCRIPTION, options, prepare);
  }

  /** Makes the queue, once. */
  #ready(): Promise<unknown> {
    this.#creating ??= this.create().catch((error: unknown) => {
      this.#creating = undefined;
      throw error;
    });
    return this.#creating;
  }

  /** A queue whose settings somebody has changed is a queue. */
  #accept(error: unknown, reason: 'TOPIC_EXISTS' | 'SUBSCRIPTION_EXISTS'): undefined {
    if (error instanceof PlayheadError && error.reason === reason) return undefined;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  if (!(error instanceof PlayheadError)) return false;
  const { reason } = error;
  return (
    reason === 'TOPIC_NOT_FOUND' ||
    reason === 'TOPIC_DELETED' ||
    reason === 'SUBSCRIPTION_NOT_FOUND' ||
    reason === 'SUBSCRIPTION_DELETED'
  );
}
