import type { Lease as WireLease } from 'playhead-proto';
import { Delivery } from './delivery.ts';
import { PlayheadError } from './errors.ts';
import { Lease } from './lease.ts';
import { MessageReader, type Response } from './response.ts';
import type { SettlementQueue } from './settlement-queue.ts';
import { sizeInResponse } from './size-in-response.ts';

/** Throws a PlayheadError unless the leases are those of the messages. */
export function checkLeases(response: Response, leases: readonly WireLease[]): void {
  let count = 0;
  for (const { messageCount } of leases) count += messageCount;
  if (count === response.messageCount) return;
  const text = `the broker sent leases of ${count} messages with ${response.messageCount} messages`;
  throw new PlayheadError('INTERNAL', text);
}

/** The deliveries of a response whose leases were checked, and which run out at this time of the client's clock. */
export function decodeDeliveries(
  settlements: SettlementQueue,
  topic: string,
  response: Response,
  wireLeases: readonly WireLease[],
  expiresAtMs: number,
): { readonly deliveries: Delivery[]; readonly leases: readonly Lease[] } {
  const messages = new MessageReader(response, topic, []).next(response.messageCount);
  const deliveries: Delivery[] = [];
  const leases: Lease[] = [];
  for (const wire of wireLeases) {
    const lease = new Lease(settlements, wire, expiresAtMs);
    for (let index = 0; index < wire.messageCount; index++) {
      const message = messages[deliveries.length];
      if (message === undefined) break;
      const delivery = new Delivery(message, lease, index);
      lease.deliveries.push(delivery);
      lease.heldCount += 1;
      lease.heldBytes += sizeInResponse(message);
      deliveries.push(delivery);
    }
    if (lease.heldCount > 0) leases.push(lease);
  }
  return { deliveries, leases };
}
