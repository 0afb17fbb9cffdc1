import { ConsumeRequest } from 'playhead-proto';
import type { Connection } from './connection.ts';
import { fromCallFailure, PlayheadError } from './errors.ts';
import type { CallFailure, DuplexCall } from './transport.ts';

/** How long the broker may take to end its side of a stream that nobody wants any more. */
const END_TIMEOUT_MS = 1000;

export interface ConsumeStreamListener {
  /** A ConsumeResponse, not decoded. */
  readonly onResponse: (bytes: Buffer) => void;
  /** The stream is over, and not by us. Called at most once, and last. */
  readonly onBroken: (error: PlayheadError) => void;
}

/** One Consume call: requests go in, responses come out as bytes, until it breaks or is ended. */
export class ConsumeStream {
  readonly address: string;
  readonly #call: DuplexCall;
  readonly #listener: ConsumeStreamListener;
  readonly #stopWatching: () => void;
  #isOver = false;
  #onEnded: (() => void) | undefined;

  constructor(connection: Connection, listener: ConsumeStreamListener) {
    this.address = connection.address;
    this.#listener = listener;
    this.#call = connection.openConsumeStream();
    this.#stopWatching = connection.watchConnecting('consume', (error) => this.breakOff(error));
    this.#call.on('data', (bytes: Buffer) => {
      this.#stopWatching();
      if (!this.#isOver) this.#listener.onResponse(bytes);
    });
    this.#call.on('end', () => {
      this.#over(new PlayheadError('UNREACHABLE', `broker ${this.address} ended the stream`));
    });
    this.#call.on('error', (error: CallFailure) => {
      this.#over(fromCallFailure(error, this.address));
    });
  }

  /** Sends a request. What is under way is bounded by what may be held and not answered. */
  send(request: Partial<ConsumeRequest>): void {
    if (this.#isOver) return;
    const bytes = ConsumeRequest.encode({
      start: undefined,
      creditMessages: 0,
      creditBytes: 0,
      settlements: [],
      isLeaving: false,
      ...request,
    }).finish();
    this.#call.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  /** Cuts the stream, as if it had broken. */
  breakOff(error: PlayheadError): void {
    this.#over(error);
    this.#call.cancel();
  }

  /** Gives the stream up: what comes from it is ignored. */
  drop(): void {
    if (this.#finish()) this.#call.cancel();
  }

  /** The broker has said that it ends: what is left is the status. */
  forget(): void {
    this.#finish();
    this.#call.end();
  }

  /** Ends the stream, and waits a little for the broker to agree. */
  end(): Promise<void> {
    if (!this.#finish()) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#call.cancel(), END_TIMEOUT_MS);
      this.#onEnded = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#call.end();
    });
  }

  #over(error: PlayheadError): void {
    if (this.#finish()) this.#listener.onBroken(error);
    this.#onEnded?.();
  }

  /** True for the first caller only. */
  #finish(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#stopWatching();
    return true;
  }
}
