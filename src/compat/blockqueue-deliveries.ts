import { z } from 'zod';
import type { App, HttpContext } from '../http/context.ts';
import { messagesIn } from '../http/event-encoding.ts';
import type { MessageJson } from '../http/message-json.ts';
import { wholeNumber } from '../http/params.ts';
import { afterAnswer, whileConnected } from '../http/waiting-request.ts';
import { BLOCKQUEUE_READ_DEFAULT, BLOCKQUEUE_READ_MAX, READ_BYTES_DEFAULT } from '../limits.ts';
import type { Subscription } from '../subscription/subscription.ts';
import { SUBSCRIBER, SUCCESS, subscriptionOf } from './blockqueue-context.ts';
import { MessageNotFound } from './blockqueue-errors.ts';
import { waitMs } from './go-duration.ts';
import { ANY_TYPE } from './request.ts';
import { Take } from './take.ts';

const subscriberParams = z.object({ topic: z.string(), subscriber: z.string() });
const readQuery = z.object({
  timeout: z.unknown().optional(),
  limit: wholeNumber(1, BLOCKQUEUE_READ_MAX).optional(),
});
const config = { operation: ANY_TYPE } as const;
const hide = true;

/** Reading and acknowledging, as blockqueue has it. */
export function deliveryRoutes(app: App, context: HttpContext): void {
  app.get(
    SUBSCRIBER,
    {
      config,
      // It takes messages.
      exposeHeadRoute: false,
      schema: { hide, params: subscriberParams, querystring: readQuery },
    },
    (request, reply) => {
      const { params, query } = request;
      const subscription = subscriptionOf(context, params);
      const options = {
        maxMessages: query.limit ?? BLOCKQUEUE_READ_DEFAULT,
        maxBytes: READ_BYTES_DEFAULT,
        waitMs: waitMs('timeout', query.timeout),
        isReturned: false,
      };
      return whileConnected(request, context, async (signal) => {
        const take = await Take.from(subscription, { ...options, signal });
        if (take.leases.length === 0) {
          take.leave();
          signal.throwIfAborted();
          return SUCCESS;
        }
        afterAnswer(reply, { sent: () => take.leave(), lost: () => take.giveBack() });
        return { ...SUCCESS, data: [...messagesIn(take.chunks, [], params.topic)].map(contentOf) };
      });
    },
  );

  app.delete(
    `${SUBSCRIBER}/messages/:message`,
    { config, schema: { hide, params: subscriberParams.extend({ message: z.string() }) } },
    async ({ params }) => {
      const subscription = subscriptionOf(context, params);
      await acknowledge(subscription, timestampOf(params.message));
      return SUCCESS;
    },
  );
}

/** A message as blockqueue shows it; one that is no text as base64. */
export function contentOf({ timestamp_ns: id, value, value_base64 }: MessageJson) {
  return value_base64 === undefined
    ? { id, message: value ?? '' }
    : { id, message_base64: value_base64 };
}

/** Of the id of a message. Throws if nothing can have it. */
export function timestampOf(id: string): bigint {
  if (/^\d{1,19}$/.test(id)) return BigInt(id);
  throw new MessageNotFound();
}

async function acknowledge(subscription: Subscription, timestampNs: bigint): Promise<void> {
  const lease = subscription.state.leases.holding(timestampNs);
  if (lease === undefined) throw new MessageNotFound();
  const action = { type: 'ack', isCumulative: false } as const;
  const settlement = { receipt: lease.receipt, firstNs: timestampNs, lastNs: timestampNs, action };
  const [outcome] = await subscription.settle([settlement]);
  if (outcome?.messageCount !== 1) throw new MessageNotFound();
}
