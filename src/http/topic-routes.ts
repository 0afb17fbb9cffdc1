import { z } from 'zod';
import { LIST_PAGE_DEFAULT } from '../limits.ts';
import { checkClose } from '../log/publish-request.ts';
import { checkGlob } from '../log/topic-name.ts';
import { callerOf } from './caller.ts';
import type { App, HttpContext } from './context.ts';
import { pageQuery, topicParams } from './context.ts';
import type { Operation } from './operation.ts';
import { noQuery } from './params.ts';
import { momentNs, momentText } from './time-param.ts';
import {
  closedJson,
  closedToJson,
  fromTopicConfig,
  topicConfig,
  topicJson,
  topicToJson,
} from './topic-json.ts';

const tags = ['topics'];

/** Of what is asked of one topic. */
const ofTopic: Operation = { reasons: ['INVALID_ARGUMENT', 'TOPIC_NOT_FOUND'] };

const topicPage = z.object({ topics: z.array(topicJson), next_page_token: z.string() });
const closeBody = z
  .strictObject({
    reason: z.string().optional(),
    checksum: z.hex().optional().describe('MD5 over the values, as hexadecimal digits.'),
  })
  .nullish();

/** Topics: create, list, get, update, close, trim, delete. */
export function topicRoutes(app: App, context: HttpContext): void {
  const { log } = context;
  const { activity } = context.options;
  app.get(
    '/v1/topics',
    {
      config: { operation: { reasons: ['INVALID_ARGUMENT'] } },
      schema: {
        operationId: 'listTopics',
        tags,
        summary: 'List topics',
        querystring: pageQuery,
        response: { 200: topicPage },
      },
    },
    ({ query }) => {
      const size = pageSizeOf(query.page_size);
      const glob = query.glob ?? '**';
      checkGlob(glob);
      const topics = [];
      for (const topic of log.topics.list(glob, query.page_token ?? '')) {
        if (topics.length === size) return { topics, next_page_token: topics.at(-1)?.topic ?? '' };
        topics.push(topicToJson(topic, log));
      }
      return { topics, next_page_token: '' };
    },
  );

  app.post(
    '/v1/topics',
    {
      config: { operation: { reasons: ['INVALID_ARGUMENT', 'TOPIC_EXISTS'] } },
      schema: {
        operationId: 'createTopic',
        tags,
        summary: 'Create a topic',
        querystring: noQuery,
        body: z.strictObject({ topic: z.string(), config: topicConfig.optional() }),
        response: { 200: topicJson },
      },
    },
    async (request) => {
      const { topic: name, config = {} } = request.body;
      const isNew = log.topics.get(name) === undefined;
      const topic = await log.createTopic(name, fromTopicConfig(config));
      if (isNew) activity?.note(callerOf(request), 'topic.created', { topic: name });
      return topicToJson(topic, log);
    },
  );
  oneTopicRoutes(app, context);
  endingRoutes(app, context);
}

function oneTopicRoutes(app: App, { log, options: { activity } }: HttpContext): void {
  app.get(
    '/v1/topics/:topic',
    {
      config: { operation: ofTopic },
      schema: {
        operationId: 'getTopic',
        tags,
        summary: 'Get a topic',
        params: topicParams,
        querystring: noQuery,
        response: { 200: topicJson },
      },
    },
    ({ params }) => topicToJson(log.topic(params.topic), log),
  );

  app.patch(
    '/v1/topics/:topic',
    {
      config: { operation: ofTopic },
      schema: {
        operationId: 'updateTopic',
        tags,
        summary: 'Change the limits of a topic',
        params: topicParams,
        querystring: noQuery,
        body: z.strictObject({ config: topicConfig }),
        response: { 200: topicJson },
      },
    },
    async (request) => {
      const { params, body } = request;
      const topic = await log.updateTopic(params.topic, fromTopicConfig(body.config));
      activity?.note(callerOf(request), 'topic.updated', params);
      return topicToJson(topic, log);
    },
  );

  app.delete(
    '/v1/topics/:topic',
    {
      config: { operation: ofTopic },
      schema: {
        operationId: 'deleteTopic',
        tags,
        summary: 'Delete a topic',
        params: topicParams,
        querystring: noQuery,
        response: { 204: z.undefined().describe('It is deleted.') },
      },
    },
    async (request, reply) => {
      const { params } = request;
      await log.deleteTopic(params.topic);
      activity?.note(callerOf(request), 'topic.deleted', params);
      return reply.code(204).send();
    },
  );
}

function endingRoutes(app: App, { log, options: { activity } }: HttpContext): void {
  app.post(
    '/v1/topics/:topic/close',
    {
      config: { operation: { ...ofTopic, isBodyOptional: true } },
      schema: {
        operationId: 'closeTopic',
        tags,
        summary: 'Close a topic: it is complete',
        params: topicParams,
        querystring: noQuery,
        body: closeBody,
        response: { 200: closedJson },
      },
    },
    async (request) => {
      const { topic } = request.params;
      const { reason = '', checksum = '' } = request.body ?? {};
      const close = { reason, checksum: Buffer.from(checksum, 'hex') };
      checkClose(close);
      const wasClosed = log.topics.get(topic)?.isClosed === true;
      const marker = await log.closeTopic(topic, close);
      if (!wasClosed) activity?.note(callerOf(request), 'topic.closed', { topic, reason });
      return closedToJson(marker, topic);
    },
  );

  app.post(
    '/v1/topics/:topic/trim',
    {
      config: { operation: ofTopic },
      schema: {
        operationId: 'trimTopic',
        tags,
        summary: 'Remove what is before a time',
        params: topicParams,
        querystring: noQuery,
        body: z.strictObject({
          before: momentText.describe('A time, or a time ago such as `-7d`.'),
        }),
        response: { 200: topicJson },
      },
    },
    async (request) => {
      const { params, body } = request;
      const beforeNs = momentNs(body.before, log.clock);
      const topic = await log.trimTopic(params.topic, beforeNs);
      const before_timestamp_ns = `${beforeNs}`;
      activity?.note(callerOf(request), 'topic.trimmed', { ...params, before_timestamp_ns });
      return topicToJson(topic, log);
    },
  );
}

/** The size of a page as it was asked for, or the default. */
export function pageSizeOf(pageSize: number | undefined): number {
  return pageSize || LIST_PAGE_DEFAULT;
}
