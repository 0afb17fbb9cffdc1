import type { ClientDuplexStream, ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import {
  type CallOptions,
  connectivityState,
  credentials,
  Client as GrpcClient,
  Metadata,
  status,
} from '@grpc/grpc-js';
import { BrokerServiceService, SubscriptionServiceService } from 'playhead-proto';
import { onAbort } from './abort.ts';
import { Backoff } from './backoff.ts';
import { cancelCall } from './cancel-call.ts';
import { cancelledError, closedError, fromServiceError, PlayheadError } from './errors.ts';
import type { Tracing } from './tracing.ts';

const DEFAULT_PORT = 17777;
const CONNECT_TIMEOUT_MS = 5000;
const KEEPALIVE_MS = 30_000;
const KEEPALIVE_TIMEOUT_MS = 10_000;
/** HTTP/2 lets a broker send so much that nobody has read; the 64 KiB default caps a link of 10 ms at 6 MB/s. */
const FLOW_CONTROL_WINDOW_BYTES = 4 * 1024 * 1024;

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

const identity = (bytes: Buffer): Buffer => bytes;

/** The addresses of a broker and the connections to them. One address at a time is in use. */
export class Connection {
  readonly addresses: readonly string[];
  readonly options: ConnectionOptions;
  readonly #abort = new AbortController();
  readonly #clients = new Map<string, GrpcClient>();
  #current = 0;

  constructor(addresses: readonly string[], options: ConnectionOptions) {
    this.addresses = addresses;
    this.options = options;
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
    return new Backoff({
      initialBackoffMs,
      maxBackoffMs,
      giveUpAfterMs: giveUpAfterMs ?? defaultGiveUpAfterMs,
    });
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

  openPublishStream(): ClientDuplexStream<Buffer, Buffer> {
    const call = this.#client('publish').makeBidiStreamRequest(
      BrokerServiceService.publishStream.path,
      identity,
      identity,
      new Metadata(),
      {},
    );
    return call;
  }

  openSubscribeStream(request: Buffer): ClientReadableStream<Buffer> {
    return this.#client('subscribe').makeServerStreamRequest(
      BrokerServiceService.subscribe.path,
      identity,
      identity,
      request,
      new Metadata(),
      {},
    );
  }

  openConsumeStream(): ClientDuplexStream<Buffer, Buffer> {
    return this.#client('consume').makeBidiStreamRequest(
      SubscriptionServiceService.consume.path,
      identity,
      identity,
      new Metadata(),
      {},
    );
  }

  /**
   * Calls back if there is no connection for a stream that was just opened after five seconds: a host that drops
   * packets would otherwise hold it for minutes. Returns what stops the watch.
   */
  watchConnecting(lane: Lane, onStuck: (error: PlayheadError) => void): () => void {
    const { address } = this;
    const client = this.#client(lane);
    const timer = setTimeout(() => {
      if (!isReady(client)) onStuck(noConnection(address, CONNECT_TIMEOUT_MS));
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
    const deadlineMs = performance.now() + requestTimeoutMs;
    const backoff = this.createBackoff(requestTimeoutMs);
    for (;;) {
      const aborted = [signal, this.signal].find((each) => each?.aborted);
      if (aborted !== undefined) throw this.endError(operation, aborted);
      const { address } = this;
      const leftMs = deadlineMs - performance.now();
      try {
        return await this.#call(method, request, operation, leftMs, signal);
      } catch (error) {
        if (!(error instanceof PlayheadError)) throw error;
        const done = backoff.failures > 0 ? doneBefore?.(error) : undefined;
        if (done !== undefined) return done;
        if (!error.retryable || error.reason === 'DEADLINE_EXCEEDED') throw error;
        const delayMs = this.retryDelay(backoff, error, address, operation);
        if (delayMs === undefined || performance.now() + delayMs >= deadlineMs) throw error;
        await this.#pause(delayMs, signal);
      }
    }
  }

  /** Ends what waits, and disconnects. */
  close(): void {
    this.#abort.abort();
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
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
      const options: CallOptions = { deadline: Date.now() + timeoutMs };
      const client = this.#client('publish');
      const call = client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        new Metadata(),
        options,
        (error: ServiceError | null, response?: Response) => {
          stopWatching();
          stopListening();
          if (ownError !== undefined) reject(ownError);
          else if (error !== null) reject(explain(error));
          else if (response !== undefined) resolve(response);
          else reject(new PlayheadError('INTERNAL', `broker ${address} answered nothing`));
        },
      );
      // A time that is over before there was a connection says nothing of the broker's work.
      const explain = (error: ServiceError) =>
        error.code === status.DEADLINE_EXCEEDED && !isReady(client)
          ? noConnection(address, Math.round(timeoutMs))
          : fromServiceError(error, address);
      const cancel = (error: PlayheadError) => {
        ownError ??= error;
        cancelCall(call);
      };
      const stopWatching = this.watchConnecting('publish', cancel);
      const stopListening = onAbort([signal, this.signal], (fired) => {
        cancel(this.endError(operation, fired));
      });
    });
  }

  #pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        stop();
        resolve();
      }, delayMs);
      const stop = onAbort([signal, this.signal], () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #client(lane: Lane): GrpcClient {
    const key = `${lane} ${this.address}`;
    let client = this.#clients.get(key);
    if (client === undefined) {
      if (this.signal.aborted) throw this.endError('the connection', this.signal);
      client = new GrpcClient(this.address, credentials.createInsecure(), {
        'grpc.use_local_subchannel_pool': 1,
        'grpc.enable_channelz': 0,
        'grpc.enable_http_proxy': 0,
        'grpc.enable_retries': 0,
        'grpc.service_config_disable_resolution': 1,
        'grpc.max_receive_message_length': -1,
        'grpc.max_send_message_length': -1,
        // The pauses between tries are made here, where they end with a signal and try another address.
        'grpc.initial_reconnect_backoff_ms': this.options.initialBackoffMs,
        'grpc.max_reconnect_backoff_ms': this.options.initialBackoffMs,
        // A broker whose machine is gone answers nothing, not even with a reset.
        'grpc.keepalive_time_ms': KEEPALIVE_MS,
        'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
        'grpc-node.flow_control_window': FLOW_CONTROL_WINDOW_BYTES,
      });
      this.#clients.set(key, client);
    }
    return client;
  }
}

