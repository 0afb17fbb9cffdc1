import { status } from '@grpc/grpc-js';
import { BacklogPolicy, DeliveryMode, Edge, Subscription } from 'playhead-proto';
import { afterEach, describe, expect, it, vi } from 'vitest';
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

const names = { topic: 't', subscription: 's' };

describe('DurableSubscription', () => {
  it('is created with its settings', async () => {
    const { broker, client } = await start();
    await client.subscription('t', 's').create({
      from: 'earliest',
      createTopic: true,
      mode: 'key_ordered',
      lease: '1m',
      maxAttempts: 3,
      maxInFlight: 100,
      backoff: [100, '1s'],
      idleExpiry: '1d',
      deadLetterTopic: 'dead',
      maxPending: 1000,
      backlogPolicy: 'wait',
    });
    expect(broker.requests('createSubscription')).toEqual([
      {
        ...names,
        from: { at: { $case: 'edge', value: Edge.EARLIEST } },
        createTopic: true,
        config: {
          deliveryMode: DeliveryMode.KEY_ORDERED,
          leaseMs: 60_000n,
          maxAttempts: 3,
          maxInFlight: 100,
          backoff: { delaysMs: [100n, 1000n], initialMs: 0n, maxMs: 0n, jitter: 0 },
          idleExpiryMs: 86_400_000n,
          deadLetterTopic: 'dead',
          maxPending: 1000n,
          backlogPolicy: BacklogPolicy.WAIT,
        },
      },
    ]);
  });

  it('sends only the settings that are set', async () => {
    const { broker, client } = await start();
    const subscription = client.subscription('t', 's');
    await subscription.create();
    await subscription.update({ backoff: { initial: '1s', max: '1m', jitter: 0.5 } });
    const [created] = broker.requests('createSubscription');
    expect(created).toMatchObject({ from: undefined, createTopic: false });
    expect(Object.values(Object(created).config)).toEqual(Array(9).fill(undefined));
    expect(broker.requests('updateSubscription')).toMatchObject([
      {
        ...names,
        config: {
          leaseMs: undefined,
          backoff: { delaysMs: [], initialMs: 1000n, maxMs: 60_000n, jitter: 0.5 },
        },
      },
    ]);
  });

  it('refuses settings that do not fit the wire with a TypeError', async () => {
    const { client } = await start();
    const subscription = client.subscription('t', 's');
    await expect(subscription.create({ lease: '5' })).rejects.toThrow(TypeError);
    await expect(subscription.create({ maxAttempts: 1.5 })).rejects.toThrow('maxAttempts');
    await expect(subscription.update({ maxPending: 0.5 })).rejects.toThrow('maxPending');
    await expect(subscription.redrive({ limit: 0.5 })).rejects.toThrow('limit');
  });

  it('is described', async () => {
    const { broker, client } = await start();
    const backoffs = [
      { delaysMs: [5n], initialMs: 0n, maxMs: 0n, jitter: 0 },
      { delaysMs: [], initialMs: 5n, maxMs: 6n, jitter: 0.5 },
      undefined,
    ];
    let index = 0;
    broker.reactions.set('getSubscription', () => ({
      subscription: Subscription.fromPartial({
        ...names,
        config: {
          deliveryMode: DeliveryMode.EXCLUSIVE,
          leaseMs: 1n,
          maxAttempts: 2,
          maxInFlight: 3,
          backoff: backoffs[index++],
          idleExpiryMs: 4n,
          deadLetterTopic: 'dead',
          maxPending: 5n,
          backlogPolicy: BacklogPolicy.DROP_OLDEST,
        },
        createdTimestampNs: 6n,
        pendingCount: 7n,
        inFlightCount: 8n,
        lagSeconds: 1.5,
        workerCount: 9,
        isDrained: true,
      }),
    }));
    const subscription = client.subscription('t', 's');
    expect(await subscription.info()).toEqual({
      ...names,
      config: {
        mode: 'exclusive',
        leaseMs: 1,
        maxAttempts: 2,
        maxInFlight: 3,
        backoff: { delaysMs: [5] },
        idleExpiryMs: 4,
        deadLetterTopic: 'dead',
        maxPending: 5,
        backlogPolicy: 'drop_oldest',
      },
      createdTimestampNs: 6n,
      cursorTimestampNs: undefined,
      pendingCount: 7,
      inFlightCount: 8,
      waitingCount: 0,
      redeliveredCount: 0,
      deadLetteredCount: 0,
      acknowledgedCount: 0,
      oldestPendingTimestampNs: undefined,
      lagSeconds: 1.5,
      workerCount: 9,
      isDrained: true,
    });
    const second = await subscription.info();
    expect(second.config.backoff).toEqual({ initialMs: 5, maxMs: 6, jitter: 0.5 });
    expect((await subscription.info()).config.backoff).toBeUndefined();
  });

  it("is moved to a position, to the broker's time, and to a snapshot", async () => {
    const { broker, client } = await start();
    broker.reactions.set('snapshotSubscription', () => ({ snapshot: Buffer.from('state') }));
    const subscription = client.subscription('t', 's');
    const snapshot = await subscription.snapshot();
    for (const target of ['latest', '-5s', 7n, 'now', { snapshot }] as const) {
      await subscription.seek(target);
    }
    const position = (at: object) => ({ ...names, to: { $case: 'position', value: { at } } });
    expect(broker.requests('seekSubscription')).toEqual([
      position({ $case: 'edge', value: Edge.LATEST }),
      position({ $case: 'agoNs', value: 5_000_000_000n }),
      position({ $case: 'timestampNs', value: 7n }),
      position({ $case: 'agoNs', value: 0n }),
      { ...names, to: { $case: 'snapshot', value: Buffer.from('state') } },
    ]);
  });

  it('redrives its dead letters', async () => {
    const { broker, client } = await start();
    broker.reactions.set('redriveDeadLetters', () => ({ messageCount: 3n }));
    const subscription = client.subscription('t', 's');
    expect(await subscription.redrive()).toBe(3);
    await subscription.redrive({ to: 'elsewhere', limit: 2 });
    expect(broker.requests('redriveDeadLetters')).toEqual([
      { ...names, targetTopic: '', maxMessages: 0n },
      { ...names, targetTopic: 'elsewhere', maxMessages: 2n },
    ]);
  });

  it('is taken for deleted if it is gone only if an earlier try may have done it', async () => {
    const { broker, client } = await start();
    let count = 0;
    broker.reactions.set('deleteSubscription', () => {
      count += 1;
      if (count === 1) throw new Refusal('STORAGE_FAILED', status.UNAVAILABLE);
      throw new Refusal('SUBSCRIPTION_NOT_FOUND', status.NOT_FOUND);
    });
    await client.subscription('t', 's').delete();
    expect(count).toBe(2);
    await expect(client.subscription('t', 's').delete()).rejects.toMatchObject({
      reason: 'SUBSCRIPTION_NOT_FOUND',
    });
  });

  it('is listed page by page', async () => {
    const { broker, client } = await start();
    let count = 0;
    broker.reactions.set('listSubscriptions', () => {
      count += 1;
      const subscription = Subscription.fromPartial({ topic: 't', subscription: `s${count}` });
      return { subscriptions: [subscription], nextPageToken: count < 3 ? `after ${count}` : '' };
    });
    const listed: string[] = [];
    for await (const info of client.subscriptions.list({ glob: 't*', pageSize: 1 })) {
      listed.push(info.subscription);
    }
    expect(listed).toEqual(['s1', 's2', 's3']);
    expect(broker.requests('listSubscriptions').at(-1)).toEqual({
      glob: 't*',
      pageSize: 1,
      pageToken: 'after 2',
    });
  });
});

