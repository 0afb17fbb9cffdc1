import {
  TopicServiceService,
  type TopicConfig as WireConfig,
  type Topic as WireTopic,
} from 'playhead-proto';
import { resolveTime } from './broker-clock.ts';
import { type Closed, fromWireClosed } from './closed.ts';
import type { Connection } from './connection.ts';
import { PlayheadError } from './errors.ts';
import { int32 } from './number.ts';
import { type Ago, toTime } from './position.ts';

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
  /** Trim what every subscription of the topic has acknowledged. False by default. */
  readonly trimConsumed?: boolean | undefined;
}

/** A topic as it was at the time of the answer. */
export interface TopicInfo {
  readonly topic: string;
  readonly config: { readonly [K in keyof TopicConfig]-?: NonNullable<TopicConfig[K]> };
  readonly createdTimestampNs: bigint;
  /** Timestamp of the first retained message. */
  readonly firstTimestampNs: bigint | undefined;
  /** Timestamp of the last message ever appended. */
  readonly lastTimestampNs: bigint | undefined;
  /** Number of retained messages. */
  readonly messageCount: number;
  /** Size of the retained messages as stored. */
  readonly byteCount: number;
  /** Messages appended, averaged over about a minute. */
  readonly messagesPerSecond: number;
  /** Bytes appended, averaged over about a minute. */
  readonly bytesPerSecond: number;
  /** Set if the topic is closed. */
  readonly closed: Closed | undefined;
  /** Number of subscriptions that are open now. */
  readonly subscriberCount: number;
}

export interface RequestOptions {
  /** Ends the request with CANCELLED. What it asked for may be done nevertheless. */
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

/** Creates, describes, trims, closes and deletes topics, each by one request that is repeated until it is answered. */
export class Topics {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Answers with the topic as it is now. TOPIC_EXISTS if one of that name has another configuration. */
  async create(
    topic: string,
    config: TopicConfig = {},
    options: RequestOptions = {},
  ): Promise<TopicInfo> {
    const response = await this.#connection.request(
      TopicServiceService.createTopic,
      { topic, config: toWireConfig(config) },
      `create ${topic}`,
      options.signal,
    );
    return fromWireTopic(response.topic);
  }

  /** TOPIC_NOT_FOUND if there is none. */
  async get(topic: string, options: RequestOptions = {}): Promise<TopicInfo> {
    const response = await this.#connection.request(
      TopicServiceService.getTopic,
      { topic },
      `look up ${topic}`,
      options.signal,
    );
    return fromWireTopic(response.topic);
  }

  /** Changes what `config` sets. */
  async update(
    topic: string,
    config: TopicConfig,
    options: RequestOptions = {},
  ): Promise<TopicInfo> {
    const response = await this.#connection.request(
      TopicServiceService.updateTopic,
      { topic, config: toWireConfig(config) },
      `update ${topic}`,
      options.signal,
    );
    return fromWireTopic(response.topic);
  }

  /**
   * Removes the messages before a time, for ever. A string is a timestamp, or counts back from the broker's clock
   * (`-5m`).
   */
  async trim(
    topic: string,
    before: bigint | Date | Ago | string,
    options: RequestOptions = {},
  ): Promise<TopicInfo> {
    const { signal } = options;
    const beforeTimestampNs = await resolveTime(this.#connection, toTime(before), signal);
    const response = await this.#connection.request(
      TopicServiceService.trimTopic,
      { topic, beforeTimestampNs },
      `trim ${topic}`,
      signal,
    );
    return fromWireTopic(response.topic);
  }

  /** Closes the topic. Closing again is no error and answers as the first time. */
  async close(topic: string, options: CloseTopicOptions = {}): Promise<Closed> {
    const { reason = '', checksum = '', signal } = options;
    if (!/^(?:[0-9a-f]{32})?$/i.test(checksum)) {
      throw new TypeError('a checksum is an MD5 of 32 hexadecimal digits');
    }
    const { closed } = await this.#connection.request(
      TopicServiceService.closeTopic,
      { topic, close: { reason, checksum: Buffer.from(checksum, 'hex') } },
      `close ${topic}`,
      signal,
    );
    return fromWireClosed(required(closed));
  }

  /** Removes the topic; its subscriptions end with TOPIC_DELETED, and the name is free. */
  async delete(topic: string, options: RequestOptions = {}): Promise<void> {
    await this.#connection.request(
      TopicServiceService.deleteTopic,
      { topic },
      `delete ${topic}`,
      options.signal,
      (refusal) => (refusal.reason === 'TOPIC_NOT_FOUND' ? {} : undefined),
    );
  }

  /** The topics that match, by name, fetched page by page. */
  async *list(glob = '', options: ListOptions = {}): AsyncGenerator<TopicInfo, undefined> {
    let pageToken: string | undefined;
    do {
      const page = await this.listPage({ ...options, glob, pageToken });
      yield* page.topics;
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    return undefined;
  }

  /** One page of topics. */
  async listPage(options: ListPageOptions = {}): Promise<TopicPage> {
    const { glob = '', pageSize = 0, pageToken = '', signal } = options;
    const response = await this.#connection.request(
      TopicServiceService.listTopics,
      { glob, pageSize: int32('pageSize', pageSize) ?? 0, pageToken },
      'list topics',
      signal,
    );
    const { topics, nextPageToken } = response;
    return {
      topics: topics.map(fromWireTopic),
      nextPageToken: nextPageToken === '' ? undefined : nextPageToken,
    };
  }
}

function toWireConfig(config: TopicConfig): WireConfig {
  return {
    maxAgeMs: wireInteger('maxAgeMs', config.maxAgeMs),
    maxBytes: wireInteger('maxBytes', config.maxBytes),
    maxMessages: wireInteger('maxMessages', config.maxMessages),
    maxMessageBytes: int32('maxMessageBytes', config.maxMessageBytes),
    trimConsumed: config.trimConsumed,
  };
}

function wireInteger(name: string, value: number | undefined): bigint | undefined {
  if (value === undefined) return undefined;
  if (!Number.isSafeInteger(value)) throw new TypeError(`${name} must be an integer, not ${value}`);
  return BigInt(value);
}

function fromWireTopic(wire: WireTopic | undefined): TopicInfo {
  const topic = required(wire);
  const { config, closed } = topic;
  return {
    topic: topic.topic,
    config: {
      maxAgeMs: Number(config?.maxAgeMs ?? 0n),
      maxBytes: Number(config?.maxBytes ?? 0n),
      maxMessages: Number(config?.maxMessages ?? 0n),
      maxMessageBytes: config?.maxMessageBytes ?? 0,
      trimConsumed: config?.trimConsumed ?? false,
    },
    createdTimestampNs: topic.createdTimestampNs,
    firstTimestampNs: topic.firstTimestampNs === 0n ? undefined : topic.firstTimestampNs,
    lastTimestampNs: topic.lastTimestampNs === 0n ? undefined : topic.lastTimestampNs,
    messageCount: Number(topic.messageCount),
    byteCount: Number(topic.byteCount),
    messagesPerSecond: topic.messagesPerSecond,
    bytesPerSecond: topic.bytesPerSecond,
    closed: closed === undefined ? undefined : fromWireClosed(closed),
    subscriberCount: topic.subscriberCount,
  };
}

function required<T>(field: T | undefined): T {
  if (field !== undefined) return field;
  throw new PlayheadError('INTERNAL', 'the broker sent an answer without its contents');
}
