import { request, requestJson, subscriptionPath } from './request.ts';
import type { DeadLetterPage, Subscription, SubscriptionPage } from './types.ts';

/** Dead letters that are shown at once. */
export const DEAD_LETTERS_PER_PAGE = 200;

export function listSubscriptions(
  { glob, after }: { readonly glob?: string; readonly after?: string },
  signal?: AbortSignal,
): Promise<SubscriptionPage> {
  const query = { glob, page_token: after === '' ? undefined : after, page_size: 1000 };
  return requestJson('/v1/subscriptions', { query, ...(signal && { signal }) });
}

export function getSubscription(
  topic: string,
  subscription: string,
  signal?: AbortSignal,
): Promise<Subscription> {
  return requestJson(subscriptionPath(topic, subscription), { ...(signal && { signal }) });
}

export function seekSubscription(
  topic: string,
  subscription: string,
  toNs: bigint,
): Promise<Subscription> {
  const body = { to: `${toNs}` };
  return requestJson(subscriptionPath(topic, subscription, '/seek'), { method: 'POST', body });
}

export async function deleteSubscription(topic: string, subscription: string): Promise<void> {
  await request(subscriptionPath(topic, subscription), { method: 'DELETE' });
}

export function getDeadLetters(
  topic: string,
  subscription: string,
  signal?: AbortSignal,
): Promise<DeadLetterPage> {
  const path = subscriptionPath(topic, subscription, '/dead-letters');
  return requestJson(path, { query: { limit: DEAD_LETTERS_PER_PAGE }, ...(signal && { signal }) });
}

/** Publishes dead letters again, the oldest first; all of them without a number. */
export function redrive(
  topic: string,
  subscription: string,
  maxMessages?: number,
): Promise<{ readonly message_count: number }> {
  const body = maxMessages === undefined ? {} : { max_messages: maxMessages };
  return requestJson(subscriptionPath(topic, subscription, '/redrive'), { method: 'POST', body });
}
