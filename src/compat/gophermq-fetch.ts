import { z } from 'zod';
import { invalidArgument } from '../errors.ts';
import type { HttpContext, Reply, Request } from '../http/context.ts';
import { messagesIn } from '../http/event-encoding.ts';
import { giveBackUnlessSent, whileConnected } from '../http/waiting-request.ts';
import {
  ACKNOWLEDGE_SETTLEMENTS_MAX,
  GOPHERMQ_FETCH_BYTES,
  GOPHERMQ_FETCH_MESSAGES,
} from '../limits.ts';
import type { Settlement } from '../subscription/settlement.ts';
import type { Subscription } from '../subscription/subscription.ts';
import { waitMs } from './go-duration.ts';
import { Take } from './take.ts';

const query = z.object({ wait: z.unknown().optional() });

/** What is fetched: of whom, and whether it is acknowledged afterwards. */
export interface Fetch {
  readonly subject: string;
  readonly id: string;
  readonly isLeft: boolean;
}

/**
 * Answers with everything that waits for the subscriber. It is gone for good before it is sent, as with gophermq; if it
 * is left, it comes again unless it is acknowledged in time.
 */
export async function fetchPending(
  { subject, id, isLeft }: Fetch,
  subscription: Subscription,
  { request, reply }: { readonly request: Request; readonly reply: Reply },
  context: HttpContext,
): Promise<Reply> {
  const { wait } = query.parse(request.query);
  const options = {
    maxMessages: isLeft ? ACKNOWLEDGE_SETTLEMENTS_MAX : GOPHERMQ_FETCH_MESSAGES,
    maxBytes: GOPHERMQ_FETCH_BYTES,
    waitMs: wait === undefined ? 0 : waitMs('wait', wait),
    isReturned: !isLeft,
  };
  return whileConnected(request, context, async (signal) => {
    const take = await Take.from(subscription, { ...options, signal });
    try {
      if (isLeft) giveBackUnlessSent(reply, subscription, take.leases);
      if (take.leases.length === 0 || request.raw.socket.destroyed) signal.throwIfAborted();
      const json = JSON.stringify({
        subject,
        id,
        ...dataOf(take, subject),
        ...(isLeft && { token: tokenOf(take.acknowledgements()) }),
        ...(take.hasMore && { more: true }),
      });
      context.pages.take(json.length);
      reply.raw.once('close', () => context.pages.give(json.length));
      if (!isLeft) await take.acknowledge();
      return await reply.type('application/json; charset=utf-8').send(json);
    } finally {
      take.leave();
    }
  });
}

/** The messages as texts, and what of them is none as base64 at the same place of a second list. */
function dataOf({ chunks }: Take, topic: string) {
  const data: string[] = [];
  const bytes = new Map<number, string>();
  for (const { value, value_base64 } of messagesIn(chunks, [], topic)) {
    if (value_base64 !== undefined) bytes.set(data.length, value_base64);
    data.push(value ?? Buffer.from(value_base64 ?? '', 'base64').toString());
  }
  if (bytes.size === 0) return { data };
  return { data, dataBase64: data.map((_, index) => bytes.get(index) ?? null) };
}

/** What was fetched, for who acknowledges it: receipt, timestamp and number of messages of each lease. */
function tokenOf(acknowledgements: readonly Settlement[]): string {
  return acknowledgements
    .map(({ receipt, firstNs, lastNs }) => `${receipt}-${firstNs}-${lastNs - firstNs + 1n}`)
    .join('.');
}

/** What a token acknowledges. Throws INVALID_ARGUMENT if it is none. */
export function settlementsOf(token: string): readonly Settlement[] {
  if (token === '') return [];
  const parts = token.split('.', ACKNOWLEDGE_SETTLEMENTS_MAX + 1);
  if (parts.length > ACKNOWLEDGE_SETTLEMENTS_MAX) throw badToken();
  return parts.map((part) => {
    const [, receipt, first, count] = /^(\d{1,19})-(\d{1,19})-([1-9]\d{0,9})$/.exec(part) ?? [];
    if (receipt === undefined || first === undefined || count === undefined) throw badToken();
    const firstNs = BigInt(first);
    const lastNs = firstNs + BigInt(count) - 1n;
    return {
      receipt: BigInt(receipt),
      firstNs,
      lastNs,
      action: { type: 'ack', isCumulative: false },
    };
  });
}

function badToken(): Error {
  return invalidArgument('token', 'is not what a fetch with "ack": false has answered');
}
