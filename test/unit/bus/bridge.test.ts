import { describe, expect, it } from 'vitest';
import type { BusEvent } from '../../../src/bus/index.ts';
import { createBus } from '../../../src/bus/index.ts';
import { ManualClock, open } from '../../../src/index.ts';
import { collect } from '../../support/collect.ts';

const openBroker = () => open({ memory: true });

/** A bus, and what its one handler has seen. */
function listeningBus(matcher = '.') {
  const bus = createBus({ onError: () => {} });
  const seen: BusEvent[] = [];
  let wake = () => {};
  bus.registerHandler('seen', {
    matcher,
    handle: (event) => {
      seen.push(event);
      wake();
    },
  });
  const count = async (wanted: number) => {
    while (seen.length < wanted) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return seen.map(({ data }) => data);
  };
  return { bus, seen, count };
}

/** Lets everything happen that is under way. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('a bridge that publishes', () => {
  it('has the events of its topics on the tape when emit resolves, and no others', async () => {
    await using broker = await openBroker();
    const { bus } = listeningBus();
    bus.registerTopics('order.created', 'user.created');
    await bus.bridge(broker, { publish: 'order.**' });
    await bus.emit('order.created', { amount: 5 }, { id: 'e1', txId: 't1', source: 'shop' });
    await bus.emit('user.created', {});
    const { messages } = await broker.read('**');
    expect(messages.map(({ topic, text }) => [topic, text])).toEqual([
      ['order.created', '{"amount":5}'],
    ]);
    const headers = messages[0]?.headers.map(({ name, value }) => [name, String(value)]);
    expect(Object.fromEntries(headers ?? [])).toMatchObject({
      'event-id': 'e1',
      'event-tx-id': 't1',
      'event-source': 'shop',
      'event-occurred-at': expect.stringMatching(/^\d{19}$/),
    });
  });

  it('keeps the order in which was emitted, also of what handlers emit', async () => {
    await using broker = await openBroker();
    const bus = createBus();
    bus.registerTopics('first', 'second');
    await bus.bridge(broker, { publish: '**' });
    bus.registerHandler('chain', {
      matcher: 'first',
      handle: ({ data }, context) => bus.emit('second', data, context),
    });
    for (let i = 0; i < 3; i++) void bus.emit('first', i);
    await bus.flush();
    const { messages } = await broker.read('first');
    expect(messages.map(({ text }) => text)).toEqual(['0', '1', '2']);
    const seconds = await broker.read('second');
    expect(seconds.messages).toHaveLength(3);
  });

  it('makes emit reject with what the codec or the broker says, and handlers are called', async () => {
    await using broker = await openBroker();
    const { bus, seen } = listeningBus();
    bus.registerTopics('a');
    await broker.topics.create('a');
    await broker.topics.close('a');
    await bus.bridge(broker, { publish: 'a' });
    await expect(bus.emit('a', 1)).rejects.toMatchObject({
      errors: [{ reason: 'CHANNEL_CLOSED' }],
    });
    await expect(bus.emit('a', 1n)).rejects.toMatchObject({ errors: [expect.any(TypeError)] });
    expect(seen).toHaveLength(2);
  });

  it('puts what was emitted before the bus was closed', async () => {
    await using broker = await openBroker();
    const bus = createBus();
    bus.registerTopics('a');
    await bus.bridge(broker, { publish: 'a' });
    for (let i = 0; i < 100; i++) void bus.emit('a', i);
    await bus.close();
    expect((await broker.read('a')).messages).toHaveLength(100);
  });
});

describe('a bridge that subscribes', () => {
  it('gives events to handlers as they were emitted, in another process', async () => {
    await using broker = await openBroker();
    const sender = createBus();
    sender.registerTopics('order.created');
    await sender.bridge(broker, { publish: 'order.**' });
    const { bus, seen, count } = listeningBus();
    await bus.bridge(broker, { subscribe: 'order.**' });
    const options = { id: 'e1', txId: 't1', source: 'shop', occurredAt: 5n };
    await sender.emit('order.created', [1, { two: 2 }], options);
    await count(1);
    expect({ ...seen[0] }).toEqual({ ...options, topic: 'order.created', data: [1, { two: 2 }] });
    expect(bus.topics()).toEqual(['order.created']);
  });

  it('replays what is on the tape from a time on, and says when it has caught up', async () => {
    await using broker = await openBroker();
    const publisher = broker.publisher('user.created');
    const timestamps: bigint[] = [];
    for (let i = 0; i < 5; i++) timestamps.push(await publisher.publish(JSON.stringify(i)));
    const { bus, seen } = listeningBus();
    const bridge = await bus.bridge(broker, { subscribe: 'user.**', from: timestamps[2] ?? 0n });
    await bridge.caughtUp();
    expect(seen.map(({ data, id, txId }) => [data, id, txId])).toEqual(
      [2, 3, 4].map((i) => [i, String(timestamps[i]), String(timestamps[i])]),
    );
    expect(seen[0]?.occurredAt).toBe(timestamps[2]);
  });

  it('ends at until', async () => {
    await using broker = await openBroker();
    await broker.publisher('a').publish('1');
    const { bus, seen } = listeningBus();
    const bridge = await bus.bridge(broker, { subscribe: 'a', from: 'earliest', until: 'now' });
    await bridge.ended();
    await broker.publisher('a').publish('2');
    await settle();
    expect(seen).toHaveLength(1);
  });

  it('gives events only to the handlers that it names', async () => {
    await using broker = await openBroker();
    await broker.publisher('a').publish('1');
    const bus = createBus();
    const seen: string[] = [];
    for (const key of ['old', 'new']) {
      bus.registerHandler(key, { matcher: 'a', handle: () => void seen.push(key) });
    }
    const bridge = await bus.bridge(broker, {
      subscribe: 'a',
      from: 'earliest',
      until: 'now',
      handlerKeys: ['new'],
    });
    await bridge.ended();
    expect(seen).toEqual(['new']);
  });

  it('is held back by an async handler, and loses nothing', async () => {
    await using broker = await openBroker();
    await broker.publisher('a').publishAll(Array.from({ length: 100 }, (_, i) => String(i)));
    const bus = createBus();
    const seen: unknown[] = [];
    bus.registerHandler('slow', {
      matcher: 'a',
      async: true,
      maxPending: 3,
      handle: async ({ data }) => {
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(data);
      },
    });
    const bridge = await bus.bridge(broker, { subscribe: 'a', from: 'earliest', until: 'now' });
    await bridge.ended();
    await bus.flush();
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it('tells onError what it cannot decode and what handlers throw, and goes on', async () => {
    await using broker = await openBroker();
    await broker.publisher('a').publishAll(['{', '1', '2']);
    const told: unknown[] = [];
    const bus = createBus({
      onError: (error, event) => told.push([String(error), String(event?.data)]),
    });
    const seen: unknown[] = [];
    bus.registerHandler('h', {
      matcher: 'a',
      handle: ({ data }) => {
        if (data === 1) throw new Error('not one');
        seen.push(data);
      },
    });
    const bridge = await bus.bridge(broker, { subscribe: 'a', from: 'earliest', until: 'now' });
    await bridge.ended();
    expect(seen).toEqual([2]);
    expect(told).toEqual([
      [expect.stringContaining('SyntaxError'), '{'],
      [expect.stringContaining('not one'), '1'],
    ]);
  });

  it('tells onError when it can take nothing more, as when its topic is deleted', async () => {
    await using broker = await openBroker();
    await broker.publisher('a').publish('1');
    const told: unknown[] = [];
    const bus = createBus({ onError: (error, event, key) => told.push([error, event, key]) });
    const bridge = await bus.bridge(broker, { subscribe: 'a' });
    await broker.topics.delete('a');
    await expect(bridge.ended()).rejects.toMatchObject({ reason: 'TOPIC_DELETED' });
    expect(told).toEqual([
      [expect.objectContaining({ reason: 'TOPIC_DELETED' }), undefined, 'bridge'],
    ]);
  });

  it.each([
    ['null', null],
    ['publish that is no text', { publish: 5 }],
    ['subscribe that is no text', { subscribe: 5 }],
    ['handlerKeys that are no list', { subscribe: 'a', handlerKeys: 'ledger' }],
    ['from without subscribe', { publish: 'a', from: 'earliest' }],
    ['half a codec', { publish: 'a', codec: { encode: () => '' } }],
  ])('is a TypeError with %s', async (_, options) => {
    await using broker = await openBroker();
    const bus = createBus();
    const bridge: (...args: unknown[]) => Promise<unknown> = (...args) =>
      Reflect.apply(Reflect.get(bus, 'bridge'), bus, args);
    await expect(bridge(broker, options)).rejects.toThrow(TypeError);
  });

  it('is refused for what is no glob, and without either direction', async () => {
    await using broker = await openBroker();
    const bus = createBus();
    await expect(bus.bridge(broker, { subscribe: 'or*' })).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
    });
    await expect(bus.bridge(broker, { publish: 'or*' })).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
    });
    await expect(bus.bridge(broker, {})).rejects.toThrow(TypeError);
  });

  it('stops with its bus, and the client stays open', async () => {
    await using broker = await openBroker();
    const { bus, seen } = listeningBus();
    const bridge = await bus.bridge(broker, { subscribe: '**' });
    await bridge.close();
    await bridge.close();
    await broker.publisher('a').publish('1');
    await settle();
    expect(seen).toEqual([]);
  });

  it('ends with its client', async () => {
    const broker = await openBroker();
    const { bus } = listeningBus();
    const bridge = await bus.bridge(broker, { subscribe: '**' });
    await broker.close();
    await bridge.ended();
    await bus.close();
  });
});

describe('buses that share a tape', () => {
  it('each handle every event once, whoever emits it, and nothing goes in circles', async () => {
    await using broker = await openBroker();
    const buses = [listeningBus(), listeningBus(), listeningBus()];
    for (const { bus } of buses) {
      bus.registerTopics('chat');
      await bus.bridge(broker, { publish: '**', subscribe: '**' });
    }
    for (const [index, { bus }] of buses.entries()) {
      await bus.emit('chat', `from ${index}`);
    }
    const expected = ['from 0', 'from 1', 'from 2'];
    for (const { count } of buses) expect((await count(3)).sort()).toEqual(expected);
    await settle();
    expect((await broker.read('chat')).messages).toHaveLength(3);
    for (const { seen } of buses) expect(seen).toHaveLength(3);
  });

  it('do not put the events of one tape on another, so that two tapes make no circle either', async () => {
    await using first = await openBroker();
    await using second = await openBroker();
    const a = listeningBus();
    const b = listeningBus();
    for (const { bus } of [a, b]) {
      bus.registerTopics('x');
      for (const broker of [first, second]) {
        await bus.bridge(broker, { publish: '**', subscribe: '**' });
      }
    }
    await a.bus.emit('x', 1);
    await b.count(2);
    await settle();
    expect(a.seen).toHaveLength(1);
    expect((await first.read('x')).messages).toHaveLength(1);
    expect((await second.read('x')).messages).toHaveLength(1);
  });

  it('replay their own events from before their bridge, and not those since', async () => {
    await using broker = await openBroker();
    const { bus, seen } = listeningBus();
    bus.registerTopics('a');
    const publishing = await bus.bridge(broker, { publish: 'a' });
    await bus.emit('a', 'before');
    await publishing.close();
    const both = await bus.bridge(broker, { publish: 'a', subscribe: 'a', from: 'earliest' });
    await both.caughtUp();
    await bus.emit('a', 'since');
    await settle();
    expect(seen.map(({ data }) => data)).toEqual(['before', 'before', 'since']);
  });
});

describe('a codec', () => {
  it('of its own carries what JSON cannot', async () => {
    await using broker = await open({ memory: true, clock: new ManualClock() });
    const codec = {
      encode: (data: unknown) => (data instanceof Uint8Array ? data : new Uint8Array()),
      decode: (value: Buffer) => Uint8Array.from(value),
    };
    const { bus } = listeningBus();
    bus.registerTopics('bytes');
    await bus.bridge(broker, { publish: 'bytes', codec });
    await bus.emit('bytes', new Uint8Array([0, 255]));
    const [message] = await collect(broker.subscribe('bytes', { from: 'earliest', until: 'now' }));
    expect([...(message?.value ?? [])]).toEqual([0, 255]);
  });

  it('of JSON carries undefined', async () => {
    await using broker = await openBroker();
    const sender = createBus();
    sender.registerTopics('a');
    await sender.bridge(broker, { publish: 'a' });
    const { bus, seen, count } = listeningBus();
    await bus.bridge(broker, { subscribe: 'a' });
    await sender.emit('a');
    await count(1);
    expect(seen[0]).toHaveProperty('data', undefined);
  });
});
