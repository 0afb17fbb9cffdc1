import type { Subscription } from '../../src/subscription/subscription.ts';
import type {
  Delivery,
  LeaseNote,
  WorkerEnd,
  WorkerEvent,
  WorkerSink,
} from '../../src/subscription/worker.ts';
import { Worker } from '../../src/subscription/worker.ts';
import { decodeRun } from './message.ts';

/** A message that a worker has got. */
export interface Delivered {
  readonly value: string;
  readonly timestampNs: bigint;
  readonly receipt: bigint;
  readonly attempt: number;
  readonly deadlineNs: bigint;
}

/** A worker in the test's hands. */
export class TestWorker implements WorkerSink {
  readonly subscription: Subscription;
  readonly worker: Worker;
  readonly deliveries: Delivered[] = [];
  readonly events: WorkerEvent[] = [];
  ended: WorkerEnd | undefined;
  readonly #wakeups: (() => void)[] = [];

  constructor(subscription: Subscription, credit = 1000) {
    this.subscription = subscription;
    this.worker = new Worker(this, { isStreamed: true });
    this.worker.creditMessages = credit;
    this.worker.creditBytes = 1 << 24;
    subscription.join(this.worker);
  }

  deliver({ chunks, leases }: Delivery): void {
    const messages = decodeRun(Buffer.concat(chunks));
    for (const lease of leases) this.#take(lease, messages);
    this.#wake();
  }

  tell(event: WorkerEvent): void {
    this.events.push(event);
    this.#wake();
  }

  end(end: WorkerEnd): void {
    this.ended = end;
    this.subscription.leave(this.worker, { isSuspect: false });
    this.#wake();
  }

  /** Waits until there are so many deliveries, ever. */
  async until(count: number): Promise<readonly Delivered[]> {
    while (this.deliveries.length < count) await this.#something();
    return this.deliveries;
  }

  async untilEnd(): Promise<WorkerEnd> {
    while (this.ended === undefined) await this.#something();
    return this.ended;
  }

  addCredit(messages: number): void {
    this.worker.creditMessages += messages;
    this.subscription.ready();
  }

  leave(isSuspect = true): void {
    this.subscription.leave(this.worker, { isSuspect });
  }

  async settle(
    delivered: Pick<Delivered, 'receipt' | 'timestampNs'>,
    action: Parameters<Subscription['settle']>[0][number]['action'],
  ) {
    const { receipt, timestampNs } = delivered;
    const settlement = { receipt, firstNs: timestampNs, lastNs: timestampNs, action };
    const [outcome] = await this.subscription.settle([settlement], this.worker);
    return outcome;
  }

  ack(delivered: Pick<Delivered, 'receipt' | 'timestampNs'>) {
    return this.settle(delivered, { type: 'ack', isCumulative: false });
  }

  nack(delivered: Pick<Delivered, 'receipt' | 'timestampNs'>, delayMs?: bigint) {
    return this.settle(delivered, { type: 'nack', delayMs });
  }

  #take(
    { receipt, messageCount, attempt, deadlineNs }: LeaseNote,
    messages: ReturnType<typeof decodeRun>,
  ) {
    for (const { value, timestampNs } of messages.splice(0, messageCount)) {
      const text = Buffer.from(value).toString();
      this.deliveries.push({ value: text, timestampNs, receipt, attempt, deadlineNs });
    }
  }

  #wake(): void {
    for (const wake of this.#wakeups.splice(0)) wake();
  }

  #something(): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeups.push(resolve);
    });
  }
}
