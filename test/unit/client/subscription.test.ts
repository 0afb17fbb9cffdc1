import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { EndReason, Message, SubscribeResponse } from 'playhead-proto';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type Client,
  connect,
  PlayheadError,
  type SubscribeOptions,
  type SubscriptionEvent,
} from '../../../clients/node/src/index.ts';
import { FakeBroker, type SubscribeStream } from '../../support/fake-broker.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

type Part = Parameters<typeof SubscribeResponse.fromPartial>[0];

const END = { event: { $case: 'end', value: { reason: EndReason.CLOSED } } } as const;

/** A client whose subscriptions get these responses, behind a Started. */
async function start(...responses: Part[]): Promise<{ broker: FakeBroker; client: Client }> {
  const broker = await FakeBroker.start();
  broker.onSubscribe = (stream: SubscribeStream) => {
    stream.write(SubscribeResponse.fromPartial({ event: { $case: 'started', value: {} } }));
    for (const response of responses) stream.write(SubscribeResponse.fromPartial(response));
    if (responses.at(-1) === END) stream.end();
  };
  const client = connect(broker.address, { retry: { initialBackoffMs: 5, maxBackoffMs: 20 } });
  closers.push(
    () => broker.stop(),
    () => client.close(),
  );
  return { broker, client };
}

let nextTimestampNs = 1n;
const messages = (...values: string[]) =>
  values.map((value) =>
    Message.fromPartial({ timestampNs: nextTimestampNs++, value: Buffer.from(value) }),
  );

const md5 = (text: string) => createHash('md5').update(text).digest();

const closed = (topic: string, messageCount: bigint, checksum: Uint8Array = Buffer.alloc(0)) => ({
  event: {
    $case: 'closed' as const,
    value: { topic, messageCount, checksum, timestampNs: 99n, reason: 'done' },
  },
});

describe('Subscription as messages', () => {
  it('hands out messages in order and ends at the close marker', async () => {
    const { client } = await start(
      { messages: messages('a', 'b') },
      { messages: messages('c') },
      closed('t', 3n),
      END,
    );
    const subscription = client.subscribe('t', { from: 'earliest' });
    const texts: string[] = [];
    for await (const message of subscription) {
      texts.push(message.text);
      expect(subscription.lastTimestampNs).toBe(message.timestampNs);
      expect(subscription.messageCount).toBe(texts.length);
    }
    expect(texts).toEqual(['a', 'b', 'c']);
    expect(subscription.closed).toEqual({
      topic: 't',
      messageCount: 3,
      reason: 'done',
      timestampNs: 99n,
      checksum: undefined,
    });
  });

  it('serves calls of next() that do not wait for each other, in order', async () => {
    const { client } = await start(
      { messages: messages('a', 'b') },
      { messages: messages('c') },
      END,
    );
    const iterator = client.subscribe('t')[Symbol.asyncIterator]();
    const results = await Promise.all([1, 2, 3, 4, 5].map(() => iterator.next()));
    expect(results.map(({ value }) => value?.text)).toEqual(['a', 'b', 'c', undefined, undefined]);
  });

  it('throws TOPIC_DELETED behind the last message', async () => {
    const { client } = await start(
      { messages: messages('a') },
      { event: { $case: 'deleted', value: { topic: 't' } } },
      END,
    );
    const texts: string[] = [];
    const read = async () => {
      for await (const { text } of client.subscribe('t')) texts.push(text);
    };
    await expect(read()).rejects.toMatchObject({
      reason: 'TOPIC_DELETED',
      metadata: { topic: 't' },
    });
    expect(texts).toEqual(['a']);
  });

  it('cancels the call when the loop is left', async () => {
    const { broker, client } = await start();
    let cancelled: Promise<unknown> | undefined;
    broker.onSubscribe = (stream) => {
      cancelled = once(stream, 'cancelled');
      stream.write(SubscribeResponse.fromPartial({ messages: messages('a', 'b') }));
    };
    for await (const _ of client.subscribe('t')) break;
    await cancelled;
  });

  it('is read once', async () => {
    const { client } = await start(END);
    const subscription = client.subscribe('t');
    subscription.batches();
    expect(() => subscription[Symbol.asyncIterator]()).toThrow(
      'the subscription to t is read already',
    );
    expect(() => subscription.events()).toThrow(TypeError);
  });
});

describe('Subscription as batches', () => {
  it('hands out the messages of each response together', async () => {
    const { client } = await start(
      { messages: messages('a', 'b') },
      { messages: messages('c') },
      END,
    );
    const subscription = client.subscribe('t');
    const batches: string[][] = [];
    for await (const batch of subscription.batches()) batches.push(batch.map(({ text }) => text));
    expect(batches).toEqual([['a', 'b'], ['c']]);
    expect(subscription.messageCount).toBe(3);
  });

  it('parts a large response into batches of at most 128 messages, in order', async () => {
    const values = Array.from({ length: 300 }, (_, i) => `${i}`);
    const { client } = await start({ messages: messages(...values) }, END);
    const batches: string[][] = [];
    for await (const batch of client.subscribe('t').batches()) {
      batches.push(batch.map(({ text }) => text));
    }
    expect(batches.map(({ length }) => length)).toEqual([128, 128, 44]);
    expect(batches.flat()).toEqual(values);
  });

  it('is cancelled by its signal in the middle of a response', async () => {
    const values = Array.from({ length: 300 }, (_, i) => `${i}`);
    const { client } = await start({ messages: messages(...values) });
    const controller = new AbortController();
    const subscription = client.subscribe('t', { signal: controller.signal });
    const read = async () => {
      for await (const _ of subscription.batches()) controller.abort();
    };
    await expect(read()).rejects.toMatchObject({ reason: 'CANCELLED' });
    expect(subscription.messageCount).toBe(128);
  });

  it('hands out nothing more of a response once it is closed, and keeps the last timestamp', async () => {
    const values = Array.from({ length: 300 }, (_, i) => `${i}`);
    const { client } = await start({ messages: messages(...values) }, END);
    const subscription = client.subscribe('t');
    let lastTimestampNs: bigint | undefined;
    for await (const batch of subscription.batches()) {
      lastTimestampNs = batch.at(-1)?.timestampNs;
      await subscription.close();
    }
    expect(subscription.messageCount).toBe(128);
    expect(subscription.lastTimestampNs).toBe(lastTimestampNs);
  });
});

