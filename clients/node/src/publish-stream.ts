import { type PublishResult, PublishStreamResponse } from 'playhead-proto';
import type { Connection } from './connection.ts';
import { fromCallFailure, PlayheadError } from './errors.ts';
import type { CallFailure, DuplexCall } from './transport.ts';

/** How long the broker may take to end its side of a stream that has nothing left to answer. */
const END_TIMEOUT_MS = 1000;

export interface PublishStreamListener {
  /** Results of the next requests, in their order. */
  readonly onResults: (results: readonly PublishResult[]) => void;
  /** The stream is over, and not by us. Called at most once, and last. */
  readonly onBroken: (error: PlayheadError) => void;
}

/** One PublishStream call: requests as bytes go in, results come out, until it breaks or is ended. */
export class PublishStream {
  readonly address: string;
  /** Whether requests belong to the broker once they are sent. */
  readonly takesOver: boolean;
  readonly #call: DuplexCall;
  readonly #listener: PublishStreamListener;
  readonly #stopWatching: () => void;
  #isOver = false;
  #hasSent = false;
  #onEnded: (() => void) | undefined;

  constructor(connection: Connection, listener: PublishStreamListener) {
    this.address = connection.address;
    this.#listener = listener;
    this.takesOver = connection.takesOver;
    this.#call = connection.openPublishStream();
    this.#stopWatching = connection.watchConnecting('publish', (error) => {
      this.#breakOff(error);
      this.#call.cancel();
    });
    this.#call.on('data', (bytes: Buffer) => this.#receive(bytes));
    this.#call.on('end', () => {
      this.#breakOff(new PlayheadError('UNREACHABLE', `broker ${this.address} ended the stream`));
    });
    this.#call.on('error', (error: CallFailure) => {
      this.#breakOff(fromCallFailure(error, this.address));
    });
  }

  /** Whether a request was sent: from then on the stream knows topic and producer. */
  get hasSent(): boolean {
    return this.#hasSent;
  }

  /** Sends a request. The publisher bounds how many are under way, so that nothing waits for room here. */
  send(request: Buffer): void {
    this.#hasSent = true;
    if (!this.#isOver) this.#call.write(request);
  }

  /** Gives the stream up: what comes from it is ignored. */
  drop(): void {
    if (this.#finish()) this.#call.cancel();
  }

  /** Ends a stream that has all its results, and waits a little for the broker to agree. */
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

  #receive(bytes: Buffer): void {
    if (this.#isOver) return;
    let results: readonly PublishResult[];
    try {
      ({ results } = PublishStreamResponse.decode(bytes));
    } catch (cause) {
      const text = `broker ${this.address} sent results that are not well-formed`;
      this.#breakOff(new PlayheadError('INTERNAL', text, { cause }));
      this.#call.cancel();
      return;
    }
    this.#listener.onResults(results);
  }

  #breakOff(error: PlayheadError): void {
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
