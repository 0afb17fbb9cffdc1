import { BrokerError } from '../errors.ts';
import type { Lease } from './lease.ts';

/** Of consecutive messages of a delivery: for how long they are the worker's. */
export interface LeaseNote {
  readonly receipt: bigint;
  readonly messageCount: number;
  readonly attempt: number;
  readonly deadlineNs: bigint;
}

/** Messages for a worker, once their leases are durable. */
export interface Delivery {
  /** As they go over the wire. Not to be written to. */
  readonly chunks: readonly Buffer[];
  readonly leases: readonly LeaseNote[];
}

/** What a worker is told besides. */
export type WorkerEvent =
  | { readonly type: 'active' }
  | { readonly type: 'sought'; readonly timestampNs: bigint };

/** Why a worker gets nothing any more. */
export type WorkerEnd =
  | { readonly type: 'drained'; readonly reason: string }
  | { readonly type: 'deleted'; readonly isTopicDeleted: boolean }
  | { readonly type: 'error'; readonly error: BrokerError };

/** What who asks for something behind the end of this subscription is told. */
export function errorOf(
  end: WorkerEnd,
  names: { readonly topic: string; readonly subscription: string },
): BrokerError {
  if (end.type === 'error') return end.error;
  const message = `subscription ${names.subscription} of ${names.topic} was deleted`;
  return new BrokerError('SUBSCRIPTION_DELETED', message, names);
}

/** Where a worker's deliveries go. */
export interface WorkerSink {
  deliver(delivery: Delivery): void;
  tell(event: WorkerEvent): void;
  end(end: WorkerEnd): void;
}

/** One that consumes a subscription: a stream, or a pull while it waits. Its subscription alone changes it. */
export class Worker {
  readonly sink: WorkerSink;
  /** True if its leases end with it. */
  readonly isStreamed: boolean;
  /** Length of its leases, if it is not the subscription's. */
  readonly leaseMs: bigint | undefined;
  readonly leases = new Set<Lease>();
  creditMessages = 0;
  creditBytes = 0;
  /** Messages that it holds. */
  inFlight = 0;
  /** True once it has said that it goes: it gets nothing more. */
  isLeaving = false;
  /** True while it cannot take more, whatever its credit. */
  isBlocked = false;

  constructor(sink: WorkerSink, options: { isStreamed: boolean; leaseMs?: bigint | undefined }) {
    this.sink = sink;
    this.isStreamed = options.isStreamed;
    this.leaseMs = options.leaseMs;
  }

  /** True while it has one message that its worker before may have died of: it gets nothing else meanwhile. */
  get isAlone(): boolean {
    for (const lease of this.leases) return lease.isAlone;
    return false;
  }

  get hasCredit(): boolean {
    return !this.isLeaving && this.creditMessages > 0 && this.creditBytes > 0 && !this.isBlocked;
  }

  /** Takes a lease. */
  hold(lease: Lease): void {
    lease.holder = this;
    this.leases.add(lease);
    this.inFlight += lease.heldCount;
  }

  /** Holds nothing any more. */
  release(): void {
    this.leases.clear();
    this.inFlight = 0;
  }

  /** To be called when so many messages of a lease that it holds were settled. */
  settled(lease: Lease, messageCount: number): void {
    this.inFlight -= messageCount;
    if (lease.heldCount === 0) this.leases.delete(lease);
  }
}
