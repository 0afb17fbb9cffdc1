import { describe, expect, it } from 'vitest';
import {
  describeSubscription,
  subscriptionColumns,
  subscriptionToJson,
} from '../../../src/cli/subscription-json.ts';
import { tabSeparated } from '../../../src/cli/table.ts';

const config = {
  mode: 'key_ordered',
  leaseMs: 30_000,
  maxAttempts: 5,
  maxInFlight: 10_000,
  backoff: undefined,
  idleExpiryMs: 0,
  deadLetterTopic: 'dead-letter/orders/billing',
  maxPending: 0,
  backlogPolicy: 'drop_oldest',
} as const;

const info = {
  topic: 'orders',
  subscription: 'billing',
  config,
  createdTimestampNs: 1_763_719_200_000_000_001n,
  cursorTimestampNs: undefined,
  pendingCount: 1200,
  inFlightCount: 3,
  waitingCount: 2,
  redeliveredCount: 4,
  deadLetteredCount: 1,
  acknowledgedCount: 70,
  oldestPendingTimestampNs: 1_763_719_200_000_000_002n,
  lagSeconds: 90.0004,
  workerCount: 2,
  isDrained: false,
};

describe('subscriptionToJson', () => {
  it('writes timestamps as texts, what is missing as null, and names as the options spell them', () => {
    expect(subscriptionToJson(info)).toEqual({
      topic: 'orders',
      subscription: 'billing',
      pending_count: 1200,
      in_flight_count: 3,
      waiting_count: 2,
      redelivered_count: 4,
      dead_lettered_count: 1,
      acknowledged_count: 70,
      oldest_pending_timestamp_ns: '1763719200000000002',
      lag_seconds: 90.0004,
      worker_count: 2,
      is_drained: false,
      cursor_timestamp_ns: null,
      created_timestamp_ns: '1763719200000000001',
      config: {
        mode: 'key-ordered',
        lease_ms: 30_000,
        max_attempts: 5,
        max_in_flight: 10_000,
        backoff: null,
        idle_expiry_ms: 0,
        dead_letter_topic: 'dead-letter/orders/billing',
        max_pending: 0,
        backlog_policy: 'drop-oldest',
      },
    });
  });

  it.each([
    [{ delaysMs: [1000, 5000] }, { delays_ms: [1000, 5000] }],
    [
      { initialMs: 1000, maxMs: 0, jitter: 0.5 },
      { initial_ms: 1000, max_ms: 0, jitter: 0.5 },
    ],
  ])('writes the backoff %j', (backoff, expected) => {
    expect(subscriptionToJson({ ...info, config: { ...config, backoff } })).toMatchObject({
      config: { backoff: expected },
    });
  });
});

describe('describeSubscription', () => {
  it('says the numbers that people need', () => {
    const text = describeSubscription(info);
    expect(text).toMatch(/^pending {2,}1,200$/m);
    expect(text).toMatch(/^oldest pending {2,}2025-11-21T10:00:00\.000000002Z$/m);
    expect(text).toMatch(/^lag {2,}1m30s$/m);
    expect(text).toMatch(/^cursor {2,}-$/m);
    expect(text).toMatch(/^mode {2,}key-ordered$/m);
    expect(text).toMatch(/^backoff {2,}none$/m);
    expect(text).toMatch(/^idle expiry {2,}none$/m);
    expect(text).toMatch(/^state {2,}open$/m);
    expect(describeSubscription({ ...info, isDrained: true })).toMatch(/^state {2,}drained/m);
  });

  it.each([
    [{ delaysMs: [1000, 5000] }, '1s,5s'],
    [{ initialMs: 1000, maxMs: 600_000, jitter: 0.2 }, '1s, doubling up to 10m, jitter 0.2'],
    [{ initialMs: 1000, maxMs: 0, jitter: 0 }, '1s, doubling, jitter 0'],
  ])('says the backoff %j', (backoff, expected) => {
    const text = describeSubscription({ ...info, config: { ...config, backoff } });
    expect(text.split('\n').find((line) => line.startsWith('backoff '))).toMatch(
      new RegExp(` {2,}${expected}$`),
    );
  });

  it('is a row of a list', () => {
    expect(tabSeparated(subscriptionColumns, info)).toBe(
      'orders\tbilling\tkey-ordered\t1200\t3\t2\t4\t1\t2\t1m30s',
    );
  });
});
