import {
  BrokerServiceService,
  type PublishResult,
  type PublishAck as WireAck,
} from 'playhead-proto';
import type { Backoff } from './backoff.ts';
import type { Connection } from './connection.ts';
import { fromWireError, PlayheadError } from './errors.ts';
import { Fifo } from './fifo.ts';
import type { PublishRequest } from './publish-request.ts';
import { PublishStream } from './publish-stream.ts';

const GIVE_UP_AFTER_MS = 120_000;
/** Every broker takes a request of this size; the limit of larger ones is asked for first. */
const UNCHECKED_BYTES = 1024 * 1024;

export interface PublishPipelineOptions {
  readonly topic: string;
  readonly name: string;
  /** Whether the name outlives the publisher, so that the broker may know a sequence of it. */
  readonly isNamed: boolean;
  readonly maxInFlight: number;
}

export interface PublishPipelineListener {
  /** A request that is not full yet but may go now, since nothing is under way. */
  readonly takePartial: () => PublishRequest | undefined;
  /** What is being filled, whether it may go or not. */
  readonly takeRest: () => PublishRequest | undefined;
  readonly onStored: (request: PublishRequest, ack: WireAck) => void;
  readonly onFailed: (request: PublishRequest, error: PlayheadError) => void;
  /** Requests were settled. */
  readonly onProgress: () => void;
}

/**
 * Sends requests in order and keeps each until it has its result.
 *
 * ```
 *            push                    send                 result
 * publisher ──────▶ queue ─────────────────▶ in flight ───────────▶ settled
 *                     (at most maxInFlight)      │
 *                                  stream breaks, or a retryable result
 *                                                │
 *                                     pause, new stream, sent again in order
 * ```
 *
 * A request keeps its sequence and its bytes for ever, so that the broker knows it again. Of a retryable result
 * everything behind it is sent again as well: the broker ends the stream there and has taken nothing that follows.
 */
export class PublishPipeline {
  readonly #connection: Connection;
  readonly #options: PublishPipelineOptions;
  readonly #listener: PublishPipelineListener;
  readonly #backoff: Backoff;
  readonly #queue = new Fifo<PublishRequest>();
  readonly #inFlight: PublishRequest[] = [];
  #stream: PublishStream | undefined;
  #cancelRetry: (() => void) | undefined;
  #nextSequence: bigint | undefined;
  #maxRequestBytes: number | undefined;
  /** The pipeline waits for an answer that it needs before it can send. */
  #isAsking = false;
  #isClosed = false;

  constructor(
    connection: Connection,
    options: PublishPipelineOptions,
    listener: PublishPipelineListener,
  ) {
    this.#connection = connection;
    this.#options = options;
    this.#listener = listener;
    this.#backoff = connection.createBackoff(GIVE_UP_AFTER_MS);
    if (!options.isNamed) this.#nextSequence = 1n;
  }

  /** Whether something waits for its result, or for its turn. */
  get isBusy(): boolean {
    return this.#inFlight.length > 0 || this.#queue.length > 0;
  }

  /** All requests that are not settled, in order. */
  get outstanding(): readonly PublishRequest[] {
    return [...this.#inFlight, ...this.#queue];
  }

  push(request: PublishRequest): void {
    this.#queue.push(request);
    this.pump();
  }

  /** Sends what may be sent now. */
  pump(): void {
    if (this.#isClosed || this.#isAsking || this.#cancelRetry !== undefined) return;
    while (this.#inFlight.length < this.#options.maxInFlight) {
      if (!this.isBusy) {
        const partial = this.#listener.takePartial();
        if (partial !== undefined) this.#queue.push(partial);
      }
      const request = this.#queue.first;
      if (request === undefined || !this.#isPrepared(request)) return;
      this.#queue.shift();
      this.#inFlight.push(request);
      this.#send(request);
    }
  }

  /** Settles everything with an error. */
  fail(error: PlayheadError): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#stream?.drop();
    this.#stream = undefined;
    for (const request of this.#inFlight.splice(0)) this.#listener.onFailed(request, error);
    for (const request of this.#queue.drain()) this.#listener.onFailed(request, error);
    const partial = this.#listener.takeRest();
    if (partial !== undefined) this.#listener.onFailed(partial, error);
    this.#backoff.succeed();
    this.#listener.onProgress();
  }

  /** Ends a pipeline that has nothing outstanding. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry?.();
    await this.#stream?.end();
    this.#stream = undefined;
  }

  /** Whether all is known that sending needs, and a stream is there. Otherwise that has been set going. */
  #isPrepared(request: PublishRequest): boolean {
    if (this.#nextSequence === undefined) {
      void this.#ask(() => this.#askSequence());
      return false;
    }
    const { byteLength } = request.batch;
    if (byteLength > UNCHECKED_BYTES) {
      if (this.#maxRequestBytes === undefined) {
        void this.#ask(() => this.#askLimit());
        return false;
      }
      if (byteLength > this.#maxRequestBytes) {
        this.#queue.shift();
        this.#listener.onFailed(request, tooLarge(byteLength, this.#maxRequestBytes));
        this.#listener.onProgress();
        // Not in this stack: a long queue of such requests would overflow it.
        queueMicrotask(() => this.pump());
        return false;
      }
    }
    return this.#stream !== undefined || this.#open();
  }

  #open(): boolean {
    try {
      const stream: PublishStream = new PublishStream(this.#connection, {
        onResults: (results) => this.#settle(results),
        onBroken: (error) => {
          this.#stream = undefined;
          this.#retry(error, stream.address);
        },
      });
      this.#stream = stream;
    } catch (error) {
      if (!(error instanceof PlayheadError)) throw error;
      this.fail(error);
      return false;
    }
    for (const request of this.#inFlight) this.#send(request);
    return true;
  }

  #send(request: PublishRequest): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    if (request.sequence === 0n && this.#nextSequence !== undefined) {
      request.sequence = this.#nextSequence;
      this.#nextSequence += BigInt(request.batch.count);
    }
    stream.send(request.batch.encode(request.sequence, !stream.hasSent, stream.takesOver));
  }

