import { Topic } from '../../src/log/topic.ts';
import type { TopicConfig, TopicRecord } from '../../src/storage/meta.ts';

const NO_LIMITS: TopicConfig = { maxAgeMs: 0n, maxBytes: 0n, maxMessages: 0n, maxMessageBytes: 0 };

/** The record of a new topic. */
export function topicRecord(name: string, id = 1, config: Partial<TopicConfig> = {}): TopicRecord {
  return {
    id,
    name,
    createdTimestampNs: 1_790_000_000_000_000_000n + BigInt(id),
    config: { ...NO_LIMITS, ...config },
    floor: { timestampNs: 0n, sequence: 0n, bytes: 0n },
    isDeleted: false,
  };
}

/** A topic without messages. */
export function newTopic(name: string, id = 1, config: Partial<TopicConfig> = {}): Topic {
  return new Topic(topicRecord(name, id, config));
}
