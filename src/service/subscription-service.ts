import type { ServerDuplexStream, ServerUnaryCall } from '@grpc/grpc-js';
import { PullResponse, SubscriptionServiceService } from 'playhead-proto';
import { BrokerError, invalidArgument } from '../errors.ts';
import {
  LIST_PAGE_DEFAULT,
  LIST_PAGE_MAX,
  PULL_MESSAGES_MAX,
  PULL_WAIT_MS_MAX,
  READ_BYTES_DEFAULT,
} from '../limits.ts';
import type { Log } from '../log/log.ts';
import { checkGlob, checkWritableName } from '../log/topic-name.ts';
import { deadLetterTopicOf } from '../subscription/dead-letters.ts';
import { pull } from '../subscription/pull.ts';
import { redrive } from '../subscription/redrive.ts';
import { checkLeaseMs } from '../subscription/subscription-config.ts';
import type { Subscriptions } from '../subscription/subscriptions.ts';
import type { ServiceOptions } from './broker-service.ts';
import { ConsumeStream } from './consume-stream.ts';
import { fromWirePosition } from './convert.ts';
import { asBytes } from './request-codec.ts';
import type { Streams } from './streams.ts';
import { decodeSubscriptionRequest as decode } from './subscription-codec.ts';
import {
  fromWireSettings,
  fromWireSettlement,
  toWireLeases,
  toWireResult,
  toWireSubscription,
} from './subscription-convert.ts';
import { unary } from './unary.ts';

const service = SubscriptionServiceService;

/** SubscriptionService, with requests as bytes, and deliveries too: messages pass through as they are stored. */
export const subscriptionServiceDefinition = {
  createSubscription: { ...service.createSubscription, requestDeserialize: asBytes },
  getSubscription: { ...service.getSubscription, requestDeserialize: asBytes },
  listSubscriptions: { ...service.listSubscriptions, requestDeserialize: asBytes },
  updateSubscription: { ...service.updateSubscription, requestDeserialize: asBytes },
  deleteSubscription: { ...service.deleteSubscription, requestDeserialize: asBytes },
  seekSubscription: { ...service.seekSubscription, requestDeserialize: asBytes },
  snapshotSubscription: { ...service.snapshotSubscription, requestDeserialize: asBytes },
  consume: { ...service.consume, requestDeserialize: asBytes, responseSerialize: asBytes },
  pull: { ...service.pull, requestDeserialize: asBytes, responseSerialize: asBytes },
  acknowledge: { ...service.acknowledge, requestDeserialize: asBytes },
  redriveDeadLetters: { ...service.redriveDeadLetters, requestDeserialize: asBytes },
};

/** The handlers of SubscriptionService. */
export function subscriptionService(
  log: Log,
  subscriptions: Subscriptions,
  streams: Streams,
  options: ServiceOptions,
) {
  const { logger } = options;
  return {
    ...administration(log, subscriptions, options),

    consume: (call: ServerDuplexStream<Buffer, Buffer>) => {
      const stream = new ConsumeStream(call, subscriptions, logger);
      const remove = streams.add(stream);
      stream.run(remove);
    },

    pull: unary(logger, asBytes, (bytes, call) =>
      pulled(call, bytes, { subscriptions, streams, options }),
    ),

    acknowledge: unary(logger, decode.acknowledge, async (request) => {
      const { topic, subscription: name, settlements } = request;
      const subscription = subscriptions.get(topic, name);
      const outcomes = await subscription.settle(settlements.map(fromWireSettlement));
      return { results: outcomes.map(toWireResult) };
    }),
  };
}

