import type { SubscriptionImage } from 'playhead-proto/storage';
import { SubscriptionEntry } from 'playhead-proto/storage';
import type { Change } from './subscription-state.ts';

/** A change as it is journaled. */
export function encodeEntry(subscriptionId: number, change: Change): Uint8Array {
  return SubscriptionEntry.encode({ subscriptionId, change }).finish();
}

/** What was delivered as often as the settings allow does not wait for another delivery: it is dead. */
export function withoutSpent(image: SubscriptionImage, nowNs: bigint): SubscriptionImage {
  const { maxAttempts = 0 } = image.config ?? {};
  const isSpent = ({ attempts }: { readonly attempts: number }) => attempts >= maxAttempts;
  const why = { reason: '', timestampNs: nowNs, isTerminated: false };
  const dead = image.waiting
    .filter(isSpent)
    .map(({ run, attempts }) => ({ ...why, run, attempts }));
  return {
    ...image,
    waiting: image.waiting.filter((waiting) => !isSpent(waiting)),
    dead: [...image.dead, ...dead],
  };
}
