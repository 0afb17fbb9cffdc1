import { describe, expect, it } from 'vitest';
import type { BusEvent } from '../../../src/bus/index.ts';
import { createBus } from '../../../src/bus/index.ts';
import { ManualClock } from '../../../src/manual-clock.ts';

/** A bus with these topics, and ids that count. */
function busOf(...topics: string[]) {
  let count = 0;
  const bus = createBus({ nextId: () => `id-${++count}` });
  bus.registerTopics(...topics);
  return bus;
}

const later = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a topic of a bus', () => {
  it('is registered once, and listed in the order of registration', () => {
    const bus = busOf('b', 'a');
    bus.registerTopics('a', 'c');
    expect(bus.topics()).toEqual(['b', 'a', 'c']);
    bus.deregisterTopics('a', 'unknown');
    expect(bus.topics()).toEqual(['b', 'c']);
  });

  it('is refused by name if it is not registered', async () => {
    const bus = busOf('known');
    await expect(bus.emit('order.created')).rejects.toMatchObject({
      reason: 'TOPIC_NOT_FOUND',
      message: 'topic(order.created) not found',
    });
    bus.deregisterTopics('known');
    await expect(bus.emit('known')).rejects.toMatchObject({ reason: 'TOPIC_NOT_FOUND' });
  });

  it.each(['', 'a b', 'a..b', 'a*', 'x'.repeat(256)])('cannot have the name %j', (name) => {
    const bus = busOf();
    expect(() => bus.registerTopics('fine', name)).toThrow(
      expect.objectContaining({ reason: 'INVALID_ARGUMENT' }),
    );
    expect(bus.topics()).toEqual([]);
  });
});

describe('a handler of a bus', () => {
  it('is bound to topics that were registered before and that are registered after', async () => {
    const bus = busOf('order.created', 'user.created');
    const seen: string[] = [];
    bus.registerHandler('orders', {
      matcher: '^order\\.',
      handle: ({ topic }) => void seen.push(topic),
    });
    bus.registerTopics('order.canceled');
    await bus.emit('order.created');
    await bus.emit('user.created');
    await bus.emit('order.canceled');
    expect(seen).toEqual(['order.created', 'order.canceled']);
    expect(bus.handlerTopicSubscriptions('orders')).toEqual(['order.created', 'order.canceled']);
  });

  it.each([
    ['an expression as text, which matches anywhere', 'der', ['order.created', 'order.item.added']],
    ['an expression with anchors', '^order.(created|x)$', ['order.created']],
    ['a RegExp', /CREATED$/i, ['order.created', 'user.created']],
    ['a RegExp that remembers where it stopped', /created/g, ['order.created', 'user.created']],
    ['a glob of one token', { glob: 'order.*' }, ['order.created']],
    ['a glob of many tokens', { glob: 'order.**' }, ['order.created', 'order.item.added']],
    ['a glob without stars', { glob: 'user.created' }, ['user.created']],
  ])('matches by %s', (_, matcher, topics) => {
    const bus = busOf('order.created', 'user.created', 'order.item.added');
    bus.registerHandler('h', { matcher, handle: () => {} });
    expect(bus.handlerTopicSubscriptions('h').sort()).toEqual([...topics].sort());
    expect(bus.handlerTopicSubscriptions('h').sort()).toEqual([...topics].sort());
  });

  it.each(['(', '[a', { glob: 'ord*' }, { glob: '' }])(
    'is refused with the matcher %j, and nothing is registered',
    (matcher) => {
      const bus = busOf('a');
      expect(() => bus.registerHandler('h', { matcher, handle: () => {} })).toThrow(
        expect.objectContaining({ reason: 'INVALID_ARGUMENT' }),
      );
      expect(bus.handlerKeys()).toEqual([]);
    },
  );

  it('is replaced by one of the same key, which is the last in the order', async () => {
    const bus = busOf('a');
    const seen: string[] = [];
    for (const key of ['one', 'two']) {
      bus.registerHandler(key, { matcher: '.', handle: () => void seen.push(key) });
    }
    bus.registerHandler('one', { matcher: '.', handle: () => void seen.push('new one') });
    expect(bus.handlerKeys()).toEqual(['two', 'one']);
    expect(bus.topicHandlerKeys('a')).toEqual(['two', 'one']);
    await bus.emit('a');
    expect(seen).toEqual(['two', 'new one']);
  });

  it('gets nothing once it is gone, and to take it away again is no error', async () => {
    const bus = busOf('a');
    let count = 0;
    bus.registerHandler('h', { matcher: 'a', handle: () => void count++ });
    bus.deregisterHandler('h');
    bus.deregisterHandler('h');
    await bus.emit('a');
    expect(count).toBe(0);
    expect(bus.topicHandlerKeys('a')).toEqual([]);
  });

  it('is unknown with empty answers', () => {
    const bus = busOf();
    expect(bus.topicHandlerKeys('unknown')).toEqual([]);
    expect(bus.handlerTopicSubscriptions('unknown')).toEqual([]);
  });

  it.each([
    ['no function', { handle: 'x' }],
    ['no concurrency', { concurrency: 0 }],
    ['no room', { maxPending: 0 }],
    ['concurrency, and not async', { async: false, concurrency: 2 }],
    ['an async that is no boolean', { async: 'yes' }],
  ])('is a TypeError with %s', (_, wrong) => {
    const options = { matcher: 'a', handle: () => {}, async: true, ...wrong };
    const bus = busOf();
    const register: (key: string, options: object) => void = (key, given) =>
      Reflect.apply(Reflect.get(bus, 'registerHandler'), bus, [key, given]);
    expect(() => register('h', options)).toThrow(TypeError);
  });
});

