import { randomBytes } from 'node:crypto';
import type { PublishAck as WireAck, Closed as WireClosed } from 'playhead-proto';
import { onAbort } from './abort.ts';
import { Batch } from './batch.ts';
import type { ClientClock } from './clock.ts';
import type { Connection } from './connection.ts';
import { cancelledError, closedError, PlayheadError } from './errors.ts';
import { positiveInteger } from './number.ts';
import { PublishAll, type PublishAllOptions, type PublishAllResult } from './publish-all.ts';
import { PublishPipeline } from './publish-pipeline.ts';
import { type PublishAck, PublishRequest } from './publish-request.ts';
import { followRequest, followResult, injectAll } from './publish-tracing.ts';
import type { Publishable } from './publishable.ts';
import type { PublishTrace, Tracing } from './tracing.ts';

const MIB = 1024 * 1024;
const DEFAULT_BATCH_BYTES = 256 * 1024;
/** With 8 the broker's disk waits for requests: 0.7 instead of 1 M messages/s of 100 B. */
const DEFAULT_IN_FLIGHT = 32;
const DEFAULT_BUFFERED_BYTES = 64 * MIB;
/** What is handed over beyond this does not make publishing faster, only the memory larger. */
const ROOM_BYTES = 4 * MIB;
/** A larger message goes alone: if it is over a limit, it is refused without its neighbours. */
const SOLO_BYTES = 64 * 1024;
/** What a promise and its two functions take. */
const PROMISE_BYTES = 200;

export interface PublisherOptions {
  /**
   * Name of the producer, 1 to 255 bytes, for one program at a time: after a restart its publishes go on behind the
   * last one that was stored. Without a name a random one makes retries safe while the publisher lives.
   */
  readonly name?: string | undefined;
  /** How long a message waits for others to go out with. 0, the default: only while a request is under way. */
  readonly lingerMs?: number | undefined;
  /** A request is sent when it has this size; 256 KiB by default. */
  readonly maxBatchBytes?: number | undefined;
  /** Requests under way; 32 by default. A broker recognises the last 1024 of a producer when they are sent again. */
  readonly maxInFlight?: number | undefined;
  /** What is kept in memory, sent or not, until it is acknowledged; 64 MiB by default. */
  readonly maxBufferedBytes?: number | undefined;
}

export interface PublishOptions {
  /**
   * Refuse with CONFLICT unless this is the timestamp of the topic's last message; 0n stands for a topic without one.
   * The message then goes out in a request of its own.
   */
  readonly expectedLastTimestampNs?: bigint | undefined;
  /** Stops waiting. The message may be stored nevertheless. */
  readonly signal?: AbortSignal | undefined;
}

/** What the owner of a publisher is told. */
export interface PublisherListener {
  readonly onStored?: (batch: Batch, ack: PublishAck) => void;
  readonly onClosed?: () => void;
}

interface RoomWaiter {
  readonly resolve: () => void;
  readonly reject: (error: PlayheadError) => void;
}

/** The last request to a topic, which also closes it. */
export interface CloseTerms {
  readonly reason: string;
  readonly checksum: Uint8Array;
  /** As that of {@link PublishOptions}. */
  readonly expectedLastTimestampNs?: bigint | undefined;
}

/**
 * Publishes to one topic, in the order of the calls. What is handed over while a request is under way goes out
 * together; messages that went out in one request are stored or refused together. After a lost connection it sends
 * again what was not acknowledged, for two minutes unless told otherwise; nothing is stored twice.
 *
 * An error is reported by the promise of the message. flush(), ready() and close() take that over for what is still
 * under way when they are called, so that a program may await these instead of each message.
 */
