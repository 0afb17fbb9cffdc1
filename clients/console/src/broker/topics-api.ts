import type { JsonMessage } from '../message/message.ts';
import { request, requestJson, topicPath } from './request.ts';
import type { Closed, HistogramAnswer, MessagePage, Topic, TopicPage } from './types.ts';

/** Topics on one page: the most that the broker gives. */
export const TOPICS_PER_PAGE = 1000;

export function listTopics(after: string, size: number, signal?: AbortSignal): Promise<TopicPage> {
  const query = { page_size: size, ...(after !== '' && { page_token: after }) };
  return requestJson('/v1/topics', { query, ...(signal && { signal }) });
}

export function getTopic(topic: string, signal?: AbortSignal): Promise<Topic> {
  return requestJson(topicPath(topic), { ...(signal && { signal }) });
}

export function createTopic(topic: string, config: object): Promise<Topic> {
  return requestJson('/v1/topics', { method: 'POST', body: { topic, config } });
}

export function closeTopic(topic: string, reason: string): Promise<Closed> {
  const body = reason === '' ? {} : { reason };
  return requestJson(topicPath(topic, '/close'), { method: 'POST', body });
}

export function trimTopic(topic: string, beforeNs: bigint): Promise<Topic> {
  return requestJson(topicPath(topic, '/trim'), {
    method: 'POST',
    body: { before: `${beforeNs}` },
  });
}

export async function deleteTopic(topic: string): Promise<void> {
  await request(topicPath(topic), { method: 'DELETE' });
}

export async function publishMessage(
  topic: string,
  message: Partial<JsonMessage>,
): Promise<{ readonly first_timestamp_ns: string }> {
  return requestJson(topicPath(topic, '/messages'), { method: 'POST', body: message });
}

export interface ReadQuery {
  readonly from: bigint | 'earliest';
  readonly until?: bigint;
  readonly limit: number;
}

/** A page of messages, without waiting for more. */
export function readMessages(
  topic: string,
  { from, until, limit }: ReadQuery,
  signal?: AbortSignal,
): Promise<MessagePage> {
  const query = { from, until, limit };
  return requestJson(topicPath(topic, '/messages'), { query, ...(signal && { signal }) });
}

export interface HistogramQuery {
  readonly from: bigint | 'earliest';
  readonly until: bigint;
  readonly buckets: number;
}

export function getHistogram(
  topic: string,
  query: HistogramQuery,
  signal?: AbortSignal,
): Promise<HistogramAnswer> {
  const path = topicPath(topic, '/histogram');
  return requestJson(path, { query: { ...query }, ...(signal && { signal }) });
}
