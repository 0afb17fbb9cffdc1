import type { SettlementResult, Settlement as WireSettlement } from 'playhead-proto';
import { type Delivery, extensionOf, indexOf, leaseOf, type SettleAction } from './delivery.ts';
import { PlayheadError } from './errors.ts';
import type { Extension, Lease } from './lease.ts';

/** Deliveries whose settlement did not come to pass. */
export interface SettleFailure {
  readonly action: SettleAction['$case'];
  readonly deliveryCount: number;
  readonly firstTimestampNs: bigint;
  readonly lastTimestampNs: bigint;
}

const ignore = (): void => {};

/**
 * What becomes of consecutive deliveries of one lease, which have their result, and so their promise, in common. It
 * grows until it is sent.
 */
export class SettlementRange {
  readonly action: SettleAction;
  readonly promise: Promise<void>;
  readonly #before: Extension | undefined;
  /** What the deliveries have from an extension. */
  readonly extension: Extension | undefined;
  #lease: Lease | undefined;
  #first: Delivery | undefined;
  #last: Delivery | undefined;
  #firstTimestampNs = 0n;
  #lastTimestampNs = 0n;
  #count = 1;
  #resolve: () => void = ignore;
  #reject: (error: PlayheadError) => void = ignore;

  constructor(delivery: Delivery, action: SettleAction) {
    this.action = action;
    this.#lease = leaseOf(delivery);
    this.#first = delivery;
    this.#last = delivery;
    this.#before = extensionOf(delivery);
    this.extension =
      action.$case === 'extend' ? { deadlineNs: this.#before?.deadlineNs } : undefined;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get count(): number {
    return this.#count;
  }

  /** Undefined once it is sent, unless it is an extension: what waits for its result does not keep messages. */
  get lease(): Lease | undefined {
    return this.#lease;
  }

  /** Whether this could be the next delivery, with the same fate at the broker. */
  adjoins(delivery: Delivery, action: SettleAction): boolean {
    const last = this.#last;
    return (
      last !== undefined &&
      leaseOf(delivery) === this.#lease &&
      indexOf(delivery) === indexOf(last) + 1 &&
      // Parts of a lease that were extended apart run out apart.
      extensionOf(delivery) === this.#before &&
      isSameAction(action, this.action)
    );
  }

  add(delivery: Delivery): void {
    this.#last = delivery;
    this.#count += 1;
  }

  /** Whether the ranges can travel as one. */
  isFollowedBy(next: SettlementRange): boolean {
    return next.#first !== undefined && this.adjoins(next.#first, next.action);
  }

  /** By lease, and in the order of its deliveries. */
  compare(other: SettlementRange): number {
    const a = this.#lease;
    const b = other.#lease;
    if (a === undefined || b === undefined) return 0;
    if (a !== b) return a.sequence - b.sequence;
    return indexIn(this.#first) - indexIn(other.#first);
  }

  /** The settlement of this range and of those up to `last`, which follow it without a gap. */
  encode(last: SettlementRange): WireSettlement {
    const lastDelivery = last.#last;
    return {
      receipt: this.#lease?.receipt ?? 0n,
      firstTimestampNs: this.#first?.message.timestampNs ?? 0n,
      // A single one goes without.
      lastTimestampNs:
        lastDelivery === this.#first ? 0n : (lastDelivery?.message.timestampNs ?? 0n),
      action: this.action,
    };
  }

  /** Notes what a failure tells, and lets the deliveries go. */
  release(): void {
    this.#firstTimestampNs = this.#first?.message.timestampNs ?? 0n;
    this.#lastTimestampNs = this.#last?.message.timestampNs ?? 0n;
    this.#first = undefined;
    this.#last = undefined;
    if (this.action.$case !== 'extend') this.#lease = undefined;
  }

  succeed({ deadlineTimestampNs }: SettlementResult): void {
    if (this.extension !== undefined) this.extension.deadlineNs = deadlineTimestampNs;
    this.#resolve();
  }

  fail(error: PlayheadError): SettleFailure {
    if (this.#first !== undefined) this.release();
    this.promise.catch(ignore);
    this.#reject(error);
    return {
      action: this.action.$case,
      deliveryCount: this.#count,
      firstTimestampNs: this.#firstTimestampNs,
      lastTimestampNs: this.#lastTimestampNs,
    };
  }
}

function indexIn(delivery: Delivery | undefined): number {
  return delivery === undefined ? 0 : indexOf(delivery);
}

function isSameAction(a: SettleAction, b: SettleAction): boolean {
  if (a === b) return true;
  if (a.$case === 'extend' && b.$case === 'extend') return a.value.leaseMs === b.value.leaseMs;
  if (a.$case === 'nack' && b.$case === 'nack') {
    return a.value.delayMs === b.value.delayMs && a.value.isUnseen === b.value.isUnseen;
  }
  return a.$case === 'terminate' && b.$case === 'terminate' && a.value.reason === b.value.reason;
}

/** One settlement as it travels, with the ranges that wait for its result. */
export interface SentSettlement {
  readonly wire: WireSettlement;
  readonly ranges: readonly SettlementRange[];
  /** Number of deliveries. */
  readonly count: number;
}

export function conflict(text: string, receipt: bigint): PlayheadError {
  return new PlayheadError('CONFLICT', text, { metadata: { receipt: String(receipt) } });
}
