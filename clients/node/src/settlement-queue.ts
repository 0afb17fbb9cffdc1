import type { SettlementResult } from 'playhead-proto';
import {
  ACK,
  type Delivery,
  leaseOf,
  markSettled,
  type SettleAction,
  setExtension,
} from './delivery.ts';
import type { DeliveryTraces } from './delivery-traces.ts';
import { fromWireError, type PlayheadError } from './errors.ts';
import type { Lease } from './lease.ts';
import {
  conflict,
  type SentSettlement,
  type SettleFailure,
  SettlementRange,
} from './settlement.ts';
import { sizeInResponse } from './size-in-response.ts';

/** What the owner of the queue does about it. */
export interface SettlementListener {
  /** There is something to take. Called for each settlement. */
  readonly onPending: () => void;
  /** Deliveries of a lease are held no longer. */
  readonly onReleased?: (lease: Lease, count: number, bytes: number) => void;
  /** A lease, or a part of it, was extended; `leaseMs` 0n is as long as the subscription says. */
  readonly onExtended?: (lease: Lease, leaseMs: bigint) => void;
  readonly onFailed?: ((error: PlayheadError, failure: SettleFailure) => void) | undefined;
}

const DONE: Promise<void> = Promise.resolve();
const ignore = (): void => {};

/** What was settled and not sent yet, as ranges, and what came of it. */
export class SettlementQueue {
  /** Told of every settlement; undefined if the client is not traced. */
  readonly traces: DeliveryTraces | undefined;
  readonly #listener: SettlementListener;
  #acks: SettlementRange[] = [];
  #isSorted = true;
  #extends: SettlementRange[] = [];
  /** Deliveries given back or terminated. */
  #others: SettlementRange[] = [];
  #failedCount = 0;
  /** Set once nothing can be settled any more. */
  #closed: PlayheadError | undefined;

  constructor(listener: SettlementListener, traces?: DeliveryTraces) {
    this.#listener = listener;
    this.traces = traces;
  }

  /** Ranges that wait to be taken. */
  get length(): number {
    return this.#acks.length + this.#extends.length + this.#others.length;
  }

  /** Deliveries whose settlement failed, ever. */
  get failedCount(): number {
    return this.#failedCount;
  }

