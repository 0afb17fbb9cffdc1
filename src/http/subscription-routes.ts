import { z } from 'zod';
import { checkGlob, checkWritableName } from '../log/topic-name.ts';
import { deadLetterTopicOf } from '../subscription/dead-letters.ts';
import { redrive } from '../subscription/redrive.ts';
import { callerOf } from './caller.ts';
import type { App, HttpContext } from './context.ts';
import { pageQuery, topicParams } from './context.ts';
import type { Operation } from './operation.ts';
import { noQuery } from './params.ts';
import {
  fromConfigBody,
  subscriptionConfig,
  subscriptionJson,
  subscriptionToJson,
} from './subscription-json.ts';
import { positionText } from './time-param.ts';
import { pageSizeOf } from './topic-routes.ts';

const tags = ['subscriptions'];

/** Of what is asked of one subscription. */
export const ofSubscription: Operation = {
  reasons: ['INVALID_ARGUMENT', 'TOPIC_NOT_FOUND', 'SUBSCRIPTION_NOT_FOUND'],
};

export const subscriptionParams = topicParams.extend({
  subscription: z.string().describe('Name of the subscription.'),
});
const subscriptionPage = z.object({
  subscriptions: z.array(subscriptionJson),
  next_page_token: z.string(),
});
const PATH = '/v1/topics/:topic/subscriptions/:subscription';

/** Subscriptions: create, list, get, update, delete, seek, snapshot, redrive. */
export function subscriptionRoutes(app: App, context: HttpContext): void {
  const { subscriptions } = context;
  app.get(
    '/v1/subscriptions',
    {
      config: { operation: { reasons: ['INVALID_ARGUMENT'] } },
      schema: {
        operationId: 'listSubscriptions',
        tags,
        summary: 'List subscriptions of topics that match a glob',
        querystring: pageQuery,
        response: { 200: subscriptionPage },
      },
    },
    async ({ query }) => {
      const size = pageSizeOf(query.page_size);
      const glob = query.glob ?? '**';
      checkGlob(glob);
      const found = [];
      for (const each of subscriptions.list(glob, query.page_token ?? '')) {
        if (found.length === size) {
          const last = found.at(-1);
          return { subscriptions: found, next_page_token: `${last?.topic} ${last?.subscription}` };
        }
        found.push(await subscriptionToJson(each));
      }
      return { subscriptions: found, next_page_token: '' };
    },
  );
  createRoute(app, context);
  oneSubscriptionRoutes(app, context);
  movingRoutes(app, context);
  redriveRoute(app, context);
}

function createRoute(app: App, { log, subscriptions, options }: HttpContext): void {
  app.get(
    '/v1/topics/:topic/subscriptions',
    {
      config: { operation: { reasons: ['INVALID_ARGUMENT', 'TOPIC_NOT_FOUND'] } },
      schema: {
        operationId: 'listSubscriptionsOfTopic',
        tags,
        summary: 'List the subscriptions of a topic',
        params: topicParams,
        querystring: noQuery,
        response: { 200: z.object({ subscriptions: z.array(subscriptionJson) }) },
      },
    },
    async ({ params }) => {
      const { name } = log.topic(params.topic);
      const found = [...subscriptions.list(name, '')];
      return { subscriptions: await Promise.all(found.map(subscriptionToJson)) };
    },
  );

  app.post(
    '/v1/topics/:topic/subscriptions',
    {
      config: {
        operation: { reasons: ['INVALID_ARGUMENT', 'TOPIC_NOT_FOUND', 'SUBSCRIPTION_EXISTS'] },
      },
      schema: {
        operationId: 'createSubscription',
        tags,
        summary: 'Create a subscription',
        params: topicParams,
        querystring: noQuery,
        body: z.strictObject({
          subscription: z.string(),
          from: positionText.optional().describe('Where to begin; `latest` by default.'),
          config: subscriptionConfig.optional(),
          create_topic: z.boolean().optional().describe('Create the topic if there is none.'),
        }),
        response: { 200: subscriptionJson },
      },
    },
    async (request) => {
      const { params, body } = request;
      const { subscription: name, from = { at: 'latest' }, config = {} } = body;
      const isNew = !subscriptions.has(params.topic, name);
      const subscription = await subscriptions.create({
        topic: params.topic,
        name,
        position: from,
        config: fromConfigBody(config, { topic: params.topic, subscription: name }),
        createTopic: body.create_topic ?? false,
      });
      if (isNew) {
        const details = { ...params, subscription: name };
        options.activity?.note(callerOf(request), 'subscription.created', details);
      }
      return subscriptionToJson(subscription);
    },
  );
}

