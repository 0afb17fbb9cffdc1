import { status } from '@grpc/grpc-js';
import type { ListTopicsRequest, TrimTopicRequest } from 'playhead-proto';
import { Topic } from 'playhead-proto';
import { afterEach, describe, expect, it } from 'vitest';
import { type Client, connect } from '../../../clients/node/src/index.ts';
import { FakeBroker, Refusal } from '../../support/fake-broker.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(): Promise<{ broker: FakeBroker; client: Client }> {
  const broker = await FakeBroker.start();
  const client = connect(broker.address, { retry: { initialBackoffMs: 5, maxBackoffMs: 20 } });
  closers.push(
    () => broker.stop(),
    () => client.close(),
  );
  return { broker, client };
}

describe('Topics', () => {
  it('describes a topic', async () => {
    const { broker, client } = await start();
    broker.onGetTopic = ({ topic }) => ({
      topic,
      config: {
        maxAgeMs: 1n,
        maxBytes: 2n,
        maxMessages: 3n,
        maxMessageBytes: 4,
        trimConsumed: true,
      },
      createdTimestampNs: 5n,
      firstTimestampNs: 6n,
      lastTimestampNs: 7n,
      messageCount: 8n,
      byteCount: 9n,
      messagesPerSecond: 1.5,
      bytesPerSecond: 2.5,
      closed: {
        topic,
        timestampNs: 10n,
        messageCount: 8n,
        reason: 'done',
        checksum: Buffer.alloc(16, 1),
      },
      subscriberCount: 11,
    });
    expect(await client.topics.get('t')).toEqual({
      topic: 't',
      config: {
        maxAgeMs: 1,
        maxBytes: 2,
        maxMessages: 3,
        maxMessageBytes: 4,
        trimConsumed: true,
      },
      createdTimestampNs: 5n,
      firstTimestampNs: 6n,
      lastTimestampNs: 7n,
      messageCount: 8,
      byteCount: 9,
      messagesPerSecond: 1.5,
      bytesPerSecond: 2.5,
      closed: {
        topic: 't',
        timestampNs: 10n,
        messageCount: 8,
        reason: 'done',
        checksum: '01'.repeat(16),
      },
      subscriberCount: 11,
    });
  });

  it('leaves out what an empty topic has not', async () => {
    const { client } = await start();
    expect(await client.topics.get('t')).toMatchObject({
      config: {
        maxAgeMs: 0,
        maxBytes: 0,
        maxMessages: 0,
        maxMessageBytes: 0,
        trimConsumed: false,
      },
      firstTimestampNs: undefined,
      lastTimestampNs: undefined,
      closed: undefined,
    });
  });

  it('sends only the settings that are set', async () => {
    const { broker, client } = await start();
    const configs: unknown[] = [];
    broker.onCreateTopic = ({ topic, config }) => {
      configs.push(config);
      return { topic };
    };
    broker.onUpdateTopic = ({ topic, config }) => {
      configs.push(config);
      return { topic };
    };
    await client.topics.create('t');
    await client.topics.create('t', { maxAgeMs: 60_000, maxMessageBytes: 5 });
    await client.topics.update('t', { maxBytes: 0, trimConsumed: true });
    const unset = {
      maxAgeMs: undefined,
      maxBytes: undefined,
      maxMessages: undefined,
      maxMessageBytes: undefined,
      trimConsumed: undefined,
    };
    expect(configs).toEqual([
      unset,
      { ...unset, maxAgeMs: 60_000n, maxMessageBytes: 5 },
      { ...unset, maxBytes: 0n, trimConsumed: true },
    ]);
  });

  it('refuses settings that are no integers with a TypeError', async () => {
    const { client } = await start();
    await expect(client.topics.create('t', { maxAgeMs: 1.5 })).rejects.toThrow('maxAgeMs');
    await expect(client.topics.update('t', { maxMessageBytes: 2 ** 31 })).rejects.toThrow(
      TypeError,
    );
  });

  it("trims before a timestamp, a Date, or a time that counts back from the broker's clock", async () => {
    const { broker, client } = await start();
    const requests: TrimTopicRequest[] = [];
    broker.onTrimTopic = (request) => {
      requests.push(request);
      return { topic: request.topic };
    };
    broker.onGetServerInfo = () => ({ clockNs: 60_000_000_000n });
    for (const before of [7n, new Date(1), '-10s', '5s', '-2m']) {
      await client.topics.trim('t', before);
    }
    expect(requests.map(({ beforeTimestampNs }) => beforeTimestampNs)).toEqual([
      7n,
      1_000_000n,
      50_000_000_000n,
      5_000_000_000n,
      0n,
    ]);
  });

  it('closes with reason and checksum', async () => {
    const { broker, client } = await start();
    broker.onCloseTopic = ({ topic, close }) => ({
      closed: {
        topic,
        timestampNs: 1n,
        messageCount: 2n,
        reason: close?.reason ?? '',
        checksum: close?.checksum ?? new Uint8Array(),
      },
    });
    const checksum = 'd41d8cd98f00b204e9800998ecf8427e';
    expect(await client.topics.close('t', { reason: 'done', checksum })).toEqual({
      topic: 't',
      timestampNs: 1n,
      messageCount: 2,
      reason: 'done',
      checksum,
    });
    expect((await client.topics.close('t')).checksum).toBeUndefined();
    await expect(client.topics.close('t', { checksum: 'abc' })).rejects.toThrow(TypeError);
  });

  it('lists all pages', async () => {
    const { broker, client } = await start();
    const requests: ListTopicsRequest[] = [];
    broker.onListTopics = (request) => {
      requests.push(request);
      const topics = [Topic.fromPartial({ topic: `t${requests.length}` })];
      return { topics, nextPageToken: requests.length < 3 ? `after t${requests.length}` : '' };
    };
    const names: string[] = [];
    for await (const { topic } of client.topics.list('t*', { pageSize: 1 })) names.push(topic);
    expect(names).toEqual(['t1', 't2', 't3']);
    expect(requests).toEqual([
      { glob: 't*', pageSize: 1, pageToken: '' },
      { glob: 't*', pageSize: 1, pageToken: 'after t1' },
      { glob: 't*', pageSize: 1, pageToken: 'after t2' },
    ]);
    const page = await client.topics.listPage();
    expect(page.nextPageToken).toBeUndefined();
  });

  it('takes a topic that is gone for deleted only if an earlier try may have done it', async () => {
    const { broker, client } = await start();
    let count = 0;
    broker.onDeleteTopic = () => {
      count += 1;
      if (count === 1) throw new Refusal('STORAGE_FAILED', status.UNAVAILABLE);
      throw new Refusal('TOPIC_NOT_FOUND', status.NOT_FOUND);
    };
    await client.topics.delete('t');
    expect(count).toBe(2);
    await expect(client.topics.delete('t')).rejects.toMatchObject({ reason: 'TOPIC_NOT_FOUND' });
  });
});
