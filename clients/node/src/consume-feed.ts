import {
  ConsumeResponse,
  type ConsumeStarted,
  EndReason,
  type Lease as WireLease,
} from 'playhead-proto';
import { onAbort } from './abort.ts';
import type { Backoff } from './backoff.ts';
import type { Connection } from './connection.ts';
import { ConsumeStream } from './consume-stream.ts';
import type { ConsumptionEnd, ConsumptionEvent } from './consumption-event.ts';
import { Credit } from './credit.ts';
import type { Delivery } from './delivery.ts';
import { giveBackUnseen } from './delivery.ts';
import { DeliveryTraces } from './delivery-traces.ts';
import { fromWireError, PlayheadError } from './errors.ts';
import { Fifo } from './fifo.ts';
import { HeldLeases } from './held-leases.ts';
import type { Lease } from './lease.ts';
import { checkLeases, decodeDeliveries } from './lease-response.ts';
import { type Response, scanResponse } from './response.ts';
import type { SentSettlement, SettleFailure } from './settlement.ts';
import { SettlementQueue } from './settlement-queue.ts';

/** Settlements of one request, as many as Acknowledge takes. */
const MAX_SETTLEMENTS = 10_000;
/** How long close() waits for the results of what was settled. */
const RESULTS_TIMEOUT_MS = 5000;
/** What becomes of the leases of a worker. */
const ENDED = 'has ended with its worker';

/** What to consume. */
export interface ConsumeFeedRequest {
  readonly topic: string;
  readonly subscription: string;
  readonly worker: string;
  readonly maxInFlight: number;
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
  /** What is to be done before the first call. */
  readonly prepare: ((signal: AbortSignal) => Promise<unknown>) | undefined;
  readonly onEvent: ((event: ConsumptionEvent) => void) | undefined;
  readonly onSettleError: ((error: PlayheadError, failure: SettleFailure) => void) | undefined;
  /** What was taken and not handed out: nobody has seen it. */
  readonly unseen: () => Iterable<Delivery>;
  /** It is over, and so is its call. */
  readonly onEnded: () => void;
}

/** A response that nobody has taken yet. */
interface Queued {
  readonly response: Response;
  readonly leases: readonly WireLease[];
  /** By the client's clock: from then on the deliveries are somebody else's. */
  readonly expiresAtMs: number;
}

/**
 * Brings deliveries, and takes back what becomes of them, over as many Consume calls as it takes.
 *
 * ```
 * waiting ──▶ open ──End──▶ ended
 *    ▲          │ lost, or End with a retryable error
 *    └──pause───┘
 * ```
 *
 * The broker sends no more than it has credit for, so that the queue is bounded. Credit goes back as deliveries are
 * settled. With a call its leases go: what was delivered before is void.
 */
export class ConsumeFeed {
  readonly #connection: Connection;
  readonly #request: ConsumeFeedRequest;
  readonly #backoff: Backoff;
  readonly #settlements: SettlementQueue;
  readonly #credit: Credit;
  readonly #held: HeldLeases;
  readonly #preparing = new AbortController();
  #stream: ConsumeStream | undefined;
  #openedMs = 0;
  #stopListening: () => void = () => {};
  #cancelRetry: () => void = () => {};
  #flush: NodeJS.Immediate | undefined;
  #queue = new Fifo<Queued>();
  #unanswered = new Fifo<SentSettlement>();
  #isActive = false;
  #leaseMs: number | undefined;
  /** What the broker has said that the end will be. */
  #comingEnd: ConsumptionEnd | undefined;
  #end: ConsumptionEnd | undefined;
  #closing: Promise<void> | undefined;
  #waiters: (() => void)[] = [];
  #startWaiters: (() => void)[] = [];
  #answerWaiter: (() => void) | undefined;