function oneSubscriptionRoutes(app: App, { subscriptions, options }: HttpContext): void {
  const { activity } = options;
  app.get(
    PATH,
    {
      config: { operation: ofSubscription },
      schema: {
        operationId: 'getSubscription',
        tags,
        summary: 'Get a subscription',
        params: subscriptionParams,
        querystring: noQuery,
        response: { 200: subscriptionJson },
      },
    },
    ({ params }) => subscriptionToJson(subscriptions.get(params.topic, params.subscription)),
  );

  app.patch(
    PATH,
    {
      config: { operation: ofSubscription },
      schema: {
        operationId: 'updateSubscription',
        tags,
        summary: 'Change the settings of a subscription',
        params: subscriptionParams,
        querystring: noQuery,
        body: z.strictObject({ config: subscriptionConfig }),
        response: { 200: subscriptionJson },
      },
    },
    async (request) => {
      const { params, body } = request;
      const subscription = subscriptions.get(params.topic, params.subscription);
      await subscriptions.update(subscription, fromConfigBody(body.config, params));
      activity?.note(callerOf(request), 'subscription.updated', params);
      return subscriptionToJson(subscription);
    },
  );

  app.delete(
    PATH,
    {
      config: { operation: ofSubscription },
      schema: {
        operationId: 'deleteSubscription',
        tags,
        summary: 'Delete a subscription',
        params: subscriptionParams,
        querystring: noQuery,
        response: { 204: z.undefined().describe('It is deleted.') },
      },
    },
    async (request, reply) => {
      const { params } = request;
      await subscriptions.delete(subscriptions.get(params.topic, params.subscription));
      activity?.note(callerOf(request), 'subscription.deleted', params);
      return reply.code(204).send();
    },
  );
}

function movingRoutes(app: App, { subscriptions, options }: HttpContext): void {
  const { activity } = options;
  app.post(
    `${PATH}/seek`,
    {
      config: { operation: ofSubscription },
      schema: {
        operationId: 'seekSubscription',
        tags,
        summary: 'Move a subscription to a time, or put a snapshot back',
        params: subscriptionParams,
        querystring: noQuery,
        body: z.union([
          z.strictObject({ to: positionText }),
          z.strictObject({ snapshot_base64: z.base64() }),
        ]),
        response: { 200: subscriptionJson },
      },
    },
    async (request) => {
      const { params, body } = request;
      const subscription = subscriptions.get(params.topic, params.subscription);
      if ('to' in body) await subscriptions.seek(subscription, body.to);
      else await subscriptions.restore(subscription, Buffer.from(body.snapshot_base64, 'base64'));
      const action = 'to' in body ? 'subscription.sought' : 'subscription.restored';
      const timestamp_ns = `${subscription.state.cursor.timestampNs}`;
      activity?.note(callerOf(request), action, { ...params, timestamp_ns });
      return subscriptionToJson(subscription);
    },
  );

  app.get(
    `${PATH}/snapshot`,
    {
      config: { operation: ofSubscription },
      schema: {
        operationId: 'snapshotSubscription',
        tags,
        summary: 'The state of a subscription, to be put back by a seek',
        params: subscriptionParams,
        querystring: noQuery,
        response: { 200: z.object({ snapshot_base64: z.base64() }) },
      },
    },
    ({ params }) => {
      const subscription = subscriptions.get(params.topic, params.subscription);
      return {
        snapshot_base64: Buffer.from(subscriptions.snapshot(subscription)).toString('base64'),
      };
    },
  );
}

function redriveRoute(app: App, { log, subscriptions, options: { activity } }: HttpContext): void {
  app.post(
    `${PATH}/redrive`,
    {
      config: {
        operation: {
          reasons: [...ofSubscription.reasons, 'CHANNEL_CLOSED', 'BACKLOG_FULL'],
          isBodyOptional: true,
        },
      },
      schema: {
        operationId: 'redrive',
        tags,
        summary: 'Publish dead letters again',
        params: subscriptionParams,
        querystring: noQuery,
        body: z
          .strictObject({
            target_topic: z.string().optional(),
            max_messages: z.int().min(1).optional(),
          })
          .nullish(),
        response: { 200: z.object({ message_count: z.int() }) },
      },
    },
    async (request) => {
      const { params, body } = request;
      const { topic, state } = subscriptions.get(params.topic, params.subscription);
      const letters = log.topics.get(deadLetterTopicOf(state, topic.name));
      if (letters === undefined) return { message_count: 0 };
      const name = body?.target_topic ?? topic.name;
      checkWritableName(name);
      const target = name === topic.name ? topic : await log.topicForWriting(name);
      const count = await redrive(log, letters, target, BigInt(body?.max_messages ?? 0));
      const details = { ...params, target_topic: name, message_count: Number(count) };
      activity?.note(callerOf(request), 'subscription.redriven', details);
      return { message_count: Number(count) };
    },
  );
}
