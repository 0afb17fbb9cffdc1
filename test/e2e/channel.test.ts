import { createHash } from 'node:crypto';
import { connect } from 'playhead-client';
import { describe, expect, it } from 'vitest';
import { TestBroker } from '../support/broker.ts';
import { collect, numbered, take, texts } from '../support/collect.ts';

const md5 = (values: readonly string[]) => createHash('md5').update(values.join('')).digest('hex');

describe('a reader of a channel', () => {
  it('gets the whole list if it starts before the channel exists', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    const reader = client.channel('early').subscribe();
    await reader.started();
    const read = texts(reader);
    await using writer = broker.connect();
    const channel = writer.channel('early');
    await channel.publishAll(['a', 'b', 'c']);
    await channel.close();
    expect(await read).toEqual(['a', 'b', 'c']);
    expect(reader).toMatchObject({ isComplete: true, isVerified: true, messageCount: 3 });
  });

  it('gets the whole list if it starts in the middle of it', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    const channel = client.channel('middle');
    await channel.publishAll(numbered(100, 'before'));
    const reader = channel.subscribe();
    const messages = reader[Symbol.asyncIterator]();
    expect(await take(messages, 40)).toHaveLength(40);
    await channel.publishAll(numbered(100, 'after'));
    await channel.close();
    const rest = await take(messages, 1000);
    expect(rest.map(({ text }) => text)).toEqual([
      ...numbered(100, 'before').slice(40),
      ...numbered(100, 'after'),
    ]);
    expect(reader.isVerified).toBe(true);
  });

  it('gets the whole list after the close, again and again', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    const channel = client.channel('after');
    const values = numbered(5000);
    await channel.publishAll(values);
    await channel.close();
    expect(await texts(channel.subscribe())).toEqual(values);
    expect(await texts(channel.subscribe())).toEqual(values);
    await broker.restart();
    await using other = connect(broker.address);
    const reader = other.channel('after').subscribe();
    expect(await texts(reader)).toEqual(values);
    expect(reader.isVerified).toBe(true);
  });

  it('is one of many, and each gets the whole list', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    const channel = client.channel('shared');
    const values = numbered(2000);
    const readers: Promise<string[]>[] = [];
    for (let i = 0; i < values.length; i += 100) {
      readers.push(texts(channel.subscribe()));
      await channel.publishAll(values.slice(i, i + 100));
    }
    await channel.close();
    readers.push(texts(channel.subscribe()));
    for (const read of readers) expect(await read).toEqual(values);
  });

  it('can begin at any timestamp', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    const channel = client.channel('rewound');
    const timestamps = await Promise.all(numbered(10).map((value) => channel.publish(value)));
    const { timestampNs: closedNs } = await channel.close();
    for (const [i, from] of timestamps.entries()) {
      expect(await texts(channel.subscribe({ from }))).toEqual(numbered(10).slice(i));
    }
    const reader = channel.subscribe({ from: closedNs + 1n });
    expect(await texts(reader)).toEqual([]);
    expect(reader.closed?.messageCount).toBe(10);
    expect(reader.isComplete).toBeUndefined();
  });

  it('is told of the close, too, if it wants no more than what is there', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    const channel = client.channel('there');
    await channel.publish('a');
    const closed = await channel.close();
    for (const isLast of [true, false]) {
      if (!isLast) await client.publisher('elsewhere').publish('later on the tape');
      const reader = channel.subscribe({ follow: false });
      expect(await texts(reader)).toEqual(['a']);
      expect(reader.closed).toEqual(closed);
      const until = await collect(channel.subscribe({ until: closed.timestampNs }).events());
      expect(until.map(({ type }) => type)).not.toContain('closed');
    }
  });

  it('ends at once if nothing was ever written', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    const reader = client.channel('empty').subscribe();
    const closed = await client.channel('empty').close();
    expect(closed).toMatchObject({ topic: 'chan/empty', messageCount: 0, checksum: md5([]) });
    expect(await texts(reader)).toEqual([]);
    expect(reader).toMatchObject({ isVerified: true, closed });
  });
});

