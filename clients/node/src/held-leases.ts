import type { ClientClock } from './clock.ts';
import type { Delivery } from './delivery.ts';
import type { DeliveryTraces } from './delivery-traces.ts';
import type { Lease } from './lease.ts';
import { conflict } from './settlement.ts';

/** Bounds of the pause between two looks at which leases have run out. */
const MIN_SWEEP_MS = 50;
const MAX_SWEEP_MS = 60_000;

/** The leases of which something was handed out and is not settled. Those that run out give their credit back. */
export class HeldLeases {
  readonly #clock: ClientClock;
  readonly #onExpired: (count: number, bytes: number) => void;
  readonly #traces: DeliveryTraces | undefined;
  readonly #leases = new Set<Lease>();
  #cancelTimer: (() => void) | undefined;
  #sweepMs = MAX_SWEEP_MS;
  #isClosed = false;

  constructor(
    clock: ClientClock,
    onExpired: (count: number, bytes: number) => void,
    traces?: DeliveryTraces,
  ) {
    this.#clock = clock;
    this.#onExpired = onExpired;
    this.#traces = traces;
  }

  add(leases: readonly Lease[]): void {
    for (const lease of leases) this.#leases.add(lease);
    this.#arm();
  }

  /** All of it is settled. */
  delete(lease: Lease): void {
    this.#leases.delete(lease);
  }

  /** What is held, by lease. */
  *deliveries(): Generator<Delivery, undefined> {
    for (const { deliveries } of this.#leases) {
      for (const delivery of deliveries) if (!delivery.isSettled) yield delivery;
    }
    return undefined;
  }

  /** Looks after leases of this length. */
  watch(leaseMs: number): void {
    this.#sweepMs = Math.min(Math.max(leaseMs / 4, MIN_SWEEP_MS), MAX_SWEEP_MS);
  }

  /** Nothing of them can be settled any more. Returns what was held. */
  lose(how: string): { readonly count: number; readonly bytes: number } {
    let count = 0;
    let bytes = 0;
    for (const lease of this.#leases) {
      lease.lost = conflict(`the lease ${how}`, lease.receipt);
      count += lease.heldCount;
      bytes += lease.heldBytes;
    }
    this.#leases.clear();
    this.#traces?.lose(how);
    return { count, bytes };
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
  }

  #arm(): void {
    if (this.#cancelTimer !== undefined || this.#isClosed || this.#leases.size === 0) return;
    this.#cancelTimer = this.#clock.schedule(() => this.#sweep(), this.#sweepMs, false);
  }

  #sweep(): void {
    this.#cancelTimer = undefined;
    const nowMs = this.#clock.nowMs();
    for (const lease of this.#leases) {
      if (lease.expiresAtMs > nowMs) continue;
      // The broker alone says whether something of it can still be settled.
      lease.isExpired = true;
      this.#leases.delete(lease);
      this.#onExpired(lease.heldCount, lease.heldBytes);
    }
    this.#arm();
  }
}
