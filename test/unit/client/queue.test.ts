import { status } from '@grpc/grpc-js';
import { Edge } from 'playhead-proto';
import { afterEach, describe, expect, it } from 'vitest';
import { type Client, connect } from '../../../clients/node/src/index.ts';
import { Refusal } from '../../support/fake-broker.ts';
import { FakeWorkBroker } from '../../support/fake-work-broker.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(): Promise<{ broker: FakeWorkBroker; client: Client }> {
  const broker = await FakeWorkBroker.start();
  const client = connect(broker.address, { retry: { initialBackoffMs: 5, maxBackoffMs: 20 } });
  closers.push(
    () => broker.stop(),
    () => client.close(),
  );
  return { broker, client };
}

const methods = (broker: FakeWorkBroker) => broker.unary.map(({ method }) => method);

describe('Queue', () => {
  it('is made by the first put, once', async () => {
    const { broker, client } = await start();
    const queue = client.queue('jobs');
    expect(await Promise.all([queue.put('a'), queue.put('b')])).toEqual([1000n, 1001n]);
    expect(methods(broker)).toEqual(['createTopic', 'createSubscription']);
    expect(broker.requests('createTopic')).toMatchObject([
      { topic: 'queue/jobs', config: { trimConsumed: true } },
    ]);
    expect(broker.requests('createSubscription')).toMatchObject([
      {
        topic: 'queue/jobs',
        subscription: 'queue',
        from: { at: { $case: 'edge', value: Edge.EARLIEST } },
      },
    ]);
  });

  it('hands out what was put, or nothing', async () => {
    const { broker, client } = await start();
    const queue = client.queue('jobs');
    expect(await queue.get()).toBeUndefined();
    await client.queue('jobs').put('a');
    const delivery = await queue.get({ wait: '1s' });
    expect(delivery?.message.text).toBe('a');
    await delivery?.ack();
    expect(broker.subscription.acknowledged).toEqual(['a']);
    expect(broker.requests('pull').at(-1)).toMatchObject({ waitMs: 1000 });
  });

  it('takes what is there with other settings as it is', async () => {
    const { broker, client } = await start();
    broker.reactions.set('createTopic', () => {
      throw new Refusal('TOPIC_EXISTS', status.ALREADY_EXISTS);
    });
    broker.reactions.set('createSubscription', () => {
      throw new Refusal('SUBSCRIPTION_EXISTS', status.ALREADY_EXISTS);
    });
    await client.queue('jobs').put('a');
    expect(methods(broker)).toEqual(['createTopic', 'createSubscription', 'getSubscription']);
  });

  it('tries again to make what could not be made', async () => {
    const { broker, client } = await start();
    broker.reactions.set('createTopic', () => {
      throw new Refusal('INVALID_ARGUMENT', status.INVALID_ARGUMENT);
    });
    const queue = client.queue('jobs');
    await expect(queue.put('a')).rejects.toMatchObject({ reason: 'INVALID_ARGUMENT' });
    broker.reactions.clear();
    expect(await queue.put('a')).toBe(1000n);
  });

  it('is made anew by a get if it was deleted meanwhile', async () => {
    const { broker, client } = await start();
    const queue = client.queue('jobs');
    await queue.get();
    broker.reactions.set('pull', () => {
      broker.reactions.clear();
      throw new Refusal('TOPIC_NOT_FOUND', status.NOT_FOUND);
    });
    expect(await queue.get()).toBeUndefined();
    expect(broker.requests('createTopic')).toHaveLength(2);
  });

  it('is made before it is consumed', async () => {
    const { broker, client } = await start();
    const consumption = client.queue('jobs').consume();
    broker.subscription.publish('a');
    for await (const delivery of consumption) {
      expect(delivery.message.text).toBe('a');
      break;
    }
    expect(methods(broker)).toEqual(['createTopic', 'createSubscription']);
    expect(broker.subscription.worker.requests[0]?.start).toMatchObject({
      topic: 'queue/jobs',
      subscription: 'queue',
    });
  });

  it('ends a consumption that cannot make it', async () => {
    const { broker, client } = await start();
    broker.reactions.set('createTopic', () => {
      throw new Refusal('INVALID_ARGUMENT', status.INVALID_ARGUMENT);
    });
    await expect(client.queue('jobs').consume().started()).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
    });
  });

  it('takes a message later by a schedule', async () => {
    const { broker, client } = await start();
    const queue = client.queue('jobs');
    broker.reactions.set('createSchedule', () => ({ schedule: { id: 'x', topic: 'queue/jobs' } }));
    expect(await queue.put('a', { delay: '1m' })).toMatchObject({ id: 'x' });
    await queue.put('b', { at: 5n });
    await queue.schedule('c', { cron: '0 3 * * *', timeZone: 'Europe/Zurich' });
    expect(broker.requests('createSchedule')).toMatchObject([
      { topic: 'queue/jobs', when: { $case: 'delayMs', value: 60_000n } },
      { when: { $case: 'deliverAtTimestampNs', value: 5n } },
      { when: { $case: 'cron', value: '0 3 * * *' }, timeZone: 'Europe/Zurich' },
    ]);
  });
});
