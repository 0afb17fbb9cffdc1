import type { Delivery } from './delivery.ts';
import type { PlayheadError } from './errors.ts';

/** What a consumption meets between deliveries. */
export type ConsumptionEvent =
  /** Deliveries come, or, with an exclusive subscription, wait for the worker that is before this one. */
  | { readonly type: 'started'; readonly isActive: boolean; readonly leaseMs: number }
  /** The connection was lost: deliveries from before are void, and it is tried again. */
  | { readonly type: 'disconnected'; readonly error: PlayheadError }
  /** The subscription was moved: deliveries from before are void. */
  | { readonly type: 'sought'; readonly timestampNs: bigint }
  | ConsumptionEnd;

/** Why a consumption is over. */
export type ConsumptionEnd =
  /** The topic is closed, and everything in it is settled. `reason` is as who closed it gave it. */
  | { readonly type: 'drained'; readonly reason: string }
  /** The subscription was deleted, alone or with its topic. */
  | { readonly type: 'deleted'; readonly isTopicDeleted: boolean }
  /** close() was called, or the loop left, or the client closed. */
  | { readonly type: 'closed' }
  /** It cannot go on, or a signal fired. */
  | { readonly type: 'failed'; readonly error: PlayheadError };

/** Deliveries whose settlement did not come to pass. */
export interface SettleFailure {
  readonly action: 'ack' | 'nack' | 'extend' | 'terminate';
  readonly deliveryCount: number;
  readonly firstTimestampNs: bigint;
  readonly lastTimestampNs: bigint;
}

export interface ConsumeOptions {
  /** Most deliveries that are here and not settled; 1000 by default. */
  readonly maxInFlight?: number | undefined;
  /** Most bytes of them; 32 MiB by default. */
  readonly maxBytes?: number | undefined;
  /** Name of the worker, for people; at most 255 bytes. */
  readonly worker?: string | undefined;
  /** Ends the consumption with CANCELLED. */
  readonly signal?: AbortSignal | undefined;
  /** Told of what happens between deliveries, as soon as it is known. */
  readonly onEvent?: ((event: ConsumptionEvent) => void) | undefined;
  /** Told of every settlement that failed, also of those whose promise somebody awaits. */
  readonly onSettleError?: ((error: PlayheadError, failure: SettleFailure) => void) | undefined;
}

/** A worker of a subscription. */
export class Consumption implements AsyncIterable<Delivery>, AsyncDisposable {
  readonly topic: string;
  readonly subscription: string;

  constructor(topic: string, subscription: string) {
    this.topic = topic;
    this.subscription = subscription;
  }

  /** Why it is over, once it is. */
  get ended(): ConsumptionEnd | undefined {
    return undefined;
  }

  /** False while another worker has an exclusive subscription, and while there is no connection. */
  get isActive(): boolean {
    return false;
  }

  /** How long leases are; undefined before the broker has said it. */
  get leaseMs(): number | undefined {
    return undefined;
  }

  /** Deliveries whose settlement failed, so far. */
  get settleErrorCount(): number {
    return 0;
  }

  /** Resolves when the broker has taken the worker for the first time; rejects if it ends before. */
  async started(): Promise<void> {}

  /** One delivery after the other. Ends when the topic is drained, or with close(). Leaving the loop closes it. */
  [Symbol.asyncIterator](): AsyncIterator<Delivery, undefined> {
    throw new Error('not implemented');
  }

  /** Deliveries as they came together: the fastest way. */
  batches(): AsyncGenerator<readonly Delivery[], undefined> {
    throw new Error('not implemented');
  }

  /** Acknowledges deliveries, consecutive ones as one range; resolves once all are on disk. */
  ackAll(_deliveries: readonly Delivery[]): Promise<void> {
    return Promise.resolve();
  }

  /** Acknowledges all deliveries that were handed out so far and are not later than this one. */
  ackThrough(_delivery: Delivery): Promise<void> {
    return Promise.resolve();
  }

  /** Sends what was settled, waits for the results, and gives the other leases back. */
  async close(): Promise<void> {}

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