describe('Subscription as events', () => {
  it('tells what happens between messages, a deletion among it', async () => {
    const { client } = await start(
      { event: { $case: 'trimmed', value: { topic: 't', firstTimestampNs: 7n } } },
      {
        messages: messages('a'),
        event: { $case: 'caughtUp', value: { nextTimestampNs: 8n } },
      },
      { event: { $case: 'trimmed', value: { topic: 't', firstTimestampNs: 0n } } },
      { event: { $case: 'deleted', value: { topic: 't' } } },
      END,
    );
    const events: SubscriptionEvent[] = [];
    for await (const event of client.subscribe('t').events()) events.push(event);
    expect(events).toMatchObject([
      { type: 'trimmed', topic: 't', firstTimestampNs: 7n },
      { type: 'message' },
      { type: 'caught_up', nextTimestampNs: 8n },
      { type: 'trimmed', topic: 't', firstTimestampNs: undefined },
      { type: 'deleted', topic: 't' },
    ]);
  });

  it('goes on behind closed and deleted topics of a glob, and names the topic of each message', async () => {
    const { client } = await start(
      closed('a/1', 1n),
      { event: { $case: 'deleted', value: { topic: 'a/2' } } },
      {
        messages: messages('x', 'y'),
        runs: [
          { topic: 'a/3', messageCount: 1 },
          { topic: 'a/4', messageCount: 1 },
        ],
      },
      END,
    );
    const seen: string[] = [];
    const subscription = client.subscribe('a/*', { from: 'earliest' });
    for await (const { topic, text } of subscription) seen.push(`${topic} ${text}`);
    expect(seen).toEqual(['a/3 x', 'a/4 y']);
    expect(subscription.closed).toBeUndefined();
    expect(subscription.isComplete).toBeUndefined();
  });
});

describe('Subscription.isComplete and isVerified', () => {
  const cases: [
    string,
    string,
    SubscribeOptions,
    Part,
    boolean | undefined,
    boolean | undefined,
  ][] = [
    ['all and the same checksum', 'chan/c', {}, closed('chan/c', 2n, md5('ab')), true, true],
    ['another checksum', 'chan/c', {}, closed('chan/c', 2n, md5('ax')), true, false],
    ['fewer than were written', 'chan/c', {}, closed('chan/c', 3n, md5('ab')), false, false],
    ['no checksum of the writer', 'chan/c', {}, closed('chan/c', 2n), true, undefined],
    ['no channel', 't', {}, closed('t', 2n, md5('ab')), true, undefined],
    ['a part', 'chan/c', { from: 5n }, closed('chan/c', 2n, md5('ab')), undefined, undefined],
    ['no close marker', 'chan/c', {}, {}, undefined, undefined],
  ];
  it.each(cases)('with %s', async (_, topic, options, last, isComplete, isVerified) => {
    const { client } = await start({ messages: messages('a', 'b') }, last, END);
    const subscription = client.subscribe(topic, { from: 'earliest', ...options });
    for await (const _message of subscription);
    expect(subscription.isComplete).toBe(isComplete);
    expect(subscription.isVerified).toBe(isVerified);
  });

  it('shows the checksum of what was received', async () => {
    const { client } = await start({ messages: messages('a', 'b') }, END);
    const subscription = client.subscribe('chan/c', { from: 'earliest' });
    for await (const _message of subscription);
    expect(subscription.checksum).toBe(md5('ab').toString('hex'));
    expect(client.subscribe('t', { from: 'earliest' }).checksum).toBeUndefined();
  });
});

describe('SubscribeOptions', () => {
  it.each<SubscribeOptions>([
    { limit: 0 },
    { limit: 1.5 },
    { follow: false, until: 5n },
    { from: 'yesterday' },
    { from: { last: 0 } },
    { until: '5' },
  ])('refuses %o with a TypeError', async (options) => {
    const { client } = await start(END);
    expect(() => client.subscribe('t', options)).toThrow(TypeError);
  });

  it('reports a response that makes no sense as INTERNAL', async () => {
    const { client } = await start({
      messages: [{ value: Buffer.from('x') }],
      runs: [],
      event: { $case: 'end', value: { reason: EndReason.ERROR } },
    });
    const read = async () => {
      for await (const _message of client.subscribe('t'));
    };
    await expect(read()).rejects.toThrow(PlayheadError);
  });
});
