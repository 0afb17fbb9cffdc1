import type { ClientClock } from './clock.ts';
import type { Connection } from './connection.ts';
import { ConsumeFeed } from './consume-feed.ts';
import type { ConsumptionEnd, ConsumptionEvent } from './consumption-event.ts';
import { type Delivery, leaseOf } from './delivery.ts';
import { closedError, PlayheadError } from './errors.ts';
import { positiveInteger } from './number.ts';
import type { SettleFailure } from './settlement.ts';

const DEFAULT_IN_FLIGHT = 1000;
const DEFAULT_BYTES = 32 * 1024 * 1024;
const MAX_INT32 = 2 ** 31 - 1;

export interface ConsumeOptions {
  /** Most deliveries that are here and not settled; 1000 by default. Some 10 000 are fastest. */
  readonly maxInFlight?: number | undefined;
  /** Most bytes of them, which the last one may exceed; 32 MiB by default. */
  readonly maxBytes?: number | undefined;
  /** Name of the worker, for people; at most 255 bytes. */
  readonly worker?: string | undefined;
  /** Ends the consumption with CANCELLED, without waiting for what was settled. */
  readonly signal?: AbortSignal | undefined;
  /** Told of what happens besides deliveries, as soon as it is known. */
  readonly onEvent?: ((event: ConsumptionEvent) => void) | undefined;
  /** Told of every settlement that failed, also of those whose promise somebody awaits. */
  readonly onSettleError?: ((error: PlayheadError, failure: SettleFailure) => void) | undefined;
}

/** What the maker of a consumption decides. */
export interface ConsumptionOwner {
  readonly connection: Connection;
  /** What is to be done before the first call to the broker. */
  readonly prepare?: ((signal: AbortSignal) => Promise<unknown>) | undefined;
  readonly onEnded?: ((consumption: Consumption) => void) | undefined;
}

/**
 * A worker of a subscription. Connects at once, has no more than `maxInFlight` deliveries that are not settled, and after
 * a lost connection goes on, for as long as it takes unless told otherwise; what was delivered before is void then. It is
 * read once, as deliveries or in batches.
 */
export class Consumption implements AsyncIterable<Delivery>, AsyncDisposable {
  readonly topic: string;
  readonly subscription: string;
  /** The time that its leases go by. */
  readonly clock: ClientClock;
  readonly #feed: ConsumeFeed;
  #isTaken = false;
  /** What the loop over single deliveries has from the feed, and how much of it was handed out. */
  #batch: readonly Delivery[] = [];
  #index = 0;

