import {
  type End,
  EndReason,
  type Position,
  type Run,
  type Started,
  SubscribeRequest,
  SubscribeResponse,
} from 'playhead-proto';
import { onAbort } from './abort.ts';
import type { Backoff } from './backoff.ts';
import { resolveTime } from './broker-clock.ts';
import { type Closed, fromWireClosed } from './closed.ts';
import type { Connection } from './connection.ts';
import { closedError, fromCallFailure, fromWireError, PlayheadError } from './errors.ts';
import type { Ago } from './position.ts';
import { type Response, scanResponse } from './response.ts';
import type { CallFailure, ReadCall } from './transport.ts';

/** What nobody has taken yet. Beyond it the broker is held back. */
const MAX_QUEUED_BYTES = 4 * 1024 * 1024;
/** What a queued response takes besides its bytes. */
const RESPONSE_OVERHEAD_BYTES = 1024;

/** What to subscribe to. */
export interface FeedRequest {
  readonly topic: string;
  readonly from: Position;
  readonly until: 'now' | bigint | Ago | undefined;
  readonly limit: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** How the broker understood a subscription. */
export interface SubscriptionStart {
  /** Messages from this timestamp on are delivered. */
  readonly fromTimestampNs: bigint;
  /** The subscription ends before this timestamp. */
  readonly untilTimestampNs: bigint | undefined;
}

/** What a subscription meets between messages, in order. */
export type FeedEvent =
  /** Everything that was committed has been delivered; the next message has this timestamp or a later one. */
  | { readonly type: 'caught_up'; readonly nextTimestampNs: bigint }
  /** What was asked for is gone, by trim or retention; `firstTimestampNs` is undefined if nothing is left. */
  | {
      readonly type: 'trimmed';
      readonly topic: string;
      readonly firstTimestampNs: bigint | undefined;
    }
  /** The topic is complete. Ends the subscription, unless it is of a glob. */
  | { readonly type: 'closed'; readonly closed: Closed }
  /** The topic was deleted. Ends the subscription, unless it is of a glob. */
  | { readonly type: 'deleted'; readonly topic: string };

export interface FeedMessages {
  readonly type: 'messages';
  readonly response: Response;
  readonly runs: readonly Run[];
}

type FeedItem = FeedMessages | FeedEvent;

interface Queued {
  readonly item: FeedItem;
  readonly bytes: number;
}

/**
 * Brings what a subscription asks for, in order and each message once, over as many Subscribe calls as it takes.
 *
 * ```
 * waiting ──▶ open ──End──▶ ended
 *    ▲          │ lost, or End with a retryable error
 *    └──pause───┘
 * ```
 *
 * It goes on at the timestamp behind the last message it received, with what is left of the limit, up to the time
 * that the first call resolved `until` to, and only on the topic that it began with.
 */
export class SubscribeFeed {
  readonly #connection: Connection;
  readonly #request: FeedRequest;
  readonly #backoff: Backoff;
  #call: ReadCall | undefined;
  #stopListening: () => void = () => {};
  #stopWatching: () => void = () => {};
  #cancelRetry: () => void = () => {};
  #untilNs: bigint | undefined;
  #started: Started | undefined;
  #resumeNs: bigint | undefined;
  #received = 0;
  #queue: Queued[] = [];
  #queuedBytes = 0;
  #isPaused = false;
  #isAbandoned = false;
  #end: { readonly error: PlayheadError | undefined } | undefined;
  #waiters: (() => void)[] = [];
  #startWaiters: (() => void)[] = [];

  constructor(connection: Connection, request: FeedRequest) {
    this.#connection = connection;
    this.#request = request;
    this.#backoff = connection.createBackoff(Number.POSITIVE_INFINITY);
    this.#stopListening = onAbort([request.signal, connection.signal], (signal) => {
      const error = connection.endError(this.#operation, signal);
      // A client that is closed ends its subscriptions without an error.
      this.#abandon(error.reason === 'CLIENT_CLOSED' ? undefined : error);
    });
    void this.#begin();
  }

  /** Whether it was ended from this side: what nobody has taken is dropped. */
  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  /** Whether what is next is messages. */
  get hasMessages(): boolean {
    return this.#queue[0]?.item.type === 'messages';
  }

  /** What is next, if it is messages and here. */
  takeMessages(): FeedMessages | undefined {
    const item = this.#queue[0]?.item;
    if (item?.type !== 'messages') return undefined;
    this.#shift();
    return item;
  }

