import type { Closed, TopicInfo } from 'playhead-client';

/** A topic as an object of JSON: timestamps are texts, since they are longer than a number is exact. */
export function topicToJson(info: TopicInfo): object {
  return {
    topic: info.topic,
    state: info.closed === undefined ? 'open' : 'closed',
    message_count: info.messageCount,
    byte_count: info.byteCount,
    first_timestamp_ns: info.firstTimestampNs?.toString() ?? null,
    last_timestamp_ns: info.lastTimestampNs?.toString() ?? null,
    created_timestamp_ns: String(info.createdTimestampNs),
    messages_per_second: info.messagesPerSecond,
    bytes_per_second: info.bytesPerSecond,
    subscriber_count: info.subscriberCount,
    config: {
      max_age_ms: info.config.maxAgeMs,
      max_bytes: info.config.maxBytes,
      max_messages: info.config.maxMessages,
      max_message_bytes: info.config.maxMessageBytes,
      trim_consumed: info.config.trimConsumed,
    },
    closed: info.closed === undefined ? null : closedToJson(info.closed),
  };
}

/** A close marker as an object of JSON. */
export function closedToJson(closed: Closed): object {
  return {
    topic: closed.topic,
    timestamp_ns: String(closed.timestampNs),
    message_count: closed.messageCount,
    reason: closed.reason,
    checksum: closed.checksum ?? null,
  };
}
