import { type SeekSubscriptionRequest, SubscriptionServiceService } from 'playhead-proto';
import type { Connection } from './connection.ts';
import type { ConsumeOptions, Consumption } from './consumption.ts';
import { type StartPosition, toWirePosition } from './position.ts';
import { type PulledDeliveries, Puller, type PullerOwner, type PullOptions } from './pull.ts';
import {
  fromWireSubscription,
  type SubscriptionInfo,
  type SubscriptionSettings,
  toWireSettings,
} from './subscription-info.ts';
import type { RequestOptions } from './topics.ts';

export interface CreateSubscriptionOptions extends SubscriptionSettings, RequestOptions {
  /** Where to begin; `'latest'` by default. Of no effect if the subscription exists. */
  readonly from?: StartPosition | undefined;
  /** Make a topic that does not exist. */
  readonly createTopic?: boolean | undefined;
}

/** Where a subscription is moved to: a position, the broker's time, or a state that was saved. */
export type SeekTarget = StartPosition | 'now' | { readonly snapshot: Uint8Array };

export interface RedriveOptions extends RequestOptions {
  /** Where to publish the dead letters; the subscription's topic by default. */
  readonly to?: string | undefined;
  /** At most so many, the oldest first; all that are there by default. */
  readonly limit?: number | undefined;
}

/** What a subscription needs of its client. */
export interface DurableSubscriptionOwner extends PullerOwner {
  /** Makes a consumption that ends with the client. */
  readonly consume: (
    topic: string,
    subscription: string,
    options: ConsumeOptions,
    prepare?: (signal: AbortSignal) => Promise<unknown>,
  ) => Consumption;
}

/**
 * A subscription that the broker keeps: a cursor on a topic, leases, and the number of times that each message was
 * delivered. The object is a name; nothing is requested before a method is called.
 */
export class DurableSubscription {
  readonly topic: string;
  readonly name: string;
  readonly #owner: DurableSubscriptionOwner;
  readonly #connection: Connection;
  readonly #puller: Puller;

  constructor(owner: DurableSubscriptionOwner, topic: string, name: string) {
    this.#owner = owner;
    this.#connection = owner.connection;
    this.#puller = new Puller(owner, topic, name);
    this.topic = topic;
    this.name = name;
  }

  /** Answers with the subscription as it is now. SUBSCRIPTION_EXISTS if it exists with other settings. */
  async create(options: CreateSubscriptionOptions = {}): Promise<SubscriptionInfo> {
    const { from, createTopic = false, signal } = options;
    const { subscription } = await this.#connection.request(
      SubscriptionServiceService.createSubscription,
      {
        ...this.#names,
        from: from === undefined ? undefined : toWirePosition(from),
        config: toWireSettings(options),
        createTopic,
      },
      `create subscription ${this.name} of ${this.topic}`,
      signal,
    );
    return fromWireSubscription(subscription);
  }

  /** SUBSCRIPTION_NOT_FOUND if there is none. */
  async info(options: RequestOptions = {}): Promise<SubscriptionInfo> {
    const { subscription } = await this.#connection.request(
      SubscriptionServiceService.getSubscription,
      this.#names,
      `look up subscription ${this.name} of ${this.topic}`,
      options.signal,
    );
    return fromWireSubscription(subscription);
  }

  /** Changes what `settings` sets, for deliveries from now on. */
  async update(
    settings: SubscriptionSettings,
    options: RequestOptions = {},
  ): Promise<SubscriptionInfo> {
    const { subscription } = await this.#connection.request(
      SubscriptionServiceService.updateSubscription,
      { ...this.#names, config: toWireSettings(settings) },
      `update subscription ${this.name} of ${this.topic}`,
      options.signal,
    );
    return fromWireSubscription(subscription);
  }

  /** Forgets the subscription; its workers are told and end. */
  async delete(options: RequestOptions = {}): Promise<void> {
    await this.#connection.request(
      SubscriptionServiceService.deleteSubscription,
      this.#names,
      `delete subscription ${this.name} of ${this.topic}`,
      options.signal,
      (refusal) => (refusal.reason === 'SUBSCRIPTION_NOT_FOUND' ? {} : undefined),
    );
  }

  /** Moves the subscription while workers are connected; leases from before are void. */
  async seek(target: SeekTarget, options: RequestOptions = {}): Promise<SubscriptionInfo> {
    const { subscription } = await this.#connection.request(
      SubscriptionServiceService.seekSubscription,
      { ...this.#names, to: toWireTarget(target) },
      `seek subscription ${this.name} of ${this.topic}`,
      options.signal,
    );
    return fromWireSubscription(subscription);
  }

  /** The state of the subscription, which `seek({ snapshot })` puts back. What is in it is the broker's own. */
  async snapshot(options: RequestOptions = {}): Promise<Uint8Array> {
    const { snapshot } = await this.#connection.request(
      SubscriptionServiceService.snapshotSubscription,
      this.#names,
      `take a snapshot of subscription ${this.name} of ${this.topic}`,
      options.signal,
    );
    return snapshot;
  }

  /**
   * Publishes the dead letters to where they came from and removes them. Resolves with their number; after a lost
   * answer, with the number of those that were left.
   */
  async redrive(options: RedriveOptions = {}): Promise<number> {
    const { to = '', limit = 0, signal } = options;
    if (!Number.isSafeInteger(limit)) throw new TypeError(`limit must be an integer, not ${limit}`);
    const { messageCount } = await this.#connection.request(
      SubscriptionServiceService.redriveDeadLetters,
      { ...this.#names, targetTopic: to, maxMessages: BigInt(limit) },
      `redrive the dead letters of subscription ${this.name} of ${this.topic}`,
      signal,
    );
    return Number(messageCount);
  }

  /** Connects a worker, at once. */
  consume(options: ConsumeOptions = {}): Consumption {
    return this.#owner.consume(this.topic, this.name, options);
  }

  /**
   * Leases messages without a stream. What is settled in one turn of the event loop travels in one request. If the answer
   * is lost, what was in it is delivered again once its lease has run out.
   */
  pull(options: PullOptions = {}): Promise<PulledDeliveries> {
    return this.#puller.pull(options);
  }

  get #names(): { readonly topic: string; readonly subscription: string } {
    return { topic: this.topic, subscription: this.name };
  }
}

function toWireTarget(target: SeekTarget): SeekSubscriptionRequest['to'] {
  if (typeof target === 'object' && 'snapshot' in target) {
    return { $case: 'snapshot', value: target.snapshot };
  }
  const position =
    target === 'now' ? { at: { $case: 'agoNs' as const, value: 0n } } : toWirePosition(target);
  return { $case: 'position', value: position };
}
