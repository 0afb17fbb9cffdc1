import type { Batch } from './batch.ts';
import type { PlayheadError } from './errors.ts';

/** What the broker stored of one request. */
export interface PublishAck {
  readonly firstTimestampNs: bigint;
  readonly lastTimestampNs: bigint;
  /** True if an earlier try had been stored: the timestamps are those of the first time. */
  readonly isDuplicate: boolean;
}

/** How a request ended. */
export type PublishOutcome =
  | { readonly ack: PublishAck; readonly error?: undefined }
  | { readonly ack?: undefined; readonly error: PlayheadError };

type Resolve = (timestampNs: bigint) => void;
type Reject = (error: PlayheadError) => void;

// One function for all promises instead of a closure for each: publish() makes millions of them.
let capturedResolve: Resolve = () => {};
let capturedReject: Reject = () => {};
const capture = (resolve: Resolve, reject: Reject): void => {
  capturedResolve = resolve;
  capturedReject = reject;
};

const ignore = (): void => {};

/**
 * A batch and everybody who waits for it. It is filled, sent, perhaps sent again, and settled once, with an ack or an
 * error.
 */
export class PublishRequest {
  readonly batch: Batch;
  /** What it counts for in the publisher's memory. */
  bufferedBytes = 0;
  /** The producer's number of the first message; 0n until it is sent first. From then on it stays. */
  sequence = 0n;
  #isAdopted = false;
  // By the index of the message. Messages that nobody waits for have no entry, or undefined.
  readonly #promises: (Promise<bigint> | undefined)[] = [];
  readonly #resolves: (Resolve | undefined)[] = [];
  readonly #rejects: (Reject | undefined)[] = [];
  #outcome: Promise<PublishOutcome> | undefined;
  #settleOutcome: ((outcome: PublishOutcome) => void) | undefined;
  #settled: PublishOutcome | undefined;
  #acknowledgement: Promise<PublishAck> | undefined;

  constructor(batch: Batch) {
    this.batch = batch;
  }

  /** The timestamp of the message that was added last. */
  timestampOfLast(): Promise<bigint> {
    const promise = new Promise<bigint>(capture);
    const index = this.batch.count - 1;
    while (this.#promises.length < index) {
      this.#promises.push(undefined);
      this.#resolves.push(undefined);
      this.#rejects.push(undefined);
    }
    this.#promises.push(promise);
    this.#resolves.push(capturedResolve);
    this.#rejects.push(capturedReject);
    return promise;
  }

  /** How the request ends; never rejects. */
  outcome(): Promise<PublishOutcome> {
    this.#outcome ??= new Promise((resolve) => {
      if (this.#settled === undefined) this.#settleOutcome = resolve;
      else resolve(this.#settled);
    });
    return this.#outcome;
  }

  /** What the broker stored; rejects with the error of the request. */
  acknowledgement(): Promise<PublishAck> {
    this.#acknowledgement ??= this.outcome().then(({ ack, error }) => {
      if (error !== undefined) throw error;
      return ack;
    });
    return this.#acknowledgement;
  }

  /** Somebody else reports its error: a promise that nobody awaits is then no unhandled rejection. */
  adopt(): void {
    this.#isAdopted = true;
  }

  stored(ack: PublishAck): void {
    let timestampNs = ack.firstTimestampNs;
    for (const resolve of this.#resolves) {
      resolve?.(timestampNs);
      timestampNs += 1n;
    }
    this.#settled = { ack };
    this.#settleOutcome?.(this.#settled);
  }

  failed(error: PlayheadError): void {
    if (this.#isAdopted) this.#acknowledgement?.catch(ignore);
    for (let i = 0; i < this.#rejects.length; i++) {
      if (this.#isAdopted) this.#promises[i]?.catch(ignore);
      this.#rejects[i]?.(error);
    }
    this.#settled = { error };
    this.#settleOutcome?.(this.#settled);
  }
}
