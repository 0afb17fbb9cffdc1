import { PlayheadError } from 'playhead-client';
import type { BusEvent, EmitContext } from './event.ts';
import type { Handle } from './handler.ts';

interface Pending {
  readonly event: BusEvent;
  readonly context: EmitContext;
}

interface Waiter {
  /** Number of events that are to be handled. */
  readonly count: number;
  readonly resolve: () => void;
}

export interface QueueLimits {
  readonly concurrency: number;
  readonly maxPending: number;
}

/** The events that wait for an async handler, and those that it handles. */
export class HandlerQueue {
  readonly #key: string;
  readonly #handle: Handle;
  readonly #limits: QueueLimits;
  readonly #onError: (error: unknown, event: BusEvent) => void;
  #pending: Pending[] = [];
  #next = 0;
  #isPlanned = false;
  /** Events that were ever taken, by their numbers, of which the first is 0. */
  #taken = 0;
  readonly #running = new Set<number>();
  #waiters: Waiter[] = [];
  #roomWaiters: (() => void)[] = [];

  constructor(
    key: string,
    handle: Handle,
    limits: QueueLimits,
    onError: (error: unknown, event: BusEvent) => void,
  ) {
    this.#key = key;
    this.#handle = handle;
    this.#limits = limits;
    this.#onError = onError;
  }

  /** Events that wait, or are being handled. */
  get unhandledCount(): number {
    return this.pendingCount + this.#running.size;
  }

  get pendingCount(): number {
    return this.#pending.length - this.#next;
  }

  /** Throws OVERLOADED if too many wait. */
  push(event: BusEvent, context: EmitContext): void {
    const { maxPending } = this.#limits;
    if (this.pendingCount >= maxPending) {
      throw new PlayheadError(
        'OVERLOADED',
        `handler ${this.#key} has ${maxPending} events that wait for it, its limit`,
        { metadata: { handler: this.#key, limit: String(maxPending) } },
      );
    }
    this.#pending.push({ event, context });
    if (this.#isPlanned || this.#running.size >= this.#limits.concurrency) return;
    this.#isPlanned = true;
    // Never in the emitter's stack: it does not wait for this, not even for its first part.
    queueMicrotask(() => {
      this.#isPlanned = false;
      this.#start();
    });
  }

  /** Resolves when it can take one more. */
  async room(): Promise<void> {
    while (this.pendingCount >= this.#limits.maxPending) {
      await new Promise<void>((resolve) => this.#roomWaiters.push(resolve));
    }
  }

  /** Resolves when all that was pushed before is handled. */
  drained(): Promise<void> {
    const count = this.#taken + this.pendingCount;
    if (this.#isHandled(count)) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ count, resolve }));
  }

  #start(): void {
    while (this.#running.size < this.#limits.concurrency) {
      const pending = this.#shift();
      if (pending === undefined) break;
      void this.#run(pending);
    }
  }

  #shift(): Pending | undefined {
    const pending = this.#pending[this.#next];
    if (pending === undefined) return undefined;
    this.#next += 1;
    if (this.#next === this.#pending.length) {
      this.#pending = [];
      this.#next = 0;
    } else if (this.#next >= 1024) {
      this.#pending.splice(0, this.#next);
      this.#next = 0;
    }
    return pending;
  }

  async #run({ event, context }: Pending): Promise<void> {
    const number = this.#taken;
    this.#taken += 1;
    this.#running.add(number);
    try {
      await this.#handle(event, context);
    } catch (error) {
      this.#onError(error, event);
    }
    this.#running.delete(number);
    this.#start();
    for (const wake of this.#roomWaiters.splice(0)) wake();
    if (this.#waiters.length === 0) return;
    const waiters = this.#waiters;
    this.#waiters = waiters.filter((waiter) => !this.#isHandled(waiter.count));
    for (const waiter of waiters) if (this.#isHandled(waiter.count)) waiter.resolve();
  }

  /** Whether the first `count` events are. */
  #isHandled(count: number): boolean {
    if (this.#taken < count) return false;
    for (const number of this.#running) if (number < count) return false;
    return true;
  }
}
