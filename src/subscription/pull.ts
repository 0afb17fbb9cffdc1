import type { Subscription } from './subscription.ts';
import type { Delivery, LeaseNote, WorkerEnd, WorkerSink } from './worker.ts';
import { errorOf, Worker } from './worker.ts';

/** What is asked for by a pull. */
export interface PullOptions {
  readonly maxMessages: number;
  readonly maxBytes: number;
  /** How long to wait for the first message. */
  readonly waitMs: number;
  /** Length of the lease, if it is not the subscription's. */
  readonly leaseMs: bigint | undefined;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

/** What a pull has got. */
export interface Pulled {
  readonly chunks: readonly Buffer[];
  readonly leases: readonly LeaseNote[];
  /** Set if no message will come any more: why the topic was closed. */
  readonly drained?: { readonly reason: string };
}

/** Leases messages to a caller: what is there, or what comes first while it waits. */
export async function pull(subscription: Subscription, options: PullOptions): Promise<Pulled> {
  const pulling = new Pulling(options, subscription.names);
  const { worker } = pulling;
  const giveUp = () => pulling.giveUp();
  options.signal.addEventListener('abort', giveUp, { once: true });
  const { waitMs } = options;
  const cancelWait =
    waitMs > 0 ? subscription.context.clock.schedule(giveUp, waitMs) : () => undefined;
  // What was leased to it may be taken away again, by a seek: then it goes without.
  const ignoreIdle = subscription.onIdle(() => {
    if (waitMs <= 0 || pulling.hasGivenUp) giveUp();
  });
  subscription.join(worker);
  try {
    return await pulling.pulled;
  } finally {
    cancelWait();
    ignoreIdle();
    options.signal.removeEventListener('abort', giveUp);
    subscription.leave(worker, { isSuspect: false });
  }
}

/** A worker that takes what one grant gives, and goes. */
class Pulling implements WorkerSink {
  readonly worker: Worker;
  readonly pulled: Promise<Pulled>;
  readonly #chunks: Buffer[] = [];
  readonly #leases: LeaseNote[] = [];
  readonly #names: Subscription['names'];
  hasGivenUp = false;
  #resolve: (pulled: Pulled) => void = () => {};
  #reject: (error: unknown) => void = () => {};

  constructor({ maxMessages, maxBytes, leaseMs }: PullOptions, names: Subscription['names']) {
    this.#names = names;
    this.worker = new Worker(this, { isStreamed: false, leaseMs });
    this.worker.creditMessages = maxMessages;
    this.worker.creditBytes = maxBytes;
    this.pulled = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  deliver(delivery: Delivery): void {
    this.#chunks.push(...delivery.chunks);
    this.#leases.push(...delivery.leases);
    this.giveUp();
  }

  tell(): void {}

  end(end: WorkerEnd): void {
    if (end.type === 'drained') this.#resolve({ chunks: [], leases: [], drained: end });
    else this.#reject(errorOf(end, this.#names));
  }

  /** Takes nothing more; what is leased to it already still comes. */
  giveUp(): void {
    this.hasGivenUp = true;
    this.worker.isBlocked = true;
    const count = this.#leases.reduce((sum, { messageCount }) => sum + messageCount, 0);
    if (count >= this.worker.inFlight)
      this.#resolve({ chunks: this.#chunks, leases: this.#leases });
  }
}
