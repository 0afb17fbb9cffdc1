import { PullResponse, SubscriptionServiceService as rpc, StatusCode } from 'playhead-proto';
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
import type { ServiceMethod, UnaryCall } from './call.ts';
import { timeCall } from './call-timer.ts';
import { noteIn } from './caller.ts';
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
import { unary, unaryBytes } from './unary.ts';

/** SubscriptionService. Deliveries pass through as they are stored. */
export function subscriptionService(
  log: Log,
  subscriptions: Subscriptions,
  streams: Streams,
  options: ServiceOptions,
): readonly ServiceMethod[] {
  return [
    ...administration(subscriptions, options),
    ...movement(log, subscriptions, options),

    {
      kind: 'duplex',
      path: rpc.consume.path,
      handle: (call, accept) => {
        accept();
        const stream = new ConsumeStream(call, subscriptions, options.logger);
        const remove = streams.add(stream, 'consume');
        const ended = timeCall(call, options);
        stream.run(() => {
          remove();
          ended(StatusCode.OK);
        });
      },
    },

    unaryBytes(options, rpc.pull, asBytes, (bytes, call) =>
      pulled(call, bytes, { subscriptions, streams, options }),
    ),

    unary(options, rpc.acknowledge, decode.acknowledge, async (request) => {
      const { topic, subscription: name, settlements } = request;
      const subscription = subscriptions.get(topic, name);
      const outcomes = await subscription.settle(settlements.map(fromWireSettlement));
      return { results: outcomes.map(toWireResult) };
    }),
  ];
}

function administration(
  subscriptions: Subscriptions,
  options: ServiceOptions,
): readonly ServiceMethod[] {
  const note = noteIn(options);
  return [
    unary(options, rpc.createSubscription, decode.create, async (request, call) => {
      const { topic, subscription: name } = request;
      const isNew = !subscriptions.has(topic, name);
      const subscription = await subscriptions.create({
        topic,
        name,
        position: fromWirePosition(request.from, { at: 'latest' }),
        config: fromWireSettings(request.config, request),
        createTopic: request.createTopic,
      });
      if (isNew) {
        note(call, 'subscription.created', { topic, subscription: name });
      }
      return { subscription: await toWireSubscription(subscription) };
    }),

    unary(options, rpc.getSubscription, decode.get, async ({ topic, subscription }) => ({
      subscription: await toWireSubscription(subscriptions.get(topic, subscription)),
    })),

    unary(options, rpc.listSubscriptions, decode.list, async ({ glob, pageSize, pageToken }) => {
      if (glob !== '') checkGlob(glob);
      const size = pageSizeOf(pageSize);
      const found = [];
      for (const each of subscriptions.list(glob || '**', pageToken)) {
        if (found.length === size) {
          const last = found.at(-1);
          const nextPageToken = `${last?.topic} ${last?.subscription}`;
          return { subscriptions: found, nextPageToken };
        }
        found.push(await toWireSubscription(each));
      }
      return { subscriptions: found, nextPageToken: '' };
    }),

    unary(options, rpc.updateSubscription, decode.update, async (request, call) => {
      const { topic, subscription: name } = request;
      const subscription = subscriptions.get(topic, name);
      await subscriptions.update(subscription, fromWireSettings(request.config, request));
      note(call, 'subscription.updated', {
        topic,
        subscription: name,
      });
      return { subscription: await toWireSubscription(subscription) };
    }),

    unary(options, rpc.deleteSubscription, decode.delete, async ({ topic, subscription }, call) => {
      await subscriptions.delete(subscriptions.get(topic, subscription));
      note(call, 'subscription.deleted', { topic, subscription });
      return {};
    }),
  ];
}

/** What moves a subscription or what it has set aside. */
function movement(
  log: Log,
  subscriptions: Subscriptions,
  options: ServiceOptions,
): readonly ServiceMethod[] {
  const note = noteIn(options);
  return [
    unary(options, rpc.seekSubscription, decode.seek, async (request, call) => {
      const { topic, subscription: name, to } = request;
      const subscription = subscriptions.get(topic, name);
      if (to === undefined) {
        throw invalidArgument('to', 'is not set; it is a position or a snapshot');
      }
      if (to.$case === 'snapshot') await subscriptions.restore(subscription, to.value);
      else {
        const position = fromWirePosition(to.value, { at: 'latest' });
        await subscriptions.seek(subscription, position);
      }
      const action = to.$case === 'snapshot' ? 'subscription.restored' : 'subscription.sought';
      const timestamp_ns = `${subscription.state.cursor.timestampNs}`;
      note(call, action, {
        topic,
        subscription: name,
        timestamp_ns,
      });
      return { subscription: await toWireSubscription(subscription) };
    }),

    unary(options, rpc.snapshotSubscription, decode.snapshot, ({ topic, subscription }) => ({
      snapshot: Buffer.from(subscriptions.snapshot(subscriptions.get(topic, subscription))),
    })),

    unary(options, rpc.redriveDeadLetters, decode.redrive, async (request, call) => {
      const { topic, state, name } = subscriptions.get(request.topic, request.subscription);
      const { targetTopic, maxMessages } = request;
      if (maxMessages < 0n) throw invalidArgument('max_messages', `${maxMessages} is negative`);
      const letters = log.topics.get(deadLetterTopicOf(state, topic.name));
      if (letters === undefined) return { messageCount: 0n };
      checkWritableName(targetTopic || topic.name);
      const target = targetTopic === '' ? topic : await log.topicForWriting(targetTopic);
      const messageCount = await redrive(log, letters, target, maxMessages);
      note(call, 'subscription.redriven', {
        topic: topic.name,
        subscription: name,
        target_topic: target.name,
        message_count: Number(messageCount),
      });
      return { messageCount };
    }),
  ];
}

/** What a pull is answered from; a shut-down ends its wait. */
interface PullContext {
  readonly subscriptions: Subscriptions;
  readonly streams: Streams;
  readonly options: ServiceOptions;
}

async function pulled(
  call: UnaryCall,
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
  const remove = streams.add({ shutDown: () => aborting.abort(shuttingDown()) }, 'pull');
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
