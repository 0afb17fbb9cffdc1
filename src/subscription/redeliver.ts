import type { Log } from '../log/log.ts';
import { cursorAt } from './cursor.ts';
import type { Run } from './run.ts';
import { endSequence } from './run.ts';
import type { Subscription } from './subscription.ts';

/**
 * Lets a message that is settled, or a dead letter, wait to be delivered once more, to this subscription alone, with all
 * its attempts. Resolves when that is durable; with false if the topic does not have the message any more. One that is
 * not settled comes anyway.
 */
export async function redeliver(
  log: Log,
  subscription: Subscription,
  timestampNs: bigint,
): Promise<boolean> {
  const { topic, state } = subscription;
  const position = { at: 'timestamp', timestampNs } as const;
  if (timestampNs >= topic.endNs) return false;
  const place = await cursorAt(log, topic, position);
  const isThere = place.timestampNs === timestampNs && place.sequence >= topic.floor.sequence;
  if (!isThere || place.sequence >= topic.sequence) return false;
  const run = { firstTimestampNs: timestampNs, firstSequence: place.sequence, messageCount: 1 };
  const changes = isSettled(subscription, run) ? [{ $case: 'parked', value: run } as const] : [];
  const changed = subscription.change(changes);
  // Either throws if the subscription is closed, and wakes it. The order of keys, which does not know of it, is made anew.
  const isOrdered = state.config.deliveryMode === 'key_ordered';
  await Promise.all([
    changed,
    isOrdered ? subscription.update(state.config) : subscription.settle([]),
  ]);
  return true;
}

function isSettled({ state }: Subscription, message: Run): boolean {
  if (message.firstSequence >= state.cursor.sequence) return false;
  if (state.leases.holding(message.firstTimestampNs) !== undefined) return false;
  const has = ({ run }: { readonly run: Run }) =>
    run.firstSequence <= message.firstSequence && message.firstSequence < endSequence(run);
  for (const waiting of state.waiting.all()) if (has(waiting)) return false;
  for (const dead of state.dead) if (has(dead)) return false;
  return true;
}
