import { BrokerError } from '../errors.ts';
import { HELD_BYTES_MAX } from '../limits.ts';
import type { Admission } from '../log/admission.ts';
import type { Append } from '../log/append.ts';
import type { Topic } from '../log/topic.ts';
import type { Subscription } from './subscription.ts';

/** Keeps the backlogs of a topic's subscriptions within their limits, exact to the message. */
export class BacklogGuard implements Admission {
  readonly #topic: Topic;
  readonly #subscriptions: () => Iterable<Subscription>;
  readonly #append: (append: Append) => void;
  /** Publishes that wait for room, in the order in which they came. */
  #held: Append[] = [];
  #heldBytes = 0;

  constructor(
    topic: Topic,
    subscriptions: () => Iterable<Subscription>,
    append: (append: Append) => void,
  ) {
    this.#topic = topic;
    this.#subscriptions = subscriptions;
    this.#append = append;
  }

  admit(topicSequence: bigint, messageCount: number): BrokerError | 'wait' | undefined {
    let mustWait = this.#held.length > 0;
    for (const { state, name } of this.#subscriptions()) {
      const { maxPending, backlogPolicy } = state.config;
      if (maxPending === 0n || backlogPolicy === 'drop_oldest') continue;
      const end = { endNs: this.#topic.endNs, sequence: topicSequence };
      const pending = state.pendingCount({ ...this.#topic.span, end });
      if (pending + BigInt(messageCount) <= maxPending) continue;
      const canNeverFit = BigInt(messageCount) > maxPending;
      if (backlogPolicy === 'refuse' || canNeverFit) {
        return backlogFull(
          this.#topic,
          name,
          maxPending,
          `${pending} are, and ${messageCount} more were to come`,
        );
      }
      mustWait = true;
    }
    return mustWait ? 'wait' : undefined;
  }

  hold(append: Append): void {
    const bytes = append.run?.bytes.length ?? 0;
    if (this.#heldBytes + bytes > HELD_BYTES_MAX) {
      const [first] = this.#subscriptions();
      const limit = first?.state.config.maxPending ?? 0n;
      const why = `${this.#heldBytes} bytes wait for room already`;
      append.settle(backlogFull(this.#topic, first?.name ?? '', limit, why));
      return;
    }
    this.#held.push(append);
    this.#heldBytes += bytes;
  }

  appended(): void {
    for (const subscription of this.#subscriptions()) subscription.dropExcess();
  }

  /** There may be room: what waits is tried again, in its order. */
  release(): void {
    for (const append of this.#takeHeld()) this.#append(append);
  }

  /** Refuses what waits. */
  refuse(error: BrokerError): void {
    for (const append of this.#takeHeld()) append.settle(error);
  }

  #takeHeld(): Append[] {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    return held;
  }
}

function backlogFull(topic: Topic, name: string, limit: bigint, why: string): BrokerError {
  return new BrokerError(
    'BACKLOG_FULL',
    `subscription ${name} of topic ${topic.name} may have ${limit} messages that are not acknowledged; ${why}`,
    { topic: topic.name, subscription: name, limit: `${limit}` },
  );
}