function isReady(client: GrpcClient): boolean {
  return client.getChannel().getConnectivityState(false) === connectivityState.READY;
}

function noConnection(address: string, timeoutMs: number): PlayheadError {
  const text = `broker ${address} is unreachable: no connection within ${timeoutMs} ms`;
  return new PlayheadError('UNREACHABLE', text);
}

/** Splits and completes addresses: `host`, `host:port`, `[::1]:port`, `unix:path`. Throws a TypeError. */
export function parseAddresses(address: string | readonly string[]): readonly string[] {
  const parts = (typeof address === 'string' ? [address] : address).flatMap((each) =>
    each.split(','),
  );
  const addresses = parts.map((part) => part.trim()).filter((part) => part !== '');
  if (addresses.length === 0)
    throw new TypeError('connect needs an address such as 127.0.0.1:17777');
  return addresses.map((each) => {
    if (/^(?:unix|dns|ipv4|ipv6):/.test(each)) return each;
    if (/^[^\s/:]+$/.test(each) || /^\[[0-9a-fA-F:.]+\]$/.test(each))
      return `${each}:${DEFAULT_PORT}`;
    const port = /^(?:[^\s/:]+|\[[0-9a-fA-F:.]+\]):(\d+)$/.exec(each)?.[1];
    if (port === undefined || Number(port) > 65535) {
      throw new TypeError(`"${each}" is no address such as 127.0.0.1:17777`);
    }
    return each;
  });
}
