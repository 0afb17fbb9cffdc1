import { endNs } from '../subscription/run.ts';
import type { Settlement } from '../subscription/settlement.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { Delivery, LeaseNote, WorkerEnd, WorkerSink } from '../subscription/worker.ts';
import { errorOf, Worker } from '../subscription/worker.ts';

/** What is to be taken. */
export interface TakeOptions {
  readonly maxMessages: number;
  readonly maxBytes: number;
  /** How long to wait for the first message. */
  readonly waitMs: number;
  /** True if what is not acknowledged when the taker leaves waits again at once; else when its lease runs out. */
  readonly isReturned: boolean;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

/** Takes all that waits in a subscription, up to bounds; to be left in any case. */
export class Take implements WorkerSink {
  readonly #subscription: Subscription;
  readonly #worker: Worker;
  readonly #chunks: Buffer[] = [];
  readonly #leases: LeaseNote[] = [];
  readonly #done: Promise<void>;
  #resolve: () => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #count = 0;
  #isFull = false;

  private constructor(subscription: Subscription, options: TakeOptions) {
    this.#subscription = subscription;
    this.#worker = new Worker(this, { isStreamed: options.isReturned });
    this.#worker.creditMessages = options.maxMessages;
    this.#worker.creditBytes = options.maxBytes;
    this.#done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Resolves when it has what there is, or what came first while it waited. */
  static async from(subscription: Subscription, options: TakeOptions): Promise<Take> {
    const take = new Take(subscription, options);
    const { waitMs, signal } = options;
    const stop = () => take.#stop();
    const cancelWait = waitMs > 0 ? subscription.context.clock.schedule(stop, waitMs) : () => {};
    signal.addEventListener('abort', stop, { once: true });
    const ignoreIdle = subscription.onIdle(() => {
      if (waitMs <= 0 || take.#worker.inFlight > 0 || take.#worker.isBlocked) stop();
    });
    subscription.join(take.#worker);
    if (signal.aborted) stop();
    try {
      await take.#done;
      return take;
    } catch (error) {
      take.leave();
      throw error;
    } finally {
      cancelWait();
      ignoreIdle();
      signal.removeEventListener('abort', stop);
    }
  }

  get chunks(): readonly Buffer[] {
    return this.#chunks;
  }

  get leases(): readonly LeaseNote[] {
    return this.#leases;
  }

  /** True if the bounds have left something behind. */
  get hasMore(): boolean {
    const { state, topic } = this.#subscription;
    return this.#isFull && state.freshCount(topic.span) + BigInt(state.waiting.messageCount) > 0n;
  }

  /** What it holds, as settlements that acknowledge it. */
  acknowledgements(): readonly Settlement[] {
    return Array.from(this.#worker.leases, ({ receipt, run }) => ({
      receipt,
      firstNs: run.firstTimestampNs,
      lastNs: endNs(run) - 1n,
      action: { type: 'ack', isCumulative: false },
    }));
  }

  /** Resolves when it is durable that all of it is done. */
  async acknowledge(): Promise<void> {
    if (this.#worker.leases.size === 0) return;
    await this.#subscription.settle(this.acknowledgements(), this.#worker);
  }

  leave(): void {
    this.#subscription.leave(this.#worker, { isSuspect: false });
  }

  deliver(delivery: Delivery): void {
    this.#chunks.push(...delivery.chunks);
    this.#leases.push(...delivery.leases);
    for (const { messageCount } of delivery.leases) this.#count += messageCount;
    // There may be more, or nothing to hand out any more, which it is told then.
    if (this.#worker.isBlocked) this.#stop();
    else this.#subscription.ready();
  }

  tell(): void {}

  end(end: WorkerEnd): void {
    if (end.type === 'drained') this.#resolve();
    else
      this.#reject(
        errorOf(end, {
          topic: this.#subscription.topic.name,
          subscription: this.#subscription.name,
        }),
      );
  }

  /** Takes nothing more; what is leased to it already still comes. */
  #stop(): void {
    this.#isFull ||= !this.#worker.hasCredit && !this.#worker.isBlocked;
    this.#worker.isBlocked = true;
    if (this.#count >= this.#worker.inFlight) this.#resolve();
  }
}
