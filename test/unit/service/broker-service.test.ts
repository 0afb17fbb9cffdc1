import { status } from '@grpc/grpc-js';
import type { PublishResponse } from 'playhead-proto';
import { decodeErrorDetails, ERROR_DETAILS_TRAILER, PublishRequest } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { content } from '../../support/message.ts';
import { TestServer } from '../../support/test-server.ts';

const EMPTY = PublishRequest.decode(Buffer.alloc(0));

/** Publishes; answers with the ack, or with code, reason and metadata of the refusal. */
function publish(
  server: TestServer,
  fields: Partial<PublishRequest>,
  ...values: (string | Buffer)[]
) {
  const messages = values.map((value) => ({ ...content(value), timestampNs: 0n, isClose: false }));
  return new Promise<PublishResponse['ack'] | object>((resolve) => {
    server.broker.publish({ ...EMPTY, messages, ...fields }, (error, response) => {
      if (error === null) return resolve(response.ack);
      const [trailer] = error.metadata.get(ERROR_DETAILS_TRAILER);
      resolve({ code: error.code, ...decodeErrorDetails(Buffer.from(trailer ?? '')) });
    });
  });
}

describe('Publish', () => {
  it('creates no topic for what is refused', async () => {
    await using server = await TestServer.start();
    expect(await publish(server, { topic: 't' }, Buffer.alloc(1024 * 1024 + 1))).toMatchObject({
      code: status.INVALID_ARGUMENT,
      reason: 'MESSAGE_TOO_LARGE',
      metadata: { limit_bytes: `${1024 * 1024}` },
    });
    expect(await publish(server, { topic: 't', expectedLastTimestampNs: 5n }, 'x')).toMatchObject({
      code: status.ABORTED,
      reason: 'CONFLICT',
      metadata: { topic: 't', last_timestamp_ns: '0' },
    });
    expect(server.test.log.topics.get('t')).toBeUndefined();
    expect(await publish(server, { topic: 't', expectedLastTimestampNs: 0n }, 'x')).toMatchObject({
      duplicate: false,
    });
  });

  it("holds a message to its topic's own limit", async () => {
    await using server = await TestServer.start();
    await server.test.log.createTopic('t', { maxMessageBytes: 10 });
    expect(await publish(server, { topic: 't' }, 'x'.repeat(8))).toMatchObject({
      duplicate: false,
    });
    expect(await publish(server, { topic: 't' }, 'ok', 'x'.repeat(9))).toMatchObject({
      reason: 'MESSAGE_TOO_LARGE',
      metadata: { limit_bytes: '10', bytes: '11' },
    });
    expect(server.test.log.topic('t').sequence).toBe(1n);
  });
});