  /** What is next, if it is no messages and here. */
  takeEvent(): FeedEvent | undefined {
    const item = this.#queue[0]?.item;
    if (item === undefined || item.type === 'messages') return undefined;
    this.#shift();
    return item;
  }

  /** How it ended, once it has and everything is taken. */
  get end(): { readonly error: PlayheadError | undefined } | undefined {
    return this.#queue.length === 0 ? this.#end : undefined;
  }

  /** Resolves, with true, when there is something to take, or the end. */
  wait(): Promise<true> {
    if (this.#queue.length > 0 || this.#end !== undefined) return Promise.resolve(true);
    return new Promise((resolve) => this.#waiters.push(() => resolve(true)));
  }

  /** Resolves when the broker has taken the subscription; rejects if it ends before. */
  async started(): Promise<SubscriptionStart> {
    if (this.#started === undefined && this.#end === undefined) {
      await new Promise<void>((resolve) => this.#startWaiters.push(resolve));
    }
    if (this.#started === undefined) {
      throw this.#end?.error ?? closedError(`the subscription to ${this.#request.topic}`);
    }
    const { fromTimestampNs, untilTimestampNs } = this.#started;
    return {
      fromTimestampNs,
      untilTimestampNs: untilTimestampNs === 0n ? undefined : untilTimestampNs,
    };
  }

  /** Ends it now. What nobody has taken is dropped. */
  close(): void {
    this.#abandon(undefined);
  }

  #shift(): void {
    this.#queuedBytes -= this.#queue.shift()?.bytes ?? 0;
    if (this.#isPaused && this.#queuedBytes < MAX_QUEUED_BYTES / 2) {
      this.#isPaused = false;
      this.#call?.resume();
    }
  }

  get #operation(): string {
    return `subscribe to ${this.#request.topic}`;
  }

  async #begin(): Promise<void> {
    const { until, signal } = this.#request;
    if (until !== undefined && until !== 'now') {
      try {
        this.#untilNs = await resolveTime(this.#connection, until, signal);
      } catch (error) {
        if (!(error instanceof PlayheadError)) throw error;
        this.#finish(error);
        return;
      }
    }
    this.#open();
  }

