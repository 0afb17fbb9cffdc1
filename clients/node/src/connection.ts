import { BrokerServiceService, StatusCode, SubscriptionServiceService } from 'playhead-proto';
import { onAbort } from './abort.ts';
import { Backoff } from './backoff.ts';
import type { ClientClock } from './clock.ts';
import { cancelledError, closedError, fromCallFailure, PlayheadError } from './errors.ts';
import type { Tracing } from './tracing.ts';
import type { CallFailure, DuplexCall, Link, ReadCall, Transport } from './transport.ts';

const CONNECT_TIMEOUT_MS = 5000;
/** Of gRPC's status codes, that of a time limit. */
const DEADLINE_EXCEEDED = StatusCode.DEADLINE_EXCEEDED;

/** What a connection is told, all of it decided. */
export interface ConnectionOptions {
  readonly requestTimeoutMs: number;
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  /** Undefined: each kind of operation has its own. */
  readonly giveUpAfterMs: number | undefined;
  readonly onRetry: ((event: RetryEvent) => void) | undefined;
  readonly signal: AbortSignal | undefined;
  readonly tracing?: Tracing | undefined;
}

/** A try that failed and will be repeated. */
export interface RetryEvent {
  readonly error: PlayheadError;
  /** What is repeated, such as `publish to orders`. */
  readonly operation: string;
  /** Number of tries that failed in a row. */
  readonly attempt: number;
  readonly delayMs: number;
}

/** A unary method, as the generated services describe it. */
export interface UnaryMethod<Request, Response> {
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

/**
 * Cancelling more than a thousand calls in a burst makes nghttp2 kill their connection. Subscriptions are what
 * users cancel, so publishing has a connection of its own; and so have workers, whose settlements are not to wait behind
 * what a reader has not taken yet.
 */
type Lane = 'publish' | 'subscribe' | 'consume';

/** The addresses of a broker and the connections to them. One address at a time is in use. */
export class Connection {
  readonly options: ConnectionOptions;
  readonly #abort = new AbortController();
  readonly #transport: Transport;
  readonly #links = new Map<string, Link>();
  #current = 0;

  constructor(transport: Transport, options: ConnectionOptions) {
    this.#transport = transport;
    this.options = options;
  }

  get addresses(): readonly string[] {
    return this.#transport.addresses;
  }

  get clock(): ClientClock {
    return this.#transport.clock;
  }

  /** Fires when the client is closed or its signal fires: what waits ends. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get address(): string {
    return this.addresses[this.#current] ?? '';
  }

  createBackoff(defaultGiveUpAfterMs: number): Backoff {
    const { initialBackoffMs, maxBackoffMs, giveUpAfterMs } = this.options;
    const limits = { initialBackoffMs, maxBackoffMs };
    return new Backoff({ ...limits, giveUpAfterMs: giveUpAfterMs ?? defaultGiveUpAfterMs }, () =>
      this.clock.nowMs(),
    );
  }

  /** Counts a failed try at `address`. Returns the pause before the next, or undefined to give up. */
  retryDelay(
    backoff: Backoff,
    error: PlayheadError,
    address: string,
    operation: string,
  ): number | undefined {
    const isElsewhereBetter = error.reason === 'UNREACHABLE' || error.reason === 'SHUTTING_DOWN';
    // Several operations notice one outage: only the first of them turns to the next address.
    if (isElsewhereBetter && address === this.address) {
      this.#current = (this.#current + 1) % this.addresses.length;
    }
    const delayMs = backoff.fail(isElsewhereBetter ? this.addresses.length : 1);
    if (delayMs !== undefined) {
      this.options.onRetry?.({ error, operation, attempt: backoff.failures, delayMs });
    }
    return delayMs;
  }

  /** Whether what is published belongs to the broker from then on. */
  get takesOver(): boolean {
    return this.#link('publish').takesOver;
  }

  openPublishStream(): DuplexCall {
    return this.#link('publish').openDuplexCall(BrokerServiceService.publishStream.path);
  }

  openSubscribeStream(request: Buffer): ReadCall {
    return this.#link('subscribe').openReadCall(BrokerServiceService.subscribe.path, request);
  }

  openConsumeStream(): DuplexCall {
    return this.#link('consume').openDuplexCall(SubscriptionServiceService.consume.path);
  }

