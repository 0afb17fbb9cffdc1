import { onAbort } from './abort.ts';
import { type ClientClock, machineClock } from './clock.ts';
import type { ConsumeOptions, Consumption } from './consumption.ts';
import type { ConsumptionEvent } from './consumption-event.ts';
import type { Delivery } from './delivery.ts';
import { giveBackUnseen } from './delivery.ts';
import { traceOf } from './delivery-traces.ts';
import { type Duration, toMs } from './duration.ts';
import { cancelledError, PlayheadError } from './errors.ts';
import { positiveInteger } from './number.ts';
import type { SettleFailure } from './settlement.ts';

const DEFAULT_CONCURRENCY = 10;
/** Bounds of the pause between two looks at which leases are to be extended. */
const MIN_TICK_MS = 1;
const MAX_TICK_MS = 60_000;

export interface WorkContext {
  /** Fires when the lease is lost, or when the worker does not wait for the handler any longer. */
  readonly signal: AbortSignal;
}

/** Resolves: the delivery is acknowledged. Rejects: it is given back, and its backoff begins. It may settle it itself. */
export type WorkHandler = (delivery: Delivery, context: WorkContext) => unknown;

/** A subscription or a queue. */
export interface WorkSource {
  consume(options: ConsumeOptions): Consumption;
}

export interface WorkerOptions {
  /** Handlers that run at one time; 10 by default. */
  readonly concurrency?: number | undefined;
  /**
   * Deliveries that are here, running or next; `concurrency` by default. More make short handlers faster; but what is next
   * waits for a handler that is here, while others may be idle, and its lease is not extended.
   */
  readonly maxInFlight?: number | undefined;
  /** By how much leases are extended while the handler runs; as long as the subscription says by default. */
  readonly lease?: Duration | undefined;
  /** Name of the worker, for people; at most 255 bytes. */
  readonly worker?: string | undefined;
  /** Stops the worker, gracefully. */
  readonly signal?: AbortSignal | undefined;
  /** Told of what a handler threw. The delivery is given back. */
  readonly onError?: ((error: unknown, delivery: Delivery) => void) | undefined;
  readonly onEvent?: ((event: ConsumptionEvent) => void) | undefined;
  readonly onSettleError?: ((error: PlayheadError, failure: SettleFailure) => void) | undefined;
}

export interface StopOptions {
  /** How long to wait for handlers that run; for ever by default. Then their signals fire, and their leases go back. */
  readonly timeout?: Duration | undefined;
}

/**
 * Runs a handler for each delivery of a subscription, several at a time, and extends their leases meanwhile, when half
 * of one is over.
 */
export class Worker implements AsyncDisposable {
  readonly #source: WorkSource;
  readonly #handler: WorkHandler;
  readonly #options: WorkerOptions;
  readonly #concurrency: number;
  readonly #maxInFlight: number;
  /** Undefined: as the subscription says. */
  readonly #extensionMs: number | undefined;
  readonly #runs = new Set<Run>();
  #consumption: Consumption | undefined;
  #running: Promise<'drained' | 'stopped'> | undefined;
  #isStopping = false;
  #isAbandoned = false;
  #cancelTimer: (() => void) | undefined;
  #waiters: (() => void)[] = [];

  constructor(source: WorkSource, handler: WorkHandler, options: WorkerOptions = {}) {
    const { concurrency, maxInFlight, lease } = options;
    this.#source = source;
    this.#handler = handler;
    this.#options = options;
    this.#concurrency = positiveInteger('concurrency', concurrency, DEFAULT_CONCURRENCY);
    this.#maxInFlight = positiveInteger('maxInFlight', maxInFlight, this.#concurrency);
    this.#extensionMs = lease === undefined ? undefined : Number(toMs('lease', lease));
  }

  /** Handlers that run now. */
  get runningCount(): number {
    return this.#runs.size;
  }

  /**
   * Begins, once. Resolves when the topic is drained or the worker stopped, and no handler runs any more that it waits for;
   * rejects with the PlayheadError if it cannot go on, SUBSCRIPTION_DELETED among its reasons.
   */
  run(): Promise<'drained' | 'stopped'> {
    this.#running ??= this.#run();
    return this.#running;
  }

  /**
   * Takes nothing new, waits for the handlers that run, gives the rest back. Never rejects. A handler that calls it must
   * not await it: that would wait for itself.
   */
  async stop(options: StopOptions = {}): Promise<void> {
    const { timeout } = options;
    const timeoutMs = timeout === undefined ? undefined : Number(toMs('timeout', timeout));
    this.#isStopping = true;
    this.#wake();
    const cancelTimer =
      timeoutMs === undefined
        ? undefined
        : this.#clock.schedule(() => this.#abandon(timeoutMs), timeoutMs);
    try {
      await this.#running;
    } catch {
      // Whoever called run() is told.
    } finally {
      cancelTimer?.();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  get #clock(): ClientClock {
    return this.#consumption?.clock ?? machineClock;
  }

  async #run(): Promise<'drained' | 'stopped'> {
    const { worker, signal, onSettleError } = this.#options;
    if (this.#isStopping || signal?.aborted) return 'stopped';
    const consumption = this.#source.consume({
      maxInFlight: this.#maxInFlight,
      worker,
      onSettleError,
      onEvent: (event) => this.#meet(event),
    });
    this.#consumption = consumption;
    const stopListening = onAbort([signal], () => {
      void this.stop();
    });
    try {
      await this.#takeAll(consumption);
      await this.#idle();
    } catch (error) {
      for (const run of this.#runs) run.abort(error);
      await this.#idle();
      throw error;
    } finally {
      stopListening();
      this.#cancelTimer?.();
      this.#cancelTimer = undefined;
      await consumption.close();
    }
    return consumption.ended?.type === 'drained' ? 'drained' : 'stopped';
  }