  constructor(connection: Connection, request: ConsumeFeedRequest) {
    this.#connection = connection;
    this.#request = request;
    this.#backoff = connection.createBackoff(Number.POSITIVE_INFINITY);
    this.#credit = new Credit(request.maxInFlight, request.maxBytes);
    const traces = DeliveryTraces.of(connection.options.tracing, request.subscription);
    this.#held = new HeldLeases(
      connection.clock,
      (count, bytes) => this.#giveBack(count, bytes),
      traces,
    );
    const listener = {
      onPending: () => this.#schedule(),
      onReleased: (lease: Lease, count: number, bytes: number) => {
        if (lease.heldCount === 0) this.#held.delete(lease);
        if (!lease.isExpired) this.#giveBack(count, bytes);
      },
      onExtended: (lease: Lease, leaseMs: bigint) => this.#noteExtension(lease, leaseMs),
      onFailed: request.onSettleError,
    };
    this.#settlements = new SettlementQueue(listener, traces);
    this.#stopListening = onAbort([request.signal, connection.signal], (signal) => {
      const error = connection.endError(this.operation, signal);
      // A client that is closed ends its consumptions without an error.
      this.#finish(
        error.reason === 'CLIENT_CLOSED' ? { type: 'closed' } : { type: 'failed', error },
      );
    });
    void this.#begin();
  }

  get operation(): string {
    return `the consumption of ${this.#request.topic} by ${this.#request.subscription}`;
  }

  get isActive(): boolean {
    return this.#isActive;
  }

  get leaseMs(): number | undefined {
    return this.#leaseMs;
  }

  get end(): ConsumptionEnd | undefined {
    return this.#end;
  }

  get settlements(): SettlementQueue {
    return this.#settlements;
  }

  /** Deliveries that were taken and are neither settled nor lost. */
  held(): Iterable<Delivery> {
    return this.#held.deliveries();
  }

  /** The deliveries of the next response, if there is one now. */
  take(): readonly Delivery[] | undefined {
    const nowMs = this.#connection.clock.nowMs();
    for (;;) {
      const queued = this.#queue.shift();
      if (queued === undefined) return undefined;
      const { response, leases, expiresAtMs } = queued;
      if (expiresAtMs > nowMs) {
        const { topic } = this.#request;
        const decoded = decodeDeliveries(this.#settlements, topic, response, leases, expiresAtMs);
        this.#held.add(decoded.leases);
        return decoded.deliveries;
      }
      this.#giveBack(response.messageCount, response.messageBytes);
    }
  }

  /** Resolves when there is something to take, or the end. */
  wait(): Promise<void> {
    if (this.#queue.length > 0 || this.#end !== undefined) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Resolves when the broker has taken the worker, or with the end. */
  started(): Promise<void> {
    if (this.#leaseMs !== undefined || this.#end !== undefined) return Promise.resolve();
    return new Promise((resolve) => this.#startWaiters.push(resolve));
  }

  /** Sends what was settled, waits for the results for a while, and ends the call: its leases are given back. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#end !== undefined) return;
    try {
      await this.#closeCall();
    } finally {
      this.#request.onEnded();
    }
  }

  async #closeCall(): Promise<void> {
    const stream = this.#stream;
    stream?.send({ isLeaving: true });
    giveBackUnseen(this.#request.unseen());
    for (let taken = this.take(); taken !== undefined; taken = this.take()) giveBackUnseen(taken);
    this.#send();
    this.#conclude({ type: 'closed' });
    if (this.#unanswered.length > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, RESULTS_TIMEOUT_MS);
        this.#answerWaiter = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#stream = undefined;
    await stream?.end();
    const text = `${this.operation} ended before the broker answered`;
    this.#settlements.abandon(this.#unanswered.drain(), new PlayheadError('UNREACHABLE', text));
  }

  async #begin(): Promise<void> {
    const { prepare } = this.#request;
    try {
      if (prepare !== undefined) await prepare(this.#preparing.signal);
      if (this.#end === undefined) this.#open();
    } catch (error) {
      if (!(error instanceof PlayheadError)) throw error;
      this.#finish({ type: 'failed', error });
    }
  }

  #open(): void {
    const { topic, subscription, worker } = this.#request;
    this.#openedMs = this.#connection.clock.nowMs();
    const stream = new ConsumeStream(this.#connection, {
      onResponse: (bytes) => this.#receive(bytes, stream),
      onBroken: (error) => this.#lose(error, stream.address),
    });
    this.#stream = stream;
    stream.send({ start: { topic, subscription, worker }, ...this.#credit.restart() });
    // Of leases that ran out before: the broker says what becomes of that.
    if (this.#settlements.length > 0) this.#schedule();
  }

  #receive(bytes: Buffer, stream: ConsumeStream): void {
    let response: Response;
    let details: ConsumeResponse;
    try {
      response = scanResponse(bytes);
      details = ConsumeResponse.decode(response.rest);
      checkLeases(response, details.leases);
    } catch (cause) {
      this.#abandon(`broker ${stream.address} sent a response that is not well-formed`, cause);
      return;
    }
    const { leases, results, event } = details;
    if (results.length > this.#unanswered.length) {
      this.#abandon(`broker ${stream.address} sent a result of what nobody has settled`);
      return;
    }
    if (results.length > 0) this.#answer(results);
    if (response.messageCount > 0) this.#push(response, leases);
    if (event !== undefined) this.#meet(event, stream);
  }

  #answer(results: ConsumeResponse['results']): void {
    for (const result of results) {
      const sent = this.#unanswered.shift();
      if (sent === undefined) break;
      this.#credit.confirm(sent.count);
      this.#settlements.answer(sent, result);
    }
    this.#backoff.succeed();
    if (this.#unanswered.length === 0) this.#answerWaiter?.();
    if (this.#credit.isDue) this.#schedule();
  }

  #push(response: Response, leases: readonly WireLease[]): void {
    this.#backoff.succeed();
    if (this.#end !== undefined) return;
    // A lease that runs out meanwhile is noticed later than by the broker, never earlier.
    const expiresAtMs =
      this.#connection.clock.nowMs() + (this.#leaseMs ?? Number.POSITIVE_INFINITY);
    this.#queue.push({ response, leases, expiresAtMs });
    this.#wake();
  }

  #meet(event: NonNullable<ConsumeResponse['event']>, stream: ConsumeStream): void {
    switch (event.$case) {
      case 'started':
        this.#start(event.value);
        return;
      case 'sought': {
        for (const { response } of this.#queue.drain()) {
          this.#giveBack(response.messageCount, response.messageBytes);
        }
        const { bytes, count } = this.#held.lose('was fenced off by a seek');
        this.#giveBack(count, bytes);
        this.#tell({ type: 'sought', timestampNs: event.value.timestampNs });
        return;
      }
      case 'drained':
        this.#comingEnd = { type: 'drained', reason: event.value.reason };
        return;
      case 'deleted':
        this.#comingEnd = { type: 'deleted', isTopicDeleted: event.value.isTopicDeleted };
        return;
      case 'end': {
        const { reason, error } = event.value;
        stream.forget();
        if (reason !== EndReason.ERROR) {
          this.#finish(this.#comingEnd ?? endOf(reason));
          return;
        }
        const text = `broker ${stream.address} ended ${this.operation} with an error`;
        this.#lose(
          error === undefined ? new PlayheadError('INTERNAL', text) : fromWireError(error),
          stream.address,
        );
        return;
      }
      default:
        event satisfies never;
    }
  }

  #start({ isActive, leaseMs, maxCreditMessages, maxCreditBytes }: ConsumeStarted): void {
    this.#isActive = isActive;
    this.#leaseMs = Number(leaseMs);
    this.#held.watch(this.#leaseMs);
    for (const waiter of this.#startWaiters.splice(0)) waiter();
    const { maxInFlight, maxBytes } = this.#request;
    this.#tell({
      type: 'started',
      isActive,
      leaseMs: this.#leaseMs,
      maxInFlight: Math.min(maxInFlight, maxCreditMessages),
      maxBytes: Math.min(maxBytes, maxCreditBytes),
    });
  }

  /** The call is over before its time. */
  #lose(error: PlayheadError, address: string): void {
    this.#stream = undefined;
    this.#isActive = false;
    this.#voidAll('went with the connection', error);
    if (this.#end !== undefined) return;
    if (this.#comingEnd !== undefined) {
      this.#finish(this.#comingEnd);
      return;
    }
    const { initialBackoffMs, maxBackoffMs } = this.#connection.options;
    if (
      this.#connection.clock.nowMs() - this.#openedMs >
      Math.max(initialBackoffMs, maxBackoffMs)
    ) {
      this.#backoff.succeed();
    }
    const delayMs = error.retryable
      ? this.#connection.retryDelay(this.#backoff, error, address, this.operation)
      : undefined;
    if (delayMs === undefined) {
      this.#finish({ type: 'failed', error });
      return;
    }
    this.#tell({ type: 'disconnected', error });
    // Whoever was told may have closed it.
    if (this.#end !== undefined) return;
    this.#cancelRetry = this.#connection.clock.schedule(() => this.#open(), delayMs);
  }

  #abandon(text: string, cause?: unknown): void {
    this.#finish({ type: 'failed', error: new PlayheadError('INTERNAL', text, { cause }) });
  }

  /** Over at once, and for good. */
  #finish(end: ConsumptionEnd): void {
    const stream = this.#stream;
    this.#stream = undefined;
    const cause = end.type === 'failed' ? end.error : undefined;
    this.#conclude(end);
    this.#voidAll(ENDED, cause);
    stream?.drop();
    this.#request.onEnded();
  }

  /** Nothing is handed out or settled from here on; what was sent is still answered. */
  #conclude(end: ConsumptionEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#isActive = false;
    this.#stopListening();
    this.#preparing.abort();
    this.#cancelRetry();
    this.#queue.drain();
    this.#held.lose(ENDED);
    this.#held.close();
    this.#settlements.close(lostLeases(ENDED));
    for (const waiter of this.#startWaiters.splice(0)) waiter();
    this.#wake();
    this.#tell(end);
  }

  /** What was delivered by a call that is over. */
  #voidAll(how: string, cause: PlayheadError | undefined): void {
    this.#queue.drain();
    this.#held.lose(how);
    this.#settlements.clear(lostLeases(how));
    const unknown = cause ?? new PlayheadError('UNREACHABLE', `${this.operation} is over`);
    this.#settlements.abandon(this.#unanswered.drain(), unknown);
    this.#answerWaiter?.();
  }

  #giveBack(count: number, bytes: number): void {
    this.#credit.giveBack(count, bytes);
    if (this.#credit.isDue) this.#schedule();
  }

  #noteExtension(lease: Lease, leaseMs: bigint): void {
    const ms = leaseMs === 0n ? (this.#leaseMs ?? 0) : Number(leaseMs);
    lease.expiresAtMs = Math.max(lease.expiresAtMs, this.#connection.clock.nowMs() + ms);
  }

  /** One request for what is settled in this turn of the event loop. */
  #schedule(): void {
    this.#flush ??= setImmediate(() => this.#send());
  }

  #send(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    const stream = this.#stream;
    if (stream === undefined || this.#end !== undefined) return;
    do {
      const sent = this.#settlements.take(MAX_SETTLEMENTS);
      for (const each of sent) {
        this.#unanswered.push(each);
        this.#credit.expect(each.count);
      }
      const credit = this.#credit.take();
      if (sent.length === 0 && credit === undefined) return;
      stream.send({ ...credit, settlements: sent.map(({ wire }) => wire) });
    } while (this.#settlements.length > 0);
  }

  #tell(event: ConsumptionEvent): void {
    // Nothing comes behind the end.
    if (this.#end === undefined || event === this.#end) this.#request.onEvent?.(event);
  }

  #wake(): void {
    for (const waiter of this.#waiters.splice(0)) waiter();
  }
}

/** What an End means that nothing has announced. */
function endOf(reason: EndReason): ConsumptionEnd {
  if (reason === EndReason.DRAINED) return { type: 'drained', reason: '' };
  return reason === EndReason.DELETED
    ? { type: 'deleted', isTopicDeleted: false }
    : { type: 'closed' };
}

function lostLeases(how: string): PlayheadError {
  return new PlayheadError('CONFLICT', `the lease ${how}`);
}
