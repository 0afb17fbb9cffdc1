import type { ClientClock } from './clock.ts';

/**
 * How calls get to a broker and back. A client speaks the protocol of playhead in bytes; over gRPC it speaks to a broker
 * anywhere, and within a process to the one that is embedded there.
 */
export interface Transport {
  /** One or more, the first to be tried first. */
  readonly addresses: readonly string[];
  readonly clock: ClientClock;
  /** Does not connect yet, and does not throw. */
  open(address: string, options: LinkOptions): Link;
  /** The client is closed, and all links are. */
  close(): Promise<void>;
}

export interface LinkOptions {
  /** Pause between two tries to connect, where the transport makes them itself. */
  readonly reconnectBackoffMs: number;
}

/** A way to one broker. Calls that are made on it share it. */
export interface Link {
  /** Whether there is a connection now. */
  readonly isReady: boolean;
  /** Whether what is written to a call belongs to the broker from then on, which may change it. */
  readonly takesOver: boolean;
  /** A unary call. `done` is called once, in a later turn, with one of the two; if the call is cancelled, with a failure. */
  request(
    path: string,
    request: Buffer,
    timeoutMs: number,
    done: (failure: CallFailure | null, response?: Buffer) => void,
  ): Cancellable;
  openReadCall(path: string, request: Buffer): ReadCall;
  openDuplexCall(path: string): DuplexCall;
  /** What is under way ends. Idempotent. */
  close(): void;
}

export interface Cancellable {
  cancel(): void;
}

/** A call that is answered by many responses. It reads without limit until somebody listens. */
export interface ReadCall extends Cancellable {
  on(event: 'data', listener: (response: Buffer) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  on(event: 'error', listener: (failure: CallFailure) => void): unknown;
  pause(): unknown;
  resume(): unknown;
}

/** A call of many requests and many responses. */
export interface DuplexCall extends ReadCall {
  /** The bytes are the caller's again when it returns, unless the link takes them over. */
  write(request: Buffer): unknown;
  end(): unknown;
}

/** Why a call failed, in gRPC's words. */
export interface CallFailure {
  /** A status code: https://grpc.io/docs/guides/status-codes/ */
  readonly code: number;
  readonly details: string;
  /** Trailers. */
  readonly metadata?: { get(name: string): readonly unknown[] };
}
