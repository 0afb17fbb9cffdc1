import { BrokerError } from '../errors.ts';
import type { HttpContext } from '../http/context.ts';
import type { Topic } from '../log/topic.ts';
import { topicNotFound } from '../log/topic.ts';
import type { Subscription } from '../subscription/subscription.ts';

export const SUCCESS = { message: 'success' } as const;
/** Of a topic, and of a subscriber of it. */
export const TOPIC = '/topics/:topic';
export const SUBSCRIBER = `${TOPIC}/subscribers/:subscriber`;

/** The topic of this name. Throws TOPIC_NOT_FOUND, also for what can be no name. */
export function topicOf({ log }: Pick<HttpContext, 'log'>, name: string): Topic {
  const topic = log.topics.get(name);
  if (topic === undefined) throw topicNotFound(name);
  return topic;
}

/** Likewise, the subscription that a subscriber is. Throws TOPIC_NOT_FOUND, SUBSCRIPTION_NOT_FOUND. */
export function subscriptionOf(
  context: Pick<HttpContext, 'log' | 'subscriptions'>,
  { topic, subscriber }: { readonly topic: string; readonly subscriber: string },
): Subscription {
  for (const each of context.subscriptions.of(topicOf(context, topic).name)) {
    if (each.name === subscriber) return each;
  }
  throw new BrokerError('SUBSCRIPTION_NOT_FOUND', `topic ${topic} has no subscriber ${subscriber}`);
}
