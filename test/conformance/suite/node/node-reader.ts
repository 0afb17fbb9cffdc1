import type { Subscription, SubscriptionEvent } from 'playhead-client';
import { PlayheadError } from 'playhead-client';
import type { Fields } from '../bytes.ts';
import { closedFields, messageFields } from './node-values.ts';

/** A subscription that is read, item by item, to its end. */
export class OpenReader {
  readonly #subscription: Subscription;
  readonly #events: AsyncGenerator<SubscriptionEvent, undefined>;
  #hasEnded = false;

  constructor(subscription: Subscription) {
    this.#subscription = subscription;
    this.#events = subscription.events();
  }

  async started(): Promise<Fields> {
    const { fromTimestampNs } = await this.#subscription.started();
    return { fromTimestampNs: `${fromTimestampNs}` };
  }

  /** Waits until there are so many, or the end. */
  async next(count: number, withCaughtUp: boolean): Promise<readonly Fields[]> {
    const items: Fields[] = [];
    while (items.length < count && !this.#hasEnded) {
      const item = await this.#take();
      if (withCaughtUp || !('caughtUp' in item)) items.push(item);
    }
    return items;
  }

  verify(): Fields {
    const { messageCount, checksum, isComplete, isVerified } = this.#subscription;
    return { messageCount, checksum, isComplete, isVerified };
  }

  close(): Promise<void> {
    return this.#subscription.close();
  }

  async #take(): Promise<Fields> {
    try {
      const { value } = await this.#events.next();
      if (value !== undefined) return itemOf(value);
      this.#hasEnded = true;
      return { end: {} };
    } catch (error) {
      if (!(error instanceof PlayheadError)) throw error;
      this.#hasEnded = true;
      const { reason, message, retryable, metadata } = error;
      return { end: { error: { reason, message, retryable, metadata } } };
    }
  }
}

function itemOf(event: SubscriptionEvent): Fields {
  switch (event.type) {
    case 'message':
      return { message: messageFields(event.message) };
    case 'caught_up':
      return { caughtUp: { nextTimestampNs: `${event.nextTimestampNs}` } };
    case 'trimmed':
      return {
        trimmed: {
          topic: event.topic,
          ...(event.firstTimestampNs !== undefined && {
            firstTimestampNs: `${event.firstTimestampNs}`,
          }),
        },
      };
    case 'closed':
      return { closed: closedFields(event.closed) };
    case 'deleted':
      return { deleted: { topic: event.topic } };
  }
}
