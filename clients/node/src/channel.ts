import { ChannelWriter, type CloseChannelOptions } from './channel-writer.ts';
import type { Closed } from './closed.ts';
import type { Connection } from './connection.ts';
import { PlayheadError } from './errors.ts';
import type { PublishAllOptions, PublishAllResult } from './publish-all.ts';
import type { Publishable } from './publishable.ts';
import type { PublishOptions } from './publisher.ts';
import { type SubscribeOptions, Subscription } from './subscription.ts';
import type { RequestOptions, TopicInfo, Topics } from './topics.ts';

/** The topics of channels. */
export const CHANNEL_PREFIX = 'chan/';

/** MD5 of nothing. */
const EMPTY_CHECKSUM = 'd41d8cd98f00b204e9800998ecf8427e';

/** What a channel needs of its client. */
export interface ChannelOwner {
  readonly connection: Connection;
  readonly topics: Topics;
  /** The writers by topic, so that all Channel objects of one name publish and sum up together. */
  readonly writers: Map<string, ChannelWriter>;
}

/** A list of messages that is made to be closed: the topic `chan/<name>`. Any number of readers get all of it. */
export class Channel {
  readonly name: string;
  readonly topic: string;
  readonly #owner: ChannelOwner;
  #writer: ChannelWriter | undefined;

  constructor(owner: ChannelOwner, name: string) {
    this.#owner = owner;
    this.name = name;
    this.topic = `${CHANNEL_PREFIX}${name}`;
  }

  /** As {@link Publisher.publish}. CHANNEL_CLOSED once the channel is closed. */
  publish(message: Publishable, options?: PublishOptions): Promise<bigint> {
    try {
      return this.#openWriter().publisher.publish(message, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As {@link Publisher.publishAll}. */
  async publishAll(
    source: Iterable<Publishable> | AsyncIterable<Publishable>,
    options?: PublishAllOptions,
  ): Promise<PublishAllResult> {
    return this.#openWriter().publisher.publishAll(source, options);
  }

  /** Whether it is useful to publish more now, as {@link Publisher.hasRoom}. */
  get hasRoom(): boolean {
    return this.#knownWriter()?.publisher.hasRoom ?? true;
  }

  /** As {@link Publisher.ready}. */
  async ready(): Promise<void> {
    await this.#knownWriter()?.publisher.ready();
  }

  /** As {@link Publisher.flush}. */
  async flush(): Promise<void> {
    await this.#knownWriter()?.publisher.flush();
  }

  /** MD5 over the values that this client published and that are stored; 32 hexadecimal digits. */
  get checksum(): string {
    return this.#knownWriter()?.checksum ?? EMPTY_CHECKSUM;
  }

  /**
   * Waits for what was published, then closes the channel for all its writers, durably. Closing again is no error and
   * answers as the first time. The checksum goes along if this client was the only writer.
   */
  close(options: CloseChannelOptions = {}): Promise<Closed> {
    const writer = this.#knownWriter() ?? this.#createWriter();
    return writer.close(options);
  }

  /** Reads from the first message to the close marker, unless told otherwise. */
  subscribe(options: SubscribeOptions = {}): Subscription {
    return new Subscription(this.#owner.connection, this.topic, {
      ...options,
      from: options.from ?? 'earliest',
    });
  }

  /** TOPIC_NOT_FOUND if nobody has written to the channel. */
  stat(options?: RequestOptions): Promise<TopicInfo> {
    return this.#owner.topics.get(this.topic, options);
  }

  #knownWriter(): ChannelWriter | undefined {
    // The writer that the channel had is kept for its checksum, unless there is a new one.
    this.#writer = this.#owner.writers.get(this.topic) ?? this.#writer;
    return this.#writer;
  }

  #openWriter(): ChannelWriter {
    const writer = this.#knownWriter();
    if (writer === undefined) return this.#createWriter();
    if (!writer.isClosing) return writer;
    throw new PlayheadError('CHANNEL_CLOSED', `channel ${this.name} is closed`, {
      metadata: { topic: this.topic },
    });
  }

  #createWriter(): ChannelWriter {
    const { connection, topics, writers } = this.#owner;
    const writer = new ChannelWriter(connection, topics, this.topic, () => {
      if (writers.get(this.topic) === writer) writers.delete(this.topic);
    });
    writers.set(this.topic, writer);
    this.#writer = writer;
    return writer;
  }
}
