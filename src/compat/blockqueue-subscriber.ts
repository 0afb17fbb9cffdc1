import { z } from 'zod';
import { listOf } from '../http/params.ts';
import { BLOCKQUEUE_SUBSCRIBERS_MAX, LEASE_MS_MAX, MAX_ATTEMPTS_MAX } from '../limits.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { SubscriptionConfig } from '../subscription/subscription-config.ts';
import { checkSubscriptionName } from '../subscription/subscriptions.ts';
import { parseGoDuration } from './go-duration.ts';

/** Unless a subscriber says. */
const MAX_ATTEMPTS_DEFAULT = 3;
const VISIBILITY_DEFAULT = '5m';

const visibility = z.string().transform((text, context) => {
  const ms = parseGoDuration(text);
  if (ms !== undefined && ms >= 1 && ms <= Number(LEASE_MS_MAX)) return BigInt(Math.round(ms));
  const message = `${JSON.stringify(text.slice(0, 80))} is not a duration from 1ms to 168h, for example 5m`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const option = z.object({
  max_attempts: z.int().min(1).max(MAX_ATTEMPTS_MAX).nullish(),
  visibility_duration: visibility.nullish(),
});

const subscriber = z
  .object({ name: z.string(), option: option.nullish() })
  .transform(({ name, option: given }) => ({ name, config: configOf(given ?? {}) }));

/** Subscribers that are to be made, as blockqueue is told of them. */
export const subscriberList = listOf(subscriber, { max: BLOCKQUEUE_SUBSCRIBERS_MAX }).superRefine(
  (list, context) => {
    const names = list.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice === undefined) return;
    context.addIssue({
      code: 'custom',
      message: `subscriber ${twice.slice(0, 80)} is there twice`,
    });
  },
);

export type NewSubscriber = z.output<typeof subscriberList>[number];

/** A topic that is to be made. */
export const newTopic = z.object({
  name: z.string(),
  subscribers: subscriberList.nullish().transform((list) => list ?? []),
});

/** Throws INVALID_ARGUMENT unless all can be made: none is made by the way. */
export function checkSubscribers(list: readonly NewSubscriber[]): void {
  for (const { name } of list) checkSubscriptionName(name);
}

/** How a subscriber stands. */
export function statusOf({ name, state, topic }: Subscription) {
  return {
    name,
    unpublished_message: Number(state.freshCount(topic.span)) + state.waiting.messageCount,
    unacked_message: state.leases.messageCount,
  };
}

function configOf({
  max_attempts,
  visibility_duration,
}: z.output<typeof option>): Partial<SubscriptionConfig> {
  return {
    maxAttempts: max_attempts ?? MAX_ATTEMPTS_DEFAULT,
    leaseMs: visibility_duration ?? visibility.parse(VISIBILITY_DEFAULT),
  };
}
