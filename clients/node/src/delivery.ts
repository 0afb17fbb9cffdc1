import type { Settlement } from 'playhead-proto';
import { type Duration, toMs } from './duration.ts';
import type { Extension, Lease } from './lease.ts';
import type { Message } from './message.ts';

export interface NackOptions {
  /** Deliver it again after so long, at most 7 days; 0: at once. By default as the subscription's backoff says. */
  readonly delay?: Duration | undefined;
}

/** What becomes of a delivery. */
export type SettleAction = NonNullable<Settlement['action']>;

/** An action that all acknowledgements have in common. */
export const ACK: SettleAction = { $case: 'ack', value: { isCumulative: false } };

/** What of a delivery is this package's own. */
interface DeliveryAccess {
  readonly leaseOf: (delivery: Delivery) => Lease;
  /** Place among the deliveries of the lease. */
  readonly indexOf: (delivery: Delivery) => number;
  readonly extensionOf: (delivery: Delivery) => Extension | undefined;
  readonly setExtension: (delivery: Delivery, extension: Extension) => void;
  readonly markSettled: (delivery: Delivery) => void;
}

let access: DeliveryAccess;

const ignore = (): void => {};

/**
 * A message and its lease. What is settled in one turn of the event loop travels in one request. A settlement that fails
 * rejects its promise; if nobody awaits that, it is no unhandled rejection, but still told to `onSettleError`.
 */
export class Delivery {
  static {
    access = {
      leaseOf: (delivery) => delivery.#lease,
      indexOf: (delivery) => delivery.#index,
      extensionOf: (delivery) => delivery.#extension,
      setExtension: (delivery, extension) => {
        delivery.#extension = extension;
      },
      markSettled: (delivery) => {
        delivery.#isSettled = true;
      },
    };
  }

  readonly message: Message;
  readonly #lease: Lease;
  readonly #index: number;
  #isSettled = false;
  #extension: Extension | undefined;

  constructor(message: Message, lease: Lease, index: number) {
    this.message = message;
    this.#lease = lease;
    this.#index = index;
  }

  /** The how manieth delivery this is of the message; from 1. */
  get attempt(): number {
    return this.#lease.attempt;
  }

  /** Of the lease, which several deliveries may have in common. */
  get receipt(): bigint {
    return this.#lease.receipt;
  }

  /** When the lease runs out, by the broker's clock, in nanoseconds since 1970. An extension moves it. */
  get deadlineNs(): bigint {
    return this.#extension?.deadlineNs ?? this.#lease.deadlineNs;
  }

  /** Whether it was acknowledged, given back or terminated here. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Whether the lease went with the connection, with a seek, or because the consumption has ended. */
  get isLost(): boolean {
    return this.#lease.lost !== undefined;
  }

  /** Done. Resolves once the broker has that on disk; CONFLICT if the lease was lost or it is settled already. */
  ack(): Promise<void> {
    return this.#lease.settlements.settle(this, ACK);
  }

  /** Not done: deliver it again. Resolves and rejects as ack() does. */
  nack({ delay }: NackOptions = {}): Promise<void> {
    const delayMs = delay === undefined ? undefined : toMs('delay', delay);
    return this.#lease.settlements.settle(this, {
      $case: 'nack',
      value: { delayMs, isUnseen: false },
    });
  }

  /**
   * Not done yet: keeps the lease for so long from now on, 1 ms to 7 days, by default as long as the subscription says.
   * Resolves with the new deadline.
   */
  extend(lease?: Duration): Promise<bigint> {
    const leaseMs = lease === undefined ? 0n : toMs('lease', lease);
    const done = this.#lease.settlements.settle(this, { $case: 'extend', value: { leaseMs } });
    const deadline = done.then(() => this.deadlineNs);
    deadline.catch(ignore);
    return deadline;
  }

  /** Never to be done: a dead letter at once. `reason` has at most 1024 bytes. Resolves and rejects as ack() does. */
  terminate(reason = ''): Promise<void> {
    return this.#lease.settlements.settle(this, { $case: 'terminate', value: { reason } });
  }
}

export const { leaseOf, indexOf, extensionOf, setExtension, markSettled } = access;

const UNSEEN: SettleAction = { $case: 'nack', value: { delayMs: undefined, isUnseen: true } };

/** Gives back what nobody has seen: the delivery does not count. */
export function giveBackUnseen(deliveries: Iterable<Delivery>): void {
  for (const delivery of deliveries) {
    if (!delivery.isSettled && !delivery.isLost) {
      void leaseOf(delivery).settlements.settle(delivery, UNSEEN);
    }
  }
}