describe('close', () => {
  it('stores the last batch, the reason, the count and the checksum together', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    const channel = client.channel('last');
    const reader = channel.subscribe();
    await channel.publish('first');
    const closed = await channel.close({ messages: ['second', 'third'], reason: 'all said' });
    expect(closed).toMatchObject({
      messageCount: 3,
      reason: 'all said',
      checksum: md5(['first', 'second', 'third']),
    });
    expect(await texts(reader)).toEqual(['first', 'second', 'third']);
    expect(reader.closed).toEqual(closed);
    expect(reader.checksum).toBe(closed.checksum);
    expect(closed.timestampNs).toBeGreaterThan(reader.lastTimestampNs ?? 0n);
    expect((await channel.stat()).closed).toEqual(closed);
  });

  it('carries the checksum of the text that was written', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    const channel = client.channel('text');
    const lines = numbered(3000, 'Ünïcödé ✓').map((line) => `${line}\n`);
    for (const line of lines) void channel.publish(line);
    await channel.flush();
    expect(channel.checksum).toBe(md5(lines));
    expect((await channel.close()).checksum).toBe(md5(lines));
  });

  it('has no checksum if others wrote to the channel, too, but the count of all', async () => {
    await using broker = await TestBroker.start();
    await using first = broker.connect();
    await using second = broker.connect();
    await first.channel('two').publish('a');
    await second.channel('two').publish('b');
    const closed = await first.channel('two').close();
    expect(closed).toMatchObject({ messageCount: 2, checksum: undefined });
    const reader = second.channel('two').subscribe();
    expect(await texts(reader)).toEqual(['a', 'b']);
    expect(reader).toMatchObject({ isComplete: true, isVerified: undefined });
  });

  it('has a checksum only if nobody else came in between, however close they are', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    await using other = broker.connect();
    for (let round = 0; round < 60; round++) {
      const channel = client.channel(`race-${round}`);
      await channel.publish('mine');
      const foreign = other.channel(`race-${round}`);
      const closing = channel.close();
      for (let turn = 0; turn < round % 6; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      const isStored = await foreign.publish('foreign').then(
        () => true,
        () => false,
      );
      const closed = await closing;
      const reader = other.channel(`race-${round}`).subscribe();
      expect(await texts(reader)).toEqual(isStored ? ['mine', 'foreign'] : ['mine']);
      expect(closed.checksum).toBe(isStored ? undefined : md5(['mine']));
      expect(reader.isVerified).not.toBe(false);
    }
  });

  it.each([
    ['nothing', []],
    ['last messages', ['2']],
  ])(
    'with %s is refused once somebody has deleted the channel, and makes no other',
    async (_, messages) => {
      await using broker = await TestBroker.start();
      await using client = broker.connect();
      await using other = broker.connect();
      const channel = client.channel('gone');
      await channel.publish('1');
      await other.deleteChannel('gone');
      await expect(channel.close({ messages })).rejects.toMatchObject({ reason: 'TOPIC_DELETED' });
      await expect(other.topics.get('chan/gone')).rejects.toMatchObject({
        reason: 'TOPIC_NOT_FOUND',
      });
    },
  );

  it('is refused, too, if a publish was told of the deletion before', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    await using other = broker.connect();
    const channel = client.channel('gone');
    await channel.publish('1');
    await other.deleteChannel('gone');
    await expect(channel.publish('2')).rejects.toMatchObject({ reason: 'TOPIC_DELETED' });
    await expect(channel.close()).rejects.toMatchObject({ reason: 'TOPIC_DELETED' });
  });

  it('shows a reader that its values are not those of the writer', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    await client.publisher('chan/forged').publish('tampered');
    await client.topics.close('chan/forged', { checksum: md5(['genuine']) });
    const reader = client.channel('forged').subscribe();
    expect(await texts(reader)).toEqual(['tampered']);
    expect(reader).toMatchObject({ isComplete: true, isVerified: false });
  });

  it('answers as the first time when it comes again, from whomever', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    await using other = broker.connect();
    const channel = client.channel('again');
    await channel.publish('a');
    const closed = await channel.close({ reason: 'first' });
    expect(await channel.close({ reason: 'second' })).toEqual(closed);
    expect(await other.channel('again').close({ reason: 'third' })).toEqual(closed);
    expect(await other.topics.close('chan/again', { reason: 'fourth' })).toEqual(closed);
    await broker.restart();
    expect(await other.topics.close('chan/again')).toEqual(closed);
  });

  it('refuses everything that is published later, and stores nothing of it', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    await using other = broker.connect();
    const channel = client.channel('sealed');
    await channel.publish('a');
    await channel.close();
    const refused = { reason: 'CHANNEL_CLOSED', retryable: false };
    await expect(channel.publish('b')).rejects.toMatchObject({ reason: 'CHANNEL_CLOSED' });
    const elsewhere = await other
      .channel('sealed')
      .publish('c')
      .catch((error: unknown) => error);
    expect(elsewhere).toMatchObject(refused);
    await broker.restart();
    await expect(other.publisher('chan/sealed').publish('d')).rejects.toMatchObject(refused);
    await expect(other.channel('sealed').close({ messages: ['e'] })).rejects.toMatchObject(refused);
    expect(await texts(other.channel('sealed').subscribe())).toEqual(['a']);
  });

  it('is wholly before or wholly behind every concurrent publish', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    const publishers = numbered(8, 'p').map((name) => client.publisher('chan/race', { name }));
    const stored = publishers.map(async (publisher) => {
      const values: string[] = [];
      for (let i = 0; ; i += 2) {
        const pair = [`${publisher.name}-${i}`, `${publisher.name}-${i + 1}`];
        try {
          await publisher.publishBatch(pair);
        } catch (error) {
          expect(error).toMatchObject({ reason: 'CHANNEL_CLOSED' });
          return values;
        }
        values.push(...pair);
      }
    });
    const reader = client.channel('race').subscribe();
    await take(reader[Symbol.asyncIterator](), 100);
    const closed = await client.topics.close('chan/race');
    const acknowledged = (await Promise.all(stored)).flat();
    expect(closed.messageCount).toBe(acknowledged.length);
    const read = await texts(client.channel('race').subscribe());
    expect(read.toSorted()).toEqual(acknowledged.toSorted());
  });
});

