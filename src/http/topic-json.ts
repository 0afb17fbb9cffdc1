import { z } from 'zod';
import { BrokerError } from '../errors.ts';
import type { CloseMarker } from '../log/close-marker.ts';
import type { Log } from '../log/log.ts';
import type { Topic } from '../log/topic.ts';

/** Nanoseconds since 1970 as decimal digits: a JSON number cannot hold them. */
const nanoseconds = z.string().regex(/^\d{1,19}$/);

/** Limits of a topic; 0 is none, or the broker's. */
export const topicConfig = z
  .strictObject({
    max_age_ms: z.int().min(0).optional(),
    max_bytes: z.int().min(0).optional(),
    max_messages: z.int().min(0).optional(),
    max_message_bytes: z.int().min(0).optional(),
    trim_consumed: z.boolean().optional(),
  })
  .meta({ id: 'TopicConfig' });

export const closedJson = z
  .object({
    topic: z.string(),
    timestamp_ns: nanoseconds,
    message_count: z.int(),
    reason: z.string(),
    checksum: z.string().nullable(),
  })
  .meta({ id: 'Closed' });

export const topicJson = z
  .object({
    topic: z.string(),
    state: z.enum(['open', 'closed']),
    message_count: z.int(),
    byte_count: z.int(),
    first_timestamp_ns: nanoseconds.nullable(),
    last_timestamp_ns: nanoseconds.nullable(),
    created_timestamp_ns: nanoseconds,
    messages_per_second: z.number(),
    bytes_per_second: z.number(),
    subscriber_count: z.int(),
    config: topicConfig,
    closed: closedJson.nullable(),
  })
  .meta({ id: 'Topic' });

/** The settings that are set. */
export function fromTopicConfig(config: z.output<typeof topicConfig>) {
  return {
    ...(config.max_age_ms !== undefined && { maxAgeMs: BigInt(config.max_age_ms) }),
    ...(config.max_bytes !== undefined && { maxBytes: BigInt(config.max_bytes) }),
    ...(config.max_messages !== undefined && { maxMessages: BigInt(config.max_messages) }),
    ...(config.max_message_bytes !== undefined && { maxMessageBytes: config.max_message_bytes }),
    ...(config.trim_consumed !== undefined && { trimConsumed: config.trim_consumed }),
  };
}

export function topicToJson(topic: Topic, log: Log): z.output<typeof topicJson> {
  const nowNs = log.clock.nowNs();
  const marker = topic.closeMarker();
  const { maxAgeMs, maxBytes, maxMessages, trimConsumed } = topic.config;
  return {
    topic: topic.name,
    state: marker === undefined ? 'open' : 'closed',
    message_count: Number(topic.retainedMessages),
    byte_count: Number(topic.retainedBytes),
    first_timestamp_ns: timestampOrNull(topic.firstTimestampNs),
    last_timestamp_ns: timestampOrNull(topic.lastTimestampNs),
    created_timestamp_ns: `${topic.createdTimestampNs}`,
    messages_per_second: topic.messageRate.perSecond(nowNs),
    bytes_per_second: topic.byteRate.perSecond(nowNs),
    subscriber_count: topic.subscriberCount,
    config: {
      max_age_ms: Number(maxAgeMs),
      max_bytes: Number(maxBytes),
      max_messages: Number(maxMessages),
      max_message_bytes: log.maxMessageBytes(topic),
      trim_consumed: trimConsumed === true,
    },
    // Of a marker that is damaged there is not even the time.
    closed:
      marker === undefined || marker instanceof BrokerError
        ? null
        : closedToJson(marker, topic.name),
  };
}

export function closedToJson(marker: CloseMarker, topic: string): z.output<typeof closedJson> {
  return {
    topic,
    timestamp_ns: `${marker.timestampNs}`,
    message_count: Number(marker.messageCount),
    reason: marker.reason,
    checksum: marker.checksum.length === 0 ? null : marker.checksum.toString('hex'),
  };
}

/** A time that is 0 if there is none. */
export function timestampOrNull(timestampNs: bigint | undefined): string | null {
  return timestampNs === undefined || timestampNs === 0n ? null : `${timestampNs}`;
}
