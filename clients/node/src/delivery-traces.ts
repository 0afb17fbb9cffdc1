import { type Delivery, leaseOf } from './delivery.ts';
import { PlayheadError } from './errors.ts';
import type { DeliveryTrace, SettleOperation, Tracing } from './tracing.ts';

/** The pause between two looks at which leases have run out. */
const SWEEP_MS = 10_000;
/** What this machine's clock may be ahead of the broker's before a lease that is held is taken for lost. */
const GRACE_MS = 30_000;

/** The traces of the deliveries of one worker or puller, each until it is settled or lost. */
export class DeliveryTraces {
  readonly #tracing: Tracing;
  readonly #subscription: string;
  readonly #traces = new WeakMap<Delivery, DeliveryTrace>();
  /** What was handed out and is neither settled nor lost. */
  readonly #open = new Set<Delivery>();
  #timer: NodeJS.Timeout | undefined;

  constructor(tracing: Tracing, subscription: string) {
    this.#tracing = tracing;
    this.#subscription = subscription;
  }

  /** For a client that is traced. */
  static of(tracing: Tracing | undefined, subscription: string): DeliveryTraces | undefined {
    return tracing === undefined ? undefined : new DeliveryTraces(tracing, subscription);
  }

  /** The program gets these deliveries now. */
  handOut(deliveries: Iterable<Delivery>): void {
    for (const delivery of deliveries) {
      this.#traces.set(delivery, this.#tracing.deliver(delivery, this.#subscription));
      this.#open.add(delivery);
    }
    this.#arm();
  }

  /** Undefined for what was not handed out. */
  get(delivery: Delivery): DeliveryTrace | undefined {
    return this.#traces.get(delivery);
  }

  settle(delivery: Delivery, operation: SettleOperation, answer: Promise<void>): void {
    if (operation !== 'extend') this.#open.delete(delivery);
    this.#traces.get(delivery)?.settle(operation, answer);
  }

  /** Loses all that is not settled. */
  lose(how: string): void {
    for (const delivery of this.#open) this.#lose(delivery, how);
  }

  #lose(delivery: Delivery, how: string): void {
    this.#open.delete(delivery);
    this.#traces.get(delivery)?.lost(new PlayheadError('CONFLICT', `the lease ${how}`));
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#open.size === 0) return;
    this.#timer = setTimeout(() => this.#sweep(), SWEEP_MS);
    this.#timer.unref();
  }

  /** Of what was forgotten, which nobody else would notice for a pull. */
  #sweep(): void {
    this.#timer = undefined;
    const overNs = BigInt(Date.now() - GRACE_MS) * 1_000_000n;
    for (const delivery of this.#open) {
      if (delivery.deadlineNs < overNs) this.#lose(delivery, 'has run out');
    }
    this.#arm();
  }
}

/** The trace of a delivery that was handed out, if its client is traced. */
export function traceOf(delivery: Delivery): DeliveryTrace | undefined {
  return leaseOf(delivery).settlements.traces?.get(delivery);
}
