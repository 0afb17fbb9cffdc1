import { onAbort } from './abort.ts';
import { CHANNEL_PREFIX, Channel } from './channel.ts';
import type { ChannelWriter } from './channel-writer.ts';
import { Connection, type RetryEvent } from './connection.ts';
import { Consumption } from './consumption.ts';
import { DurableSubscription } from './durable-subscription.ts';
import { cancelledError, closedError } from './errors.ts';
import { positiveInteger } from './number.ts';
import { type Page, type ReadOptions, readPage } from './page.ts';
import { Publisher, type PublisherOptions } from './publisher.ts';
import { Queue, type QueueOwner } from './queue.ts';
import { Schedules } from './schedules.ts';
import { getServerInfo, type ServerInfo } from './server-info.ts';
import { type SubscribeOptions, Subscription } from './subscription.ts';
import { Subscriptions } from './subscriptions.ts';
import { type RequestOptions, Topics } from './topics.ts';
import type { Tracing } from './tracing.ts';
import type { Transport } from './transport.ts';

/** How long and how often a broker that is away is tried. */
export interface RetryOptions {
  /** First pause between two tries, half of it random; 50 by default. Doubles from try to try. */
  readonly initialBackoffMs?: number | undefined;
  /** Longest pause; 2000 by default. */
  readonly maxBackoffMs?: number | undefined;
  /**
   * How long after its first failure in a row an operation fails; 0 for at once, once each address was tried. By default
   * a single request tries as long as `requestTimeoutMs`, a publisher two minutes, and a subscription for ever.
   */
  readonly giveUpAfterMs?: number | undefined;
}

export interface ClientOptions {
  /** For each single request, its retries included; 30 000 by default. */
  readonly requestTimeoutMs?: number | undefined;
  readonly retry?: RetryOptions | undefined;
  /** Told of every try that failed and will be repeated, for logs. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
  /** Cancels all that is under way and closes the client, without draining. */
  readonly signal?: AbortSignal | undefined;
  /** Off by default; `openTelemetry()` of `playhead-client/opentelemetry` links publishes and deliveries. */
  readonly tracing?: Tracing | undefined;
}

/** A broker, or the first of several addresses that answers. Connects at the first use. */
export class Client implements AsyncDisposable {
  readonly topics: Topics;
  readonly subscriptions: Subscriptions;
  readonly schedules: Schedules;
  readonly #connection: Connection;
  readonly #publishers = new Set<Publisher>();
  readonly #writers = new Map<string, ChannelWriter>();
  readonly #queuePublishers = new Map<string, Publisher>();
  /** Consumptions, and pullers that have something to settle. */
  readonly #workers = new Set<{ close(): Promise<void> }>();
  readonly #queueOwner: QueueOwner;
  readonly #stopListening: () => void;
  #closing: Promise<void> | undefined;

  constructor(transport: Transport, options: ClientOptions = {}) {
    const { requestTimeoutMs, retry = {}, onRetry, signal, tracing } = options;
    const { giveUpAfterMs } = retry;
    if (giveUpAfterMs !== undefined && !(giveUpAfterMs >= 0)) {
      throw new TypeError(`giveUpAfterMs must be 0 or more, not ${giveUpAfterMs}`);
    }
    this.#connection = new Connection(transport, {
      requestTimeoutMs: positiveInteger('requestTimeoutMs', requestTimeoutMs, 30_000),
      initialBackoffMs: positiveInteger('initialBackoffMs', retry.initialBackoffMs, 50),
      maxBackoffMs: positiveInteger('maxBackoffMs', retry.maxBackoffMs, 2000),
      giveUpAfterMs,
      onRetry,
      signal,
      tracing,
    });
    this.topics = new Topics(this.#connection);
    this.subscriptions = new Subscriptions(this.#connection);
    this.schedules = new Schedules(this.#connection);
    this.#queueOwner = this.#createQueueOwner();
    this.#stopListening = onAbort([signal], (fired) => this.#abort(fired));
  }

  get addresses(): readonly string[] {
    return this.#connection.addresses;
  }

  /** The channel of this name: the topic `chan/<name>`. */
  channel(name: string): Channel {
    return new Channel(
      { connection: this.#connection, topics: this.topics, writers: this.#writers },
      name,
    );
  }

  publisher(topic: string, options: PublisherOptions = {}): Publisher {
    this.#checkOpen();
    const publisher: Publisher = new Publisher(this.#connection, topic, options, {
      onClosed: () => this.#publishers.delete(publisher),
    });
    this.#publishers.add(publisher);
    return publisher;
  }

  /** The durable subscription of this name, whether it exists or not: nothing is requested. */
  subscription(topic: string, name: string): DurableSubscription {
    return new DurableSubscription(this.#queueOwner, topic, name);
  }

  /** The queue of this name: the topic `queue/<name>` with the subscription `queue`. Nothing is requested. */
  queue(name: string): Queue {
    return new Queue(this.#queueOwner, name);
  }

  /** Begins to read a topic, or the topics of a glob, from `'latest'` unless told otherwise. */
  subscribe(topicOrGlob: string, options: SubscribeOptions = {}): Subscription {
    this.#checkOpen();
    return new Subscription(this.#connection, topicOrGlob, options);
  }

  /** Reads what is there now, up to a bound. TOPIC_NOT_FOUND if there is no such topic. */
  read(topicOrGlob: string, options: ReadOptions = {}): Promise<Page> {
    return readPage(this.#connection, topicOrGlob, options);
  }

  /** Deletes the channel; its readers end with TOPIC_DELETED, and the name is free again. */
  async deleteChannel(name: string, options: RequestOptions = {}): Promise<void> {
    const topic = `${CHANNEL_PREFIX}${name}`;
    await this.topics.delete(topic, options);
    this.#writers.delete(topic);
  }

  serverInfo(options: RequestOptions = {}): Promise<ServerInfo> {
    return getServerInfo(this.#connection, options.signal);
  }

  /**
   * Flushes all publishers, sends what workers have settled, ends all subscriptions, disconnects. Rejects, when all is closed, with the first error of
   * what was still to be flushed.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #createQueueOwner(): QueueOwner {
    return {
      connection: this.#connection,
      topics: this.topics,
      schedules: this.schedules,
      publisher: (topic) => this.#queuePublisher(topic),
      consume: (topic, subscription, options, prepare) => {
        this.#checkOpen();
        const owner = {
          connection: this.#connection,
          prepare,
          onEnded: (ended: Consumption) => this.#workers.delete(ended),
        };
        const consumption = new Consumption(owner, topic, subscription, options);
        if (consumption.ended === undefined) this.#workers.add(consumption);
        return consumption;
      },
      onBusy: (puller) => this.#workers.add(puller),
      onIdle: (puller) => this.#workers.delete(puller),
    };
  }

  #queuePublisher(topic: string): Publisher {
    let publisher = this.#queuePublishers.get(topic);
    if (publisher === undefined) {
      publisher = this.publisher(topic);
      this.#queuePublishers.set(topic, publisher);
    }
    return publisher;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.close()));
    const closings = this.#allPublishers().map((publisher) => publisher.close());
    const results = await Promise.allSettled(closings);
    this.#stopListening();
    await this.#connection.close();
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  #abort(signal: AbortSignal): void {
    const error = cancelledError('the client', signal);
    for (const publisher of this.#allPublishers()) publisher.abort(error);
    const closed = this.#connection.close();
    this.#closing ??= closed;
  }

  #allPublishers(): readonly Publisher[] {
    return [...this.#publishers, ...[...this.#writers.values()].map(({ publisher }) => publisher)];
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw closedError('the client');
  }
}