  /** Rejects with CONFLICT, and changes nothing, if the delivery is settled or its lease lost. */
  settle(delivery: Delivery, action: SettleAction): Promise<void> {
    const { lost = this.#closed, receipt } = leaseOf(delivery);
    if (delivery.isSettled) {
      return this.#refuse(delivery, action, conflict('the delivery is settled already', receipt));
    }
    if (lost !== undefined) return this.#refuse(delivery, action, lost);
    const range = this.#add(delivery, action);
    this.#listener.onPending();
    return range.promise;
  }

  /** Acknowledges what of these is not settled. Rejects, when all is answered, with the first error. */
  acknowledge(deliveries: Iterable<Delivery>): Promise<void> {
    const promises: Promise<void>[] = [];
    let range: SettlementRange | undefined;
    for (const delivery of deliveries) {
      if (delivery.isSettled) continue;
      const { lost = this.#closed } = leaseOf(delivery);
      if (lost !== undefined) {
        promises.push(this.#refuse(delivery, ACK, lost));
        continue;
      }
      const next = this.#add(delivery, ACK);
      if (next !== range) promises.push(next.promise);
      range = next;
    }
    if (range !== undefined) this.#listener.onPending();
    if (promises.length <= 1) return promises[0] ?? DONE;
    const all = allSettled(promises);
    all.catch(ignore);
    return all;
  }

  /** Up to `limit` settlements, in the order in which their results are expected. */
  take(limit: number): SentSettlement[] {
    const taken: SentSettlement[] = [];
    // To extend comes before what ends a lease: the other way round it would be refused.
    this.#extends = merge(this.#extends, taken, limit);
    this.#others = merge(this.#others, taken, limit);
    if (!this.#isSorted) {
      this.#acks.sort((a, b) => a.compare(b));
      this.#isSorted = true;
    }
    this.#acks = merge(this.#acks, taken, limit);
    return taken;
  }

  /** The result of a settlement that was taken. */
  answer({ ranges }: SentSettlement, result: SettlementResult): void {
    if (result.error !== undefined) {
      this.#fail(ranges, fromWireError(result.error));
      return;
    }
    for (const range of ranges) {
      const { lease, action } = range;
      range.succeed(result);
      if (action.$case === 'extend' && lease !== undefined) {
        this.#listener.onExtended?.(lease, action.value.leaseMs);
      }
    }
  }

  /** Of a settlement that was taken nobody knows what came. */
  abandon(sent: Iterable<SentSettlement>, error: PlayheadError): void {
    for (const { ranges } of sent) this.#fail(ranges, error);
  }

  /** Fails what was not taken. */
  clear(error: PlayheadError): void {
    const ranges = [...this.#extends, ...this.#others, ...this.#acks];
    this.#extends = [];
    this.#others = [];
    this.#acks = [];
    this.#isSorted = true;
    this.#fail(ranges, error);
  }

  /** Fails what was not taken, and refuses the rest. */
  close(error: PlayheadError): void {
    this.#closed = error;
    this.clear(error);
  }

  #add(delivery: Delivery, action: SettleAction): SettlementRange {
    const queue = this.#queueOf(action);
    const previous = queue.at(-1);
    let range: SettlementRange;
    if (previous?.adjoins(delivery, action)) {
      range = previous;
      range.add(delivery);
    } else {
      range = new SettlementRange(delivery, action);
      if (queue === this.#acks && previous !== undefined && previous.compare(range) > 0) {
        this.#isSorted = false;
      }
      queue.push(range);
    }
    if (range.extension === undefined) this.#letGo(delivery);
    else setExtension(delivery, range.extension);
    this.traces?.settle(delivery, action.$case, range.promise);
    return range;
  }

  #letGo(delivery: Delivery): void {
    markSettled(delivery);
    const lease = leaseOf(delivery);
    const bytes = sizeInResponse(delivery.message);
    lease.heldCount -= 1;
    lease.heldBytes -= bytes;
    this.#listener.onReleased?.(lease, 1, bytes);
  }

  #queueOf(action: SettleAction): SettlementRange[] {
    if (action.$case === 'ack') return this.#acks;
    return action.$case === 'extend' ? this.#extends : this.#others;
  }

  #refuse(delivery: Delivery, action: SettleAction, error: PlayheadError): Promise<void> {
    const range = new SettlementRange(delivery, action);
    this.traces?.get(delivery)?.refused(action.$case, error);
    this.#fail([range], error);
    return range.promise;
  }

  #fail(ranges: readonly SettlementRange[], error: PlayheadError): void {
    for (const range of ranges) {
      const failure = range.fail(error);
      this.#failedCount += failure.deliveryCount;
      this.#listener.onFailed?.(error, failure);
    }
  }
}

/** Moves ranges to `taken`, those without a gap as one settlement, until it has `limit`. Returns the rest. */
function merge(
  ranges: SettlementRange[],
  taken: SentSettlement[],
  limit: number,
): SettlementRange[] {
  let at = 0;
  while (at < ranges.length && taken.length < limit) {
    const first = ranges[at];
    if (first === undefined) break;
    let last = first;
    let end = at + 1;
    for (; ; end++) {
      const next = ranges[end];
      if (next === undefined || first.extension !== undefined || !last.isFollowedBy(next)) break;
      last = next;
    }
    const group = ranges.slice(at, end);
    const wire = first.encode(last);
    let count = 0;
    for (const range of group) {
      count += range.count;
      range.release();
    }
    taken.push({ wire, ranges: group, count });
    at = end;
  }
  return at === 0 ? ranges : ranges.slice(at);
}

async function allSettled(promises: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(promises);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
