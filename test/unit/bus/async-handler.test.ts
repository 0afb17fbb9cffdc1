import { describe, expect, it } from 'vitest';
import { createBus } from '../../../src/bus/index.ts';
import { Gate } from '../../support/gate.ts';

function closedGate(): Gate {
  const gate = new Gate();
  void gate.close();
  return gate;
}

describe('an async handler', () => {
  it('is not waited for by who emits, and is by who flushes', async () => {
    const bus = createBus();
    bus.registerTopics('a');
    const gate = closedGate();
    const seen: unknown[] = [];
    bus.registerHandler('slow', {
      matcher: 'a',
      async: true,
      handle: async ({ data }) => {
        await gate.pass();
        seen.push(data);
      },
    });
    await bus.emit('a', 1);
    await bus.emit('a', 2);
    let isFlushed = false;
    const flushed = bus.flush().then(() => {
      isFlushed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect([seen, isFlushed]).toEqual([[], false]);
    gate.open();
    await flushed;
    expect(seen).toEqual([1, 2]);
  });

  it('does not even begin in the stack of who emits', () => {
    const bus = createBus();
    bus.registerTopics('a');
    let count = 0;
    bus.registerHandler('h', { matcher: 'a', async: true, handle: () => void count++ });
    void bus.emit('a');
    expect(count).toBe(0);
  });

  it('handles one event at a time and in order, or as many as it says', async () => {
    for (const concurrency of [1, 3]) {
      const bus = createBus();
      bus.registerTopics('a');
      let running = 0;
      let most = 0;
      const seen: unknown[] = [];
      bus.registerHandler('h', {
        matcher: 'a',
        async: true,
        concurrency,
        handle: async ({ data }) => {
          running += 1;
          most = Math.max(most, running);
          seen.push(data);
          await new Promise((resolve) => setImmediate(resolve));
          running -= 1;
        },
      });
      for (let i = 0; i < 10; i++) await bus.emit('a', i);
      await bus.flush();
      expect(most).toBe(concurrency);
      expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
  });

  it('is flushed of what was emitted before, and not of what comes after', async () => {
    const bus = createBus();
    bus.registerTopics('a');
    const gates = [closedGate(), closedGate()];
    const seen: number[] = [];
    bus.registerHandler('h', {
      matcher: 'a',
      async: true,
      concurrency: 2,
      handle: async ({ data }) => {
        await gates[Number(data)]?.pass();
        seen.push(Number(data));
      },
    });
    await bus.emit('a', 0);
    const flushed = bus.flush();
    await bus.emit('a', 1);
    gates[0]?.open();
    await flushed;
    expect(seen).toEqual([0]);
    gates[1]?.open();
    await bus.flush();
  });

  it('still handles what was emitted before it was taken away', async () => {
    const bus = createBus();
    bus.registerTopics('a');
    const seen: unknown[] = [];
    const handler = {
      matcher: 'a',
      async: true,
      handle: async ({ data }: { data: unknown }) => {
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(data);
      },
    };
    bus.registerHandler('h', handler);
    for (let i = 0; i < 3; i++) await bus.emit('a', i);
    bus.deregisterHandler('h');
    await bus.flush();
    expect(seen).toEqual([0, 1, 2]);
  });

  it('refuses what it has no room for, and the other handlers get it', async () => {
    const bus = createBus();
    bus.registerTopics('a');
    const gate = closedGate();
    let count = 0;
    bus.registerHandler('full', {
      matcher: 'a',
      async: true,
      maxPending: 2,
      handle: () => gate.pass(),
    });
    bus.registerHandler('other', { matcher: 'a', handle: () => void count++ });
    await bus.emit('a');
    await new Promise((resolve) => setImmediate(resolve));
    await bus.emit('a');
    await bus.emit('a');
    await expect(bus.emit('a')).rejects.toMatchObject({
      errors: [{ reason: 'OVERLOADED', retryable: true }],
    });
    expect(count).toBe(4);
    gate.open();
    await bus.flush();
    await bus.emit('a');
  });

  it('tells what it threw to onError', async () => {
    const told: unknown[] = [];
    const bus = createBus({
      onError: (error, event, key) => told.push([error, event?.data, key]),
    });
    bus.registerTopics('a');
    bus.registerHandler('bad', {
      matcher: 'a',
      async: true,
      handle: ({ data }) => Promise.reject(data),
    });
    await bus.emit('a', 1);
    await bus.emit('a', 2);
    await bus.flush();
    expect(told).toEqual([
      [1, 1, 'bad'],
      [2, 2, 'bad'],
    ]);
  });

  it('is flushed of what comes to it behind a slow handler, also when it is taken away meanwhile', async () => {
    const bus = createBus();
    bus.registerTopics('a');
    const seen: string[] = [];
    bus.registerHandler('slow', {
      matcher: 'a',
      handle: async () => {
        for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      },
    });
    bus.registerHandler('late', {
      matcher: 'a',
      async: true,
      handle: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        seen.push('late');
      },
    });
    void bus.emit('a');
    bus.deregisterHandler('late');
    await bus.flush();
    expect(seen).toEqual(['late']);
  });

  it.each(['throws', 'rejects'])(
    'goes on when onError itself %s, and flush tells of it',
    async (how) => {
      const failure = new Error('the listener');
      const bus = createBus({
        onError: () => {
          if (how === 'rejects') return Promise.reject(failure);
          throw failure;
        },
      });
      bus.registerTopics('a');
      let count = 0;
      bus.registerHandler('bad', {
        matcher: 'a',
        async: true,
        handle: () => {
          count += 1;
          throw new Error('the handler');
        },
      });
      await bus.emit('a');
      await bus.emit('a');
      await expect(bus.flush()).rejects.toMatchObject({ errors: [failure, failure] });
      expect(count).toBe(2);
    },
  );

  it('has what it threw told by a warning and by the next flush, if there is no onError', async () => {
    const warnings: string[] = [];
    const listener = ({ message }: Error) => {
      if (message.includes('handler bad')) warnings.push(message);
    };
    process.on('warning', listener);
    const bus = createBus();
    bus.registerTopics('a');
    const failure = new Error('why');
    bus.registerHandler('bad', {
      matcher: 'a',
      async: true,
      handle: () => {
        throw failure;
      },
    });
    for (let i = 0; i < 150; i++) await bus.emit('a');
    const error = await bus.flush().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AggregateError);
    expect(error).toMatchObject({ message: '150 events were not handled: why' });
    expect((error as AggregateError).errors).toHaveLength(100);
    await bus.flush();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listener);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('handler bad failed at a: why');
  });

  it('has what it threw told by every flush that waited for it, and by none after', async () => {
    const bus = createBus();
    bus.registerTopics('a');
    let fail: (why: Error) => void = () => undefined;
    bus.registerHandler('bad', {
      matcher: 'a',
      async: true,
      handle: () => new Promise((_resolve, reject) => (fail = reject)),
    });
    await bus.emit('a');
    const flushes = [bus.flush(), bus.flush()];
    const failure = new Error('why');
    fail(failure);
    for (const flush of flushes) await expect(flush).rejects.toMatchObject({ errors: [failure] });
    await bus.flush();
  });
});