  #open(): void {
    if (this.#end !== undefined) return;
    const { address } = this.#connection;
    let call: ReadCall;
    try {
      call = this.#connection.openSubscribeStream(this.#encodeRequest());
    } catch (error) {
      if (!(error instanceof PlayheadError)) throw error;
      this.#finish(error);
      return;
    }
    this.#call = call;
    this.#isPaused = false;
    // The call reads without limit until somebody listens: no await may come before this.
    call.on('data', (bytes: Buffer) => {
      if (this.#call === call) this.#receive(bytes, address);
    });
    call.on('end', () => {
      if (this.#call !== call) return;
      const text = `broker ${address} ended the subscription without a reason`;
      this.#lose(new PlayheadError('UNREACHABLE', text), address);
    });
    call.on('error', (error: CallFailure) => {
      if (this.#call === call) this.#lose(fromCallFailure(error, address), address);
    });
    this.#stopWatching = this.#connection.watchConnecting('subscribe', (error) => {
      if (this.#call !== call) return;
      this.#lose(error, address);
      call.cancel();
    });
  }

  #encodeRequest(): Buffer {
    const { topic, from, until, limit } = this.#request;
    const started = this.#started;
    const isFirst = started === undefined;
    const bytes = SubscribeRequest.encode({
      topic,
      from:
        this.#resumeNs === undefined
          ? from
          : { at: { $case: 'timestampNs', value: this.#resumeNs } },
      untilTimestampNs: this.#untilNs,
      untilNow: isFirst && until === 'now',
      maxMessages: BigInt(limit === undefined ? 0 : limit - this.#received),
      topicCreatedTimestampNs: started?.topicCreatedTimestampNs ?? 0n,
    }).finish();
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #receive(bytes: Buffer, address: string): void {
    this.#stopWatching();
    let response: Response;
    let details: SubscribeResponse | undefined;
    try {
      response = scanResponse(bytes);
      details = response.rest.length === 0 ? undefined : SubscribeResponse.decode(response.rest);
    } catch (cause) {
      const text = `broker ${address} sent a response that is not well-formed`;
      this.#abandon(new PlayheadError('INTERNAL', text, { cause }));
      return;
    }
    const { messageCount, last } = response;
    if (last !== undefined) {
      this.#received += messageCount;
      this.#resumeNs = last.timestampNs + 1n;
      this.#backoff.succeed();
      this.#push({ type: 'messages', response, runs: details?.runs ?? [] }, bytes.length);
    }
    if (details?.event !== undefined) this.#meet(details.event, address);
  }

  #meet(event: NonNullable<SubscribeResponse['event']>, address: string): void {
    switch (event.$case) {
      case 'started':
        this.#start(event.value);
        return;
      case 'caughtUp': {
        const { nextTimestampNs } = event.value;
        if (this.#resumeNs === undefined || nextTimestampNs > this.#resumeNs) {
          this.#resumeNs = nextTimestampNs;
        }
        this.#backoff.succeed();
        this.#push({ type: 'caught_up', nextTimestampNs });
        return;
      }
      case 'trimmed': {
        const { topic, firstTimestampNs } = event.value;
        this.#push({
          type: 'trimmed',
          topic,
          firstTimestampNs: firstTimestampNs === 0n ? undefined : firstTimestampNs,
        });
        return;
      }
      case 'closed':
        this.#push({ type: 'closed', closed: fromWireClosed(event.value) });
        return;
      case 'deleted':
        this.#push({ type: 'deleted', topic: event.value.topic });
        return;
      case 'end':
        this.#meetEnd(event.value, address);
        return;
      default:
        event satisfies never;
    }
  }

  #start(started: Started): void {
    const before = this.#started;
    // A topic that did not exist at first has its time of creation from a later call.
    const topicCreatedTimestampNs =
      before === undefined || before.topicCreatedTimestampNs === 0n
        ? started.topicCreatedTimestampNs
        : before.topicCreatedTimestampNs;
    this.#started = { ...(before ?? started), topicCreatedTimestampNs };
    if (before === undefined) {
      this.#resumeNs ??= started.fromTimestampNs;
      if (started.untilTimestampNs !== 0n) this.#untilNs = started.untilTimestampNs;
    }
    for (const waiter of this.#startWaiters.splice(0)) waiter();
  }

  #meetEnd({ reason, error }: End, address: string): void {
    if (reason !== EndReason.ERROR) {
      this.#finish(undefined);
      return;
    }
    const failure =
      error === undefined
        ? new PlayheadError('INTERNAL', `broker ${address} ended the subscription with an error`)
        : fromWireError(error);
    this.#lose(failure, address);
  }

  /** The call is over before its time. */
  #lose(error: PlayheadError, address: string): void {
    this.#stopWatching();
    this.#call = undefined;
    if (!error.retryable) {
      this.#finish(error);
      return;
    }
    const { limit } = this.#request;
    const isLimitReached = limit !== undefined && this.#received >= limit;
    const isUntilReached =
      this.#untilNs !== undefined &&
      this.#resumeNs !== undefined &&
      this.#resumeNs >= this.#untilNs;
    if (isLimitReached || isUntilReached) {
      this.#finish(undefined);
      return;
    }
    const delayMs = this.#connection.retryDelay(this.#backoff, error, address, this.#operation);
    if (delayMs === undefined) {
      this.#finish(error);
      return;
    }
    this.#cancelRetry = this.#connection.clock.schedule(() => this.#open(), delayMs);
  }

  #push(item: FeedItem, bytes = 0): void {
    const cost = bytes + RESPONSE_OVERHEAD_BYTES;
    this.#queue.push({ item, bytes: cost });
    this.#queuedBytes += cost;
    if (!this.#isPaused && this.#queuedBytes > MAX_QUEUED_BYTES) {
      this.#isPaused = true;
      this.#call?.pause();
    }
    this.#wake();
  }

  #abandon(error: PlayheadError | undefined): void {
    this.#isAbandoned = true;
    if (this.#end !== undefined && this.#queue.length === 0) return;
    this.#queue = [];
    this.#queuedBytes = 0;
    const call = this.#call;
    this.#finish(error);
    if (call !== undefined) call.cancel();
  }

  #finish(error: PlayheadError | undefined): void {
    this.#end ??= { error };
    this.#stopListening();
    this.#stopWatching();
    this.#cancelRetry();
    // Behind the last response only the status follows: let it come.
    if (this.#isPaused) this.#call?.resume();
    this.#call = undefined;
    for (const waiter of this.#startWaiters.splice(0)) waiter();
    this.#wake();
  }

  #wake(): void {
    if (this.#waiters.length === 0) return;
    for (const waiter of this.#waiters.splice(0)) waiter();
  }
}
