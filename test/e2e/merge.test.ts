import type { Client, Message } from 'playhead-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBroker } from '../support/broker.ts';
import { collect, numbered, take } from '../support/collect.ts';

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

const origins = (messages: readonly Message[]) =>
  messages.map(({ topic, text }) => `${topic} ${text}`);

async function publish(topic: string, ...values: string[]): Promise<void> {
  await client.publisher(topic).publishAll(values);
}

describe('a glob', () => {
  it('merges its topics in the one order in which they were published', async () => {
    const expected: string[] = [];
    for (const value of numbered(30)) {
      const topic = `order/${value.length % 2 === 0 ? 'even' : 'odd'}-${expected.length % 7}`;
      await publish(topic, value);
      expected.push(`${topic} ${value}`);
    }
    const glob = { from: 'earliest', limit: 30 } as const;
    const messages = await collect(client.subscribe('order/*', glob));
    expect(origins(messages)).toEqual(expected);
    expect(origins(await collect(client.subscribe('order/*', glob)))).toEqual(expected);
  });

  it('includes topics that are created later', async () => {
    const messages = client.subscribe('later/**')[Symbol.asyncIterator]();
    const first = take(messages, 1);
    await startedOnce('later/probe');
    await publish('later/a', '1');
    expect(origins(await first)).toEqual(['later/a 1']);
    await publish('later/b', '2');
    await publish('later/deep/down/c', '3');
    await publish('elsewhere/d', 'not this');
    await publish('later/a', '4');
    expect(origins(await take(messages, 3))).toEqual([
      'later/b 2',
      'later/deep/down/c 3',
      'later/a 4',
    ]);
    await messages.return?.();
  });

  it.each([
    ['match/*', ['match/a', 'match/b']],
    ['match/**', ['match/a', 'match/b', 'match/b/c', 'match/b.d']],
    ['match/b/*', ['match/b/c']],
    ['match/*/c', ['match/b/c']],
    ['match/b.*', ['match/b.d']],
    ['**/b/c', ['match/b/c']],
    ['match/a', ['match/a']],
    ['match/none/*', []],
  ])('%s stands for %j', async (glob, expected) => {
    for (const topic of ['match/a', 'match/b', 'match/b/c', 'match/b.d', 'mismatch/a']) {
      if (!(await exists(topic))) await publish(topic, 'x');
    }
    const page = await client.read(glob);
    expect(page.messages.map(({ topic }) => topic)).toEqual(expected);
  });

  it('can be wound back to any message', async () => {
    for (const value of numbered(12)) await publish(`back/${Number(value.slice(2)) % 3}`, value);
    const all = await collect(client.subscribe('back/*', { from: 'earliest', limit: 12 }));
    for (const [i, { timestampNs }] of all.entries()) {
      const rest = await collect(client.subscribe('back/*', { from: timestampNs, follow: false }));
      expect(origins(rest)).toEqual(origins(all).slice(i));
    }
    const middle = { from: all[3]?.timestampNs ?? 0n, until: all[9]?.timestampNs ?? 0n };
    expect(origins(await collect(client.subscribe('back/*', middle)))).toEqual(
      origins(all).slice(3, 9),
    );
    expect(
      origins(await collect(client.subscribe('back/*', { from: { last: 5 }, follow: false }))),
    ).toEqual(origins(all).slice(-5));
  });

  it('keeps the total order while many publish at full speed', async () => {
    const topics = numbered(10, 'busy/t');
    const count = 2000;
    const live = collect(client.subscribe('busy/*', { from: 'earliest', limit: count * 10 }));
    await Promise.all(topics.map((topic) => client.publisher(topic).publishAll(numbered(count))));
    const following = await live;
    const again = await collect(client.subscribe('busy/*', { from: 'earliest', follow: false }));
    expect(origins(following)).toEqual(origins(again));
    for (const [i, { timestampNs }] of following.entries()) {
      if (i > 0) expect(timestampNs > (following[i - 1]?.timestampNs ?? 0n)).toBe(true);
    }
    for (const topic of topics) {
      const values = following.filter((message) => message.topic === topic);
      expect(values.map(({ text }) => text)).toEqual(numbered(count));
    }
  });

  it('goes on when one of its topics is closed or deleted, and tells of it', async () => {
    await publish('ends/a', '1');
    await publish('ends/b', '2');
    await using subscription = client.subscribe('ends/*', { from: 'earliest' });
    const events = subscription.events();
    expect((await take(events, 3)).map(({ type }) => type)).toEqual([
      'message',
      'message',
      'caught_up',
    ]);
    const next = async (type: string) => {
      for await (const event of { [Symbol.asyncIterator]: () => ({ next: () => events.next() }) }) {
        if (event.type === type) return event;
      }
      return undefined;
    };
    const closed = await client.topics.close('ends/a', { reason: 'done' });
    expect(await next('closed')).toEqual({ type: 'closed', closed });
    await client.topics.delete('ends/b');
    expect(await next('deleted')).toEqual({ type: 'deleted', topic: 'ends/b' });
    await publish('ends/c', '3');
    const message = await next('message');
    expect(message).toMatchObject({ message: { topic: 'ends/c', text: '3' } });
  });

  it('does not show what was trimmed or deleted before', async () => {
    await publish('gone/deleted', 'x');
    const { firstTimestampNs } = await client
      .publisher('gone/trimmed')
      .publishBatch(['old', 'new']);
    await publish('gone/kept', 'y');
    await client.topics.trim('gone/trimmed', firstTimestampNs + 1n);
    await client.topics.delete('gone/deleted');
    const messages = await collect(client.subscribe('gone/*', { from: 'earliest', follow: false }));
    expect(origins(messages)).toEqual(['gone/trimmed new', 'gone/kept y']);
  });

  it('over all topics is the whole tape', async () => {
    const before = await collect(client.subscribe('**', { from: 'earliest', follow: false }));
    let retained = 0;
    for await (const { messageCount } of client.topics.list()) retained += messageCount;
    expect(before).toHaveLength(retained);
  });

  it('that is malformed is refused', async () => {
    for (const glob of ['a*', 'a/***', '*/']) {
      await expect(collect(client.subscribe(glob))).rejects.toMatchObject({
        reason: 'INVALID_ARGUMENT',
      });
    }
  });
});

async function exists(topic: string): Promise<boolean> {
  const { topics } = await client.topics.listPage({ glob: topic });
  return topics.length > 0;
}

/** Once this is answered, the broker has taken the subscriptions that were opened before. */
async function startedOnce(topic: string): Promise<void> {
  await using subscription = client.subscribe(topic);
  await subscription.started();
}
