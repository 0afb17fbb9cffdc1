import type { ConfigEntry } from 'playhead-proto/storage';
import { invalidArgument } from '../errors.ts';
import {
  BACKOFF_DELAYS_MAX,
  BACKOFF_MAX_MS_DEFAULT,
  IN_FLIGHT_DEFAULT,
  IN_FLIGHT_MAX,
  LEASE_MS_DEFAULT,
  LEASE_MS_MAX,
  MAX_ATTEMPTS_DEFAULT,
  MAX_ATTEMPTS_MAX,
} from '../limits.ts';
import { checkTopicName, checkWritableName } from '../log/topic-name.ts';

export type DeliveryMode = 'shared' | 'exclusive' | 'key_ordered';
export type BacklogPolicy = 'refuse' | 'drop_oldest' | 'wait';

/** How long a message waits before its next delivery: by a list, or doubling from `initialMs` on. */
export interface Backoff {
  /** Empty unless the delays are given one by one; the last one holds for all later deliveries. */
  readonly delaysMs: readonly bigint[];
  readonly initialMs: bigint;
  readonly maxMs: bigint;
  /** Share of the delay, 0 to 1. */
  readonly jitter: number;
}

/** Settings of a subscription. */
export interface SubscriptionConfig {
  readonly deliveryMode: DeliveryMode;
  readonly leaseMs: bigint;
  /** Deliveries of one message in all. */
  readonly maxAttempts: number;
  readonly maxInFlight: number;
  readonly backoff: Backoff;
  /** 0: never. */
  readonly idleExpiryMs: bigint;
  /** Empty: the default name. */
  readonly deadLetterTopic: string;
  /** 0: no limit. */
  readonly maxPending: bigint;
  readonly backlogPolicy: BacklogPolicy;
}

export const DEFAULT_SUBSCRIPTION_CONFIG: SubscriptionConfig = {
  deliveryMode: 'shared',
  leaseMs: LEASE_MS_DEFAULT,
  maxAttempts: MAX_ATTEMPTS_DEFAULT,
  maxInFlight: IN_FLIGHT_DEFAULT,
  backoff: { delaysMs: [], initialMs: 0n, maxMs: BACKOFF_MAX_MS_DEFAULT, jitter: 0 },
  idleExpiryMs: 0n,
  deadLetterTopic: '',
  maxPending: 0n,
  backlogPolicy: 'refuse',
};

/** Throws INVALID_ARGUMENT that names the field, the limit and the value. */
export function checkConfig(config: SubscriptionConfig): void {
  const { leaseMs, maxAttempts, maxInFlight, backoff, idleExpiryMs, maxPending } = config;
  checkLeaseMs('lease_ms', leaseMs);
  checkRange('max_attempts', maxAttempts, 1, MAX_ATTEMPTS_MAX);
  checkRange('max_in_flight', maxInFlight, 1, IN_FLIGHT_MAX);
  if (backoff.delaysMs.length > BACKOFF_DELAYS_MAX) {
    throw invalidArgument(
      'backoff.delays_ms',
      `${backoff.delaysMs.length} delays are more than ${BACKOFF_DELAYS_MAX}`,
    );
  }
  for (const delayMs of backoff.delaysMs) checkRange('backoff.delays_ms', delayMs, 0, LEASE_MS_MAX);
  checkRange('backoff.initial_ms', backoff.initialMs, 0, LEASE_MS_MAX);
  checkRange('backoff.max_ms', backoff.maxMs, 0, LEASE_MS_MAX);
  if (backoff.delaysMs.length > 0 && backoff.initialMs > 0n) {
    throw invalidArgument('backoff', 'has both delays_ms and initial_ms; one of them says it all');
  }
  if (!(backoff.jitter >= 0 && backoff.jitter <= 1)) {
    throw invalidArgument('backoff.jitter', `${backoff.jitter} is not between 0 and 1`);
  }
  if (idleExpiryMs < 0n)
    throw invalidArgument('idle_expiry_ms', `${idleExpiryMs} is negative; 0 means never`);
  if (maxPending < 0n)
    throw invalidArgument('max_pending', `${maxPending} is negative; 0 means no limit`);
  if (config.deadLetterTopic !== '') {
    checkTopicName(config.deadLetterTopic);
    checkWritableName(config.deadLetterTopic);
  }
}

