import { z } from 'zod';
import { invalidArgument } from '../errors.ts';
import type { HttpContext, Reply, Request } from '../http/context.ts';
import { messagesIn } from '../http/event-encoding.ts';
import { afterAnswer, whileConnected } from '../http/waiting-request.ts';
import {
  ACKNOWLEDGE_SETTLEMENTS_MAX,
  GOPHERMQ_FETCH_BYTES,
  GOPHERMQ_FETCH_MESSAGES,
} from '../limits.ts';
import type { Settlement } from '../subscription/settlement.ts';
import type { Subscription } from '../subscription/subscription.ts';
import { waitMs } from './go-duration.ts';
import { Take } from './take.ts';

/** Characters of an answer that become bytes together. */
const PIECE_LENGTH = 1 << 16;

const query = z.object({ wait: z.unknown().optional() });

/** What is fetched: of whom, and whether it is acknowledged afterwards. */
export interface Fetch {
  readonly subject: string;
  readonly id: string;
  readonly isLeft: boolean;
}

/**
 * Answers with everything that waits for the subscriber. Once it has gone to the client it is gone for good; if it is left,
 * it comes again unless it is acknowledged in time. If the client hangs up before, it waits again.
 */
export async function fetchPending(
  { subject, id, isLeft }: Fetch,
  subscription: Subscription,
  { request, reply }: { readonly request: Request; readonly reply: Reply },
  context: HttpContext,
): Promise<Reply> {
  const { wait } = query.parse(request.query);
  const share = context.pages.share();
  const options = {
    maxMessages: isLeft ? ACKNOWLEDGE_SETTLEMENTS_MAX : GOPHERMQ_FETCH_MESSAGES,
    maxBytes: GOPHERMQ_FETCH_BYTES,
    waitMs: wait === undefined ? 0 : waitMs('wait', wait),
    isReturned: !isLeft,
    charge: (bytes: number) => share.add(bytes),
  };
  reply.raw.once('close', () => share.giveBack());
  return whileConnected(request, context, async (signal) => {
    const take = await Take.from(subscription, { ...options, signal });
    try {
      if (take.leases.length === 0 || request.raw.socket.destroyed) signal.throwIfAborted();
      const body = encode({ subject, id, isLeft }, take);
      share.set(body.length);
      afterAnswer(reply, {
        lost: () => take.giveBack(),
        sent: () => {
          if (isLeft) return take.leave();
          take.acknowledge().catch((error: unknown) => {
            context.options.logger.warn({ err: error }, 'what was fetched comes again');
          });
        },
      });
      return await reply.type('application/json; charset=utf-8').send(body);
    } catch (error) {
      take.giveBack();
      throw error;
    }
  }).catch((error: unknown) => {
    // The connection may have gone before there was anything to give back.
    share.giveBack();
    throw error;
  });
}

/** The answer; piece by piece, since as one text it would be in memory several times. */
function encode({ subject, id, isLeft }: Fetch, take: Take): Buffer {
  const { pieces, base64 } = dataOf(take, subject);
  const rest = {
    ...(base64 !== undefined && { dataBase64: base64 }),
    ...(isLeft && { token: tokenOf(take.acknowledgements()) }),
    ...(take.hasMore && { more: true }),
  };
  const head = JSON.stringify({ subject, id }).replace(/\}$/, ',"data":[');
  const tail = JSON.stringify(rest).replace(/^\{/, Object.keys(rest).length > 0 ? '],' : ']');
  return Buffer.concat([Buffer.from(head), ...pieces, Buffer.from(tail)]);
}

/** The messages as texts of JSON, and what of them is none as base64 at the same place of a list beside them. */
function dataOf({ chunks }: Take, topic: string) {
  const pieces: Buffer[] = [];
  const bytes = new Map<number, string>();
  let count = 0;
  let text = '';
  for (const { value, value_base64 } of messagesIn(chunks, [], topic)) {
    if (value_base64 !== undefined) bytes.set(count, value_base64);
    if (count > 0) text += ',';
    text += JSON.stringify(value ?? Buffer.from(value_base64 ?? '', 'base64').toString());
    count++;
    if (text.length < PIECE_LENGTH) continue;
    pieces.push(Buffer.from(text));
    text = '';
  }
  pieces.push(Buffer.from(text));
  if (bytes.size === 0) return { pieces };
  return { pieces, base64: Array.from({ length: count }, (_, index) => bytes.get(index) ?? null) };
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
