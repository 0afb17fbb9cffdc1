import { giveBackUnseen } from '../http/waiting-request.ts';
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
  /** True if what it holds waits again at once when it leaves, or the broker dies; else when its lease runs out. */
  readonly isReturned: boolean;
  /** Told of bytes before they are kept. Throws if they are too many: then nothing is taken. */
  readonly charge?: (bytes: number) => void;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

/** Takes all that waits in a subscription, up to bounds; to be left in any case: with its messages, or without. */
export class Take implements WorkerSink {
  readonly #subscription: Subscription;
  readonly #worker: Worker;
  readonly #chunks: Buffer[] = [];
  readonly #leases: LeaseNote[] = [];
  readonly #done: Promise<void>;
  readonly #charge: ((bytes: number) => void) | undefined;
  readonly #isWaiting: boolean;
  #resolve: () => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #count = 0;

  private constructor(subscription: Subscription, options: TakeOptions) {
    this.#subscription = subscription;
    this.#charge = options.charge;
    this.#isWaiting = options.waitMs > 0;
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
      take.giveBack();
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

  /** True if there is something left that can be taken now. */
  get hasMore(): boolean {
    const { state, topic, context } = this.#subscription;
    if (state.freshCount(topic.span) > 0n) return true;
    const nowNs = context.clock.nowNs();
    return (['ordinary', 'suspect'] as const).some((kind) => state.waiting.next(nowNs, kind));
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

  /** Acknowledges all of it, at once, and leaves. Resolves when that is durable. */
  async acknowledge(): Promise<void> {
    const acknowledgements = this.acknowledgements();
    const settled =
      acknowledgements.length > 0 && this.#subscription.settle(acknowledgements, this.#worker);
    this.leave();
    await settled;
  }

  /** Leaves without its messages, which wait again and have not been delivered. */
  giveBack(): void {
    const sent = [...this.#worker.leases].filter((lease) => lease.isSent);
    if (sent.length > 0) giveBackUnseen(this.#subscription, sent);
    this.leave();
  }

  leave(): void {
    this.#subscription.leave(this.#worker, { isSuspect: false });
  }

  deliver(delivery: Delivery): void {
    try {
      this.#charge?.(delivery.chunks.reduce((sum, { length }) => sum + length, 0));
    } catch (error) {
      this.#worker.isBlocked = true;
      return this.#reject(error);
    }
    this.#chunks.push(...delivery.chunks);
    this.#leases.push(...delivery.leases);
    for (const { messageCount } of delivery.leases) this.#count += messageCount;
    // There may be more, or nothing to hand out any more, which it is told then.
    if (this.#worker.isBlocked) this.#stop();
    else this.#subscription.ready();
  }

  tell(): void {}

  end(end: WorkerEnd): void {
    // Nothing will come any more; who waits is not to ask again and again for that.
    if (end.type === 'drained') return this.#isWaiting ? undefined : this.#resolve();
    this.#reject(errorOf(end, this.#subscription.names));
  }

  /** Takes nothing more; what is leased to it already still comes. */
  #stop(): void {
    this.#worker.isBlocked = true;
    if (this.#count >= this.#worker.inFlight) this.#resolve();
  }
}
