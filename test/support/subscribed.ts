import { silentLogger } from '../../src/logger.ts';
import type { Subscription } from '../../src/subscription/subscription.ts';
import type { SubscriptionConfig } from '../../src/subscription/subscription-config.ts';
import { Subscriptions } from '../../src/subscription/subscriptions.ts';
import type { TestLog } from './test-log.ts';
import type { TestWorker } from './test-worker.ts';

/** The subscriptions of a log, as the broker opens them. */
export function openSubscriptions(test: TestLog): Promise<Subscriptions> {
  return Subscriptions.open(test.log, { logger: silentLogger, random: () => 0.5 });
}

/** The topic `t` with the subscription `s`, from the earliest message on. */
export async function subscribed(
  test: TestLog,
  config: Partial<SubscriptionConfig> = {},
): Promise<{ all: Subscriptions; subscription: Subscription }> {
  const all = await openSubscriptions(test);
  const asked = { topic: 't', name: 's', position: { at: 'earliest' }, config } as const;
  return { all, subscription: await all.create({ ...asked, createTopic: true }) };
}

/** What the worker has got so far. */
export const valuesGot = (worker: TestWorker) => worker.deliveries.map(({ value }) => value);

/** Lets everything happen that does not wait for the clock or for the test. */
export async function settled(test: TestLog): Promise<void> {
  for (let turns = 0; turns < 12; turns++) {
    await test.log.readContext.committer.idle();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** As {@link settled} while the store holds something up. */
export async function turned(turns = 12): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}
