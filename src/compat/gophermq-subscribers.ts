import { randomUUID } from 'node:crypto';
import { BrokerError } from '../errors.ts';
import { StatusError } from '../http/problem.ts';
import { GOPHERMQ_FETCH_MESSAGES, MAX_ATTEMPTS_MAX } from '../limits.ts';
import { checkTopicName, checkWritableName } from '../log/topic-name.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { Subscriptions } from '../subscription/subscriptions.ts';
import {
  type GophermqLimits,
  type GophermqSettings,
  isSubscriber,
  limitsOf,
  SUBSCRIBER_PREFIX,
} from './gophermq-settings.ts';

/**
 * Dead letters are unknown to gophermq: it takes a long time until there is one. They have one topic, since a name of a
 * subject's own might be too long for one.
 */
const CONFIG = {
  backlogPolicy: 'refuse',
  deadLetterTopic: 'dead-letter/gophermq',
  maxInFlight: GOPHERMQ_FETCH_MESSAGES,
  maxAttempts: MAX_ATTEMPTS_MAX,
} as const;

/** Subscribers of gophermq: durable subscriptions of the topic that is called as the subject is. */
export class GophermqSubscribers {
  readonly #subscriptions: Subscriptions;
  readonly #limits: GophermqLimits;

  constructor(subscriptions: Subscriptions, settings: GophermqSettings) {
    this.#subscriptions = subscriptions;
    this.#limits = limitsOf(settings);
  }

  /** Makes a subscriber that gets what is published from now on. Answers with its id. */
  async subscribe(subject: string): Promise<string> {
    checkSubject(subject);
    const id = randomUUID();
    await this.#subscriptions.create({
      topic: subject,
      name: `${SUBSCRIBER_PREFIX}${id}`,
      position: { at: 'latest' },
      config: { ...CONFIG, ...this.#limits },
      createTopic: true,
    });
    return id;
  }

  async unsubscribe(subject: string, id: string): Promise<void> {
    await this.#subscriptions.delete(this.get(subject, id));
  }

  /** Throws unless somebody has subscribed to the subject. */
  check(subject: string): void {
    checkSubject(subject);
    for (const each of this.#subscriptions.of(subject)) if (isSubscriber(each)) return;
    throw refusal(404, 'SUBSCRIPTION_NOT_FOUND', 'subscriber not found');
  }

  get(subject: string, id: string): Subscription {
    checkSubject(subject);
    for (const each of this.#subscriptions.of(subject)) {
      if (each.name === `${SUBSCRIBER_PREFIX}${id}` && isSubscriber(each)) return each;
    }
    throw refusal(404, 'SUBSCRIPTION_NOT_FOUND', 'bad id');
  }
}

/** Throws unless it is a subject. What gophermq takes for one and is no name of a topic is refused, too. */
export function checkSubject(subject: string): void {
  try {
    checkTopicName(subject);
    checkWritableName(subject);
  } catch {
    throw refusal(400, 'INVALID_ARGUMENT', 'invalid subject');
  }
}

function refusal(
  status: number,
  reason: 'SUBSCRIPTION_NOT_FOUND' | 'INVALID_ARGUMENT',
  message: string,
): StatusError {
  return new StatusError(new BrokerError(reason, message), status);
}