  /**
   * Calls back if there is no connection for a stream that was just opened after five seconds: a host that drops
   * packets would otherwise hold it for minutes. Returns what stops the watch.
   */
  watchConnecting(lane: Lane, onStuck: (error: PlayheadError) => void): () => void {
    const { address } = this;
    const link = this.#link(lane);
    if (link.isReady) return () => {};
    const timer = setTimeout(() => {
      if (!link.isReady) onStuck(noConnection(address, CONNECT_TIMEOUT_MS));
    }, CONNECT_TIMEOUT_MS);
    return () => clearTimeout(timer);
  }

  /**
   * Makes one request and repeats it while its failures are retryable, within `requestTimeoutMs` in all. `operation`
   * names it in errors. `doneBefore` says which refusal of a repeated request only means that an earlier try, whose
   * answer was lost, has done it. `waitMs` is what the broker may take besides, because it was asked to wait.
   */
  async request<Request, Response>(
    method: UnaryMethod<Request, Response>,
    request: Request,
    operation: string,
    signal?: AbortSignal,
    doneBefore?: (refusal: PlayheadError) => Response | undefined,
    waitMs = 0,
  ): Promise<Response> {
    const requestTimeoutMs = this.options.requestTimeoutMs + waitMs;
    const deadlineMs = this.clock.nowMs() + requestTimeoutMs;
    const backoff = this.createBackoff(requestTimeoutMs);
    for (;;) {
      const aborted = [signal, this.signal].find((each) => each?.aborted);
      if (aborted !== undefined) throw this.endError(operation, aborted);
      const { address } = this;
      const leftMs = deadlineMs - this.clock.nowMs();
      try {
        return await this.#call(method, request, operation, leftMs, signal);
      } catch (error) {
        if (!(error instanceof PlayheadError)) throw error;
        const done = backoff.failures > 0 ? doneBefore?.(error) : undefined;
        if (done !== undefined) return done;
        if (!error.retryable || error.reason === 'DEADLINE_EXCEEDED') throw error;
        const delayMs = this.retryDelay(backoff, error, address, operation);
        if (delayMs === undefined || this.clock.nowMs() + delayMs >= deadlineMs) throw error;
        await this.#pause(delayMs, signal);
      }
    }
  }

  /** Ends what waits, and disconnects; resolves when what is behind the transport is closed. */
  close(): Promise<void> {
    this.#abort.abort();
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    return this.#transport.close();
  }

  /** Why what was under way ends when `signal`, a request's own or the connection's, fires. */
  endError(operation: string, signal: AbortSignal): PlayheadError {
    if (signal !== this.signal) return cancelledError(operation, signal);
    const { signal: clientSignal } = this.options;
    return clientSignal?.aborted
      ? cancelledError(operation, clientSignal)
      : closedError('the client');
  }

  #call<Request, Response>(
    method: UnaryMethod<Request, Response>,
    request: Request,
    operation: string,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      const { address } = this;
      let ownError: PlayheadError | undefined;
      const link = this.#link('publish');
      const bytes = method.requestSerialize(request);
      const call = link.request(method.path, bytes, timeoutMs, (failure, response) => {
        stopWatching();
        stopListening();
        if (ownError !== undefined) reject(ownError);
        else if (failure !== null) reject(explain(failure));
        else resolve(method.responseDeserialize(response ?? Buffer.alloc(0)));
      });
      // A time that is over before there was a connection says nothing of the broker's work.
      const explain = (failure: CallFailure) =>
        failure.code === DEADLINE_EXCEEDED && !link.isReady
          ? noConnection(address, Math.round(timeoutMs))
          : fromCallFailure(failure, address);
      const cancel = (error: PlayheadError) => {
        ownError ??= error;
        call.cancel();
      };
      const stopWatching = this.watchConnecting('publish', cancel);
      const stopListening = onAbort([signal, this.signal], (fired) => {
        cancel(this.endError(operation, fired));
      });
    });
  }

  #pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const cancelTimer = this.clock.schedule(() => {
        stop();
        resolve();
      }, delayMs);
      const stop = onAbort([signal, this.signal], () => {
        cancelTimer();
        resolve();
      });
    });
  }

  #link(lane: Lane): Link {
    const key = `${lane} ${this.address}`;
    let link = this.#links.get(key);
    if (link === undefined) {
      if (this.signal.aborted) throw this.endError('the connection', this.signal);
      const { initialBackoffMs: reconnectBackoffMs } = this.options;
      link = this.#transport.open(this.address, { reconnectBackoffMs });
      this.#links.set(key, link);
    }
    return link;
  }
}

function noConnection(address: string, timeoutMs: number): PlayheadError {
  const text = `broker ${address} is unreachable: no connection within ${timeoutMs} ms`;
  return new PlayheadError('UNREACHABLE', text);
}
