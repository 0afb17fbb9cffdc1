import { randomUUID } from 'node:crypto';
import { BrokerError } from '../errors.ts';
import { StatusError } from '../http/problem.ts';
import { GOPHERMQ_FETCH_MESSAGES, MAX_ATTEMPTS_MAX } from '../limits.ts';
import { checkTopicName, checkWritableName } from '../log/topic-name.ts';
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

/** Dead letters are unknown to gophermq: it takes a long time until there is one. */
const CONFIG = {
  backlogPolicy: 'refuse',
  maxInFlight: GOPHERMQ_FETCH_MESSAGES,
  maxAttempts: MAX_ATTEMPTS_MAX,
} as const;

/** Begins the names of their subscriptions; the id of the subscriber follows. */
const PREFIX = 'gophermq-';

/** Subscribers of gophermq: durable subscriptions of the topic that is called as the subject is. */
export class GophermqSubscribers {
  readonly #subscriptions: Subscriptions;
  readonly #limits: Pick<SubscriptionConfig, 'maxPending' | 'idleExpiryMs'>;

  constructor(subscriptions: Subscriptions, { maxPending, subscriberTtlMs }: GophermqSettings) {
    this.#subscriptions = subscriptions;
    this.#limits = { maxPending: BigInt(maxPending), idleExpiryMs: BigInt(subscriberTtlMs) };
  }

  /** Holds subscribers from before a start to the settings of now. */
  async adopt(logger: Logger): Promise<void> {
    const { maxPending, idleExpiryMs } = this.#limits;
    for (const each of [...this.#subscriptions.all()].filter(isSubscriber)) {
      const { config } = each.state;
      if (config.maxPending === maxPending && config.idleExpiryMs === idleExpiryMs) continue;
      try {
        await this.#subscriptions.update(each, this.#limits);
      } catch (error) {
        logger.warn({ err: error }, `subscriber ${each.name} keeps the settings that it had`);
      }
    }
  }

  /** Makes a subscriber that gets what is published from now on. Answers with its id. */
  async subscribe(subject: string): Promise<string> {
    checkSubject(subject);
    const id = randomUUID();
    await this.#subscriptions.create({
      topic: subject,
      name: `${PREFIX}${id}`,
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
      if (each.name === `${PREFIX}${id}`) return each;
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

function isSubscriber({ name }: Subscription): boolean {
  return name.startsWith(PREFIX);
}