export class Publisher implements AsyncDisposable {
  readonly topic: string;
  /** Name of the producer, given or random. */
  readonly name: string;
  readonly #prefix: Buffer;
  readonly #lingerMs: number;
  readonly #maxBatchBytes: number;
  readonly #maxBufferedBytes: number;
  readonly #roomBytes: number;
  readonly #pipeline: PublishPipeline;
  readonly #listener: PublisherListener;
  readonly #tracing: Tracing | undefined;
  readonly #clock: ClientClock;
  readonly #closeOutcomes = new WeakMap<PublishRequest, WireClosed>();
  #soloBytes = SOLO_BYTES;
  /** The request that is being filled. */
  #open: PublishRequest | undefined;
  /** Size of the request before, and so the likely size of the next. */
  #expectedBytes = 0;
  #isDue = true;
  #cancelLinger: (() => void) | undefined;
  #isWakeScheduled = false;
  #bufferedBytes = 0;
  #roomWaiters: RoomWaiter[] = [];
  #refusal: PlayheadError | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    connection: Connection,
    topic: string,
    options: PublisherOptions = {},
    listener: PublisherListener = {},
  ) {
    this.topic = topic;
    this.name = options.name ?? `auto-${randomBytes(12).toString('base64url')}`;
    if (options.name === '') throw new TypeError('the name of a publisher must not be empty');
    const lingerMs = options.lingerMs ?? 0;
    if (!(lingerMs >= 0 && lingerMs <= 60_000)) {
      throw new TypeError(`lingerMs must be 0 to 60000, not ${lingerMs}`);
    }
    this.#lingerMs = lingerMs;
    this.#maxBatchBytes = positiveInteger(
      'maxBatchBytes',
      options.maxBatchBytes,
      DEFAULT_BATCH_BYTES,
    );
    this.#maxBufferedBytes = positiveInteger(
      'maxBufferedBytes',
      options.maxBufferedBytes,
      DEFAULT_BUFFERED_BYTES,
    );
    const maxInFlight = positiveInteger('maxInFlight', options.maxInFlight, DEFAULT_IN_FLIGHT);
    this.#roomBytes = Math.min(
      this.#maxBufferedBytes,
      Math.max(ROOM_BYTES, 2 * maxInFlight * this.#maxBatchBytes),
    );
    this.#prefix = Batch.encodePrefix(topic, this.name);
    this.#listener = listener;
    this.#tracing = connection.options.tracing;
    this.#clock = connection.clock;
    this.#pipeline = new PublishPipeline(
      connection,
      { topic, name: this.name, isNamed: options.name !== undefined, maxInFlight },
      {
        takePartial: () => (this.#isDue ? this.#seal() : undefined),
        takeRest: () => this.#seal(),
        onStored: (request, ack) => this.#stored(request, ack),
        onFailed: (request, error) => this.#failed(request, error),
        onProgress: () => this.#announceRoom(),
      },
    );
  }

  /** Bytes handed over and not acknowledged yet; a message whose promise is kept counts 200 more. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** Whether it is useful to publish more now. False some MiB before `maxBufferedBytes`. */
  get hasRoom(): boolean {
    return this.#bufferedBytes < this.#roomBytes;
  }

  /**
   * Resolves with the message's timestamp once it is stored. Rejects with PUBLISHER_FULL, and sends nothing, if
   * `maxBufferedBytes` are reached.
   */
  publish(message: Publishable, options?: PublishOptions): Promise<bigint> {
    if (this.#tracing !== undefined) return this.#publishTraced(this.#tracing, message, options);
    try {
      this.#checkAccepting();
      if (options === undefined) return this.#append(message, PROMISE_BYTES).timestampOfLast();
      return this.#publish(message, options).timestamp;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Publishes messages in one request: all of them are stored, with consecutive timestamps, or none. Rejects with
   * REQUEST_TOO_LARGE if they are more than the broker takes at once.
   */
  publishBatch(messages: Iterable<Publishable>, options: PublishOptions = {}): Promise<PublishAck> {
    const { expectedLastTimestampNs, signal } = options;
    const trace = this.#tracing?.publish(this.topic, true);
    try {
      this.#checkAccepting();
      if (signal?.aborted) throw this.#cancelled(signal);
      const request = this.#createRequest(messages, trace);
      if (request.batch.count === 0) throw new TypeError('publishBatch needs at least one message');
      if (expectedLastTimestampNs !== undefined)
        request.batch.addTerms({ expectedLastTimestampNs });
      // Not through an async function, whose own promise flush() could not take over.
      const ack = request.acknowledgement();
      this.#pushAlone(request);
      return withSignal(ack, signal, (fired) => this.#cancelled(fired, trace));
    } catch (error) {
      trace?.failed(error);
      return Promise.reject(error);
    }
  }

  /**
   * Publishes as fast as the broker takes it, without a promise for each message. Stops at the first error, waits for
   * what is under way, and rejects with that error.
   */
  publishAll(
    source: Iterable<Publishable> | AsyncIterable<Publishable>,
    options: PublishAllOptions = {},
  ): Promise<PublishAllResult> {
    const trace = this.#tracing?.publish(this.topic, true);
    const add = (message: Publishable) => {
      this.#checkAccepting();
      return this.#append(message, 0);
    };
    const run = new PublishAll(
      {
        add: trace === undefined ? add : (message) => add(trace.inject(message)),
        hasRoom: () => this.hasRoom,
        waitForRoom: () => this.#waitForRoom(),
        send: () => this.#sendOpen(),
        cancelled: (signal) => this.#cancelled(signal),
      },
      options,
    );
    const result = run.run(source);
    return trace === undefined ? result : followResult(trace, result);
  }

  /** Resolves when there is room again. Rejects with the first error of what was under way. */
  ready(): Promise<void> {
    if (this.hasRoom) return Promise.resolve();
    for (const request of this.#outstanding()) request.adopt();
    return new Promise((resolve, reject) => this.#roomWaiters.push({ resolve, reject }));
  }

  /** Waits for all that was handed over so far; rejects with the first error of that. */
  async flush(): Promise<void> {
    this.#sendOpen();
    const requests = this.#outstanding();
    for (const request of requests) request.adopt();
    const outcomes = await Promise.all(requests.map((request) => request.outcome()));
    for (const { error } of outcomes) if (error !== undefined) throw error;
  }

  /** Flushes, then ends. Further publishes are refused with CLIENT_CLOSED. */
  close(): Promise<void> {
    this.#refusal ??= closedError(`the publisher of ${this.topic}`);
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Ends at once: whatever is not acknowledged fails with this error. */
  abort(error: PlayheadError): void {
    this.#refusal ??= error;
    this.#pipeline.fail(error);
    void this.close();
  }

  /** Publishes last messages, or none, and closes the topic in one step. */
  async publishClosing(messages: readonly Publishable[], terms: CloseTerms): Promise<WireClosed> {
    this.#checkAccepting();
    const { expectedLastTimestampNs, ...close } = terms;
    const trace = messages.length === 0 ? undefined : this.#tracing?.publish(this.topic, true);
    const request = this.#createRequest(messages, trace);
    request.batch.addTerms({ expectedLastTimestampNs, close });
    const ack = request.acknowledgement();
    this.#pushAlone(request);
    await ack;
    const closed = this.#closeOutcomes.get(request);
    if (closed === undefined) {
      throw new PlayheadError('INTERNAL', `the broker did not say that ${this.topic} is closed`);
    }
    return closed;
  }

  async #close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#pipeline.close();
      this.#listener.onClosed?.();
    }
  }

  /** With options. `trace` is told if the signal fires. */
  #publish(
    message: Publishable,
    { expectedLastTimestampNs, signal }: PublishOptions,
    trace?: PublishTrace,
  ): { readonly request: PublishRequest; readonly timestamp: Promise<bigint> } {
    if (signal?.aborted) throw this.#cancelled(signal);
    let request: PublishRequest;
    let timestamp: Promise<bigint>;
    if (expectedLastTimestampNs === undefined) {
      request = this.#append(message, PROMISE_BYTES);
      timestamp = request.timestampOfLast();
    } else {
      request = this.#createRequest([message]);
      request.batch.addTerms({ expectedLastTimestampNs });
      timestamp = request.timestampOfLast();
      this.#pushAlone(request);
    }
    timestamp = withSignal(timestamp, signal, (fired) => this.#cancelled(fired, trace));
    return { request, timestamp };
  }

  #publishTraced(
    tracing: Tracing,
    message: Publishable,
    options: PublishOptions = {},
  ): Promise<bigint> {
    const trace = tracing.publish(this.topic, false);
    try {
      this.#checkAccepting();
      const { request, timestamp } = this.#publish(trace.inject(message), options, trace);
      followRequest(trace, request, request.batch.count - 1);
      return timestamp;
    } catch (error) {
      trace.failed(error);
      return Promise.reject(error);
    }
  }

  #checkAccepting(): void {
    if (this.#refusal !== undefined) throw this.#refusal;
    if (this.#bufferedBytes < this.#maxBufferedBytes) return;
    throw new PlayheadError(
      'PUBLISHER_FULL',
      `the publisher of ${this.topic} holds ${this.#bufferedBytes} bytes that are not acknowledged, its limit is ` +
        `${this.#maxBufferedBytes}: await publish() or ready(), or use publishAll()`,
      {
        metadata: {
          limit_bytes: String(this.#maxBufferedBytes),
          bytes: String(this.#bufferedBytes),
        },
      },
    );
  }

  /** Adds a message to the request that is being filled. `overhead` is what it takes besides its bytes. */
  #append(message: Publishable, overhead: number): PublishRequest {
    const about = roughLength(message);
    const isSolo = about > this.#soloBytes;
    if (
      this.#open !== undefined &&
      this.#open.batch.count > 0 &&
      (isSolo || this.#open.batch.byteLength + about > this.#maxBatchBytes)
    ) {
      this.#sendOpen();
    }
    this.#open ??= new PublishRequest(new Batch(this.#prefix, this.#expectedBytes));
    const request = this.#open;
    const before = request.batch.byteLength;
    request.batch.add(message);
    const bytes = request.batch.byteLength - before + overhead;
    request.bufferedBytes += bytes;
    this.#bufferedBytes += bytes;
    if (isSolo || request.batch.byteLength >= this.#maxBatchBytes) this.#sendOpen();
    else if (!this.#isWakeScheduled) this.#scheduleWake();
    return request;
  }

  #createRequest(messages: Iterable<Publishable>, trace?: PublishTrace): PublishRequest {
    const request = new PublishRequest(new Batch(this.#prefix));
    try {
      const sent = trace === undefined ? messages : injectAll(trace, messages);
      for (const message of sent) request.batch.add(message);
    } catch (error) {
      trace?.failed(error);
      throw error;
    }
    if (trace !== undefined) followRequest(trace, request, 0);
    request.bufferedBytes = request.batch.byteLength + PROMISE_BYTES;
    return request;
  }

  /** Sends a request behind what was handed over before. */
  #pushAlone(request: PublishRequest): void {
    this.#sendOpen();
    this.#bufferedBytes += request.bufferedBytes;
    this.#pipeline.push(request);
  }

  /**
   * Once the caller is done for now: what it hands over in one go is sent together. With lingerMs, after that time.
   */
  #scheduleWake(): void {
    this.#isWakeScheduled = true;
    if (this.#lingerMs === 0) {
      queueMicrotask(this.#wake);
      return;
    }
    this.#isDue = false;
    this.#cancelLinger = this.#clock.schedule(this.#wake, this.#lingerMs);
  }

  readonly #wake = (): void => {
    this.#isWakeScheduled = false;
    this.#isDue = true;
    this.#pipeline.pump();
  };

  /** Sends what is being filled, full or not. */
  #sendOpen(): void {
    const request = this.#seal();
    if (request !== undefined) this.#pipeline.push(request);
  }

  /** Takes the request that is being filled, so that the next message begins another. */
  #seal(): PublishRequest | undefined {
    const request = this.#open;
    if (request === undefined || request.batch.count === 0) return undefined;
    this.#open = undefined;
    const { byteLength } = request.batch;
    const room = Math.min(Math.ceil(byteLength / 8) + 64, 16_384);
    this.#expectedBytes = Math.min(byteLength, this.#maxBatchBytes) + room;
    if (this.#cancelLinger !== undefined) {
      this.#cancelLinger();
      this.#cancelLinger = undefined;
      this.#isWakeScheduled = false;
      this.#isDue = true;
    }
    return request;
  }

  #outstanding(): readonly PublishRequest[] {
    const sealed = this.#pipeline.outstanding;
    return this.#open === undefined || this.#open.batch.count === 0
      ? sealed
      : [...sealed, this.#open];
  }

  #stored(request: PublishRequest, ack: WireAck): void {
    this.#bufferedBytes -= request.bufferedBytes;
    if (ack.closed !== undefined) this.#closeOutcomes.set(request, ack.closed);
    const { firstTimestampNs, lastTimestampNs, duplicate: isDuplicate } = ack;
    const stored = { firstTimestampNs, lastTimestampNs, isDuplicate };
    this.#listener.onStored?.(request.batch, stored);
    request.stored(stored);
  }

  #failed(request: PublishRequest, error: PlayheadError): void {
    this.#bufferedBytes -= request.bufferedBytes;
    if (error.reason === 'MESSAGE_TOO_LARGE') {
      const limitBytes = Number(error.metadata['limit_bytes']);
      if (limitBytes > 0) this.#soloBytes = Math.min(this.#soloBytes, limitBytes);
    }
    request.failed(error);
    for (const waiter of this.#roomWaiters.splice(0)) waiter.reject(error);
  }

  #announceRoom(): void {
    if (this.#bufferedBytes > this.#roomBytes / 2) return;
    for (const waiter of this.#roomWaiters.splice(0)) waiter.resolve();
  }

  /** As ready(), but leaves errors to those who wait for the messages. */
  #waitForRoom(): Promise<void> {
    return new Promise((resolve) => {
      this.#roomWaiters.push({ resolve, reject: () => resolve() });
    });
  }

  #cancelled(signal: AbortSignal, trace?: PublishTrace): PlayheadError {
    const error = cancelledError(`publish to ${this.topic}`, signal);
    trace?.failed(error);
    return error;
  }
}

/** About the size of a message, without encoding it. */
function roughLength(message: Publishable): number {
  if (typeof message === 'string' || message instanceof Uint8Array) return message.length;
  return message?.value?.length ?? 0;
}

function withSignal<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  error: (signal: AbortSignal) => PlayheadError,
): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = onAbort([signal], (fired) => reject(error(fired)));
    promise.then(resolve, reject).finally(stop);
  });
}
