import type { StatusCode } from 'playhead-proto';

/** What a call says of itself and of who made it. */
export interface CallOrigin {
  /** `/playhead.v1.BrokerService/Publish` */
  getPath(): string;
  getPeer(): string;
  readonly metadata: { get(name: string): readonly unknown[] };
}

/** A call with one request and one response. */
export interface UnaryCall extends CallOrigin {
  /** What the client has dialled, `host:port`; empty within the process. */
  getHost(): string;
  on(event: 'cancelled', listener: () => void): unknown;
}

/** A call with one request and many responses. */
export interface ReadCall extends CallOrigin {
  readonly cancelled: boolean;
  on(event: 'cancelled' | 'close' | 'error', listener: () => void): unknown;
  /** `onSent` is called once the response has left this process, or its reader has it. */
  write(response: Buffer, onSent?: () => void): boolean;
  end(): unknown;
}

/** A call with many of both. */
export interface DuplexCall extends CallOrigin {
  readonly cancelled: boolean;
  readonly writableNeedDrain: boolean;
  on(event: 'data', listener: (request: Buffer) => void): unknown;
  on(
    event: 'end' | 'drain' | 'error' | 'cancelled' | 'close' | 'finish',
    listener: () => void,
  ): unknown;
  pause(): unknown;
  resume(): unknown;
  /** As of a {@link ReadCall}. */
  write(response: Buffer, onSent?: () => void): boolean;
  end(): unknown;
}

/** Tells the client that its call is taken, before there is a first response. */
export type Accept = () => void;

/** Ends the call with a status. What was written and not sent yet may get lost. */
export type Refuse = (error: CallError) => void;

/** Rejects with a CallError. */
export type UnaryHandler = (request: Buffer, call: UnaryCall) => Promise<Buffer>;

/** Rejects with a CallError if it has refused the call, and with nothing else. */
export type ReadHandler = (request: Buffer, call: ReadCall, accept: Accept) => Promise<void>;

export type DuplexHandler = (call: DuplexCall, accept: Accept, refuse: Refuse) => void;

/** A method of a service. What calls it, over gRPC or in this process, is not its business. */
export type ServiceMethod = UnaryMethod | ReadMethod | DuplexMethod;

export interface UnaryMethod {
  readonly kind: 'unary';
  readonly path: string;
  readonly handle: UnaryHandler;
}

export interface ReadMethod {
  readonly kind: 'read';
  readonly path: string;
  readonly handle: ReadHandler;
}

export interface DuplexMethod {
  readonly kind: 'duplex';
  readonly path: string;
  readonly handle: DuplexHandler;
}

/** A refusal: what a call gets that has no response. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly code: StatusCode;
  /** The value of the trailer `grpc-status-details-bin`. */
  readonly trailer: Buffer;

  constructor(code: StatusCode, message: string, trailer: Buffer) {
    super(message);
    this.code = code;
    this.trailer = trailer;
  }
}
