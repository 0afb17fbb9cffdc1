import { TopicServiceService as rpc } from 'playhead-proto';
import { invalidArgument } from '../errors.ts';
import { LIST_PAGE_DEFAULT, LIST_PAGE_MAX } from '../limits.ts';
import type { Log } from '../log/log.ts';
import { checkClose } from '../log/publish-request.ts';
import { checkGlob } from '../log/topic-name.ts';
import type { ServiceOptions } from './broker-service.ts';
import type { ServiceMethod } from './call.ts';
import { noteIn } from './caller.ts';
import { fromWireConfig, toWireClosed, toWireTopic } from './convert.ts';
import { decodeRequest } from './request-codec.ts';
import { unary } from './unary.ts';

/** TopicService. */
export function topicService(log: Log, options: ServiceOptions): readonly ServiceMethod[] {
  const note = noteIn(options);
  return [
    unary(options, rpc.createTopic, decodeRequest.createTopic, async ({ topic, config }, call) => {
      const isNew = log.topics.get(topic) === undefined;
      const created = await log.createTopic(topic, fromWireConfig(config));
      if (isNew) note(call, 'topic.created', { topic });
      return { topic: toWireTopic(created, log) };
    }),

    unary(options, rpc.getTopic, decodeRequest.getTopic, ({ topic }) => ({
      topic: toWireTopic(log.topic(topic), log),
    })),

    unary(options, rpc.listTopics, decodeRequest.listTopics, ({ glob, pageSize, pageToken }) => {
      const size = pageSizeOf(pageSize);
      if (glob !== '') checkGlob(glob);
      const topics = [];
      for (const topic of log.topics.list(glob || '**', pageToken)) {
        if (topics.length === size) return { topics, nextPageToken: topics.at(-1)?.topic ?? '' };
        topics.push(toWireTopic(topic, log));
      }
      return { topics, nextPageToken: '' };
    }),

    unary(options, rpc.updateTopic, decodeRequest.updateTopic, async ({ topic, config }, call) => {
      const updated = await log.updateTopic(topic, fromWireConfig(config));
      note(call, 'topic.updated', { topic });
      return { topic: toWireTopic(updated, log) };
    }),

    unary(options, rpc.trimTopic, decodeRequest.trimTopic, async (request, call) => {
      const { topic, beforeTimestampNs } = request;
      const trimmed = await log.trimTopic(topic, beforeTimestampNs);
      const before_timestamp_ns = `${beforeTimestampNs}`;
      note(call, 'topic.trimmed', { topic, before_timestamp_ns });
      return { topic: toWireTopic(trimmed, log) };
    }),

    unary(options, rpc.closeTopic, decodeRequest.closeTopic, async ({ topic, close }, call) => {
      const { reason = '', checksum = Buffer.alloc(0) } = close ?? {};
      const request = { reason, checksum: Buffer.from(checksum) };
      checkClose(request);
      const wasClosed = log.topics.get(topic)?.isClosed === true;
      const marker = await log.closeTopic(topic, request);
      if (!wasClosed) note(call, 'topic.closed', { topic, reason });
      return { closed: toWireClosed(marker, topic) };
    }),

    unary(options, rpc.deleteTopic, decodeRequest.deleteTopic, async ({ topic }, call) => {
      await log.deleteTopic(topic);
      note(call, 'topic.deleted', { topic });
      return {};
    }),
  ];
}

/** The size of a page as it was asked for, or the default. Throws INVALID_ARGUMENT. */
export function pageSizeOf(pageSize: number): number {
  if (pageSize < 0) throw invalidArgument('page_size', `${pageSize} is negative`);
  if (pageSize > LIST_PAGE_MAX)
    throw invalidArgument('page_size', `${pageSize} is more than ${LIST_PAGE_MAX}`);
  return pageSize || LIST_PAGE_DEFAULT;
}
