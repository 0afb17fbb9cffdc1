import type { Client, TopicInfo } from 'playhead-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBroker } from '../support/broker.ts';
import { collect, numbered, take, texts } from '../support/collect.ts';

let broker: TestBroker;
let client: Client;

beforeAll(async () => {
  broker = await TestBroker.start();
  client = broker.connect();
});
afterAll(async () => {
  await client.close();
  await broker[Symbol.asyncDispose]();
});

const namesOf = (topics: readonly TopicInfo[]) => topics.map(({ topic }) => topic);

describe('create', () => {
  it('answers with the topic and its settings, which outlive a restart', async () => {
    const config = { maxAgeMs: 60_000, maxBytes: 1e9, maxMessages: 5e6, maxMessageBytes: 1000 };
    const created = await client.topics.create('create/all', config);
    expect(created).toMatchObject({
      topic: 'create/all',
      config,
      messageCount: 0,
      byteCount: 0,
      firstTimestampNs: undefined,
      lastTimestampNs: undefined,
      closed: undefined,
    });
    await broker.restart();
    expect(await client.topics.get('create/all')).toMatchObject({
      config,
      createdTimestampNs: created.createdTimestampNs,
    });
  });

  it('again with the same settings answers with the same topic', async () => {
    const first = await client.topics.create('create/again', { maxMessages: 5 });
    await client.publisher('create/again').publish('a');
    const again = await client.topics.create('create/again', { maxMessages: 5 });
    expect(again).toMatchObject({ createdTimestampNs: first.createdTimestampNs, messageCount: 1 });
  });

  it('with other settings is refused with TOPIC_EXISTS', async () => {
    await client.topics.create('create/other', { maxMessages: 5 });
    await expect(client.topics.create('create/other')).rejects.toMatchObject({
      reason: 'TOPIC_EXISTS',
      metadata: { topic: 'create/other' },
    });
  });

  it.each([
    [{ maxAgeMs: -1 }, 'INVALID_ARGUMENT'],
    [{ maxBytes: -1 }, 'INVALID_ARGUMENT'],
    [{ maxMessages: -1 }, 'INVALID_ARGUMENT'],
    [{ maxMessageBytes: 2 ** 30 }, 'INVALID_ARGUMENT'],
  ])('is refused with %j', async (config, reason) => {
    await expect(client.topics.create('create/bad', config)).rejects.toMatchObject({ reason });
    await expect(client.topics.get('create/bad')).rejects.toMatchObject({
      reason: 'TOPIC_NOT_FOUND',
    });
  });

  it('sets the largest message, and names it when one is over it', async () => {
    await client.topics.create('create/small', { maxMessageBytes: 100 });
    const publisher = client.publisher('create/small');
    await publisher.publish('x'.repeat(90));
    await expect(publisher.publish('x'.repeat(101))).rejects.toMatchObject({
      reason: 'MESSAGE_TOO_LARGE',
      message: expect.stringMatching(/create\/small.*100/),
      metadata: { limit_bytes: '100' },
    });
    expect((await client.topics.get('create/small')).messageCount).toBe(1);
  });
});

describe('get', () => {
  it('tells count, size, first and last timestamp, rate and subscribers', async () => {
    const { firstTimestampNs, lastTimestampNs } = await client
      .publisher('get/facts')
      .publishBatch(numbered(100));
    await using subscription = client.subscribe('get/facts');
    await subscription.started();
    const topic = await client.topics.get('get/facts');
    expect(topic).toMatchObject({
      messageCount: 100,
      firstTimestampNs,
      lastTimestampNs,
      closed: undefined,
      subscriberCount: 1,
    });
    expect(topic.byteCount).toBeGreaterThan(100 * 'm-10'.length);
    expect(topic.messagesPerSecond).toBeGreaterThan(0);
    expect(topic.bytesPerSecond).toBeGreaterThan(topic.messagesPerSecond);
    await subscription.close();
    await expect
      .poll(() => client.topics.get('get/facts'), { timeout: 10_000 })
      .toMatchObject({ subscriberCount: 0 });
  });

  it('tells the close marker of a closed topic', async () => {
    await client.publisher('get/closed').publish('a');
    const closed = await client.topics.close('get/closed', { reason: 'finished' });
    expect((await client.topics.get('get/closed')).closed).toEqual(closed);
  });

  it('of a topic that is not there is refused with TOPIC_NOT_FOUND', async () => {
    await expect(client.topics.get('get/nothing')).rejects.toMatchObject({
      reason: 'TOPIC_NOT_FOUND',
      retryable: false,
      metadata: { topic: 'get/nothing' },
    });
  });
});

describe('update', () => {
  it('changes what is set and leaves the rest', async () => {
    await client.topics.create('update/some', { maxAgeMs: 60_000, maxMessages: 5 });
    const updated = await client.topics.update('update/some', { maxMessages: 7 });
    expect(updated.config).toMatchObject({ maxAgeMs: 60_000, maxMessages: 7 });
    const cleared = await client.topics.update('update/some', { maxAgeMs: 0 });
    expect(cleared.config).toMatchObject({ maxAgeMs: 0, maxMessages: 7 });
    await broker.restart();
    expect((await client.topics.get('update/some')).config).toEqual(cleared.config);
  });

  it('of a topic that is not there is refused', async () => {
    await expect(client.topics.update('update/nothing', {})).rejects.toMatchObject({
      reason: 'TOPIC_NOT_FOUND',
    });
  });
});

