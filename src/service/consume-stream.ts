import type { ConsumeRequest, ConsumeStart } from 'playhead-proto';
import { EndReason } from 'playhead-proto';
import { asBrokerError, BrokerError, invalidArgument } from '../errors.ts';
import {
  CONSUME_SETTLEMENTS_MAX,
  CREDIT_BYTES_MAX,
  CREDIT_MESSAGES_MAX,
  PAGE_BYTES,
  WORKER_NAME_BYTES,
} from '../limits.ts';
import type { Logger } from '../logger.ts';
import type { SettlementOutcome } from '../subscription/settlement.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { Subscriptions } from '../subscription/subscriptions.ts';
import type {
  Delivery,
  LeaseNote,
  WorkerEnd,
  WorkerEvent,
  WorkerSink,
} from '../subscription/worker.ts';
import { Worker } from '../subscription/worker.ts';
import type { CallOrigin, DuplexCall } from './call.ts';
import { toWireError } from './status.ts';
import type { OpenStream } from './streams.ts';
import { decodeSubscriptionRequest } from './subscription-codec.ts';
import {
  encodeConsumeEvent,
  encodeConsumeResults,
  encodeDelivery,
  fromWireSettlement,
} from './subscription-convert.ts';

/** What the stream needs of a call. */
export type ConsumeCall = Omit<DuplexCall, keyof CallOrigin>;

/**
 * One worker's Consume. Deliveries go out as far as its credit reaches and the call takes them; settlements are answered
 * in their order, once they are durable. While many wait for that, or to be read by the client, nothing more is read.
 */
export class ConsumeStream implements OpenStream, WorkerSink {
  readonly #call: ConsumeCall;
  readonly #subscriptions: Subscriptions;
  readonly #logger: Logger;
  readonly #worker = new Worker(this, { isStreamed: true });
  #subscription: Subscription | undefined;
  /** Deliveries of this turn, which go out in one response. */
  #chunks: Buffer[] = [];
  #leases: LeaseNote[] = [];
  #bytes = 0;
  #isFlushPlanned = false;
  #unanswered = 0;
  /** Settlements that are answered to a client that does not read. */
  #unread = 0;
  #answered: Promise<void> = Promise.resolve();
  #isPaused = false;
  #hasEnded = false;
  #isOver = false;

  constructor(call: ConsumeCall, subscriptions: Subscriptions, logger: Logger) {
    this.#call = call;
    this.#subscriptions = subscriptions;
    this.#logger = logger;
  }