  constructor(
    owner: ConsumptionOwner,
    topic: string,
    subscription: string,
    options: ConsumeOptions = {},
  ) {
    const { worker = '', signal, onEvent, onSettleError } = options;
    this.topic = topic;
    this.subscription = subscription;
    this.clock = owner.connection.clock;
    this.#feed = new ConsumeFeed(owner.connection, {
      topic,
      subscription,
      worker,
      maxInFlight: credit('maxInFlight', options.maxInFlight, DEFAULT_IN_FLIGHT),
      maxBytes: credit('maxBytes', options.maxBytes, DEFAULT_BYTES),
      signal,
      prepare: owner.prepare,
      onEvent,
      onSettleError,
      unseen: () => this.#batch.slice(this.#index),
      onEnded: () => owner.onEnded?.(this),
    });
  }

  /** Why it is over, once it is. */
  get ended(): ConsumptionEnd | undefined {
    return this.#feed.end;
  }

  /** False while another worker has an exclusive subscription, and while there is no connection. */
  get isActive(): boolean {
    return this.#feed.isActive;
  }

  /** How long leases are, as the broker said last; undefined before it has. */
  get leaseMs(): number | undefined {
    return this.#feed.leaseMs;
  }

  /** Deliveries whose settlement failed, so far. */
  get settleErrorCount(): number {
    return this.#feed.settlements.failedCount;
  }

  /** Resolves when the broker has taken the worker for the first time; rejects if it ends before. */
  async started(): Promise<void> {
    await this.#feed.started();
    if (this.#feed.leaseMs !== undefined) return;
    const { end } = this.#feed;
    throw end?.type === 'failed' ? end.error : closedError(this.#feed.operation);
  }

  /**
   * One delivery after the other. Ends when the topic is drained, or with close(). Throws a PlayheadError,
   * SUBSCRIPTION_DELETED and TOPIC_DELETED among its reasons. Leaving the loop closes the consumption.
   */
  [Symbol.asyncIterator](): AsyncIterator<Delivery, undefined> {
    this.#claim();
    let waiting: Promise<IteratorResult<Delivery, undefined>> | undefined;
    const queueUp = (): Promise<IteratorResult<Delivery, undefined>> => {
      // Calls that do not wait for each other get their deliveries in order.
      const later = () => this.#takeLater();
      const mine = waiting === undefined ? later() : waiting.then(later, later);
      waiting = mine;
      const settle = () => {
        if (waiting === mine) waiting = undefined;
      };
      mine.then(settle, settle);
      return mine;
    };
    return {
      next: () => {
        const value = waiting === undefined ? this.#takeNow() : undefined;
        return value === undefined ? queueUp() : Promise.resolve({ value, done: false });
      },
      return: async () => {
        await this.close();
        return { value: undefined, done: true };
      },
    };
  }

  /** Deliveries as they came together: the fastest way, with {@link ackAll}. */
  batches(): AsyncGenerator<readonly Delivery[], undefined> {
    this.#claim();
    return this.#batches();
  }

  /**
   * Acknowledges what of these deliveries is not settled, consecutive ones as one range. Resolves once all are on disk;
   * rejects, when all is answered, with the first error.
   */
  ackAll(deliveries: Iterable<Delivery>): Promise<void> {
    return this.#feed.settlements.acknowledge(deliveries);
  }

  /** As ackAll(), for what was handed out so far, is not settled, and is not later than this delivery. */
  ackThrough(delivery: Delivery): Promise<void> {
    const { timestampNs } = delivery.message;
    const notHandedOut = new Set(this.#batch.slice(this.#index));
    const deliveries: Delivery[] = [];
    for (const held of this.#feed.held()) {
      if (held.message.timestampNs <= timestampNs && !notHandedOut.has(held)) deliveries.push(held);
    }
    return this.ackAll(deliveries);
  }

  /** Sends what was settled, waits for the results, and ends. The leases that are left are given back. */
  close(): Promise<void> {
    return this.#feed.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #claim(): void {
    if (this.#isTaken) {
      throw new TypeError(`${this.#feed.operation} is read already`);
    }
    this.#isTaken = true;
  }

  #takeNow(): Delivery | undefined {
    for (;;) {
      const delivery = this.#batch[this.#index];
      if (delivery === undefined) return undefined;
      this.#index += 1;
      // What waited here too long is somebody else's.
      if (leaseOf(delivery).isOver(this.clock.nowMs())) continue;
      this.#feed.settlements.traces?.handOut([delivery]);
      return delivery;
    }
  }

  async #takeLater(): Promise<IteratorResult<Delivery, undefined>> {
    for (;;) {
      const value = this.#takeNow();
      if (value !== undefined) return { value, done: false };
      const next = await this.#nextBatch();
      if (next === undefined) return { value: undefined, done: true };
      this.#batch = next;
      this.#index = 0;
    }
  }

  async *#batches(): AsyncGenerator<readonly Delivery[], undefined> {
    try {
      for (;;) {
        const batch = await this.#nextBatch();
        if (batch === undefined) return undefined;
        this.#feed.settlements.traces?.handOut(batch);
        yield batch;
      }
    } finally {
      await this.close();
    }
  }

  async #nextBatch(): Promise<readonly Delivery[] | undefined> {
    for (;;) {
      const batch = this.#feed.take();
      if (batch !== undefined) return batch;
      const { end } = this.#feed;
      if (end?.type === 'failed') throw end.error;
      if (end?.type === 'deleted') throw this.#deletedError(end.isTopicDeleted);
      if (end !== undefined) return undefined;
      await this.#feed.wait();
    }
  }

  #deletedError(isTopicDeleted: boolean): PlayheadError {
    const { topic, subscription } = this;
    return isTopicDeleted
      ? new PlayheadError('TOPIC_DELETED', `topic ${topic} was deleted`, { metadata: { topic } })
      : new PlayheadError(
          'SUBSCRIPTION_DELETED',
          `subscription ${subscription} of ${topic} was deleted`,
          { metadata: { topic, subscription } },
        );
  }
}

function credit(name: string, value: number | undefined, fallback: number): number {
  const amount = positiveInteger(name, value, fallback);
  if (amount <= MAX_INT32) return amount;
  throw new TypeError(`${name} must be at most ${MAX_INT32}, not ${amount}`);
}
