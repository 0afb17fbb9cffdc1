import { type PullRequest, PullResponse, SubscriptionServiceService } from 'playhead-proto';
import type { Connection, UnaryMethod } from './connection.ts';
import type { Delivery } from './delivery.ts';
import { DeliveryTraces } from './delivery-traces.ts';
import { type Duration, toMs } from './duration.ts';
import { closedError, PlayheadError } from './errors.ts';
import { checkLeases, decodeDeliveries } from './lease-response.ts';
import { int32 } from './number.ts';
import { scanResponse } from './response.ts';
import type { SentSettlement } from './settlement.ts';
import { SettlementQueue } from './settlement-queue.ts';
import type { RequestOptions } from './topics.ts';

/** What the broker takes in one Acknowledge. */
const MAX_SETTLEMENTS = 10_000;
/** Requests under way; what is settled meanwhile goes out together. */
const MAX_REQUESTS = 8;

export interface PullOptions extends RequestOptions {
  /** At most so many messages; 1 by default, at most 10 000. */
  readonly max?: number | undefined;
  /** At most so many bytes, but at least one message; 1 MiB by default. */
  readonly maxBytes?: number | undefined;
  /** Wait so long for the first message, at most 60 s; 0 by default. */
  readonly wait?: Duration | undefined;
  /** How long the lease is; as the subscription says by default. */
  readonly lease?: Duration | undefined;
}

/** Deliveries of one pull, none if there was nothing; `drained` is set if nothing will come any more. */
export type PulledDeliveries = readonly Delivery[] & {
  readonly drained: { readonly reason: string } | undefined;
};

/** What a puller needs of its client. */
export interface PullerOwner {
  readonly connection: Connection;
  /** Something was settled that the client, when it is closed, is to wait for. */
  readonly onBusy: (puller: Puller) => void;
  readonly onIdle: (puller: Puller) => void;
}

/** Its response stays bytes, so that messages are decoded when somebody looks at them. */
const pullMethod: UnaryMethod<PullRequest, Buffer> = {
  path: SubscriptionServiceService.pull.path,
  requestSerialize: SubscriptionServiceService.pull.requestSerialize,
  responseDeserialize: (bytes) => bytes,
};

/** Pulls from one subscription, and settles what was pulled: what is settled in one turn in one request. */
export class Puller {
  readonly #owner: PullerOwner;
  readonly #topic: string;
  readonly #subscription: string;
  readonly #settlements: SettlementQueue;
  #flush: NodeJS.Immediate | undefined;
  #requestCount = 0;
  #idleWaiters: (() => void)[] = [];

  constructor(owner: PullerOwner, topic: string, subscription: string) {
    this.#owner = owner;
    this.#topic = topic;
    this.#subscription = subscription;
    const traces = DeliveryTraces.of(owner.connection.options.tracing, subscription);
    this.#settlements = new SettlementQueue({ onPending: () => this.#schedule() }, traces);
  }

  async pull(options: PullOptions): Promise<PulledDeliveries> {
    const { wait = 0, lease = 0, signal } = options;
    const waitMs = Number(toMs('wait', wait));
    const request: PullRequest = {
      topic: this.#topic,
      subscription: this.#subscription,
      maxMessages: int32('max', options.max) ?? 0,
      maxBytes: int32('maxBytes', options.maxBytes) ?? 0,
      waitMs: int32('wait', waitMs) ?? 0,
      leaseMs: toMs('lease', lease),
    };
    const { connection } = this.#owner;
    const operation = `pull from ${this.#subscription} of ${this.#topic}`;
    const bytes = await connection.request(
      pullMethod,
      request,
      operation,
      signal,
      undefined,
      waitMs,
    );
    const response = scanResponse(bytes);
    const { leases, drained } = PullResponse.decode(response.rest);
    checkLeases(response, leases);
    const { deliveries } = decodeDeliveries(
      this.#settlements,
      this.#topic,
      response,
      leases,
      Number.POSITIVE_INFINITY,
    );
    this.#settlements.traces?.handOut(deliveries);
    return Object.assign(deliveries, { drained: drained && { reason: drained.reason } });
  }

  /** Sends what was settled, and waits for the answers. */
  close(): Promise<void> {
    this.#send();
    if (this.#isIdle) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  get #isIdle(): boolean {
    return this.#requestCount === 0 && this.#settlements.length === 0;
  }

  #schedule(): void {
    if (this.#flush !== undefined) return;
    this.#owner.onBusy(this);
    this.#flush = setImmediate(() => this.#send());
  }

  #send(): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    while (this.#settlements.length > 0 && this.#requestCount < MAX_REQUESTS) {
      void this.#acknowledge(this.#settlements.take(MAX_SETTLEMENTS));
    }
  }

  async #acknowledge(sent: readonly SentSettlement[]): Promise<void> {
    this.#requestCount += 1;
    const operation = `acknowledge to ${this.#subscription} of ${this.#topic}`;
    try {
      const { results } = await this.#owner.connection.request(
        SubscriptionServiceService.acknowledge,
        {
          topic: this.#topic,
          subscription: this.#subscription,
          settlements: sent.map(({ wire }) => wire),
        },
        operation,
      );
      sent.forEach((each, index) => {
        const result = results[index];
        if (result !== undefined) this.#settlements.answer(each, result);
        else this.#settlements.abandon([each], noResult(operation));
      });
    } catch (error) {
      const failure = error instanceof PlayheadError ? error : closedError(operation);
      this.#settlements.abandon(sent, failure);
    }
    this.#requestCount -= 1;
    this.#send();
    if (!this.#isIdle) return;
    this.#owner.onIdle(this);
    for (const waiter of this.#idleWaiters.splice(0)) waiter();
  }
}

function noResult(operation: string): PlayheadError {
  return new PlayheadError(
    'INTERNAL',
    `the broker has no result for each settlement: ${operation}`,
  );
}
