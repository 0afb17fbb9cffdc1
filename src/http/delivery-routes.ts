import { z } from 'zod';
import { invalidArgument } from '../errors.ts';
import {
  ACKNOWLEDGE_SETTLEMENTS_MAX,
  PULL_MESSAGES_MAX,
  PULL_WAIT_MS_MAX,
  READ_BYTES_DEFAULT,
} from '../limits.ts';
import { pull } from '../subscription/pull.ts';
import type { SettlementAction } from '../subscription/settlement.ts';
import { checkLeaseMs } from '../subscription/subscription-config.ts';
import type { LeaseNote } from '../subscription/worker.ts';
import type { App, HttpContext } from './context.ts';
import { messagesIn } from './event-encoding.ts';
import { messageJson } from './message-json.ts';
import { listOf, noQuery } from './params.ts';
import { problemJson, toProblem } from './problem.ts';
import { ofSubscription, subscriptionParams } from './subscription-routes.ts';
import { giveBackUnlessSent, whileConnected } from './waiting-request.ts';

const tags = ['deliveries'];
const digits = z.string().regex(/^\d{1,19}$/);
const ms = z.int().min(0);
const PATH = '/v1/topics/:topic/subscriptions/:subscription';

const pullBody = z
  .strictObject({
    max_messages: z.int().min(1).max(PULL_MESSAGES_MAX).optional(),
    max_bytes: z.int().min(1).optional(),
    wait_ms: z
      .int()
      .min(0)
      .max(PULL_WAIT_MS_MAX)
      .optional()
      .describe('How long to wait for the first message.'),
    lease_ms: ms.optional(),
  })
  .nullish();

const delivery = z
  .object({
    message: messageJson,
    receipt: digits,
    attempt: z.int(),
    deadline_timestamp_ns: digits,
  })
  .meta({ id: 'Delivery' });

const deliveries = z.object({
  deliveries: z.array(delivery),
  drained: z
    .object({ reason: z.string() })
    .nullable()
    .describe('Set if no message will come any more: why the topic was closed.'),
});

const settlement = z
  .strictObject({
    receipt: digits,
    timestamp_ns: digits.describe('Of the message, or of the first of some.'),
    last_timestamp_ns: digits.optional(),
    action: z.enum(['ack', 'nack', 'extend', 'terminate']),
    delay_ms: ms
      .optional()
      .describe('Of a nack: without it the backoff of the subscription holds.'),
    lease_ms: ms
      .optional()
      .describe('Of an extension: without it as long as the subscription says.'),
    reason: z.string().optional().describe('Of a termination.'),
  })
  .meta({ id: 'Settlement' });

const result = z.object({
  message_count: z.int(),
  deadline_timestamp_ns: digits.nullable(),
  error: problemJson.nullable().describe('Set if it did not apply to all that it named.'),
});

/** Deliveries: pull and settle. */
export function deliveryRoutes(app: App, context: HttpContext): void {
  const { subscriptions, options } = context;
  app.post(
    `${PATH}/pull`,
    {
      config: {
        operation: {
          reasons: [...ofSubscription.reasons, 'SUBSCRIPTION_DELETED'],
          isBodyOptional: true,
        },
      },
      schema: {
        operationId: 'pull',
        tags,
        summary: 'Take messages, and wait for the first one if so asked',
        params: subscriptionParams,
        querystring: noQuery,
        body: pullBody,
        response: { 200: deliveries },
      },
    },
    async (request, reply) => {
      const { params, body } = request;
      const { max_messages = 1, wait_ms = 0, lease_ms } = body ?? {};
      const { maxRequestBytes } = options;
      const maxBytes = body?.max_bytes ?? Math.min(READ_BYTES_DEFAULT, maxRequestBytes);
      if (maxBytes > maxRequestBytes) {
        throw invalidArgument('max_bytes', `${maxBytes} is more than ${maxRequestBytes}`);
      }
      if (lease_ms !== undefined) checkLeaseMs('lease_ms', BigInt(lease_ms));
      const subscription = subscriptions.get(params.topic, params.subscription);
      return whileConnected(request, context, async (signal) => {
        const pulled = await pull(subscription, {
          maxMessages: max_messages,
          maxBytes,
          waitMs: wait_ms,
          leaseMs: lease_ms === undefined ? undefined : BigInt(lease_ms),
          signal,
        });
        if (pulled.leases.length > 0) giveBackUnlessSent(reply, subscription, pulled.leases);
        else signal.throwIfAborted();
        return {
          deliveries: deliveriesOf(pulled.chunks, pulled.leases, params.topic),
          drained: pulled.drained === undefined ? null : { reason: pulled.drained.reason },
        };
      });
    },
  );
  acknowledgeRoute(app, context);
}

function acknowledgeRoute(app: App, { subscriptions }: HttpContext): void {
  app.post(
    `${PATH}/acknowledge`,
    {
      config: { operation: ofSubscription },
      schema: {
        operationId: 'acknowledge',
        tags,
        summary: 'Acknowledge, give back, extend or terminate what was pulled',
        params: subscriptionParams,
        querystring: noQuery,
        body: z.strictObject({
          settlements: listOf(settlement, { min: 1, max: ACKNOWLEDGE_SETTLEMENTS_MAX }),
        }),
        response: { 200: z.object({ results: z.array(result) }) },
      },
    },
    async ({ params, body }) => {
      const subscription = subscriptions.get(params.topic, params.subscription);
      const outcomes = await subscription.settle(
        body.settlements.map((each) => ({
          receipt: BigInt(each.receipt),
          firstNs: BigInt(each.timestamp_ns),
          lastNs: BigInt(each.last_timestamp_ns ?? each.timestamp_ns),
          action: actionOf(each),
        })),
      );
      return {
        results: outcomes.map(({ messageCount, deadlineNs, error }) => ({
          message_count: messageCount,
          deadline_timestamp_ns: deadlineNs === undefined ? null : `${deadlineNs}`,
          error: error === undefined ? null : toProblem(error),
        })),
      };
    },
  );
}

function deliveriesOf(chunks: readonly Buffer[], leases: readonly LeaseNote[], topic: string) {
  const messages = messagesIn(chunks, [], topic);
  return leases.flatMap(({ receipt, messageCount, attempt, deadlineNs }) =>
    Array.from({ length: messageCount }, () => {
      const { value: message, done } = messages.next();
      if (done === true) throw new Error('a lease has more messages than came with it');
      return {
        message,
        receipt: `${receipt}`,
        attempt,
        deadline_timestamp_ns: `${deadlineNs}`,
      };
    }),
  );
}

function actionOf(body: z.output<typeof settlement>): SettlementAction {
  switch (body.action) {
    case 'ack':
      return { type: 'ack', isCumulative: false };
    case 'nack':
      return { type: 'nack', delayMs: optionalMs(body.delay_ms) };
    case 'extend':
      return { type: 'extend', leaseMs: optionalMs(body.lease_ms) };
    case 'terminate':
      return { type: 'terminate', reason: body.reason ?? '' };
  }
}

function optionalMs(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}
