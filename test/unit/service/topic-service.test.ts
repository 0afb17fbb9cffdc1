import type { ServiceError } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import {
  CloseTopicRequest,
  DeleteTopicRequest,
  GetTopicRequest,
  ListTopicsRequest,
  UpdateTopicRequest,
} from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { LIST_PAGE_MAX } from '../../../src/limits.ts';
import { TestServer } from '../../support/test-server.ts';

const NOTHING = Buffer.alloc(0);

/** The response of a unary call, or its status. */
function answer<T>(call: (done: (error: ServiceError | null, response: T) => void) => void) {
  return new Promise<T | { code: status; details: string }>((resolve) => {
    call((error, response) =>
      resolve(error === null ? response : { code: error.code, details: error.details }),
    );
  });
}

const list = (server: TestServer, fields: Partial<ListTopicsRequest>) =>
  answer((done) =>
    server.topics.listTopics({ ...ListTopicsRequest.decode(NOTHING), ...fields }, done),
  );
const get = (server: TestServer, topic: string) =>
  answer((done) => server.topics.getTopic({ ...GetTopicRequest.decode(NOTHING), topic }, done));

describe('TopicService', () => {
  it('describes a topic as it is', async () => {
    await using server = await TestServer.start();
    const { firstTimestampNs, lastTimestampNs } = await server.test.publish('t', '1', '2');
    expect(await get(server, 't')).toMatchObject({
      topic: { topic: 't', firstTimestampNs, lastTimestampNs, messageCount: 2n, closed: undefined },
    });
    expect(await get(server, 'u')).toEqual({
      code: status.NOT_FOUND,
      details: 'topic u does not exist',
    });
  });

  it('changes what is set, and nothing else', async () => {
    await using server = await TestServer.start();
    await server.test.log.createTopic('t', { maxMessages: 5n });
    const request = {
      ...UpdateTopicRequest.decode(NOTHING),
      topic: 't',
      config: { maxAgeMs: undefined, maxMessages: undefined, maxBytes: 7n, maxMessageBytes: 0 },
    };
    expect(await answer((done) => server.topics.updateTopic(request, done))).toMatchObject({
      topic: { config: { maxBytes: 7n, maxMessages: 5n } },
    });
  });

  it('closes without reason and checksum, and answers with the marker', async () => {
    await using server = await TestServer.start();
    await server.test.publish('t', '1');
    const request = { ...CloseTopicRequest.decode(NOTHING), topic: 't' };
    expect(await answer((done) => server.topics.closeTopic(request, done))).toMatchObject({
      closed: { topic: 't', messageCount: 1n, reason: '' },
    });
  });

  it('deletes a topic', async () => {
    await using server = await TestServer.start();
    await server.test.publish('t', '1');
    const request = { ...DeleteTopicRequest.decode(NOTHING), topic: 't' };
    expect(await answer((done) => server.topics.deleteTopic(request, done))).toEqual({});
    expect(server.test.log.topics.get('t')).toBeUndefined();
  });

  it('lists in pages, and ends with an empty token', async () => {
    await using server = await TestServer.start();
    for (const name of ['a', 'b', 'c']) await server.test.log.createTopic(name, {});
    const first = await list(server, { pageSize: 2 });
    expect(first).toMatchObject({ topics: [{ topic: 'a' }, { topic: 'b' }], nextPageToken: 'b' });
    expect(await list(server, { pageSize: 2, pageToken: 'b' })).toMatchObject({
      topics: [{ topic: 'c' }],
      nextPageToken: '',
    });
  });

  it.each([
    [{ pageSize: -1 }, 'page_size: -1 is negative'],
    [
      { pageSize: LIST_PAGE_MAX + 1 },
      `page_size: ${LIST_PAGE_MAX + 1} is more than ${LIST_PAGE_MAX}`,
    ],
    [{ glob: 'a*' }, /^topic: "a\*" has the token "a\*"/],
    [{ pageToken: 'a b' }, 'page_token: "a b" is no next_page_token of a page before'],
  ])('refuses to list %o', async (fields, details) => {
    await using server = await TestServer.start();
    expect(await list(server, fields)).toEqual({
      code: status.INVALID_ARGUMENT,
      details: typeof details === 'string' ? details : expect.stringMatching(details),
    });
  });
});
