import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ClientOptions, ConsumptionEvent, Delivery } from '../../../clients/node/src/index.ts';
import { startWork, takeDeliveries, told, type WorkSetup } from '../../support/fake-work-setup.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(options?: ClientOptions): Promise<WorkSetup> {
  const setup = await startWork(options);
  closers.push(() => setup[Symbol.asyncDispose]());
  return setup;
}

describe('The end of a Consumption', () => {
  it('comes when the topic is drained', async () => {
    const { fake, consume } = await start();
    const events: ConsumptionEvent[] = [];
    fake.publish('a', 'b');
    fake.close('done');
    const consumption = consume({ onEvent: (event) => events.push(event) });
    const seen: string[] = [];
    for await (const delivery of consumption) {
      seen.push(delivery.message.text);
      await delivery.ack();
    }
    expect(seen).toEqual(['a', 'b']);
    expect(consumption.ended).toEqual({ type: 'drained', reason: 'done' });
    expect(events).toEqual([
      {
        type: 'started',
        isActive: true,
        leaseMs: 30_000,
        maxInFlight: 1000,
        maxBytes: 32 * 1024 * 1024,
      },
      { type: 'drained', reason: 'done' },
    ]);
  });

  it.each([
    [false, 'SUBSCRIPTION_DELETED'],
    [true, 'TOPIC_DELETED'],
  ])(
    'is an error when the subscription is deleted (with its topic: %s)',
    async (isTopic, reason) => {
      const { fake, consume } = await start();
      const consumption = consume();
      await consumption.started();
      fake.delete(isTopic);
      await expect(takeDeliveries(consumption, 1)).rejects.toMatchObject({ reason });
      expect(consumption.ended).toEqual({ type: 'deleted', isTopicDeleted: isTopic });
    },
  );

  it('comes with a refusal that cannot be repeated', async () => {
    const { fake, consume } = await start();
    fake.onStart = () => 'SUBSCRIPTION_NOT_FOUND';
    const consumption = consume();
    await expect(consumption.started()).rejects.toMatchObject({ reason: 'SUBSCRIPTION_NOT_FOUND' });
    await expect(takeDeliveries(consumption, 1)).rejects.toMatchObject({
      reason: 'SUBSCRIPTION_NOT_FOUND',
    });
    expect(consumption.ended).toMatchObject({ type: 'failed' });
  });

  it('sends what was settled when the loop is left, and gives the rest back', async () => {
    const { fake, consume } = await start();
    fake.publish('a', 'b');
    const consumption = consume();
    let ack: Promise<void> | undefined;
    for await (const delivery of consumption) {
      ack = delivery.ack();
      break;
    }
    await ack;
    expect(fake.acknowledged).toEqual(['a']);
    expect(consumption.ended).toEqual({ type: 'closed' });
    await vi.waitFor(() => expect(fake.inFlightCount).toBe(0));
  });

  it('waits, when closed, for results', async () => {
    const { fake, consume } = await start();
    fake.publish('a');
    fake.holdsResults = true;
    const consumption = consume();
    const [delivery] = await takeDeliveries(consumption, 1);
    const ack = delivery?.ack();
    const closed = vi.fn();
    const closing = consumption.close().then(closed);
    await vi.waitFor(() => expect(fake.acknowledged).toEqual(['a']));
    expect(closed).not.toHaveBeenCalled();
    fake.answerAll();
    await Promise.all([ack, closing]);
    await consumption.close();
  });

  it('makes what is settled later a CONFLICT', async () => {
    const { fake, consume } = await start();
    fake.publish('a');
    let delivery: Delivery | undefined;
    {
      await using consumption = consume();
      [delivery] = await takeDeliveries(consumption, 1);
    }
    expect(delivery?.isLost).toBe(true);
    await expect(delivery?.ack()).rejects.toMatchObject({ reason: 'CONFLICT' });
  });

  it('comes with an AbortSignal, as CANCELLED', async () => {
    const { fake, consume } = await start();
    const abort = new AbortController();
    const consumption = consume({ signal: abort.signal });
    const taking = takeDeliveries(consumption, 1);
    await consumption.started();
    abort.abort();
    await expect(taking).rejects.toMatchObject({ reason: 'CANCELLED' });
    await vi.waitFor(() => expect(fake.worker.isOver).toBe(true));
  });

  it('comes with the client, whose close() sends what was settled', async () => {
    const { fake, client, consume } = await start();
    fake.publish('a');
    const consumption = consume();
    const iterator = consumption[Symbol.asyncIterator]();
    const { value: delivery } = await iterator.next();
    const ack = delivery?.ack();
    const next = iterator.next();
    await client.close();
    await ack;
    expect(await next).toEqual({ value: undefined, done: true });
    expect(fake.acknowledged).toEqual(['a']);
    expect(() => consume()).toThrow('closed');
  });
});

