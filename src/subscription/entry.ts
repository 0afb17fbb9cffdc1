import { SubscriptionEntry } from 'playhead-proto/storage';
import type { Change } from './subscription-state.ts';

/** A change as it is journaled. */
export function encodeEntry(subscriptionId: number, change: Change): Uint8Array {
  return SubscriptionEntry.encode({ subscriptionId, change }).finish();
}