  /** Starts handlers until the end, or until the worker is stopped. */
  async #takeAll(consumption: Consumption): Promise<void> {
    const deliveries = consumption[Symbol.asyncIterator]();
    let next: Promise<IteratorResult<Delivery, undefined>> | undefined;
    let arrived: IteratorResult<Delivery, undefined> | undefined;
    let failure: { readonly error: unknown } | undefined;
    while (!this.#isStopping) {
      if (this.#runs.size < this.#concurrency && next === undefined) {
        next = deliveries.next();
        next.then(
          (result) => {
            arrived = result;
            this.#wake();
          },
          (error: unknown) => {
            failure = { error };
            this.#wake();
          },
        );
      }
      await this.#woken();
      if (failure !== undefined) throw failure.error;
      if (arrived === undefined || this.#isStopping) continue;
      if (arrived.done) return;
      this.#start(arrived.value);
      arrived = undefined;
      next = undefined;
    }
    // No handler has seen it.
    if (arrived !== undefined && !arrived.done) giveBackUnseen([arrived.value]);
  }

  #start(delivery: Delivery): void {
    const run = new Run(delivery);
    this.#runs.add(run);
    run.extendAtMs = this.#clock.nowMs() + (this.#consumption?.leaseMs ?? 0) / 2;
    this.#arm();
    void this.#handle(run);
  }

  async #handle(run: Run): Promise<void> {
    const { delivery } = run;
    const trace = traceOf(delivery);
    try {
      if (trace === undefined) await this.#handler(delivery, run);
      else await trace.run(() => this.#handler(delivery, run));
      if (!delivery.isSettled) void delivery.ack();
    } catch (error) {
      trace?.failed(error);
      if (!delivery.isSettled && !delivery.isLost) void delivery.nack();
      this.#options.onError?.(error, delivery);
    } finally {
      this.#runs.delete(run);
      this.#wake();
    }
  }

  /** One timer for all that runs. */
  #arm(): void {
    const leaseMs = this.#consumption?.leaseMs;
    if (this.#cancelTimer !== undefined || leaseMs === undefined || this.#runs.size === 0) return;
    const shortestMs = Math.min(leaseMs, this.#extensionMs ?? leaseMs);
    const tickMs = Math.min(Math.max(shortestMs / 8, MIN_TICK_MS), MAX_TICK_MS);
    this.#cancelTimer = this.#clock.schedule(() => {
      this.#cancelTimer = undefined;
      this.#extendDue();
      this.#arm();
    }, tickMs);
  }

  #extendDue(): void {
    const nowMs = this.#clock.nowMs();
    const extensionMs = this.#extensionMs ?? this.#consumption?.leaseMs ?? 0;
    for (const run of this.#runs) {
      const { delivery } = run;
      if (run.extendAtMs > nowMs || delivery.isSettled || delivery.isLost) continue;
      run.extendAtMs = nowMs + extensionMs / 2;
      delivery.extend(this.#extensionMs).catch((error: unknown) => {
        const isConflict = error instanceof PlayheadError && error.reason === 'CONFLICT';
        if (isConflict && !delivery.isSettled) run.abort(error);
      });
    }
  }

  #meet(event: ConsumptionEvent): void {
    const isLoss = event.type === 'disconnected' || event.type === 'sought';
    if (isLoss || event.type === 'failed' || event.type === 'deleted') {
      for (const run of this.#runs) if (run.delivery.isLost) run.abort(lostError(run.delivery));
    }
    this.#options.onEvent?.(event);
  }

  /** The handlers have had their time. */
  #abandon(timeoutMs: number): void {
    const signal = AbortSignal.abort(new Error(`the worker waited for ${timeoutMs} ms`));
    this.#isAbandoned = true;
    for (const run of this.#runs) run.abort(cancelledError('the handler', signal));
    this.#wake();
  }

  /** Resolves when no handler runs, or when they have had their time. */
  async #idle(): Promise<void> {
    while (this.#runs.size > 0 && !this.#isAbandoned) await this.#woken();
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #wake(): void {
    for (const waiter of this.#waiters.splice(0)) waiter();
  }
}

/** A handler that runs. */
class Run implements WorkContext {
  readonly delivery: Delivery;
  /** By the client's clock. */
  extendAtMs = 0;
  #controller: AbortController | undefined;
  #aborted: { readonly reason: unknown } | undefined;

  constructor(delivery: Delivery) {
    this.delivery = delivery;
  }

  // Made when somebody asks for it: most handlers do not.
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#aborted ??= { reason };
    this.#controller?.abort(reason);
  }
}

function lostError(delivery: Delivery): PlayheadError {
  return new PlayheadError('CONFLICT', 'the lease was lost while the handler ran', {
    metadata: { receipt: String(delivery.receipt) },
  });
}