  #settle(results: readonly PublishResult[]): void {
    for (const { outcome } of results) {
      const [request] = this.#inFlight;
      if (request === undefined) break;
      if (outcome?.$case === 'ack') {
        this.#inFlight.shift();
        this.#backoff.succeed();
        this.#listener.onStored(request, outcome.value);
        continue;
      }
      const error =
        outcome === undefined
          ? new PlayheadError('INTERNAL', 'the broker sent a result that this client does not know')
          : fromWireError(outcome.value);
      if (error.retryable) {
        const address = this.#stream?.address ?? '';
        this.#stream?.drop();
        this.#stream = undefined;
        this.#retry(error, address);
        break;
      }
      if (error.reason === 'TOPIC_DELETED') {
        // Whatever was handed over before this is known was meant for the topic that is gone. On a new stream it would
        // create another one of that name.
        this.fail(error);
        return;
      }
      this.#inFlight.shift();
      this.#backoff.succeed();
      this.#listener.onFailed(request, error);
    }
    this.#listener.onProgress();
    this.pump();
  }

  /** The stream is gone. Sends again what is in flight, after a pause, or gives up. */
  #retry(error: PlayheadError, address: string): void {
    if (this.#isClosed || !this.isBusy) return;
    if (!error.retryable) {
      // The broker refused the stream before it took anything from it.
      for (const request of this.#inFlight.splice(0)) this.#listener.onFailed(request, error);
      this.#listener.onProgress();
      this.pump();
      return;
    }
    const operation = `publish to ${this.#options.topic}`;
    const delayMs = this.#connection.retryDelay(this.#backoff, error, address, operation);
    if (delayMs === undefined) {
      this.fail(error);
      return;
    }
    this.#cancelRetry = this.#connection.clock.schedule(() => {
      this.#cancelRetry = undefined;
      if (this.#inFlight.length > 0 && this.#stream === undefined && !this.#open()) return;
      this.pump();
    }, delayMs);
  }

  async #ask(question: () => Promise<void>): Promise<void> {
    this.#isAsking = true;
    const { address } = this.#connection;
    try {
      await question();
      this.#isAsking = false;
    } catch (error) {
      this.#isAsking = false;
      if (!(error instanceof PlayheadError)) throw error;
      if (error.retryable) this.#retry(error, address);
      else this.fail(error);
      return;
    }
    this.pump();
  }

  async #askSequence(): Promise<void> {
    const { topic, name } = this.#options;
    const { lastSequence } = await this.#connection.request(
      BrokerServiceService.getProducer,
      { topic, producer: name },
      `look up producer ${name} of ${topic}`,
    );
    this.#nextSequence = lastSequence + 1n;
  }

  async #askLimit(): Promise<void> {
    const { maxRequestBytes } = await this.#connection.request(
      BrokerServiceService.getServerInfo,
      {},
      'ask for the limits of the broker',
    );
    this.#maxRequestBytes = maxRequestBytes;
  }
}

function tooLarge(bytes: number, limitBytes: number): PlayheadError {
  return new PlayheadError(
    'REQUEST_TOO_LARGE',
    `a request of ${bytes} bytes is over the broker's limit of ${limitBytes}: publish it in parts`,
    { metadata: { limit_bytes: String(limitBytes), bytes: String(bytes) } },
  );
}
