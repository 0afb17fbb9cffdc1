import type { Closed } from './closed.ts';
import type { Ago } from './position.ts';

/** Settings of a topic. In a create, what is missing is the default; in an update, it stays as it is. */
export interface TopicConfig {
  /** Messages older than this are trimmed. 0, the default: kept for ever. */
  readonly maxAgeMs?: number | undefined;
  /** The oldest messages over this size are trimmed. 0, the default: no limit. */
  readonly maxBytes?: number | undefined;
  /** The oldest messages over this number are trimmed. 0, the default: no limit. */
  readonly maxMessages?: number | undefined;
  /** Largest message, as the length of its protobuf encoding. 0, the default: the broker's limit. */
  readonly maxMessageBytes?: number | undefined;
}

/** A topic as it was at the time of the answer. */
export interface TopicInfo {
  readonly topic: string;
  readonly config: Required<{ readonly [K in keyof TopicConfig]: number }>;
  readonly createdTimestampNs: bigint;
  /** Timestamp of the first retained message. */
  readonly firstTimestampNs: bigint | undefined;
  /** Timestamp of the last message ever appended. */
  readonly lastTimestampNs: bigint | undefined;
  /** Number of retained messages. */
  readonly messageCount: number;
  /** Size of the retained messages as stored. */
  readonly byteCount: number;
  /** Appends, averaged over about a minute. */
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
  /** Set if the topic is closed. */
  readonly closed: Closed | undefined;
  /** Number of subscriptions that are open now. */
  readonly subscriberCount: number;
}

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ListOptions extends RequestOptions {
  /** Topics per request: 100 by default, at most 1000. */
  readonly pageSize?: number | undefined;
}

export interface ListPageOptions extends ListOptions {
  /** Only topics that match. */
  readonly glob?: string | undefined;
  /** `nextPageToken` of the page before. */
  readonly pageToken?: string | undefined;
}

export interface TopicPage {
  readonly topics: readonly TopicInfo[];
  /** For the next page; undefined if this is the last one. */
  readonly nextPageToken: string | undefined;
}

export interface CloseTopicOptions extends RequestOptions {
  /** Why, for readers; at most 1024 bytes. */
  readonly reason?: string | undefined;
  /** MD5 over the values, in order; 32 hexadecimal digits. */
  readonly checksum?: string | undefined;
}

/** Creates, describes, trims, closes and deletes topics. Every method is one request and may be repeated. */
export interface Topics {
  /** Answers with the topic as it is. TOPIC_EXISTS if one of that name has another configuration. */
  create(topic: string, config?: TopicConfig, options?: RequestOptions): Promise<TopicInfo>;
  /** TOPIC_NOT_FOUND if there is none. */
  get(topic: string, options?: RequestOptions): Promise<TopicInfo>;
  /** Changes what `config` sets. */
  update(topic: string, config: TopicConfig, options?: RequestOptions): Promise<TopicInfo>;
  /** Removes the messages before a time, for ever. Strings are read as timestamps or as `-5m`. */
  trim(topic: string, before: bigint | Date | Ago | string, options?: RequestOptions): Promise<TopicInfo>;
  /** Closes the topic. Closing again is no error and answers as the first time. */
  close(topic: string, options?: CloseTopicOptions): Promise<Closed>;
  /** Removes the topic; its subscriptions end with TOPIC_DELETED, and the name is free. */
  delete(topic: string, options?: RequestOptions): Promise<void>;
  /** The topics that match, by name, fetched page by page. */
  list(glob?: string, options?: ListOptions): AsyncIterable<TopicInfo>;
  /** One page of topics. */
  listPage(options?: ListPageOptions): Promise<TopicPage>;
}
