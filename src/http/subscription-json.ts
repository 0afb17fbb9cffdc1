import { z } from 'zod';
import { invalidArgument } from '../errors.ts';
import { BACKOFF_DELAYS_MAX } from '../limits.ts';
import { deadLetterTopicOf, defaultDeadLetterTopic } from '../subscription/dead-letters.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { Backoff, SubscriptionConfig } from '../subscription/subscription-config.ts';
import { DEFAULT_SUBSCRIPTION_CONFIG } from '../subscription/subscription-config.ts';
import { listOf } from './params.ts';
import { timestampOrNull } from './topic-json.ts';

const wholeMs = z.int().min(0);

const backoff = z.union([
  z.strictObject({ delays_ms: listOf(wholeMs, { min: 1, max: BACKOFF_DELAYS_MAX }) }),
  z.strictObject({
    initial_ms: wholeMs,
    max_ms: wholeMs.optional(),
    jitter: z.number().min(0).max(1).optional(),
  }),
]);

/** Settings of a subscription; what is not set stays, or is the default. */
export const subscriptionConfig = z
  .strictObject({
    mode: z.enum(['shared', 'exclusive', 'key-ordered']).optional(),
    lease_ms: wholeMs.optional(),
    max_attempts: z.int().min(1).optional(),
    max_in_flight: z.int().min(1).optional(),
    backoff: backoff.nullable().optional(),
    idle_expiry_ms: wholeMs.optional(),
    dead_letter_topic: z.string().optional(),
    max_pending: z.int().min(0).optional(),
    backlog_policy: z.enum(['refuse', 'drop-oldest', 'wait']).optional(),
  })
  .meta({ id: 'SubscriptionConfig' });

type ConfigBody = z.output<typeof subscriptionConfig>;

export const subscriptionJson = z
  .object({
    topic: z.string(),
    subscription: z.string(),
    pending_count: z.int(),
    in_flight_count: z.int(),
    waiting_count: z.int(),
    redelivered_count: z.int(),
    dead_lettered_count: z.int(),
    acknowledged_count: z.int(),
    dropped_count: z.int(),
    oldest_pending_timestamp_ns: z.string().nullable(),
    lag_seconds: z.number(),
    worker_count: z.int(),
    is_drained: z.boolean(),
    cursor_timestamp_ns: z.string().nullable(),
    created_timestamp_ns: z.string(),
    config: subscriptionConfig,
  })
  .meta({ id: 'Subscription' });

/** The settings that are set, of the subscription of this name. Throws INVALID_ARGUMENT. */
export function fromConfigBody(
  config: ConfigBody,
  { topic, subscription }: { readonly topic: string; readonly subscription: string },
): Partial<SubscriptionConfig> {
  const { dead_letter_topic: deadLetterTopic } = config;
  if (deadLetterTopic === topic) {
    throw invalidArgument('dead_letter_topic', `${topic} is the topic of the subscription itself`);
  }
  return {
    ...(config.mode !== undefined && { deliveryMode: MODE[config.mode] }),
    ...(config.backlog_policy !== undefined && { backlogPolicy: POLICY[config.backlog_policy] }),
    ...(config.backoff !== undefined && { backoff: fromBackoff(config.backoff) }),
    ...(config.lease_ms !== undefined && { leaseMs: BigInt(config.lease_ms) }),
    ...(config.max_attempts !== undefined && { maxAttempts: config.max_attempts }),
    ...(config.max_in_flight !== undefined && { maxInFlight: config.max_in_flight }),
    ...(config.idle_expiry_ms !== undefined && { idleExpiryMs: BigInt(config.idle_expiry_ms) }),
    ...(config.max_pending !== undefined && { maxPending: BigInt(config.max_pending) }),
    // The default that an answer spells out is the default.
    ...(deadLetterTopic !== undefined && {
      deadLetterTopic:
        deadLetterTopic === defaultDeadLetterTopic(topic, subscription) ? '' : deadLetterTopic,
    }),
  };
}

/** The subscription as it is now. */
export async function subscriptionToJson(
  subscription: Subscription,
): Promise<z.output<typeof subscriptionJson>> {
  const { cursorNs, oldestPendingNs } = await subscription.stat();
  const { topic, state, workers, context } = subscription;
  const ageNs = oldestPendingNs === undefined ? 0n : context.clock.nowNs() - oldestPendingNs;
  return {
    topic: topic.name,
    subscription: state.name,
    pending_count: Number(state.pendingCount(topic.span)),
    in_flight_count: state.leases.messageCount,
    waiting_count: state.waiting.messageCount,
    redelivered_count: Number(state.redeliveredCount),
    dead_lettered_count: Number(state.deadLetteredCount),
    acknowledged_count: Number(state.acknowledgedCount),
    dropped_count: Number(state.droppedCount),
    oldest_pending_timestamp_ns: timestampOrNull(oldestPendingNs),
    lag_seconds: ageNs > 0n ? Number(ageNs / 1000n) / 1e6 : 0,
    worker_count: workers.size,
    is_drained: subscription.isDrained,
    cursor_timestamp_ns: timestampOrNull(cursorNs),
    created_timestamp_ns: `${state.createdTimestampNs}`,
    config: configToJson(state.config, deadLetterTopicOf(state, topic.name)),
  };
}

const MODE = { shared: 'shared', exclusive: 'exclusive', 'key-ordered': 'key_ordered' } as const;
const POLICY = { refuse: 'refuse', 'drop-oldest': 'drop_oldest', wait: 'wait' } as const;
const MODE_TEXT = { shared: 'shared', exclusive: 'exclusive', key_ordered: 'key-ordered' } as const;
const POLICY_TEXT = { refuse: 'refuse', drop_oldest: 'drop-oldest', wait: 'wait' } as const;

function configToJson(config: SubscriptionConfig, deadLetterTopic: string): ConfigBody {
  return {
    mode: MODE_TEXT[config.deliveryMode],
    lease_ms: Number(config.leaseMs),
    max_attempts: config.maxAttempts,
    max_in_flight: config.maxInFlight,
    backoff: backoffToJson(config.backoff),
    idle_expiry_ms: Number(config.idleExpiryMs),
    dead_letter_topic: deadLetterTopic,
    max_pending: Number(config.maxPending),
    backlog_policy: POLICY_TEXT[config.backlogPolicy],
  };
}

function fromBackoff(body: z.output<typeof backoff> | null): Backoff {
  const { backoff: none } = DEFAULT_SUBSCRIPTION_CONFIG;
  if (body === null) return none;
  if ('delays_ms' in body) return { ...none, delaysMs: body.delays_ms.map(BigInt) };
  return {
    delaysMs: [],
    initialMs: BigInt(body.initial_ms),
    maxMs: body.max_ms === undefined ? none.maxMs : BigInt(body.max_ms),
    jitter: body.jitter ?? 0,
  };
}

/** Null if redeliveries do not wait. */
function backoffToJson({ delaysMs, initialMs, maxMs, jitter }: Backoff): ConfigBody['backoff'] {
  if (delaysMs.length > 0) return { delays_ms: delaysMs.map(Number) };
  if (initialMs === 0n) return null;
  return { initial_ms: Number(initialMs), max_ms: Number(maxMs), jitter };
}
