import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type Client,
  connect,
  type Delivery,
  type WorkContext,
  Worker,
  type WorkerOptions,
  type WorkHandler,
} from '../../../clients/node/src/index.ts';
import type { FakeSubscription } from '../../support/fake-subscription.ts';
import { FakeWorkBroker } from '../../support/fake-work-broker.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

interface Setup {
  readonly fake: FakeSubscription;
  readonly client: Client;
  readonly work: (handler: WorkHandler, options?: WorkerOptions) => Worker;
}

async function start(): Promise<Setup> {
  const broker = await FakeWorkBroker.start();
  const client = connect(broker.address, { retry: { initialBackoffMs: 5, maxBackoffMs: 20 } });
  closers.push(
    () => broker.stop(),
    () => client.close(),
  );
  const work = (handler: WorkHandler, options?: WorkerOptions) => {
    const worker = new Worker(client.subscription('t', 's'), handler, options);
    closers.push(() => worker.stop({ timeout: 0 }));
    return worker;
  };
  return { fake: broker.subscription, client, work };
}

/** Handlers that run until the test lets them go. */
class HeldHandlers {
  readonly contexts: WorkContext[] = [];
  readonly #releases: (() => void)[] = [];

  readonly handler = (_delivery: Delivery, context: WorkContext): Promise<void> => {
    this.contexts.push(context);
    return new Promise((resolve) => this.#releases.push(resolve));
  };

  get count(): number {
    return this.contexts.length;
  }

  release(): void {
    for (const release of this.#releases.splice(0)) release();
  }
}

describe('Worker', () => {
  it('acknowledges what its handler has done, and ends when the topic is drained', async () => {
    const { fake, work } = await start();
    fake.publish('a', 'b', 'c');
    fake.close('done');
    const seen: string[] = [];
    const worker = work(({ message }) => {
      seen.push(message.text);
    });
    expect(await worker.run()).toBe('drained');
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(fake.acknowledged).toEqual(['a', 'b', 'c']);
    expect(worker.runningCount).toBe(0);
  });

  it('gives back what its handler failed at, and tells it', async () => {
    const { fake, work } = await start();
    fake.publish('a');
    fake.close('');
    const attempts: number[] = [];
    const errors: unknown[] = [];
    const worker = work(
      async ({ attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw new Error(`attempt ${attempt}`);
      },
      { onError: (error, { message }) => errors.push(`${message.text}: ${String(error)}`) },
    );
    await worker.run();
    expect(attempts).toEqual([1, 2, 3]);
    expect(errors).toEqual(['a: Error: attempt 1', 'a: Error: attempt 2']);
    const [nack] = fake.worker.settlements;
    expect(nack?.action).toEqual({ $case: 'nack', value: { delayMs: undefined, isUnseen: false } });
  });

  it('leaves alone what its handler has settled', async () => {
    const { fake, work } = await start();
    fake.publish('a', 'b');
    fake.close('');
    const worker = work(async (delivery) => {
      await delivery.terminate('no');
      if (delivery.message.text === 'b') throw new Error('after it');
    });
    await worker.run();
    expect(fake.acknowledged).toEqual(['a', 'b']);
    for (const { action } of fake.worker.settlements) expect(action?.$case).toBe('terminate');
  });

  it('runs no more handlers at a time than its concurrency', async () => {
    const { fake, work } = await start();
    fake.publish('a', 'b', 'c', 'd', 'e');
    fake.close('');
    const held = new HeldHandlers();
    const worker = work(held.handler, { concurrency: 2, maxInFlight: 4 });
    const run = worker.run();
    await vi.waitFor(() => expect(fake.inFlightCount).toBe(4));
    await vi.waitFor(() => expect(held.count).toBe(2));
    expect(worker.runningCount).toBe(2);
    held.release();
    await vi.waitFor(() => expect(held.count).toBe(4));
    held.release();
    await vi.waitFor(() => expect(held.count).toBe(5));
    held.release();
    await run;
  });

  it('takes no more than it can run unless told otherwise', async () => {
    const { fake, work } = await start();
    const worker = work(() => {}, { concurrency: 3 });
    void worker.run();
    await vi.waitFor(() => expect(fake.worker.requests[0]?.creditMessages).toBe(3));
  });

  it('extends leases while handlers run', async () => {
    const { fake, work } = await start();
    fake.leaseMs = 40;
    fake.publish('a', 'b');
    fake.close('');
    const held = new HeldHandlers();
    const run = work(held.handler, { lease: '80ms' }).run();
    await vi.waitFor(() => {
      const extended = fake.worker.settlements.filter(({ action }) => action?.$case === 'extend');
      expect(extended.length).toBeGreaterThan(1);
    });
    expect(fake.worker.settlements[0]).toMatchObject({
      firstTimestampNs: 1000n,
      lastTimestampNs: 1001n,
      action: { value: { leaseMs: 80n } },
    });
    held.release();
    expect(await run).toBe('drained');
  });

  it("fires a handler's signal when its lease is lost", async () => {
    const { fake, work } = await start();
    fake.leaseMs = 40;
    fake.publish('a');
    const held = new HeldHandlers();
    void work(held.handler, { concurrency: 1 }).run();
    await vi.waitFor(() => expect(held.count).toBe(1));
    const reason = new Promise((resolve) => {
      const signal = held.contexts[0]?.signal;
      signal?.addEventListener('abort', () => resolve(signal.reason));
    });
    fake.expire();
    expect(await reason).toMatchObject({ reason: 'CONFLICT' });
  });

  it("fires a handler's signal when the connection is lost", async () => {
    const { fake, work } = await start();
    fake.publish('a');
    const held = new HeldHandlers();
    void work(held.handler, { concurrency: 1 }).run();
    await vi.waitFor(() => expect(held.count).toBe(1));
    fake.worker.cut();
    await vi.waitFor(() => expect(held.contexts[0]?.signal.aborted).toBe(true));
  });

  it('ends with the error when the subscription is deleted', async () => {
    const { fake, work } = await start();
    const held = new HeldHandlers();
    fake.publish('a');
    const run = work(held.handler).run();
    const rejected = expect(run).rejects.toMatchObject({ reason: 'SUBSCRIPTION_DELETED' });
    await vi.waitFor(() => expect(held.count).toBe(1));
    fake.delete(false);
    await vi.waitFor(() => expect(held.contexts[0]?.signal.aborted).toBe(true));
    held.release();
    await rejected;
  });

  it('refuses options that are none with a TypeError', async () => {
    const { work } = await start();
    expect(() => work(() => {}, { concurrency: 0 })).toThrow('concurrency');
    expect(() => work(() => {}, { lease: 'soon' })).toThrow(TypeError);
  });
});

describe('Worker.stop', () => {
  it('takes nothing new, waits for handlers, and gives the rest back', async () => {
    const { fake, work } = await start();
    fake.publish('a', 'b', 'c');
    const held = new HeldHandlers();
    const worker = work(held.handler, { concurrency: 1, maxInFlight: 3 });
    const run = worker.run();
    await vi.waitFor(() => expect(held.count).toBe(1));
    const stopped = vi.fn();
    const stops = [worker.stop().then(stopped), worker.stop()];
    await new Promise(setImmediate);
    expect(stopped).not.toHaveBeenCalled();
    held.release();
    await Promise.all(stops);
    expect(await run).toBe('stopped');
    expect(held.count).toBe(1);
    expect(fake.acknowledged).toEqual(['a']);
    await vi.waitFor(() => expect(fake.inFlightCount).toBe(0));
  });

  it('waits no longer than its timeout', async () => {
    const { fake, work } = await start();
    fake.publish('a');
    const held = new HeldHandlers();
    const worker = work(held.handler);
    const run = worker.run();
    await vi.waitFor(() => expect(held.count).toBe(1));
    await Promise.all([worker.stop(), worker.stop({ timeout: 5 })]);
    expect(await run).toBe('stopped');
    expect(held.contexts[0]?.signal.reason).toMatchObject({ reason: 'CANCELLED' });
    await vi.waitFor(() => expect(fake.inFlightCount).toBe(0));
    held.release();
  });

  it('is called by an AbortSignal, and by the end of a block', async () => {
    const { fake, client, work } = await start();
    const abort = new AbortController();
    const run = work(() => {}, { signal: abort.signal }).run();
    await vi.waitFor(() => expect(fake.workers).toHaveLength(1));
    abort.abort();
    expect(await run).toBe('stopped');
    let running: Promise<string> | undefined;
    {
      await using worker = new Worker(client.subscription('t', 's'), () => {});
      running = worker.run();
    }
    expect(await running).toBe('stopped');
  });

  it('makes run() end at once if it comes first', async () => {
    const { fake, work } = await start();
    const worker = work(() => {});
    await worker.stop();
    expect(await worker.run()).toBe('stopped');
    expect(fake.workers).toHaveLength(0);
  });
});