describe('deleteChannel', () => {
  it('ends readers and frees the name, which starts empty', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    const channel = client.channel('reused');
    await channel.publishAll(['old-1', 'old-2']);
    const reader = channel.subscribe()[Symbol.asyncIterator]();
    expect(await take(reader, 2)).toHaveLength(2);
    await client.deleteChannel('reused');
    await expect(reader.next()).rejects.toMatchObject({ reason: 'TOPIC_DELETED' });
    await expect(channel.stat()).rejects.toMatchObject({ reason: 'TOPIC_NOT_FOUND' });

    const again = client.channel('reused');
    await again.publish('new');
    const closed = await again.close();
    expect(closed).toMatchObject({ messageCount: 1, checksum: md5(['new']) });
    await broker.restart();
    const rereader = client.channel('reused').subscribe();
    expect(await texts(rereader)).toEqual(['new']);
    expect(rereader.isVerified).toBe(true);
  });

  it('frees the name of a closed channel', async () => {
    await using broker = await TestBroker.start();
    await using client = broker.connect();
    for (const value of ['one', 'two', 'three']) {
      await client.channel('cycle').publish(value);
      await client.channel('cycle').close();
      expect(await texts(client.channel('cycle').subscribe())).toEqual([value]);
      await client.deleteChannel('cycle');
    }
    await expect(client.deleteChannel('cycle')).rejects.toMatchObject({
      reason: 'TOPIC_NOT_FOUND',
    });
  });
});
