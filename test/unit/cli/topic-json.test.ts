import { describe, expect, it } from 'vitest';
import { topicToJson } from '../../../src/cli/topic-json.ts';

const config = {
  maxAgeMs: 0,
  maxBytes: 0,
  maxMessages: 0,
  maxMessageBytes: 0,
  trimConsumed: true,
};
const info = {
  topic: 'orders',
  config,
  createdTimestampNs: 1_763_719_200_000_000_001n,
  firstTimestampNs: undefined,
  lastTimestampNs: undefined,
  messageCount: 0,
  byteCount: 0,
  messagesPerSecond: 0,
  bytesPerSecond: 0,
  closed: undefined,
  subscriberCount: 0,
};

describe('topicToJson', () => {
  it('writes timestamps as texts and what is missing as null', () => {
    expect(topicToJson(info)).toMatchObject({
      state: 'open',
      created_timestamp_ns: '1763719200000000001',
      first_timestamp_ns: null,
      closed: null,
      config: { max_age_ms: 0, trim_consumed: true },
    });
  });

  it('writes the close marker', () => {
    const closed = {
      topic: 'orders',
      timestampNs: 5n,
      messageCount: 2,
      reason: 'done',
      checksum: undefined,
    };
    expect(topicToJson({ ...info, closed })).toMatchObject({
      state: 'closed',
      closed: { timestamp_ns: '5', message_count: 2, reason: 'done', checksum: null },
    });
  });
});
