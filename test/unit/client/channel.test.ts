import { createHash } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { Edge } from 'playhead-proto';
import { afterEach, describe, expect, it } from 'vitest';
import { type Client, connect } from '../../../clients/node/src/index.ts';
import { FakeBroker, Refusal, resultOfError } from '../../support/fake-broker.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** A broker that counts what is published, as GetTopic tells, and closes. */
async function start(): Promise<{ broker: FakeBroker; client: Client; others: { count: number } }> {
  const broker = await FakeBroker.start();
  const others = { count: 0 };
  const countOf = () =>
    broker.published.reduce((count, { request }) => count + request.messages.length, others.count);
  broker.onGetTopic = ({ topic }) => {
    const count = countOf();
    if (count === 0) throw new Refusal('TOPIC_NOT_FOUND', status.NOT_FOUND);
    return { topic, messageCount: BigInt(count) };
  };
  const client = connect(broker.address, { retry: { initialBackoffMs: 5, maxBackoffMs: 20 } });
  closers.push(
    () => broker.stop(),
    () => client.close().catch(() => {}),
  );
  return { broker, client, others };
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

describe('Channel', () => {
  it('is the topic chan/<name>', async () => {
    const { broker, client } = await start();
    const channel = client.channel('some_chan');
    expect(channel.topic).toBe('chan/some_chan');
    await channel.publish('a');
    expect(broker.published[0]?.request.topic).toBe('chan/some_chan');
    expect((await channel.stat()).messageCount).toBe(1);
  });

  it('closes behind what was published, with the checksum of its values', async () => {
    const { client } = await start();
    const channel = client.channel('c');
    void channel.publish('a');
    void channel.publish({ value: 'b', key: 'k', headers: { h: 'v' } });
    expect(await channel.close({ reason: 'done' })).toEqual({
      topic: 'chan/c',
      timestampNs: 1002n,
      messageCount: 2,
      reason: 'done',
      checksum: md5('ab'),
    });
    expect(channel.checksum).toBe(md5('ab'));
  });

  it('closes together with last messages, which are in the checksum', async () => {
    const { broker, client } = await start();
    const channel = client.channel('c');
    await channel.publish('a');
    const last = [Buffer.from('b'), { value: 'c' }];
    const closed = await channel.close({ messages: last, reason: 'done' });
    expect(closed).toMatchObject({ checksum: md5('abc'), reason: 'done' });
    const request = broker.published.at(-1)?.request;
    expect(request?.messages).toHaveLength(2);
    expect(request?.close?.reason).toBe('done');
    expect(channel.checksum).toBe(md5('abc'));
  });

  it('closes a channel that nobody wrote to', async () => {
    const { client } = await start();
    expect(await client.channel('c').close()).toMatchObject({ messageCount: 0, checksum: md5('') });
  });

  it('sends no checksum if others have written, too', async () => {
    const { client, others } = await start();
    others.count = 1;
    const channel = client.channel('c');
    await channel.publish('a');
    expect((await channel.close()).checksum).toBeUndefined();
  });

  it('sums up only what was stored', async () => {
    const { broker, client } = await start();
    const channel = client.channel('c');
    await channel.publish('a');
    broker.onPublish = () => resultOfError('MESSAGE_TOO_LARGE', { limit_bytes: '5' });
    await expect(channel.publish('too large')).rejects.toMatchObject({
      reason: 'MESSAGE_TOO_LARGE',
    });
    expect(channel.checksum).toBe(md5('a'));
  });

  it('publishes and sums up together with other objects of the same name', async () => {
    const { broker, client } = await start();
    await client.channel('c').publish('a');
    await client.channel('c').publishAll(['b', 'c']);
    await client.channel('c').flush();
    expect(broker.publishStreamCount).toBe(1);
    expect(await client.channel('c').close()).toMatchObject({ checksum: md5('abc') });
  });

  it('closes once, and refuses to publish from then on', async () => {
    const { broker, client } = await start();
    const channel = client.channel('c');
    await channel.publish('a');
    const closing = channel.close();
    await expect(channel.publish('b')).rejects.toMatchObject({ reason: 'CHANNEL_CLOSED' });
    await expect(channel.publishAll(['b'])).rejects.toMatchObject({ reason: 'CHANNEL_CLOSED' });
    expect(await channel.close()).toBe(await closing);
    expect(broker.published.filter(({ request }) => request.close)).toHaveLength(1);
    expect(broker.published).toHaveLength(2);
  });

  it('can be closed again after a close that failed', async () => {
    const { broker, client } = await start();
    const channel = client.channel('c');
    broker.onPublish = () => resultOfError('LIMIT_EXCEEDED');
    void channel.publish('a');
    await expect(channel.close()).rejects.toMatchObject({ reason: 'LIMIT_EXCEEDED' });
    broker.onPublish = (request) => broker.store(request);
    broker.published.length = 0;
    await channel.publish('b');
    expect(await channel.close()).toMatchObject({ checksum: md5('b') });
  });

  it('begins afresh after the channel was deleted', async () => {
    const { broker, client } = await start();
    const channel = client.channel('c');
    await channel.publish('a');
    await channel.close();
    await client.deleteChannel('c');
    broker.published.length = 0;
    const next = client.channel('c');
    expect(next.checksum).toBe(md5(''));
    await next.publish('b');
    expect(next.checksum).toBe(md5('b'));
  });

  it('is read from the earliest message unless told otherwise', async () => {
    const { broker, client } = await start();
    broker.onSubscribe = (stream) => stream.end();
    const controller = new AbortController();
    const subscriptions = [undefined, { from: 'latest' }].map((options) =>
      client
        .channel('c')
        .subscribe({ ...options, signal: controller.signal })
        .started(),
    );
    const settled = Promise.allSettled(subscriptions);
    await expect.poll(() => broker.subscribed.length).toBeGreaterThanOrEqual(2);
    controller.abort();
    await settled;
    expect(broker.subscribed.slice(0, 2)).toMatchObject([
      { topic: 'chan/c', from: { at: { $case: 'edge', value: Edge.EARLIEST } } },
      { topic: 'chan/c', from: { at: { $case: 'edge', value: Edge.LATEST } } },
    ]);
  });
});
