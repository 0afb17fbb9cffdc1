import { z } from 'zod';
import { BrokerError } from '../errors.ts';
import { callerOf } from '../http/caller.ts';
import type { App, HttpContext } from '../http/context.ts';
import { listOf, wholeNumber } from '../http/params.ts';
import { BLOCKQUEUE_LETTERS_DEFAULT, BLOCKQUEUE_READ_MAX } from '../limits.ts';
import { redeliver } from '../subscription/redeliver.ts';
import type { Subscription } from '../subscription/subscription.ts';
import { Turns } from '../subscription/turns.ts';
import { SUBSCRIBER, SUCCESS, subscriptionOf } from './blockqueue-context.ts';
import { contentOf } from './blockqueue-deliveries.ts';
import { MessageNotFound } from './blockqueue-errors.ts';
import { type Letter, Letters } from './letters.ts';
import { ANY_TYPE, bodyOf } from './request.ts';

const subscriberParams = z.object({ topic: z.string(), subscriber: z.string() });
const pageQuery = z.object({
  limit: wholeNumber(1, BLOCKQUEUE_READ_MAX).optional(),
  cursor: z
    .string()
    .regex(/^\d{1,19}$/)
    .optional(),
});
const replayBody = z.object({
  message_ids: listOf(z.string(), { min: 1, max: BLOCKQUEUE_READ_MAX }),
});
const config = { operation: ANY_TYPE } as const;
const hide = true;

/** Dead letters: which there are, and to deliver them again to the subscriber that they died of. */
export function letterRoutes(app: App, context: HttpContext): void {
  const path = `${SUBSCRIBER}/dlq`;
  app.get(
    path,
    { config, schema: { hide, params: subscriberParams, querystring: pageQuery } },
    async ({ params, query }) => {
      const subscription = subscriptionOf(context, params);
      const { limit = BLOCKQUEUE_LETTERS_DEFAULT, cursor = '0' } = query;
      const page: Letter[] = [];
      for await (const letter of new Letters(context, subscription).unreplayed(BigInt(cursor))) {
        if (page.length === limit) return { ...toJson(page), cursor: `${letter.timestampNs}` };
        page.push(letter);
      }
      return toJson(page);
    },
  );

  const turns = new Turns();
  app.post(
    `${path}/replay`,
    { config, schema: { hide, params: subscriberParams } },
    async (request) => {
      const { params } = request;
      const subscription = subscriptionOf(context, params);
      const ids = new Set(bodyOf(request, replayBody).message_ids);
      // What two ask for at the same time is delivered again once.
      const replayed = await turns.take(`${subscription.id}`, () =>
        replay(context, subscription, ids),
      );
      const details = { topic: params.topic, subscription: params.subscriber };
      const action = 'subscription.redriven';
      context.options.activity?.note(callerOf(request), action, {
        ...details,
        message_count: replayed,
      });
      return { ...SUCCESS, data: { replayed } };
    },
  );
}

/** All of them, or none if one is no dead letter or is not on the tape any more. */
async function replay(
  context: HttpContext,
  subscription: Subscription,
  ids: ReadonlySet<string>,
): Promise<number> {
  const { log } = context;
  const { floor } = subscription.topic;
  const letters = new Letters(context, subscription);
  const wanted = new Map<string, Letter>();
  let rest = 0;
  for await (const letter of letters.unreplayed()) {
    if (ids.has(letter.id)) wanted.set(letter.id, letter);
    else rest++;
  }
  for (const id of ids) {
    if (!wanted.has(id))
      throw new MessageNotFound(`message_id ${id.slice(0, 80)} is no dead letter`);
    if (floor.sequence > 0n && BigInt(id) < floor.timestampNs) throw gone(id);
  }
  const redelivering = [...wanted.keys()].map(async (id) => {
    if (!(await redeliver(log, subscription, BigInt(id)))) throw gone(id);
  });
  await Promise.all(redelivering);
  await letters.noteReplayed([...wanted.values()]);
  if (rest === 0) await letters.forget();
  return wanted.size;
}

function gone(id: string): BrokerError {
  const message = `message ${id} is not in its topic any more, which was trimmed; the dead letter can be redriven`;
  return new BrokerError('CONFLICT', message);
}

function toJson(page: readonly Letter[]) {
  const data = page.map(({ id, json }) => ({
    ...contentOf(json.message),
    id,
    attempts: json.attempts,
    reason: json.reason,
    dead_time: json.dead_time,
  }));
  return { ...SUCCESS, data };
}