describe('list', () => {
  it('answers by name, page by page, with what matches', async () => {
    const names = numbered(25, 'list/t').toSorted();
    for (const name of names) await client.topics.create(name);
    await client.topics.create('list/other/deep');
    expect(namesOf(await collect(client.topics.list('list/*', { pageSize: 4 })))).toEqual(names);
    expect(await collect(client.topics.list('list/**'))).toHaveLength(26);

    const pages: number[] = [];
    let pageToken: string | undefined;
    do {
      const page = await client.topics.listPage({ glob: 'list/*', pageSize: 10, pageToken });
      pages.push(page.topics.length);
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    expect(pages).toEqual([10, 10, 5]);
  });

  it('without a glob answers with all topics, and with none that are deleted', async () => {
    await client.topics.create('list-all/kept');
    await client.topics.create('list-all/deleted');
    await client.topics.delete('list-all/deleted');
    const names = namesOf(await collect(client.topics.list()));
    expect(names).toContain('list-all/kept');
    expect(names).not.toContain('list-all/deleted');
    expect(names).toEqual(names.toSorted());
  });

  it('goes on where it was though topics come and go between pages', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await client.topics.create(`moving/${name}`);
    const list = client.topics.list('moving/*', { pageSize: 2 });
    expect(namesOf(await take(list, 2))).toEqual(['moving/a', 'moving/b']);
    await client.topics.delete('moving/b');
    await client.topics.create('moving/aa');
    await client.topics.create('moving/bb');
    expect(namesOf(await take(list, 10))).toEqual(['moving/bb', 'moving/c', 'moving/d']);
  });

  it('is refused with a page that is too large or a glob that is none', async () => {
    for (const options of [{ pageSize: 1001 }, { pageSize: -1 }, { glob: 'a*' }]) {
      await expect(client.topics.listPage(options)).rejects.toMatchObject({
        reason: 'INVALID_ARGUMENT',
      });
    }
  });
});

describe('trim', () => {
  it('removes what is before the timestamp, for all readers and for ever', async () => {
    const { firstTimestampNs } = await client.publisher('trim/some').publishBatch(numbered(10));
    const topic = await client.topics.trim('trim/some', firstTimestampNs + 3n);
    expect(topic).toMatchObject({ messageCount: 7, firstTimestampNs: firstTimestampNs + 3n });
    const read = () => texts(client.subscribe('trim/some', { from: 'earliest', follow: false }));
    expect(await read()).toEqual(numbered(10).slice(3));
    await client.topics.trim('trim/some', firstTimestampNs);
    expect(await read()).toEqual(numbered(10).slice(3));
    await broker.restart();
    expect(await read()).toEqual(numbered(10).slice(3));
  });

  it('of everything leaves an empty topic that goes on', async () => {
    const publisher = client.publisher('trim/all');
    const { lastTimestampNs } = await publisher.publishBatch(numbered(10));
    const topic = await client.topics.trim('trim/all', lastTimestampNs + 1n);
    expect(topic).toMatchObject({ messageCount: 0, byteCount: 0, firstTimestampNs: undefined });
    expect(topic.lastTimestampNs).toBe(lastTimestampNs);
    await publisher.publish('new');
    expect(await texts(client.subscribe('trim/all', { from: 'earliest', limit: 1 }))).toEqual([
      'new',
    ]);
  });

  it('works on a closed topic, whose marker still counts everything', async () => {
    const channel = client.channel('trimmed');
    await channel.publishAll(numbered(10));
    const closed = await channel.close();
    await client.topics.trim(channel.topic, closed.timestampNs);
    const reader = channel.subscribe();
    expect(await texts(reader)).toEqual([]);
    expect(reader).toMatchObject({ closed, isComplete: false, isVerified: false });
  });

  it('reaches a reader in the middle, which is told', async () => {
    const values = numbered(3000).map((value) => value.padEnd(4096));
    const { lastTimestampNs = 0n } = await client.publisher('trim/under').publishAll(values);
    await using slow = broker.connect();
    const events = slow.subscribe('trim/under', { from: 'earliest' }).events();
    expect(await take(events, 1)).toMatchObject([{ type: 'message' }]);
    await client.topics.trim('trim/under', lastTimestampNs);
    for await (const event of events) {
      if (event.type !== 'trimmed') continue;
      expect(event.firstTimestampNs).toBe(lastTimestampNs);
      break;
    }
  });
});

describe('delete', () => {
  it('ends subscriptions and publishers, and frees the name', async () => {
    const publisher = client.publisher('delete/used');
    await publisher.publish('old');
    const events = collect(client.subscribe('delete/used', { from: 'earliest' }).events());
    await using other = client.subscribe('delete/used');
    await other.started();
    await client.topics.delete('delete/used');
    expect((await events).at(-1)).toEqual({ type: 'deleted', topic: 'delete/used' });
    await expect(texts(other)).rejects.toMatchObject({ reason: 'TOPIC_DELETED' });
    await expect(publisher.publish('late')).rejects.toMatchObject({ reason: 'TOPIC_DELETED' });
    await expect(client.topics.get('delete/used')).rejects.toMatchObject({
      reason: 'TOPIC_NOT_FOUND',
    });

    await client.publisher('delete/used').publish('new');
    expect(await texts(client.subscribe('delete/used', { from: 'earliest', limit: 1 }))).toEqual([
      'new',
    ]);
  });

  it('stays done over a restart', async () => {
    await client.publisher('delete/restart').publish('old');
    await client.topics.delete('delete/restart');
    await broker.restart();
    await expect(client.topics.get('delete/restart')).rejects.toMatchObject({
      reason: 'TOPIC_NOT_FOUND',
    });
    await client.topics.create('delete/restart');
    expect((await client.topics.get('delete/restart')).messageCount).toBe(0);
  });

  it('of a topic that is not there is refused', async () => {
    await expect(client.topics.delete('delete/nothing')).rejects.toMatchObject({
      reason: 'TOPIC_NOT_FOUND',
    });
  });
});
