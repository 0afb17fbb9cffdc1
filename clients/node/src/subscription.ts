import { Checksum } from './checksum.ts';
import type { Closed } from './closed.ts';
import type { Connection } from './connection.ts';
import { PlayheadError } from './errors.ts';
import type { Message } from './message.ts';
import { positiveInteger } from './number.ts';
import type { EndPosition, StartPosition } from './position.ts';
import { toUntil, toWirePosition } from './position.ts';
import { PullIterator } from './pull-iterator.ts';
import { MessageReader } from './response.ts';
import { type FeedEvent, SubscribeFeed, type SubscriptionStart } from './subscribe-feed.ts';

const CHANNEL_PREFIX = 'chan/';

/**
 * Messages of a batch at most. A response has thousands of small ones; made in one go they are more than the young
 * generation of the heap has room for as soon as there are many subscriptions, and collecting them is no longer cheap.
 */
const BATCH_MESSAGES = 128;

export interface SubscribeOptions {
  /** Where to begin: `'latest'` for a topic, `'earliest'` for a channel. */
  readonly from?: StartPosition | undefined;
  /** Where to end. Without it the subscription follows. */
  readonly until?: EndPosition | undefined;
  /** End after so many messages. */
  readonly limit?: number | undefined;
  /** False: end with what is there when the subscription begins, as `until: 'now'` does. */
  readonly follow?: boolean | undefined;
  /** Ends the subscription with CANCELLED. */
  readonly signal?: AbortSignal | undefined;
}

/** What a subscription meets, in order. */
export type SubscriptionEvent = { readonly type: 'message'; readonly message: Message } | FeedEvent;

/**
 * Reads one topic, or all topics of a glob. Begins at once, keeps up to about 4 MiB that nobody has taken yet, and
 * after a lost connection goes on behind the last message, for as long as it takes unless told otherwise. It is read
 * once, in one of three ways.
 */
export class Subscription implements AsyncIterable<Message>, AsyncDisposable {
  readonly topic: string;
  readonly #feed: SubscribeFeed;
  readonly #isGlob: boolean;
  /** Whether it begins where the topic does. */
  readonly #isWhole: boolean;
  readonly #checksum: Checksum | undefined;
  /** Of the response that is being handed out. */
  #reader: MessageReader | undefined;
  #isTaken = false;
  #messageCount = 0;
  /** Of the messages that are being handed out. Not kept longer: it holds its whole response. */
  #last: Message | undefined;
  #lastTimestampNs: bigint | undefined;
  #closed: Closed | undefined;