  /** Runs the stream; `onOver` is called once, when it has ended. */
  run(onOver: () => void): void {
    const call = this.#call;
    const over = () => {
      if (this.#isOver) return;
      this.#isOver = true;
      this.#leave({ isSuspect: !this.#hasEnded });
      onOver();
    };
    call.on('data', (request: Buffer) => this.#take(request));
    call.on('end', () => {
      // A stream that is cut off ends, too, and says only then that it was.
      setImmediate(() => this.#onGoodbye());
    });
    call.on('drain', () => this.#onDrain());
    call.on('error', over);
    call.on('cancelled', over);
    call.on('close', over);
    call.on('finish', over);
    if (call.cancelled) over();
  }

  shutDown(): void {
    this.end({
      type: 'error',
      error: new BrokerError('SHUTTING_DOWN', 'the broker is shutting down; consume again'),
    });
  }

  deliver(delivery: Delivery): void {
    if (this.#isOver || this.#hasEnded) return;
    for (const chunk of delivery.chunks) {
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
    }
    for (const lease of delivery.leases) this.#leases.push(lease);
    if (this.#bytes >= PAGE_BYTES) this.#flush();
    else if (!this.#isFlushPlanned) {
      this.#isFlushPlanned = true;
      queueMicrotask(() => this.#flush());
    }
  }

  tell(event: WorkerEvent): void {
    if (this.#isOver || this.#hasEnded) return;
    this.#flush();
    if (event.type === 'active') this.#writeStarted(true);
    else {
      const { timestampNs } = event;
      this.#write(encodeConsumeEvent({ $case: 'sought', value: { timestampNs } }));
    }
  }

  end(end: WorkerEnd): void {
    if (this.#hasEnded) return;
    this.#leave({ isSuspect: false });
    void this.#endBehindResults(() => {
      switch (end.type) {
        case 'drained':
          this.#write(encodeConsumeEvent({ $case: 'drained', value: { reason: end.reason } }));
          return this.#writeEnd(EndReason.DRAINED);
        case 'deleted': {
          const { isTopicDeleted } = end;
          this.#write(encodeConsumeEvent({ $case: 'deleted', value: { isTopicDeleted } }));
          return this.#writeEnd(EndReason.DELETED);
        }
        case 'error':
          return this.#writeEnd(EndReason.ERROR, end.error);
      }
    });
  }

  /** A worker that says goodbye has not died of anything. */
  #onGoodbye(): void {
    if (this.#isOver || this.#call.cancelled) return;
    this.#leave({ isSuspect: false });
    void this.#endBehindResults(() => this.#writeEnd(EndReason.LEFT));
  }

  #take(bytes: Buffer): void {
    if (this.#hasEnded || this.#isOver) return;
    try {
      const request = decodeSubscriptionRequest.consume(bytes);
      const { start } = request;
      if (start !== undefined) this.#start(start);
      else if (this.#subscription === undefined) {
        throw invalidArgument('start', 'must be in the first request');
      }
      if (request.isLeaving) this.#worker.isLeaving = true;
      this.#addCredit(request);
      if (request.settlements.length > 0) this.#settle(request);
      this.#subscription?.ready();
    } catch (thrown) {
      const error = asBrokerError(thrown);
      if (error.reason === 'INTERNAL') this.#logger.error({ err: thrown }, 'consume failed');
      this.end({ type: 'error', error });
    }
  }

  #start({ topic, subscription: name, worker }: ConsumeStart): void {
    if (this.#subscription !== undefined) {
      throw invalidArgument('start', 'must be in the first request only');
    }
    const bytes = Buffer.byteLength(worker);
    if (bytes > WORKER_NAME_BYTES) {
      throw invalidArgument('start.worker', `${bytes} bytes are more than ${WORKER_NAME_BYTES}`);
    }
    this.#subscription = this.#subscriptions.get(topic, name);
    const { workers, state } = this.#subscription;
    this.#writeStarted(workers.size === 0 || state.config.deliveryMode !== 'exclusive');
    this.#subscription.join(this.#worker);
  }

  #addCredit({ creditMessages, creditBytes }: ConsumeRequest): void {
    if (creditMessages < 0)
      throw invalidArgument('credit_messages', `${creditMessages} is negative`);
    if (creditBytes < 0) throw invalidArgument('credit_bytes', `${creditBytes} is negative`);
    const worker = this.#worker;
    worker.creditMessages = Math.min(worker.creditMessages + creditMessages, CREDIT_MESSAGES_MAX);
    worker.creditBytes = Math.min(worker.creditBytes + creditBytes, CREDIT_BYTES_MAX);
  }

  #settle({ settlements }: ConsumeRequest): void {
    const subscription = this.#subscription;
    if (subscription === undefined) return;
    const settled = subscription.settle(settlements.map(fromWireSettlement), this.#worker);
    settled.catch(() => {
      // Told in its turn, which may be later.
    });
    this.#unanswered += settlements.length;
    this.#pauseIfFull();
    const before = this.#answered;
    this.#answered = this.#answer(before, settled, settlements.length);
  }

  async #answer(
    before: Promise<void>,
    settled: Promise<readonly SettlementOutcome[]>,
    count: number,
  ): Promise<void> {
    try {
      await before;
      const outcomes = await settled;
      if (!this.#isOver) this.#write(encodeConsumeResults(outcomes));
      if (this.#call.writableNeedDrain) this.#unread += count;
    } catch (thrown) {
      // The storage has failed: what became of the settlements is not known, and nothing can be said behind.
      this.end({ type: 'error', error: asBrokerError(thrown) });
    }
    this.#unanswered -= count;
    this.#pauseIfFull();
  }

  /** Ends the stream once all settlements are answered. */
  async #endBehindResults(write: () => void): Promise<void> {
    if (this.#hasEnded) return;
    this.#flush();
    this.#hasEnded = true;
    this.#subscription = undefined;
    // What is being settled in this turn, and may be what ends the stream, is answered first.
    await Promise.resolve();
    await this.#answered;
    if (this.#isOver) return;
    write();
    this.#call.end();
  }

  #leave({ isSuspect }: { isSuspect: boolean }): void {
    const subscription = this.#subscription;
    this.#subscription = undefined;
    subscription?.leave(this.#worker, { isSuspect });
  }

  #pauseIfFull(): void {
    const isFull = this.#unanswered + this.#unread >= CONSUME_SETTLEMENTS_MAX;
    const mustPause = isFull && !this.#isOver;
    if (mustPause === this.#isPaused) return;
    this.#isPaused = mustPause;
    if (mustPause) this.#call.pause();
    else this.#call.resume();
  }

  #onDrain(): void {
    this.#worker.isBlocked = false;
    this.#unread = 0;
    this.#pauseIfFull();
    this.#subscription?.ready();
  }

  #flush(): void {
    this.#isFlushPlanned = false;
    if (this.#leases.length === 0 || this.#isOver || this.#hasEnded) return;
    const [chunks, leases] = [this.#chunks, this.#leases];
    this.#chunks = [];
    this.#leases = [];
    this.#bytes = 0;
    this.#write(encodeDelivery(chunks, leases));
    // What is granted but not durable yet still comes, as far as the credit reached.
    this.#worker.isBlocked = this.#call.writableNeedDrain;
  }

  #writeStarted(isActive: boolean): void {
    this.#write(
      encodeConsumeEvent({
        $case: 'started',
        value: {
          isActive,
          maxCreditMessages: CREDIT_MESSAGES_MAX,
          maxCreditBytes: CREDIT_BYTES_MAX,
          leaseMs: this.#subscription?.state.config.leaseMs ?? 0n,
        },
      }),
    );
  }

  #writeEnd(reason: EndReason, error?: BrokerError): void {
    const value = { reason, error: error && toWireError(error) };
    this.#write(encodeConsumeEvent({ $case: 'end', value }));
  }

  #write(response: Buffer): void {
    if (!this.#isOver) this.#call.write(response);
  }
}
