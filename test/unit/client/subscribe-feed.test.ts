import { once } from 'node:events';
import { status } from '@grpc/grpc-js';
import { Edge, EndReason, encodeErrorReason, Message, SubscribeResponse } from 'playhead-proto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  type Client,
  type ClientOptions,
  connect,
  type RetryEvent,
  type Subscription,
} from '../../../clients/node/src/index.ts';
import { FakeBroker, type SubscribeStream } from '../../support/fake-broker.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(options: ClientOptions = {}): Promise<{ broker: FakeBroker; client: Client }> {
  const broker = await FakeBroker.start();
  const client = connect(broker.address, {
    retry: { initialBackoffMs: 5, maxBackoffMs: 20 },
    ...options,
  });
  closers.push(
    () => broker.stop(),
    () => client.close(),
  );
  return { broker, client };
}

type Event = NonNullable<SubscribeResponse['event']>;

const send = (stream: SubscribeStream, event?: Event, ...timestamps: bigint[]) =>
  stream.write(
    SubscribeResponse.fromPartial({
      messages: timestamps.map((timestampNs) =>
        Message.fromPartial({ timestampNs, value: Buffer.from(`v${timestampNs}`) }),
      ),
      event,
    }),
  );

const started = (
  fromTimestampNs: bigint,
  untilTimestampNs = 0n,
  topicCreatedTimestampNs = 1n,
): Event => ({
  $case: 'started',
  value: { fromTimestampNs, untilTimestampNs, topicCreatedTimestampNs },
});

const ended = (reason: EndReason): Event => ({ $case: 'end', value: { reason, error: undefined } });

const failed = (reason: Parameters<typeof encodeErrorReason>[0]): Event => ({
  $case: 'end',
  value: {
    reason: EndReason.ERROR,
    error: { reason: encodeErrorReason(reason), message: `failed: ${reason}`, metadata: {} },
  },
});

const cut = (stream: SubscribeStream) =>
  stream.emit('error', { code: status.UNAVAILABLE, details: 'cut by the test' });

async function timestampsOf(subscription: Subscription): Promise<bigint[]> {
  const timestamps: bigint[] = [];
  for await (const { timestampNs } of subscription) timestamps.push(timestampNs);
  return timestamps;
}