  constructor(connection: Connection, topic: string, options: SubscribeOptions = {}) {
    const { from = 'latest', until, limit, follow = true, signal } = options;
    if (!follow && until !== undefined && until !== 'now') {
      throw new TypeError('follow: false means until: now, and goes with no other until');
    }
    if (limit !== undefined) positiveInteger('limit', limit, 0);
    this.topic = topic;
    this.#isGlob = topic.includes('*');
    this.#isWhole = !this.#isGlob && (from === 'earliest' || from === 0n);
    if (this.#isWhole && topic.startsWith(CHANNEL_PREFIX)) this.#checksum = new Checksum();
    this.#feed = new SubscribeFeed(connection, {
      topic,
      from: toWirePosition(from),
      until: follow ? until && toUntil(until) : 'now',
      limit,
      signal,
    });
  }

  /** The close marker, once it has been reached. Not for a glob. */
  get closed(): Closed | undefined {
    return this.#closed;
  }

  /** Number of messages handed out. */
  get messageCount(): number {
    return this.#messageCount;
  }

  /** Timestamp of the last message handed out. */
  get lastTimestampNs(): bigint | undefined {
    return this.#last?.timestampNs ?? this.#lastTimestampNs;
  }

  /**
   * MD5 over the values received, 32 hexadecimal digits. Only for a channel (`chan/…`) that is read from `'earliest'`.
   */
  get checksum(): string | undefined {
    return this.#checksum?.digest().toString('hex');
  }

  /**
   * Whether all messages ever written to the topic were handed out. Undefined before the close marker, and if only a
   * part was asked for.
   */
  get isComplete(): boolean | undefined {
    if (this.#closed === undefined || !this.#isWhole) return undefined;
    return this.#messageCount === this.#closed.messageCount;
  }

  /** Whether, besides, the checksum is the writer's. Undefined if there is none on either side. */
  get isVerified(): boolean | undefined {
    const { isComplete, checksum } = this;
    if (isComplete === undefined || checksum === undefined) return undefined;
    if (this.#closed?.checksum === undefined) return undefined;
    return isComplete && checksum === this.#closed.checksum;
  }

  /** Resolves once the broker has taken the subscription: what is published from then on is not missed. */
  started(): Promise<SubscriptionStart> {
    return this.#feed.started();
  }

  /**
   * Messages only. Ends at the close marker, the limit, until, or close(). Throws a PlayheadError, TOPIC_DELETED among
   * its reasons. Leaving the loop closes the subscription.
   */
  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    this.#claim();
    let batch: readonly Message[] = [];
    let index = 0;
    const takeNow = (): Message | undefined => {
      let message = batch[index];
      if (message === undefined) {
        this.#forgetLast();
        batch = this.#takeBatch() ?? [];
        index = 0;
        message = batch[0];
        if (message === undefined) return undefined;
      }
      index += 1;
      this.#messageCount += 1;
      this.#last = message;
      return message;
    };
    return new PullIterator({
      takeNow,
      wait: () => this.#wait(),
      close: () => {
        batch = [];
        return this.close();
      },
    });
  }

  /** As the messages, as many at a time as have come, at most 128: the fastest way. */
  batches(): AsyncGenerator<readonly Message[], undefined> {
    this.#claim();
    return new PullIterator({
      takeNow: () => {
        const batch = this.#takeBatch();
        if (batch === undefined) return undefined;
        this.#messageCount += batch.length;
        this.#lastTimestampNs = batch.at(-1)?.timestampNs;
        return batch;
      },
      wait: () => this.#wait(),
      close: () => this.close(),
    });
  }

  /** Messages and what happens between them. A deleted topic is an event here, and no error. */
  events(): AsyncGenerator<SubscriptionEvent, undefined> {
    this.#claim();
    return this.#events();
  }

  /** Ends the subscription, and whoever reads it, without an error. What nobody has taken is dropped. */
  async close(): Promise<void> {
    this.#feed.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #claim(): void {
    if (this.#isTaken) throw new TypeError(`the subscription to ${this.topic} is read already`);
    this.#isTaken = true;
  }

  async *#events(): AsyncGenerator<SubscriptionEvent, undefined> {
    try {
      for (;;) {
        const batch = this.#takeBatch();
        if (batch === undefined) {
          const event = this.#feed.takeEvent();
          if (event !== undefined) {
            this.#note(event);
            yield event;
          } else if (!(await this.#hasMore())) return undefined;
          continue;
        }
        for (const message of batch) {
          this.#messageCount += 1;
          this.#last = message;
          yield { type: 'message', message };
        }
        this.#forgetLast();
      }
    } finally {
      await this.close();
    }
  }

  #forgetLast(): void {
    this.#lastTimestampNs = this.lastTimestampNs;
    this.#last = undefined;
  }

  /** The next messages, if they are here and nothing is before them. */
  #takeBatch(): readonly Message[] | undefined {
    const rest = this.#decode();
    if (rest !== undefined) return rest;
    const item = this.#feed.takeMessages();
    if (item === undefined) return undefined;
    this.#reader = new MessageReader(item.response, this.topic, item.runs);
    return this.#decode();
  }

  /** Waits for messages; false at the end. Throws the error it ended with. */
  async #wait(): Promise<boolean> {
    for (;;) {
      if (this.#feed.hasMessages) return true;
      const event = this.#feed.takeEvent();
      if (event === undefined) {
        if (!(await this.#hasMore())) return false;
        continue;
      }
      this.#note(event);
      if (event.type === 'deleted' && !this.#isGlob) {
        await this.close();
        throw new PlayheadError('TOPIC_DELETED', `topic ${event.topic} was deleted`, {
          metadata: { topic: event.topic },
        });
      }
    }
  }

  /** Waits for whatever is next; false, and without waiting, at the end. Throws the error it ended with. */
  #hasMore(): Promise<boolean> | boolean {
    const { end } = this.#feed;
    if (end === undefined) return this.#feed.wait();
    if (end.error !== undefined) throw end.error;
    return false;
  }

  /** The next messages of the response that is being handed out, if there are more. */
  #decode(): readonly Message[] | undefined {
    if (this.#feed.isAbandoned) this.#reader = undefined;
    const messages = this.#reader?.next(BATCH_MESSAGES) ?? [];
    if (messages.length === 0) {
      this.#reader = undefined;
      return undefined;
    }
    if (this.#checksum !== undefined) {
      for (const message of messages) this.#checksum.update(message.value);
    }
    return messages;
  }

  #note(event: FeedEvent): void {
    if (event.type === 'closed' && !this.#isGlob) this.#closed = event.closed;
  }
}
