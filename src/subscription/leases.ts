import { compareBigInts, LazyHeap } from './lazy-heap.ts';
import type { Lease } from './lease.ts';

/** The leases of a subscription, by receipt and by deadline. */
export class Leases {
  /** A receipt has several leases where a part was extended. */
  readonly #byReceipt = new Map<bigint, Lease[]>();
  readonly #byDeadline = new LazyHeap<Lease>(
    (a, b) => compareBigInts(a.deadlineNs, b.deadlineNs),
    (lease) => lease.heldCount > 0,
  );
  #messageCount = 0;

  /** Messages that are leased. */
  get messageCount(): number {
    return this.#messageCount;
  }

  /** When the next lease runs out; undefined if there is none. */
  get nextDeadlineNs(): bigint | undefined {
    return this.#byDeadline.peek()?.deadlineNs;
  }

  add(lease: Lease): void {
    const same = this.#byReceipt.get(lease.receipt);
    if (same === undefined) this.#byReceipt.set(lease.receipt, [lease]);
    else same.push(lease);
    this.#byDeadline.push(lease);
    this.#messageCount += lease.heldCount;
  }

  /** The leases of this receipt that hold something. */
  of(receipt: bigint): readonly Lease[] {
    return this.#byReceipt.get(receipt) ?? [];
  }

  *all(): Generator<Lease> {
    for (const leases of this.#byReceipt.values()) yield* leases;
  }

  /** To be called when so many messages of a lease were settled. */
  settled(lease: Lease, messageCount: number): void {
    this.#messageCount -= messageCount;
    if (lease.heldCount > 0) return;
    const rest = this.of(lease.receipt).filter((each) => each.heldCount > 0);
    if (rest.length === 0) this.#byReceipt.delete(lease.receipt);
    else this.#byReceipt.set(lease.receipt, rest);
  }

  /** Leases that have run out. Those that were not sent yet run on. */
  expired(nowNs: bigint): Lease[] {
    const expired: Lease[] = [];
    const unsent: Lease[] = [];
    for (;;) {
      const lease = this.#byDeadline.peek();
      if (lease === undefined || lease.deadlineNs > nowNs) break;
      this.#byDeadline.pop();
      (lease.isUnsent ? unsent : expired).push(lease);
    }
    for (const lease of unsent) this.#byDeadline.push(lease);
    return expired;
  }

  clear(): void {
    this.#byReceipt.clear();
    this.#byDeadline.clear();
    this.#messageCount = 0;
  }
}
