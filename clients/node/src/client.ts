import type { Channel } from './channel.ts';
import type { Closed } from './closed.ts';
import type { PlayheadError } from './errors.ts';
import type { Message } from './message.ts';
import type { EndPosition, StartPosition } from './position.ts';
import type { Publisher, PublisherOptions } from './publisher.ts';
import type { ServerInfo } from './server-info.ts';
import type { SubscribeOptions, Subscription } from './subscription.ts';
import type { RequestOptions, Topics } from './topics.ts';

/** How long and how often a broker that is away is tried. */
export interface RetryOptions {
  /** First pause between two tries, half of it random; 50 by default. Doubles from try to try. */
  readonly initialBackoffMs?: number | undefined;
  /** Longest pause; 2000 by default. */
  readonly maxBackoffMs?: number | undefined;
  /**
   * How long after the last sign of life an operation fails with UNREACHABLE; 0 for at once. By default a single request
   * tries as long as `requestTimeoutMs`, a publisher two minutes, and a subscription for ever.
   */
  readonly giveUpAfterMs?: number | undefined;
}

/** A try that failed and will be repeated. */
export interface RetryEvent {
  readonly error: PlayheadError;
  /** What is repeated, such as `publish to orders`. */
  readonly operation: string;
  /** Number of tries that failed in a row. */
  readonly attempt: number;
  readonly delayMs: number;
}

export interface ClientOptions {
  /** For each single request, its retries included; 30 000 by default. */
  readonly requestTimeoutMs?: number | undefined;
  readonly retry?: RetryOptions | undefined;
  /** Told of every repeated try, for logs. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
  /** Cancels all that is under way and closes the client, without draining. */
  readonly signal?: AbortSignal | undefined;
}

export interface ReadOptions extends RequestOptions {
  /** Where to begin; `'earliest'` by default. */
  readonly from?: StartPosition | undefined;
  /** Where to end; what is there now by default. */
  readonly until?: EndPosition | undefined;
  /** At most so many messages; 1000 by default, at most 100 000. */
  readonly limit?: number | undefined;
  /** At most so many bytes, but at least one message; 1 MiB by default. */
  readonly maxBytes?: number | undefined;
}

/** A part of a topic, as {@link Client.read} answers it. */
export interface Page {
  readonly messages: readonly Message[];
  /** Where the next page begins. */
  readonly nextTimestampNs: bigint;
  /** True if the page reaches the end of what was there, or until. */
  readonly isCaughtUp: boolean;
  /** Set if the page begins later than asked for, because that is trimmed. */
  readonly trimmed:
    | { readonly topic: string; readonly firstTimestampNs: bigint | undefined }
    | undefined;
  /** Set if the page reaches the close marker: there is no more, ever. */
  readonly closed: Closed | undefined;
}

/** A connection to a broker, or to the first of several that answers. Connects at the first use. */
export interface Client extends AsyncDisposable {
  readonly addresses: readonly string[];
  readonly topics: Topics;
  /** The channel of this name: the topic `chan/<name>`. */
  channel(name: string): Channel;
  publisher(topic: string, options?: PublisherOptions): Publisher;
  /** Begins to read a topic, or the topics of a glob. */
  subscribe(topicOrGlob: string, options?: SubscribeOptions): Subscription;
  /** Reads what is there now, up to a bound. TOPIC_NOT_FOUND if there is no such topic. */
  read(topicOrGlob: string, options?: ReadOptions): Promise<Page>;
  /** Deletes the channel; the name is free again. */
  deleteChannel(name: string, options?: RequestOptions): Promise<void>;
  serverInfo(options?: RequestOptions): Promise<ServerInfo>;
  /** Flushes all publishers, ends all subscriptions, disconnects. Rejects with the first error of the flush. */
  close(): Promise<void>;
}

/**
 * A client of the broker at `address`, `127.0.0.1:17777` by default. Several addresses, as a list or separated by commas,
 * are tried in turn while one is away. Close it, for instance with `await using`.
 */
export function connect(
  _address?: string | readonly string[],
  _options: ClientOptions = {},
): Client {
  throw new Error('not written yet');
}