describe('SubscribeFeed', () => {
  it('asks for what it is told', async () => {
    const { broker, client } = await start();
    broker.onSubscribe = (stream) => {
      send(stream, ended(EndReason.LIMIT));
      stream.end();
    };
    await timestampsOf(client.subscribe('t', { from: { last: 3 }, until: 9n, limit: 2 }));
    await timestampsOf(client.subscribe('t', { follow: false }));
    await timestampsOf(client.subscribe('t', { from: '-5s', until: 'now' }));
    expect(broker.subscribed).toMatchObject([
      {
        topic: 't',
        from: { at: { $case: 'lastMessages', value: 3n } },
        untilTimestampNs: 9n,
        untilNow: false,
        maxMessages: 2n,
        topicCreatedTimestampNs: 0n,
      },
      { from: { at: { $case: 'edge', value: Edge.LATEST } }, untilNow: true, maxMessages: 0n },
      { from: { at: { $case: 'agoNs', value: 5_000_000_000n } }, untilNow: true },
    ]);
    expect(broker.subscribed[1]?.untilTimestampNs).toBeUndefined();
  });

  it("counts an end back from the broker's clock", async () => {
    const { broker, client } = await start();
    broker.onGetServerInfo = () => ({ clockNs: 60_000_000_000n });
    broker.onSubscribe = (stream) => {
      send(stream, ended(EndReason.UNTIL));
      stream.end();
    };
    await timestampsOf(client.subscribe('t', { from: 0n, until: '-10s' }));
    expect(broker.subscribed[0]?.untilTimestampNs).toBe(50_000_000_000n);
  });

  it('tells how the broker understood it', async () => {
    const { broker, client } = await start();
    broker.onSubscribe = (stream) => send(stream, started(5n, 9n));
    const subscription = client.subscribe('t');
    expect(await subscription.started()).toEqual({ fromTimestampNs: 5n, untilTimestampNs: 9n });
    expect(await subscription.started()).toEqual({ fromTimestampNs: 5n, untilTimestampNs: 9n });
  });

  it.each<[string, (stream: SubscribeStream) => void]>([
    ['the call breaks', cut],
    [
      'the call ends without End',
      (stream) => {
        stream.end();
      },
    ],
    [
      'the broker shuts down',
      (stream) => {
        send(stream, failed('SHUTTING_DOWN'));
        stream.end();
      },
    ],
    [
      'the storage fails',
      (stream) => {
        send(stream, failed('STORAGE_FAILED'));
        stream.end();
      },
    ],
  ])('goes on behind the last message when %s', async (_, interrupt) => {
    const { broker, client } = await start();
    broker.onSubscribe = (stream, index) => {
      if (index === 0) {
        send(stream, started(5n, 0n, 3n));
        send(stream, undefined, 10n, 11n);
        interrupt(stream);
        return;
      }
      send(stream, started(12n, 0n, 3n));
      send(stream, ended(EndReason.LIMIT), 12n, 13n);
      stream.end();
    };
    const subscription = client.subscribe('t', { from: 'earliest', limit: 4 });
    expect(await timestampsOf(subscription)).toEqual([10n, 11n, 12n, 13n]);
    expect(broker.subscribed[1]).toMatchObject({
      from: { at: { $case: 'timestampNs', value: 12n } },
      maxMessages: 2n,
      topicCreatedTimestampNs: 3n,
    });
  });

  it('goes on where it was to begin if there was no message yet', async () => {
    const { broker, client } = await start();
    broker.onSubscribe = (stream, index) => {
      send(stream, started(5n));
      if (index === 0) cut(stream);
      else send(stream, ended(EndReason.CLOSED));
    };
    await timestampsOf(client.subscribe('t'));
    expect(broker.subscribed[1]?.from).toEqual({ at: { $case: 'timestampNs', value: 5n } });
  });

  it('goes on from where it had caught up, up to the end that the broker resolved', async () => {
    const { broker, client } = await start();
    broker.onSubscribe = (stream, index) => {
      if (index === 0) {
        send(stream, started(5n, 50n));
        send(stream, { $case: 'caughtUp', value: { nextTimestampNs: 20n } });
        cut(stream);
        return;
      }
      send(stream, ended(EndReason.UNTIL));
      stream.end();
    };
    await timestampsOf(client.subscribe('t', { follow: false }));
    expect(broker.subscribed[1]).toMatchObject({
      from: { at: { $case: 'timestampNs', value: 20n } },
      untilTimestampNs: 50n,
      untilNow: false,
    });
  });

  it('does not ask again when the limit or the end was reached before the call broke', async () => {
    const { broker, client } = await start();
    broker.onSubscribe = (stream, index) => {
      send(stream, started(5n, index === 0 ? 0n : 12n));
      send(stream, undefined, 10n, 11n);
      cut(stream);
    };
    expect(await timestampsOf(client.subscribe('t', { limit: 2 }))).toEqual([10n, 11n]);
    expect(await timestampsOf(client.subscribe('t', { until: 12n }))).toEqual([10n, 11n]);
    expect(broker.subscribed).toHaveLength(2);
  });

  it('pauses longer from try to try, until messages come again', async () => {
    const attempts: RetryEvent[] = [];
    const { broker, client } = await start({ onRetry: (event) => attempts.push(event) });
    broker.onSubscribe = (stream, index) => {
      send(stream, started(5n));
      if (index === 2) send(stream, undefined, 10n);
      if (index === 4) {
        send(stream, ended(EndReason.CLOSED));
        stream.end();
      } else {
        send(stream, failed('STORAGE_FAILED'));
        stream.end();
      }
    };
    await timestampsOf(client.subscribe('t'));
    expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 1, 2]);
    expect(attempts[0]).toMatchObject({
      operation: 'subscribe to t',
      error: { reason: 'STORAGE_FAILED' },
    });
  });

  it('fails with what is not retryable', async () => {
    const { broker, client } = await start();
    broker.onSubscribe = (stream) => {
      send(stream, started(5n));
      send(stream, failed('DATA_LOSS'), 10n);
      stream.end();
    };
    const subscription = client.subscribe('t');
    const seen: bigint[] = [];
    const reading = (async () => {
      for await (const { timestampNs } of subscription) seen.push(timestampNs);
    })();
    await expect(reading).rejects.toMatchObject({
      reason: 'DATA_LOSS',
      message: 'failed: DATA_LOSS',
    });
    expect(seen).toEqual([10n]);
  });

  it('gives up when it is told to', async () => {
    const { broker, client } = await start({ retry: { giveUpAfterMs: 0 } });
    broker.stop();
    const subscription = client.subscribe('t');
    await expect(subscription.started()).rejects.toMatchObject({ reason: 'UNREACHABLE' });
    await expect(timestampsOf(subscription)).rejects.toMatchObject({ reason: 'UNREACHABLE' });
  });

  it('holds the broker back while nobody reads, and loses nothing', {
    timeout: 20_000,
  }, async () => {
    const { broker, client } = await start();
    const value = Buffer.alloc(256 * 1024);
    let written = 0;
    const total = 200;
    const fill = async (stream: SubscribeStream) => {
      send(stream, started(1n));
      for (; written < total; written++) {
        const message = Message.fromPartial({ timestampNs: BigInt(written + 1), value });
        const hasRoom = stream.write(SubscribeResponse.fromPartial({ messages: [message] }));
        if (!hasRoom) await once(stream, 'drain');
      }
      send(stream, ended(EndReason.CLOSED));
      stream.end();
    };
    broker.onSubscribe = (stream) => void fill(stream);
    const subscription = client.subscribe('t');
    await subscription.started();
    // Until the broker has come to a stop: the same number is seen several times in a row.
    let before = -1;
    await vi.waitFor(
      () => {
        const hasStopped = written > 0 && written === before;
        before = written;
        expect(hasStopped).toBe(true);
      },
      { interval: 200, timeout: 15_000 },
    );
    // 4 MiB here, 4 MiB on the way, and sixteen responses each in the streams of both ends.
    expect(written).toBeLessThan(100);
    expect(await timestampsOf(subscription)).toHaveLength(total);
  });

  it('ends at once when its signal fires, with CANCELLED', async () => {
    const { broker, client } = await start();
    const controller = new AbortController();
    broker.onSubscribe = (stream) => send(stream, started(1n), 10n);
    const subscription = client.subscribe('t', { signal: controller.signal });
    const iterator = subscription[Symbol.asyncIterator]();
    await iterator.next();
    const next = iterator.next();
    controller.abort();
    await expect(next).rejects.toMatchObject({ reason: 'CANCELLED' });
    await expect(
      client.subscribe('t', { signal: controller.signal }).started(),
    ).rejects.toMatchObject({ reason: 'CANCELLED' });
  });

  it('tells the broker when it is closed, and ends its reader without an error', async () => {
    const { broker, client } = await start();
    let cancelled: Promise<unknown> = Promise.resolve();
    broker.onSubscribe = (stream) => {
      cancelled = once(stream, 'cancelled');
      send(stream, started(1n));
    };
    const subscription = client.subscribe('t');
    await subscription.started();
    const reading = timestampsOf(subscription);
    await subscription.close();
    expect(await reading).toEqual([]);
    await cancelled;
    await expect(client.subscribe('t').started()).resolves.toBeDefined();
  });

  it('leaves no call behind that is closed in the turn in which it was opened', async () => {
    const { broker, client } = await start();
    let openCount = 0;
    broker.onSubscribe = (stream) => {
      openCount += 1;
      stream.once('cancelled', () => {
        openCount -= 1;
      });
      send(stream, started(1n));
    };
    await client.subscribe('t').started();
    for (let i = 0; i < 20; i++) await client.subscribe('t').close();
    await client.subscribe('t').started();
    await expect.poll(() => openCount).toBe(2);
  });

  it('ends without an error when the client is closed', async () => {
    const { broker, client } = await start();
    broker.onSubscribe = (stream) => send(stream, started(1n));
    const subscription = client.subscribe('t');
    await subscription.started();
    const reading = timestampsOf(subscription);
    await client.close();
    expect(await reading).toEqual([]);
  });
});
