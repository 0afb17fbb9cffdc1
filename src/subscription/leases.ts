import { compareBigInts, LazyHeap } from './lazy-heap.ts';
import { Lease } from './lease.ts';

/** The leases of a subscription, by receipt and by deadline. */
export class Leases {
  /** A receipt has several leases where a part was extended; else no list, of which there would be a million. */
  readonly #byReceipt = new Map<bigint, Lease | readonly Lease[]>();
  readonly #byDeadline = new LazyHeap<Lease>(byDeadline, (lease) => lease.heldCount > 0);
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
    const same = this.of(lease.receipt);
    this.#byReceipt.set(lease.receipt, same.length === 0 ? lease : [...same, lease]);
    this.#byDeadline.push(lease);
    this.#messageCount += lease.heldCount;
  }

  /** The leases of this receipt that hold something. */
  of(receipt: bigint): readonly Lease[] {
    const leases = this.#byReceipt.get(receipt);
    if (leases === undefined) return [];
    return leases instanceof Lease ? [leases] : leases;
  }

  /** The lease that holds the message of this timestamp; undefined if none does. Looks at one after the other. */
  holding(timestampNs: bigint): Lease | undefined {
    for (const lease of this.all()) {
      if (lease.held(timestampNs, timestampNs).length > 0) return lease;
    }
    return undefined;
  }

  *all(): Generator<Lease> {
    for (const leases of this.#byReceipt.values()) {
      if (leases instanceof Lease) yield leases;
      else yield* leases;
    }
  }

  /** To be called when so many messages of a lease were settled. */
  settled(lease: Lease, messageCount: number): void {
    this.#messageCount -= messageCount;
    if (lease.heldCount > 0) return;
    const rest = this.of(lease.receipt).filter((each) => each.heldCount > 0);
    const [only] = rest;
    if (only === undefined) this.#byReceipt.delete(lease.receipt);
    else this.#byReceipt.set(lease.receipt, rest.length === 1 ? only : rest);
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

/** Those that run out at one moment do in the order of the topic, and so become dead letters in it. */
function byDeadline(a: Lease, b: Lease): number {
  const order = compareBigInts(a.deadlineNs, b.deadlineNs);
  return order === 0 ? compareBigInts(a.run.firstSequence, b.run.firstSequence) : order;
}
