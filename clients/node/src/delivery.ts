import type { Duration } from './duration.ts';
import type { Message } from './message.ts';

export interface NackOptions {
  /** Deliver it again after so long, at most 7 days; 0: at once. By default as the subscription's backoff says. */
  readonly delay?: Duration | undefined;
}

/** A message and its lease. */
export class Delivery {
  readonly message: Message;

  constructor(message: Message) {
    this.message = message;
  }

  /** The how manieth delivery this is of the message; from 1. */
  get attempt(): number {
    return 0;
  }

  /** Of the lease, which several deliveries may share. */
  get receipt(): bigint {
    return 0n;
  }

  /** When the lease runs out, by the broker's clock; an extension moves it. */
  get deadlineNs(): bigint {
    return 0n;
  }

  /** Whether it was acknowledged, given back or terminated here. */
  get isSettled(): boolean {
    return false;
  }

  /** Whether the lease is known to be lost: with the connection, by a seek, or because the consumption has ended. */
  get isLost(): boolean {
    return false;
  }

  /** Done. Resolves once the broker has it on disk; CONFLICT if the lease was lost. */
  ack(): Promise<void> {
    return Promise.resolve();
  }

  /** Not done: deliver it again. */
  nack(_options: NackOptions = {}): Promise<void> {
    return Promise.resolve();
  }

  /** Not done yet: keeps the lease for so long from now on, by default as long as the subscription's leases. */
  extend(_lease?: Duration): Promise<bigint> {
    return Promise.resolve(0n);
  }

  /** Never to be done: a dead letter at once. `reason` has at most 1024 bytes. */
  terminate(_reason = ''): Promise<void> {
    return Promise.resolve();
  }
}