describe('DurableSubscription.pull', () => {
  it('leases what there is', async () => {
    const { broker, client } = await start();
    broker.subscription.publish('a', 'b', 'c');
    const subscription = client.subscription('t', 's');
    const deliveries = await subscription.pull({ max: 2, maxBytes: 99, wait: '1s', lease: '1m' });
    expect(deliveries.map(({ message }) => message.text)).toEqual(['a', 'b']);
    expect(deliveries[1]).toMatchObject({ attempt: 1, receipt: 1n, deadlineNs: 5n });
    expect(deliveries.drained).toBeUndefined();
    expect(broker.requests('pull')).toEqual([
      { ...names, maxMessages: 2, maxBytes: 99, waitMs: 1000, leaseMs: 60_000n },
    ]);
    expect(await subscription.pull()).toHaveLength(1);
    expect(await subscription.pull()).toHaveLength(0);
  });

  it('says that nothing will come any more', async () => {
    const { broker, client } = await start();
    broker.reactions.set('pull', () => ({ drained: { reason: 'done' } }));
    const deliveries = await client.subscription('t', 's').pull();
    expect(deliveries).toHaveLength(0);
    expect(deliveries.drained).toEqual({ reason: 'done' });
  });

  it('settles in one request what is settled in one turn', async () => {
    const { broker, client } = await start();
    broker.subscription.publish('a', 'b', 'c', 'd');
    const [a, b, c, d] = await client.subscription('t', 's').pull({ max: 4 });
    await Promise.all([a?.ack(), c?.ack(), b?.ack(), d?.nack({ delay: 5 })]);
    expect(broker.requests('acknowledge')).toMatchObject([
      {
        ...names,
        settlements: [
          { firstTimestampNs: 1003n, action: { $case: 'nack', value: { delayMs: 5n } } },
          { receipt: 1n, firstTimestampNs: 1000n, lastTimestampNs: 1002n },
        ],
      },
    ]);
    expect(broker.subscription.acknowledged).toEqual(['a', 'b', 'c']);
  });

  it('rejects the ack of a lease that ran out with CONFLICT', async () => {
    const { broker, client } = await start();
    broker.subscription.publish('a');
    const [delivery] = await client.subscription('t', 's').pull();
    broker.subscription.expire();
    await expect(delivery?.ack()).rejects.toMatchObject({ reason: 'CONFLICT' });
  });

  it('rejects all settlements of a request that fails', async () => {
    const { broker, client } = await start();
    broker.subscription.publish('a', 'b');
    const deliveries = await client.subscription('t', 's').pull({ max: 2 });
    broker.reactions.set('acknowledge', () => {
      throw new Refusal('SUBSCRIPTION_NOT_FOUND', status.NOT_FOUND);
    });
    const results = await Promise.allSettled(deliveries.map((delivery) => delivery.ack()));
    for (const result of results) {
      expect(result).toMatchObject({ reason: { reason: 'SUBSCRIPTION_NOT_FOUND' } });
    }
  });

  it('is settled before the client closes', async () => {
    const { broker, client } = await start();
    broker.subscription.publish('a');
    const [delivery] = await client.subscription('t', 's').pull();
    const acked = vi.fn();
    void delivery?.ack().then(acked);
    await client.close();
    expect(broker.subscription.acknowledged).toEqual(['a']);
    expect(acked).toHaveBeenCalled();
  });
});
