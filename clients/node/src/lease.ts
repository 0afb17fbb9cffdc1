import type { Lease as WireLease } from 'playhead-proto';
import type { Delivery } from './delivery.ts';
import type { PlayheadError } from './errors.ts';
import type { SettlementQueue } from './settlement-queue.ts';

/** A lease as this client knows it: consecutive deliveries that have a receipt in common. */
export class Lease {
  static #count = 0;
  readonly settlements: SettlementQueue;
  /** Orders the leases of this process. */
  readonly sequence: number;
  readonly receipt: bigint;
  readonly attempt: number;
  /** By the broker's clock; where a delivery was extended, that holds instead. */
  readonly deadlineNs: bigint;
  readonly deliveries: Delivery[] = [];
  /** By the client's clock, and no earlier than at the broker. Infinite if nobody looks at it. */
  expiresAtMs: number;
  /** Deliveries that are not settled, and their bytes. */
  heldCount = 0;
  heldBytes = 0;
  /** Set once the credit of what was held was given back, because the lease ran out. */
  isExpired = false;
  /** Why nothing of it can be settled any more. */
  lost: PlayheadError | undefined;

  constructor(
    settlements: SettlementQueue,
    { receipt, attempt, deadlineTimestampNs }: WireLease,
    expiresAtMs: number,
  ) {
    this.settlements = settlements;
    this.sequence = Lease.#count;
    Lease.#count += 1;
    this.receipt = receipt;
    this.attempt = attempt;
    this.deadlineNs = deadlineTimestampNs;
    this.expiresAtMs = expiresAtMs;
  }

  /** Whether it ran out: what nobody has looked at yet is delivered to somebody else. */
  isOver(nowMs: number): boolean {
    return this.lost !== undefined || this.expiresAtMs <= nowMs;
  }
}

/** An extension of a lease, in common to the deliveries that were extended together. */
export interface Extension {
  /** By the broker's clock; undefined until it has answered. */
  deadlineNs: bigint | undefined;
}
