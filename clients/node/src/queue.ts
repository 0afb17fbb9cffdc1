import type { ConsumeOptions, Consumption } from './consumption.ts';
import type { Delivery } from './delivery.ts';
import type { DurableSubscription } from './durable-subscription.ts';
import type { Duration } from './duration.ts';
import type { Publishable } from './publishable.ts';
import type { CreateScheduleOptions, ScheduleInfo, Schedules } from './schedules.ts';
import type { SubscriptionInfo } from './subscription-info.ts';
import type { RequestOptions, Topics } from './topics.ts';

/** The topics of queues. */
const QUEUE_PREFIX = 'queue/';
const QUEUE_SUBSCRIPTION = 'queue';

export interface GetOptions extends RequestOptions {
  /** Wait so long for a message, at most 60 s; 0 by default. */
  readonly wait?: Duration | undefined;
}

/** What a queue needs of its client. */
export interface QueueOwner {
  readonly topics: Topics;
  readonly schedules: Schedules;
  readonly subscribe: (topic: string, name: string) => DurableSubscription;
  readonly publish: (topic: string, message: Publishable, signal?: AbortSignal) => Promise<bigint>;
}

/**
 * A queue: the topic `queue/<name>`, which forgets what is consumed, and its shared subscription `queue`. The first put
 * or get makes it.
 */
export class Queue {
  readonly name: string;
  readonly topic: string;
  readonly subscription: DurableSubscription;
  readonly #owner: QueueOwner;

  constructor(owner: QueueOwner, name: string) {
    this.#owner = owner;
    this.name = name;
    this.topic = `${QUEUE_PREFIX}${name}`;
    this.subscription = owner.subscribe(this.topic, QUEUE_SUBSCRIPTION);
  }

  /** Makes the queue unless there is one. */
  create(options: RequestOptions = {}): Promise<SubscriptionInfo> {
    return this.subscription.info(options);
  }

  /** Stores a message, and resolves with its timestamp. */
  put(message: Publishable, options: RequestOptions = {}): Promise<bigint> {
    return this.#owner.publish(this.topic, message, options.signal);
  }

  /** Stores a message that is put later, once or again and again. */
  schedule(message: Publishable, options: CreateScheduleOptions): Promise<ScheduleInfo> {
    return this.#owner.schedules.create(this.topic, message, options);
  }

  /** Takes a message, if there is one; it is gone once it is acknowledged. */
  async get(_options: GetOptions = {}): Promise<Delivery | undefined> {
    return undefined;
  }

  /** Connects a worker, at once. */
  consume(options: ConsumeOptions = {}): Consumption {
    return this.subscription.consume(options);
  }
}
