import type { ConsumptionEvent, SettleFailure } from './consumption.ts';
import type { Delivery } from './delivery.ts';
import type { DurableSubscription } from './durable-subscription.ts';
import type { Duration } from './duration.ts';
import type { PlayheadError } from './errors.ts';

export interface WorkContext {
  /** Fires when the lease is lost, or when the worker does not wait for the handler any longer. */
  readonly signal: AbortSignal;
}

/** Resolves: the delivery is acknowledged. Rejects: it is given back, and its backoff begins. It may settle it itself. */
export type WorkHandler = (delivery: Delivery, context: WorkContext) => unknown;

export interface WorkerOptions {
  /** Handlers that run at one time; 10 by default. */
  readonly concurrency?: number | undefined;
  /** Deliveries that are here, running or next; `concurrency` by default. */
  readonly maxInFlight?: number | undefined;
  /** By how much leases are extended while the handler runs; as long as the subscription's leases by default. */
  readonly lease?: Duration | undefined;
  /** Name of the worker, for people. */
  readonly worker?: string | undefined;
  /** Stops the worker, gracefully. */
  readonly signal?: AbortSignal | undefined;
  /** Told of what a handler threw. */
  readonly onError?: ((error: unknown, delivery: Delivery) => void) | undefined;
  readonly onEvent?: ((event: ConsumptionEvent) => void) | undefined;
  readonly onSettleError?: ((error: PlayheadError, failure: SettleFailure) => void) | undefined;
}

export interface StopOptions {
  /** How long to wait for handlers that run; for ever by default. Then their signals fire and their leases go back. */
  readonly timeout?: Duration | undefined;
}

/** Runs a handler for each delivery of a subscription. */
export class Worker implements AsyncDisposable {
  readonly subscription: DurableSubscription;

  constructor(
    subscription: DurableSubscription,
    _handler: WorkHandler,
    _options: WorkerOptions = {},
  ) {
    this.subscription = subscription;
  }

  /** Handlers that run now. */
  get runningCount(): number {
    return 0;
  }

  /** Begins, once. Resolves when the topic is drained or the worker stopped; rejects if it cannot go on. */
  run(): Promise<'drained' | 'stopped'> {
    return Promise.resolve('stopped');
  }

  /** Takes nothing new, waits for the handlers that run, gives the rest back. */
  async stop(_options: StopOptions = {}): Promise<void> {}

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
