import { z } from 'zod';
import { BrokerError } from '../errors.ts';
import { callerOf } from '../http/caller.ts';
import type { App, HttpContext } from '../http/context.ts';
import { storedText } from '../http/message-json.ts';
import type { Topic } from '../log/topic.ts';
import { Turns } from '../subscription/turns.ts';
import { SUBSCRIBER, SUCCESS, subscriptionOf, TOPIC, topicOf } from './blockqueue-context.ts';
import { deliveryRoutes } from './blockqueue-deliveries.ts';
import { sendBlockqueueError } from './blockqueue-errors.ts';
import { letterRoutes } from './blockqueue-letters.ts';
import {
  checkSubscribers,
  type NewSubscriber,
  newTopic,
  statusOf,
  subscriberList,
} from './blockqueue-subscriber.ts';
import { ANY_TYPE, bodyOf, publishValue } from './request.ts';

const topicParams = z.object({ topic: z.string() });
const subscriberParams = topicParams.extend({ subscriber: z.string() });
const message = z.object({ message: storedText });
const config = { operation: ANY_TYPE } as const;
const hide = true;

/** The routes of blockqueue (https://github.com/yudhasubki/blockqueue). The original has its own document. */
export function blockqueueRoutes(app: App, context: HttpContext): void {
  app.setErrorHandler((thrown, request, reply) =>
    sendBlockqueueError(thrown, request, reply, context.options),
  );
  topicRoutes(app, context);
  subscriberRoutes(app, context);
  deliveryRoutes(app, context);
  letterRoutes(app, context);
}

function topicRoutes(app: App, context: HttpContext): void {
  const { log, options } = context;
  const turns = new Turns();
  app.post('/topics', { config, schema: { hide } }, async (request) => {
    const { name, subscribers } = bodyOf(request, newTopic);
    checkSubscribers(subscribers);
    await turns.take(name, () => createTopic(context, name, subscribers));
    options.activity?.note(callerOf(request), 'topic.created', { topic: name });
    noteCreated(context, request, name, subscribers);
    return SUCCESS;
  });

  app.delete(TOPIC, { config, schema: { hide, params: topicParams } }, async (request) => {
    const { name } = topicOf(context, request.params.topic);
    await log.deleteTopic(name);
    options.activity?.note(callerOf(request), 'topic.deleted', { topic: name });
    return SUCCESS;
  });

  app.post(
    `${TOPIC}/messages`,
    { config, schema: { hide, params: topicParams } },
    async (request) => {
      const { name } = topicOf(context, request.params.topic);
      const { lastTimestampNs } = await publishValue(log, name, bodyOf(request, message).message);
      return { ...SUCCESS, data: { id: `${lastTimestampNs}` } };
    },
  );
}

function subscriberRoutes(app: App, context: HttpContext): void {
  const { subscriptions, options } = context;
  const path = `${TOPIC}/subscribers`;
  app.get(path, { config, schema: { hide, params: topicParams } }, ({ params }) => {
    const found = [...subscriptions.of(topicOf(context, params.topic).name)];
    found.sort((a, b) => (a.name < b.name ? -1 : 1));
    return { ...SUCCESS, data: found.map(statusOf) };
  });

  app.post(path, { config, schema: { hide, params: topicParams } }, async (request) => {
    const topic = topicOf(context, request.params.topic);
    const subscribers = bodyOf(request, subscriberList);
    checkSubscribers(subscribers);
    await create(context, topic, subscribers);
    noteCreated(context, request, topic.name, subscribers);
    return SUCCESS;
  });

  app.delete(
    SUBSCRIBER,
    { config, schema: { hide, params: subscriberParams } },
    async (request) => {
      const subscription = subscriptionOf(context, request.params);
      await subscriptions.delete(subscription);
      const details = { topic: subscription.topic.name, subscription: subscription.name };
      options.activity?.note(callerOf(request), 'subscription.deleted', details);
      return SUCCESS;
    },
  );
}

async function createTopic(
  context: HttpContext,
  name: string,
  subscribers: readonly NewSubscriber[],
): Promise<void> {
  const { log } = context;
  if (log.topics.get(name) !== undefined) {
    throw new BrokerError('TOPIC_EXISTS', `topic ${name} exists`, { topic: name });
  }
  const topic = await log.createTopic(name, {});
  try {
    await create(context, topic, subscribers);
  } catch (error) {
    // Whoever was refused asks again, and is not to be told that it is there.
    await log.deleteTopic(name).catch(() => undefined);
    throw error;
  }
}

/** Makes them all, to get what comes from now on; none if one of them is there. */
async function create(
  { subscriptions }: HttpContext,
  { name: topic }: Topic,
  subscribers: readonly NewSubscriber[],
): Promise<void> {
  const known = subscribers.find(({ name }) => subscriptions.has(topic, name));
  if (known !== undefined) {
    throw new BrokerError('SUBSCRIPTION_EXISTS', `topic ${topic} has a subscriber ${known.name}`);
  }
  const position = { at: 'latest' } as const;
  // At once: they begin with the same message, and share a commit.
  const creating = subscribers.map((each) =>
    subscriptions.create({ ...each, topic, position, createTopic: false }),
  );
  for (const outcome of await Promise.allSettled(creating)) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
}

function noteCreated(
  { options }: HttpContext,
  request: Parameters<typeof callerOf>[0],
  topic: string,
  subscribers: readonly NewSubscriber[],
): void {
  for (const { name } of subscribers) {
    const details = { topic, subscription: name };
    options.activity?.note(callerOf(request), 'subscription.created', details);
  }
}