function administration(log: Log, subscriptions: Subscriptions, { logger }: ServiceOptions) {
  return {
    createSubscription: unary(logger, decode.create, async (request) => {
      const subscription = await subscriptions.create({
        topic: request.topic,
        name: request.subscription,
        position: fromWirePosition(request.from, { at: 'latest' }),
        config: fromWireSettings(request.config, request),
        createTopic: request.createTopic,
      });
      return { subscription: await toWireSubscription(subscription) };
    }),

    getSubscription: unary(logger, decode.get, async ({ topic, subscription }) => ({
      subscription: await toWireSubscription(subscriptions.get(topic, subscription)),
    })),

    listSubscriptions: unary(logger, decode.list, async ({ glob, pageSize, pageToken }) => {
      if (glob !== '') checkGlob(glob);
      const size = pageSizeOf(pageSize);
      const [afterTopic = '', afterName = ''] = pageToken.split(' ');
      const found = [];
      for (const each of subscriptions.list(glob || '**', afterTopic, afterName)) {
        if (found.length === size) {
          const last = found.at(-1);
          const nextPageToken = `${last?.topic} ${last?.subscription}`;
          return { subscriptions: found, nextPageToken };
        }
        found.push(await toWireSubscription(each));
      }
      return { subscriptions: found, nextPageToken: '' };
    }),

    updateSubscription: unary(logger, decode.update, async (request) => {
      const subscription = subscriptions.get(request.topic, request.subscription);
      await subscriptions.update(subscription, fromWireSettings(request.config, request));
      return { subscription: await toWireSubscription(subscription) };
    }),

    deleteSubscription: unary(logger, decode.delete, async ({ topic, subscription }) => {
      await subscriptions.delete(subscriptions.get(topic, subscription));
      return {};
    }),

    seekSubscription: unary(logger, decode.seek, async (request) => {
      const subscription = subscriptions.get(request.topic, request.subscription);
      const { to } = request;
      if (to === undefined) {
        throw invalidArgument('to', 'is not set; it is a position or a snapshot');
      }
      if (to.$case === 'snapshot') await subscriptions.restore(subscription, to.value);
      else {
        const position = fromWirePosition(to.value, { at: 'latest' });
        await subscriptions.seek(subscription, position);
      }
      return { subscription: await toWireSubscription(subscription) };
    }),

    snapshotSubscription: unary(logger, decode.snapshot, ({ topic, subscription }) => ({
      snapshot: Buffer.from(subscriptions.snapshot(subscriptions.get(topic, subscription))),
    })),

    redriveDeadLetters: unary(logger, decode.redrive, async (request) => {
      const { topic, state } = subscriptions.get(request.topic, request.subscription);
      const { targetTopic, maxMessages } = request;
      if (maxMessages < 0n) throw invalidArgument('max_messages', `${maxMessages} is negative`);
      const letters = log.topics.get(deadLetterTopicOf(state, topic.name));
      if (letters === undefined) return { messageCount: 0n };
      checkWritableName(targetTopic || topic.name);
      const target = targetTopic === '' ? topic : await log.topicForWriting(targetTopic);
      return { messageCount: await redrive(log, letters, target, maxMessages) };
    }),
  };
}

/** What a pull is answered from; a shut-down ends its wait. */
interface PullContext {
  readonly subscriptions: Subscriptions;
  readonly streams: Streams;
  readonly options: ServiceOptions;
}

async function pulled(
  call: ServerUnaryCall<Buffer, unknown>,
  bytes: Buffer,
  { subscriptions, streams, options }: PullContext,
): Promise<Buffer> {
  const { maxRequestBytes } = options;
  const request = decode.pull(bytes);
  const { maxMessages, maxBytes, waitMs, leaseMs } = request;
  checkBetween('max_messages', maxMessages, PULL_MESSAGES_MAX);
  checkBetween('max_bytes', maxBytes, maxRequestBytes);
  checkBetween('wait_ms', waitMs, PULL_WAIT_MS_MAX);
  if (leaseMs !== 0n) checkLeaseMs('lease_ms', leaseMs);
  const subscription = subscriptions.get(request.topic, request.subscription);
  const aborting = new AbortController();
  call.on('cancelled', () => aborting.abort());
  const { signal } = aborting;
  const remove = streams.add({ shutDown: () => aborting.abort(shuttingDown()) });
  try {
    signal.throwIfAborted();
    const { chunks, leases, drained } = await pull(subscription, {
      maxMessages: maxMessages || 1,
      maxBytes: maxBytes || Math.min(READ_BYTES_DEFAULT, maxRequestBytes),
      waitMs,
      leaseMs: leaseMs || undefined,
      signal,
    });
    if (leases.length === 0) signal.throwIfAborted();
    const tail = { messages: [], leases: toWireLeases(leases), drained };
    return Buffer.concat([...chunks, PullResponse.encode(tail).finish()]);
  } finally {
    remove();
  }
}

function shuttingDown(): BrokerError {
  return new BrokerError('SHUTTING_DOWN', 'the broker is shutting down; pull again');
}

function checkBetween(field: string, value: number, max: number): void {
  if (value < 0 || value > max) {
    throw new BrokerError('INVALID_ARGUMENT', `${field}: ${value} is not between 0 and ${max}`, {
      field,
    });
  }
}

function pageSizeOf(pageSize: number): number {
  checkBetween('page_size', pageSize, LIST_PAGE_MAX);
  return pageSize || LIST_PAGE_DEFAULT;
}
