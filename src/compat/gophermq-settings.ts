import type { Logger } from '../logger.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { SubscriptionConfig } from '../subscription/subscription-config.ts';
import type { Subscriptions } from '../subscription/subscriptions.ts';

/** What clients of gophermq are held to. */
export interface GophermqSettings {
  /** Messages that a subscriber may leave unfetched: whoever publishes one more is refused. */
  readonly maxPending: number;
  /** A subscriber that has not fetched for so long is dropped; 0: never. */
  readonly subscriberTtlMs: number;
}

export const GOPHERMQ_DEFAULTS: GophermqSettings = { maxPending: 10, subscriberTtlMs: 600_000 };

/** The same, of the subscription that a subscriber is. */
export type GophermqLimits = Pick<SubscriptionConfig, 'maxPending' | 'idleExpiryMs'>;

/** Begins the names of their subscriptions; the id of the subscriber follows. */
export const SUBSCRIBER_PREFIX = 'gophermq-';
/** Others may begin so, too. */
const NAME = /^gophermq-[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Holds subscribers from before a start to the settings of now. */
export async function adoptSubscribers(
  subscriptions: Subscriptions,
  settings: GophermqSettings,
  logger: Logger,
): Promise<void> {
  const limits = limitsOf(settings);
  for (const each of [...subscriptions.all()].filter(isSubscriber)) {
    const { maxPending, idleExpiryMs } = each.state.config;
    if (maxPending === limits.maxPending && idleExpiryMs === limits.idleExpiryMs) continue;
    try {
      await subscriptions.update(each, limits);
    } catch (error) {
      logger.warn({ err: error }, `subscriber ${each.name} keeps the settings that it had`);
    }
  }
}

/** Whether it is one that was made for a program of gophermq. */
export function isSubscriber({ name }: Subscription): boolean {
  return NAME.test(name);
}

export function limitsOf({ maxPending, subscriberTtlMs }: GophermqSettings): GophermqLimits {
  return { maxPending: BigInt(maxPending), idleExpiryMs: BigInt(subscriberTtlMs) };
}
