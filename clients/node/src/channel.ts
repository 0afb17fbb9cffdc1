import type { Closed } from './closed.ts';
import type { PublishAllOptions, PublishAllResult } from './publisher.ts';
import type { Publishable } from './publishable.ts';
import type { SubscribeOptions, Subscription } from './subscription.ts';
import type { RequestOptions, TopicInfo } from './topics.ts';

/** What {@link Channel.close} answers. */
export type ChannelClosed = Closed;

export interface CloseChannelOptions {
  /** Last messages, stored in the same step: no reader sees them without the end. */
  readonly messages?: Iterable<Publishable> | undefined;
  /** Why, for readers; at most 1024 bytes. */
  readonly reason?: string | undefined;
}

/** A list of messages that is made to be closed: the topic `chan/<name>`. Any number of readers get all of it. */
export interface Channel {
  readonly name: string;
  readonly topic: string;
  /** As {@link Publisher.publish}. CHANNEL_CLOSED once the channel is closed. */
  publish(message: Publishable): Promise<bigint>;
  publishAll(
    source: Iterable<Publishable> | AsyncIterable<Publishable>,
    options?: PublishAllOptions,
  ): Promise<PublishAllResult>;
  flush(): Promise<void>;
  /** MD5 over the values that were acknowledged so far; 32 hexadecimal digits. */
  readonly checksum: string;
  /**
   * Waits for what was published, then closes the channel for all its writers, durably. Closing again is no error and
   * answers as the first time. The checksum goes along if this writer was the only one.
   */
  close(options?: CloseChannelOptions): Promise<ChannelClosed>;
  /** Reads from the first message to the close marker, unless told otherwise. */
  subscribe(options?: SubscribeOptions): Subscription;
  stat(options?: RequestOptions): Promise<TopicInfo>;
}