/** Throws INVALID_ARGUMENT unless a lease can be so long. */
export function checkLeaseMs(field: string, leaseMs: bigint): void {
  checkRange(field, leaseMs, 1, LEASE_MS_MAX);
}

function checkRange(
  field: string,
  value: bigint | number,
  min: bigint | number,
  max: bigint | number,
): void {
  if (value >= min && value <= max) return;
  throw invalidArgument(field, `${value} is not between ${min} and ${max}`);
}

/** In what the two differ, in words; undefined if in nothing. */
export function differenceOf(
  actual: SubscriptionConfig,
  asked: SubscriptionConfig,
): string | undefined {
  const fields = [
    ['delivery_mode', 'deliveryMode'],
    ['lease_ms', 'leaseMs'],
    ['max_attempts', 'maxAttempts'],
    ['max_in_flight', 'maxInFlight'],
    ['idle_expiry_ms', 'idleExpiryMs'],
    ['dead_letter_topic', 'deadLetterTopic'],
    ['max_pending', 'maxPending'],
    ['backlog_policy', 'backlogPolicy'],
  ] as const;
  for (const [name, field] of fields) {
    if (actual[field] !== asked[field]) return `${name} (${actual[field]}, not ${asked[field]})`;
  }
  const [a, b] = [describeBackoff(actual.backoff), describeBackoff(asked.backoff)];
  return a === b ? undefined : `backoff (${a}, not ${b})`;
}

function describeBackoff({ delaysMs, initialMs, maxMs, jitter }: Backoff): string {
  const delays = delaysMs.length > 0 ? delaysMs.join(', ') : `${initialMs} to ${maxMs}`;
  return `${delays} ms, jitter ${jitter}`;
}

/** How long a message waits that was delivered so often. `random` is a number from 0 to 1. */
export function backoffMs(backoff: Backoff, attempts: number, random: number): bigint {
  const { delaysMs, initialMs, maxMs, jitter } = backoff;
  const listed = delaysMs[Math.min(attempts, delaysMs.length) - 1];
  const doubled = initialMs * 2n ** BigInt(Math.min(attempts - 1, 40));
  const delayMs = Number(listed ?? (doubled < maxMs ? doubled : maxMs));
  return BigInt(Math.round(delayMs * (1 + jitter * (2 * random - 1))));
}

const MODE_CODE: Readonly<Record<DeliveryMode, number>> = {
  shared: 1,
  exclusive: 2,
  key_ordered: 3,
};
const POLICY_CODE: Readonly<Record<BacklogPolicy, number>> = { refuse: 1, drop_oldest: 2, wait: 3 };

/** As it is kept in the journal. */
export function toConfigEntry(config: SubscriptionConfig): ConfigEntry {
  const { backoff } = config;
  return {
    deliveryMode: MODE_CODE[config.deliveryMode],
    leaseMs: config.leaseMs,
    maxAttempts: config.maxAttempts,
    maxInFlight: config.maxInFlight,
    backoffDelaysMs: [...backoff.delaysMs],
    backoffInitialMs: backoff.initialMs,
    backoffMaxMs: backoff.maxMs,
    backoffJitter: backoff.jitter,
    idleExpiryMs: config.idleExpiryMs,
    deadLetterTopic: config.deadLetterTopic,
    maxPending: config.maxPending,
    backlogPolicy: POLICY_CODE[config.backlogPolicy],
  };
}

export function fromConfigEntry(entry: ConfigEntry): SubscriptionConfig {
  const { leaseMs, maxAttempts, maxInFlight, idleExpiryMs, deadLetterTopic, maxPending } = entry;
  return {
    deliveryMode: nameOf(MODE_CODE, entry.deliveryMode) ?? 'shared',
    leaseMs,
    maxAttempts,
    maxInFlight,
    backoff: {
      delaysMs: entry.backoffDelaysMs,
      initialMs: entry.backoffInitialMs,
      maxMs: entry.backoffMaxMs,
      jitter: entry.backoffJitter,
    },
    idleExpiryMs,
    deadLetterTopic,
    maxPending,
    backlogPolicy: nameOf(POLICY_CODE, entry.backlogPolicy) ?? 'refuse',
  };
}

function nameOf<Name extends string>(
  codes: Readonly<Record<Name, number>>,
  code: number,
): Name | undefined {
  const names = Object.keys(codes) as Name[];
  return names.find((name) => codes[name] === code);
}