describe('emit', () => {
  it('gives every handler the same event', async () => {
    const clock = new ManualClock(1_700_000_000_000_000_001n);
    const bus = createBus({ nextId: () => 'id', clock });
    bus.registerTopics('order.created');
    const seen: BusEvent[] = [];
    for (const key of ['a', 'b', 'c']) {
      bus.registerHandler(key, { matcher: 'order', handle: (event) => void seen.push(event) });
    }
    const data = { amount: 5 };
    await bus.emit('order.created', data);
    expect(seen).toHaveLength(3);
    expect(new Set(seen).size).toBe(1);
    expect({ ...seen[0] }).toEqual({
      id: 'id',
      txId: 'id',
      topic: 'order.created',
      data,
      source: undefined,
      occurredAt: 1_700_000_000_000_000_001n,
    });
    expect(seen[0]?.data).toBe(data);
  });

  it('takes id, transaction, source and time from the emitter', async () => {
    const bus = busOf('a');
    let seen: BusEvent | undefined;
    bus.registerHandler('h', {
      matcher: 'a',
      handle: (event) => {
        seen = event;
      },
    });
    const options = { id: 'mine', txId: 'tx', source: 'billing', occurredAt: 7n };
    await bus.emit('a', 1, options);
    expect(seen).toMatchObject({ ...options, topic: 'a', data: 1 });
  });

  it('carries the transaction on to what a handler emits with its context', async () => {
    const bus = busOf('first', 'second', 'third');
    const seen: string[][] = [];
    bus.registerHandler('note', {
      matcher: '.',
      handle: ({ topic, id, txId, source }) => void seen.push([topic, id, txId, String(source)]),
    });
    bus.registerHandler('chain', {
      matcher: '^(first|second)$',
      handle: async ({ topic }, context) => {
        await later();
        await bus.emit(topic === 'first' ? 'second' : 'third', undefined, context);
      },
    });
    await bus.emit('first', undefined, { source: 'shop' });
    expect(seen).toEqual([
      ['first', 'id-1', 'id-1', 'shop'],
      ['second', 'id-2', 'id-1', 'shop'],
      ['third', 'id-3', 'id-1', 'shop'],
    ]);
  });

  it('begins a new transaction without a context, and keeps one that is given in parts', async () => {
    const bus = busOf('first', 'second');
    const seen: string[] = [];
    bus.registerHandler('note', { matcher: 'second', handle: ({ txId }) => void seen.push(txId) });
    bus.registerHandler('chain', {
      matcher: 'first',
      handle: async (_, context) => {
        await bus.emit('second');
        await bus.emit('second', undefined, { ...context, source: 'other' });
      },
    });
    await bus.emit('first');
    expect(seen).toEqual(['id-2', 'id-1']);
  });

  it('calls handlers in the order of registration, each when the one before is done', async () => {
    const bus = busOf('a');
    const seen: string[] = [];
    for (const [key, turns] of [
      ['slow', 3],
      ['fast', 0],
      ['last', 1],
    ] as const) {
      bus.registerHandler(key, {
        matcher: 'a',
        handle: async () => {
          for (let turn = 0; turn < turns; turn++) await later();
          seen.push(key);
        },
      });
    }
    await bus.emit('a');
    expect(seen).toEqual(['slow', 'fast', 'last']);
  });

  it('has called plain handlers when it returns, as long as none of them waits', () => {
    const bus = busOf('a');
    let count = 0;
    for (const key of ['x', 'y'])
      bus.registerHandler(key, { matcher: 'a', handle: () => void count++ });
    void bus.emit('a');
    expect(count).toBe(2);
  });

  it('works on the handlers as they were when it began', async () => {
    const bus = busOf('a');
    const seen: string[] = [];
    bus.registerHandler('first', {
      matcher: 'a',
      handle: () => {
        seen.push('first');
        bus.deregisterHandler('second');
        bus.registerHandler('third', { matcher: 'a', handle: () => void seen.push('third') });
      },
    });
    bus.registerHandler('second', { matcher: 'a', handle: () => void seen.push('second') });
    await bus.emit('a');
    expect(seen).toEqual(['first', 'second']);
    seen.length = 0;
    await bus.emit('a');
    expect(seen).toEqual(['first', 'third']);
  });

  it('lets no handler that throws stop another, and rejects with all that was thrown', async () => {
    const bus = busOf('a');
    const seen: string[] = [];
    const errors = [new Error('sync'), new Error('async'), 'no error'];
    bus.registerHandler('sync', {
      matcher: 'a',
      handle: () => {
        throw errors[0];
      },
    });
    bus.registerHandler('async', { matcher: 'a', handle: () => Promise.reject(errors[1]) });
    bus.registerHandler('odd', {
      matcher: 'a',
      handle: () => {
        throw errors[2];
      },
    });
    bus.registerHandler('good', { matcher: 'a', handle: () => void seen.push('good') });
    const error = await bus.emit('a').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AggregateError);
    expect(error).toMatchObject({ errors, message: '3 handlers of a failed: sync' });
    expect(seen).toEqual(['good']);
  });

  it('makes ids of its own that differ and sort as they were made', async () => {
    const bus = createBus();
    bus.registerTopics('a');
    const ids: string[] = [];
    bus.registerHandler('h', { matcher: 'a', handle: ({ id }) => void ids.push(id) });
    for (let i = 0; i < 20_000; i++) void bus.emit('a');
    await bus.flush();
    expect(new Set(ids).size).toBe(20_000);
    expect([...ids].sort()).toEqual(ids);
    expect(ids[0]).toMatch(/^[0-9a-z]{16}$/);
  });

  it('tells the time in nanoseconds', async () => {
    const bus = createBus();
    bus.registerTopics('a');
    let occurredAt = 0n;
    bus.registerHandler('h', {
      matcher: 'a',
      handle: (event) => {
        occurredAt = event.occurredAt;
      },
    });
    await bus.emit('a');
    expect(Math.abs(Number(occurredAt / 1_000_000n) - Date.now())).toBeLessThan(1000);
  });

  it.each([
    ['options that are null', null],
    ['an id that is no text', { id: 5 }],
    ['a txId that is no text', { txId: 5 }],
    ['a source that is no text', { source: {} }],
    ['a time that is no bigint', { occurredAt: 5 }],
    ['a time before 1970', { occurredAt: -5n }],
    ['a time that no timestamp can be', { occurredAt: 2n ** 63n }],
  ])('rejects with a TypeError for %s, and calls nobody', async (_, options) => {
    const bus = busOf('a');
    let count = 0;
    bus.registerHandler('h', { matcher: 'a', handle: () => void count++ });
    const emit: (...args: unknown[]) => Promise<void> = (...args) =>
      Reflect.apply(Reflect.get(bus, 'emit'), bus, args);
    await expect(emit('a', 1, options)).rejects.toThrow(TypeError);
    expect(count).toBe(0);
  });

  it('rejects with what the generator of ids throws, or for what it makes that is no id', async () => {
    const failure = new Error('no more ids');
    const bus = createBus({
      nextId: () => {
        throw failure;
      },
    });
    bus.registerTopics('a');
    await expect(bus.emit('a')).rejects.toBe(failure);
    const odd = createBus({ nextId: () => Reflect.apply(() => 5, undefined, []) as never });
    odd.registerTopics('a');
    await expect(odd.emit('a')).rejects.toThrow(TypeError);
  });

  it('has handled all to its end when the bus is closed, and what handlers have emitted', async () => {
    const bus = busOf('first', 'second');
    const seen: string[] = [];
    bus.registerHandler('chain', {
      matcher: 'first',
      async: true,
      handle: async (_, context) => {
        await later();
        await bus.emit('second', 1, context);
      },
    });
    bus.registerHandler('end', {
      matcher: 'second',
      async: true,
      handle: async () => {
        await later();
        seen.push('second');
      },
    });
    await bus.emit('first');
    await bus.close();
    expect(seen).toEqual(['second']);
  });

  it('is refused once the bus is closed, which can be closed twice', async () => {
    const bus = busOf('a');
    await bus.close();
    await bus.close();
    await expect(bus.emit('a')).rejects.toMatchObject({ reason: 'CLIENT_CLOSED' });
  });
});
