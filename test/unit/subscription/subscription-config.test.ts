import { ConfigEntry } from 'playhead-proto/storage';
import { describe, expect, it } from 'vitest';
import { BACKOFF_DELAYS_MAX, IN_FLIGHT_MAX, LEASE_MS_MAX } from '../../../src/limits.ts';
import type { SubscriptionConfig } from '../../../src/subscription/subscription-config.ts';
import {
  backoffMs,
  checkConfig,
  DEFAULT_SUBSCRIPTION_CONFIG,
  differenceOf,
  fromConfigEntry,
  toConfigEntry,
} from '../../../src/subscription/subscription-config.ts';

const { backoff } = DEFAULT_SUBSCRIPTION_CONFIG;
const configOf = (changes: Partial<SubscriptionConfig>) => ({
  ...DEFAULT_SUBSCRIPTION_CONFIG,
  ...changes,
});

describe('settings of a subscription', () => {
  it('are good as they are by default, and at their limits', () => {
    checkConfig(DEFAULT_SUBSCRIPTION_CONFIG);
    const delaysMs = Array.from({ length: BACKOFF_DELAYS_MAX }, () => LEASE_MS_MAX);
    const maxMs = LEASE_MS_MAX;
    checkConfig(configOf({ leaseMs: 1n, maxAttempts: 1, maxInFlight: 1 }));
    checkConfig(configOf({ leaseMs: LEASE_MS_MAX, maxAttempts: 1000, maxInFlight: IN_FLIGHT_MAX }));
    checkConfig(configOf({ backoff: { delaysMs, initialMs: 0n, maxMs, jitter: 1 } }));
    checkConfig(configOf({ backoff: { delaysMs: [], initialMs: maxMs, maxMs, jitter: 0 } }));
  });

  it.each<[string, Partial<SubscriptionConfig>]>([
    ['lease_ms', { leaseMs: 0n }],
    ['lease_ms', { leaseMs: LEASE_MS_MAX + 1n }],
    ['max_attempts', { maxAttempts: 0 }],
    ['max_attempts', { maxAttempts: 1001 }],
    ['max_in_flight', { maxInFlight: 0 }],
    ['max_in_flight', { maxInFlight: IN_FLIGHT_MAX + 1 }],
    ['idle_expiry_ms', { idleExpiryMs: -1n }],
    ['max_pending', { maxPending: -1n }],
    ['backoff.delays_ms', { backoff: { ...backoff, delaysMs: [1n, -1n] } }],
    ['backoff.delays_ms', { backoff: { ...backoff, delaysMs: Array(101).fill(1n) } }],
    ['backoff.initial_ms', { backoff: { ...backoff, initialMs: -1n } }],
    ['backoff.max_ms', { backoff: { ...backoff, maxMs: LEASE_MS_MAX + 1n } }],
    ['backoff.jitter', { backoff: { ...backoff, jitter: Number.NaN } }],
    ['backoff.jitter', { backoff: { ...backoff, jitter: 1.1 } }],
    ['backoff', { backoff: { ...backoff, delaysMs: [1n], initialMs: 1n } }],
    ['', { deadLetterTopic: 'no spaces' }],
    ['', { deadLetterTopic: '_own' }],
  ])('are refused with the name of the field: %s', (field, changes) => {
    const reason = 'INVALID_ARGUMENT';
    const message = expect.stringContaining(field);
    expect(() => checkConfig(configOf(changes))).toThrow(
      expect.objectContaining({ reason: field === '' ? expect.anything() : reason, message }),
    );
  });

  it.each<[string, Partial<SubscriptionConfig>]>([
    ['delivery_mode (shared, not exclusive)', { deliveryMode: 'exclusive' }],
    ['lease_ms (30000, not 1)', { leaseMs: 1n }],
    ['backlog_policy (refuse, not wait)', { backlogPolicy: 'wait' }],
    [
      'backoff (0 to 3600000 ms, jitter 0, not 1, 2 ms, jitter 0)',
      { backoff: { ...backoff, delaysMs: [1n, 2n] } },
    ],
    [
      'backoff (0 to 3600000 ms, jitter 0, not 0 to 3600000 ms, jitter 0.5)',
      { backoff: { ...backoff, jitter: 0.5 } },
    ],
  ])('differ in words: %s', (text, changes) => {
    expect(differenceOf(DEFAULT_SUBSCRIPTION_CONFIG, configOf(changes))).toBe(text);
    expect(differenceOf(configOf(changes), configOf(changes))).toBeUndefined();
  });

  it.each<Partial<SubscriptionConfig>>([
    {},
    { deliveryMode: 'exclusive', maxPending: 7n, backlogPolicy: 'drop_oldest', idleExpiryMs: 3n },
    { deliveryMode: 'key_ordered', backlogPolicy: 'wait', deadLetterTopic: 'a/b' },
    { backoff: { delaysMs: [0n, 9n], initialMs: 0n, maxMs: 1n, jitter: 0.25 } },
  ])('come back from the journal: %o', (changes) => {
    const config = configOf(changes);
    const bytes = ConfigEntry.encode(toConfigEntry(config)).finish();
    expect(fromConfigEntry(ConfigEntry.decode(bytes))).toEqual(config);
  });
});

describe('a backoff', () => {
  it('takes the delays of its list one after another, and the last one from then on', () => {
    const listed = { ...backoff, delaysMs: [5n, 70n] };
    expect([1, 2, 3, 1000].map((attempts) => backoffMs(listed, attempts, 0.5))).toEqual([
      5n,
      70n,
      70n,
      70n,
    ]);
  });

  it('doubles up to the longest delay', () => {
    const doubling = { ...backoff, initialMs: 100n, maxMs: 500n };
    expect([1, 2, 3, 4, 1000].map((attempts) => backoffMs(doubling, attempts, 0.5))).toEqual([
      100n,
      200n,
      400n,
      500n,
      500n,
    ]);
    expect(backoffMs(backoff, 3, 0.5)).toBe(0n);
  });

  it('is shortened or lengthened by its share at random', () => {
    const jittered = { ...backoff, initialMs: 1000n, jitter: 0.2 };
    expect([0, 0.5, 1].map((random) => backoffMs(jittered, 1, random))).toEqual([
      800n,
      1000n,
      1200n,
    ]);
  });
});
