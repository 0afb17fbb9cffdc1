import { connect } from 'playhead-client';
import { describe, expect, it } from 'vitest';
import { EventSource } from '../support/event-source.ts';
import type { StreamEvent } from '../support/read-events.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { OwnBroker } from './support.ts';

const HTTP = { httpAddress: '127.0.0.1:0' };
const LAST = 'the last one';

const valueOf = ({ data }: StreamEvent): unknown =>
  typeof data === 'object' && data !== null && 'value' in data ? data.value : undefined;
const topicOf = ({ data }: StreamEvent): unknown =>
  typeof data === 'object' && data !== null && 'topic' in data ? data.topic : undefined;
const isLast = (event: StreamEvent) => valueOf(event) === LAST;

/** Publishes so many messages, to these topics in turn; answers with what was published, in order. */
async function publishMany(
  broker: OwnBroker,
  topics: readonly string[],
  count: number,
  prefix: string,
): Promise<string[]> {
  await using client = connect(broker.address);
  const values = Array.from({ length: count }, (_, i) => `${prefix} ${i} ${'x'.repeat(100)}`);
  const each = 50;
  for (let i = 0; i < count; i += each) {
    const publisher = client.publisher(topics[(i / each) % topics.length] ?? '');
    await publisher.publishAll(values.slice(i, i + each));
  }
  return values;
}

async function publishLast(broker: OwnBroker, topic: string): Promise<void> {
  await using client = connect(broker.address);
  await client.publisher(topic).publish(LAST);
}

/** Messages that came, without what else there was. */
const messagesIn = (source: EventSource) =>
  source.events.filter((event) => event.event === undefined);

describe('an event stream that is cut', () => {
  it.each([
    ['a topic', ['t'], 't'],
    ['a glob', ['a/1', 'a/2', 'a/3'], 'a%2F*'],
  ])('of %s has every message once, in order', async (_, topics, path) => {
    await using broker = await OwnBroker.start(HTTP);
    const before = await publishMany(broker, topics, 2000, 'before');
    await using proxy = await TcpProxy.start(broker.httpAddress);
    proxy.cutEach(40_000);
    const url = `http://${proxy.address}/v1/topics/${path}/messages`;
    const source = new EventSource(() => url);
    const reading = source.readUntil(isLast);
    // It is cut while it catches up, and while it follows.
    const meanwhile = await publishMany(broker, topics, 2000, 'meanwhile');
    await publishLast(broker, topics[0] ?? '');
    await reading;
    expect(source.cutCount).toBeGreaterThan(10);
    const messages = messagesIn(source);
    expect(messages.map(valueOf)).toEqual([...before, ...meanwhile, LAST]);
    const ids = messages.map(({ id }) => BigInt(id ?? 0));
    expect(ids).toEqual(ids.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(new Set(messages.map(topicOf))).toEqual(new Set(topics));
  });

  it.each([
    ['a topic', ['t'], 't'],
    ['a glob', ['a/1', 'a/2'], 'a%2F**'],
  ])(
    'of %s goes on behind the last message after a restart of the broker',
    async (_, topics, path) => {
      await using broker = await OwnBroker.start(HTTP);
      const before = await publishMany(broker, topics, 1000, 'before');
      const source = new EventSource(
        () => `http://${broker.httpAddress}/v1/topics/${path}/messages`,
      );
      const reading = source.readUntil(isLast);
      await expect.poll(() => source.events.some(({ event }) => event === 'caught_up')).toBe(true);
      await broker.restart();
      const meanwhile = await publishMany(broker, topics, 1000, 'meanwhile');
      await broker.restart();
      await publishLast(broker, topics[0] ?? '');
      await reading;
      expect(source.cutCount).toBeGreaterThanOrEqual(2);
      expect(messagesIn(source).map(valueOf)).toEqual([...before, ...meanwhile, LAST]);
    },
  );

  it('is not asked for again behind the close', async () => {
    await using broker = await OwnBroker.start(HTTP);
    await publishMany(broker, ['t'], 1000, 'all');
    await fetch(`http://${broker.httpAddress}/v1/topics/t/close`, { method: 'POST' });
    await using proxy = await TcpProxy.start(broker.httpAddress);
    const url = `http://${proxy.address}/v1/topics/t/messages`;
    const source = new EventSource(() => url);
    proxy.cutEach(40_000);
    await source.readUntil(({ event }) => event === 'closed');
    expect(messagesIn(source)).toHaveLength(1000);
    const closed = source.events.at(-1);
    const headers = { accept: 'text/event-stream', 'last-event-id': closed?.id ?? '' };
    proxy.repair();
    expect((await fetch(url, { headers })).status).toBe(204);
  });
});
