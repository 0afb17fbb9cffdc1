import { TopicServiceService } from 'playhead-proto';
import { invalidArgument } from '../errors.ts';
import { LIST_PAGE_DEFAULT, LIST_PAGE_MAX } from '../limits.ts';
import type { Log } from '../log/log.ts';
import { checkClose } from '../log/publish-request.ts';
import { checkGlob } from '../log/topic-name.ts';
import type { Logger } from '../logger.ts';
import { fromWireConfig, toWireClosed, toWireTopic } from './convert.ts';
import { asBytes, decodeRequest } from './request-codec.ts';
import { unary } from './unary.ts';

const { createTopic, getTopic, listTopics, updateTopic } = TopicServiceService;
const { trimTopic, closeTopic, deleteTopic } = TopicServiceService;

/** TopicService, with requests as bytes: what is wrong with them is told as any other refusal. */
export const topicServiceDefinition = {
  createTopic: { ...createTopic, requestDeserialize: asBytes },
  getTopic: { ...getTopic, requestDeserialize: asBytes },
  listTopics: { ...listTopics, requestDeserialize: asBytes },
  updateTopic: { ...updateTopic, requestDeserialize: asBytes },
  trimTopic: { ...trimTopic, requestDeserialize: asBytes },
  closeTopic: { ...closeTopic, requestDeserialize: asBytes },
  deleteTopic: { ...deleteTopic, requestDeserialize: asBytes },
};

/** The handlers of TopicService. */
export function topicService(log: Log, logger: Logger) {
  return {
    createTopic: unary(logger, decodeRequest.createTopic, async ({ topic, config }) => ({
      topic: toWireTopic(await log.createTopic(topic, fromWireConfig(config)), log),
    })),

    getTopic: unary(logger, decodeRequest.getTopic, ({ topic }) => ({
      topic: toWireTopic(log.topic(topic), log),
    })),

    listTopics: unary(logger, decodeRequest.listTopics, ({ glob, pageSize, pageToken }) => {
      const size = pageSizeOf(pageSize);
      if (glob !== '') checkGlob(glob);
      const topics = [];
      for (const topic of log.topics.list(glob || '**', pageToken)) {
        if (topics.length === size) return { topics, nextPageToken: topics.at(-1)?.topic ?? '' };
        topics.push(toWireTopic(topic, log));
      }
      return { topics, nextPageToken: '' };
    }),

    updateTopic: unary(logger, decodeRequest.updateTopic, async ({ topic, config }) => ({
      topic: toWireTopic(await log.updateTopic(topic, fromWireConfig(config)), log),
    })),

    trimTopic: unary(logger, decodeRequest.trimTopic, async ({ topic, beforeTimestampNs }) => ({
      topic: toWireTopic(await log.trimTopic(topic, beforeTimestampNs), log),
    })),

    closeTopic: unary(logger, decodeRequest.closeTopic, async ({ topic, close }) => {
      const { reason = '', checksum = Buffer.alloc(0) } = close ?? {};
      const request = { reason, checksum: Buffer.from(checksum) };
      checkClose(request);
      return { closed: toWireClosed(await log.closeTopic(topic, request), topic) };
    }),

    deleteTopic: unary(logger, decodeRequest.deleteTopic, async ({ topic }) => {
      await log.deleteTopic(topic);
      return {};
    }),
  };
}

/** The size of a page as it was asked for, or the default. Throws INVALID_ARGUMENT. */
export function pageSizeOf(pageSize: number): number {
  if (pageSize < 0) throw invalidArgument('page_size', `${pageSize} is negative`);
  if (pageSize > LIST_PAGE_MAX)
    throw invalidArgument('page_size', `${pageSize} is more than ${LIST_PAGE_MAX}`);
  return pageSize || LIST_PAGE_DEFAULT;
}
