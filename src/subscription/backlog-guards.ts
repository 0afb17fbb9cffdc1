import type { BrokerError } from '../errors.ts';
import type { Log } from '../log/log.ts';
import type { Topic } from '../log/topic.ts';
import { BacklogGuard } from './backlog-guard.ts';
import type { Subscription } from './subscription.ts';

/** The guards of the topics of which a subscription has a limit. */
export class BacklogGuards {
  readonly #log: Log;
  readonly #subscriptionsOf: (topic: Topic) => Iterable<Subscription>;
  readonly #guards = new Map<Topic, BacklogGuard>();

  constructor(log: Log, subscriptionsOf: (topic: Topic) => Iterable<Subscription>) {
    this.#log = log;
    this.#subscriptionsOf = subscriptionsOf;
  }

  /** Puts a guard before the topic if one of its subscriptions has a limit, and takes it away if none has. */
  update(topic: Topic): void {
    const subscriptions = () => this.#subscriptionsOf(topic);
    const isLimited = [...subscriptions()].some(({ state }) => state.config.maxPending > 0n);
    const guard = this.#guards.get(topic);
    if (isLimited && guard === undefined) {
      const added = new BacklogGuard(topic, subscriptions, (held) => this.#log.append(held));
      topic.admission = added;
      this.#guards.set(topic, added);
    } else if (!isLimited && guard !== undefined) {
      topic.admission = undefined;
      this.#guards.delete(topic);
    }
    guard?.release();
  }

  /** There may be room on the topic. */
  release(topic: Topic): void {
    this.#guards.get(topic)?.release();
  }

  /** Nothing waits for room any more. */
  refuseHeld(error: BrokerError): void {
    for (const guard of this.#guards.values()) guard.refuse(error);
  }

  /** Takes all guards away. */
  clear(error: BrokerError): void {
    this.refuseHeld(error);
    for (const topic of this.#guards.keys()) topic.admission = undefined;
    this.#guards.clear();
  }
}