describe('A Consumption whose connection is lost', () => {
  it('comes back, and what was delivered before is void', async () => {
    const { fake, consume } = await start();
    const events: string[] = [];
    fake.publish('a', 'b');
    const consumption = consume({ onEvent: ({ type }) => events.push(type) });
    const iterator = consumption[Symbol.asyncIterator]();
    const { value: before } = await iterator.next();
    fake.worker.cut();
    await vi.waitFor(() => expect(events).toContain('disconnected'));
    expect(before?.isLost).toBe(true);
    await expect(before?.ack()).rejects.toMatchObject({ reason: 'CONFLICT' });
    const { value: after } = await iterator.next();
    expect(told(after)).toEqual(['a', 2]);
    await after?.ack();
    expect(fake.acknowledged).toEqual(['a']);
    expect(events).toEqual(['started', 'disconnected', 'started']);
    expect(fake.worker.requests[0]).toMatchObject({ creditMessages: 1000 });
  });

  it('does not know of acks that were under way whether they are stored', async () => {
    const { fake, consume } = await start();
    fake.publish('a');
    fake.holdsResults = true;
    const [delivery] = await takeDeliveries(consume(), 1);
    const ack = delivery?.ack();
    const rejected = expect(ack).rejects.toMatchObject({ reason: 'UNREACHABLE' });
    await vi.waitFor(() => expect(fake.acknowledged).toEqual(['a']));
    fake.worker.cut();
    await rejected;
  });

  it('comes back after an end with a retryable error', async () => {
    const { fake, consume } = await start();
    fake.publish('a');
    fake.onStart = (index) => (index < 2 ? 'SHUTTING_DOWN' : undefined);
    const [delivery] = await takeDeliveries(consume(), 1);
    expect(delivery?.message.text).toBe('a');
    expect(fake.workers).toHaveLength(3);
  });

  it('is told when it gives up', async () => {
    const { broker, consume } = await start({ retry: { giveUpAfterMs: 0 } });
    broker.stop();
    await expect(takeDeliveries(consume(), 1)).rejects.toMatchObject({ reason: 'UNREACHABLE' });
  });
});

describe('A Consumption of an exclusive subscription', () => {
  it('says whether it has its turn', async () => {
    const { fake, consume } = await start();
    fake.isActive = false;
    fake.publish('a');
    const events: ConsumptionEvent[] = [];
    const consumption = consume({ onEvent: (event) => events.push(event) });
    await consumption.started();
    expect(consumption.isActive).toBe(false);
    fake.start(true);
    fake.publish('b');
    expect((await takeDeliveries(consumption, 2)).map(({ message }) => message.text)).toEqual([
      'a',
      'b',
    ]);
    expect(consumption.isActive).toBe(true);
    expect(events.map((event) => event.type === 'started' && event.isActive)).toEqual([
      false,
      true,
    ]);
  });
});

describe('A Consumption whose subscription is moved', () => {
  it('tells it, voids what was delivered, and goes on from there', async () => {
    const { fake, consume } = await start();
    const events: ConsumptionEvent[] = [];
    fake.publish('a', 'b');
    const consumption = consume({ maxInFlight: 2, onEvent: (event) => events.push(event) });
    const iterator = consumption[Symbol.asyncIterator]();
    const { value: before } = await iterator.next();
    await before?.ack();
    fake.seek();
    await vi.waitFor(() => expect(events.at(-1)).toEqual({ type: 'sought', timestampNs: 1000n }));
    const { value: after } = await iterator.next();
    expect(told(after)).toEqual(['a', 2]);
    const { value: last } = await iterator.next();
    await Promise.all([after?.ack(), last?.ack()]);
    expect(fake.acknowledged).toEqual(['a', 'b']);
  });
});
