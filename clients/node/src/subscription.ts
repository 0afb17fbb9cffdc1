import type { Closed } from './closed.ts';
import type { Message } from './message.ts';
import type { EndPosition, StartPosition } from './position.ts';

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
export type SubscriptionEvent =
  | { readonly type: 'message'; readonly message: Message }
  /** Everything that was committed has been delivered; the next message has this timestamp or a later one. */
  | { readonly type: 'caught_up'; readonly nextTimestampNs: bigint }
  /** What was asked for is gone, by trim or retention; `firstTimestampNs` is undefined if nothing is left. */
  | {
      readonly type: 'trimmed';
      readonly topic: string;
      readonly firstTimestampNs: bigint | undefined;
    }
  /** The topic is complete. Ends the subscription, unless it is of a glob. */
  | { readonly type: 'closed'; readonly closed: Closed }
  /** The topic was deleted. Ends the subscription, unless it is of a glob. */
  | { readonly type: 'deleted'; readonly topic: string };

/** How the broker understood a subscription. */
export interface SubscriptionStart {
  /** Messages from this timestamp on are delivered. */
  readonly fromTimestampNs: bigint;
  /** The subscription ends before this timestamp. */
  readonly untilTimestampNs: bigint | undefined;
}

/**
 * Reads one topic, or all topics of a glob. Begins at once, keeps up to about 4 MiB that nobody has taken yet, and
 * after a lost connection goes on behind the last message. It is read once, in one of three ways.
 */
export interface Subscription extends AsyncIterable<Message>, AsyncDisposable {
  readonly topic: string;
  /**
   * Messages only. Ends at the close marker, the limit, until, or close(). Throws a PlayheadError, TOPIC_DELETED among
   * its reasons. Leaving the loop closes the subscription.
   */
  [Symbol.asyncIterator](): AsyncIterator<Message, undefined>;
  /** Messages and what happens between them. A deleted topic is an event here, and no error. */
  events(): AsyncIterableIterator<SubscriptionEvent>;
  /** As the messages, by the response they came in: the fastest way. */
  batches(): AsyncIterableIterator<readonly Message[]>;
  /** Resolves once the broker has taken the subscription: what is published from then on is not missed. */
  started(): Promise<SubscriptionStart>;
  /** The close marker, once it has been reached. */
  readonly closed: Closed | undefined;
  /** Number of messages handed out. */
  readonly messageCount: number;
  /**
   * MD5 over the values handed out so far, 32 hexadecimal digits. Only for a channel (`chan/…`) that is read from
   * `'earliest'`.
   */
  readonly checksum: string | undefined;
  /** Whether all messages ever written were handed out. Undefined before the close marker, and for a part. */
  readonly isComplete: boolean | undefined;
  /** Whether the checksum is the writer's, too. Undefined if either is missing. */
  readonly isVerified: boolean | undefined;
  /** Timestamp of the last message handed out. */
  readonly lastTimestampNs: bigint | undefined;
  /** Ends the subscription and whoever reads it, without an error. */
  close(): Promise<void>;
}
