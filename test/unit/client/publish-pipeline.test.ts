import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Client, type ClientOptions, connect } from '../../../clients/node/src/index.ts';
import { FakeBroker, resultOfError } from '../../support/fake-broker.ts';

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
    () => client.close().catch(() => {}),
  );
  return { broker, client };
}

const summaryOf = (broker: FakeBroker) =>
  broker.published.map(({ stream, request: { sequence, messages } }) => [
    stream,
    sequence,
    messages.map(({ value }) => Buffer.from(value).toString()).join(),
  ]);

describe('PublishPipeline', () => {
  it('sends again, unchanged and in order, what was not acknowledged when the stream broke', async () => {
    const { broker, client } = await start();
    const publisher = client.publisher('t', { maxBatchBytes: 1 });
    broker.onPublish = (request, stream) => {
      if (stream > 0) return broker.store(request);
      // The second is stored, but its ack is lost.
      if (request.sequence === 2n) broker.store(request);
      if (request.sequence === 1n) return broker.store(request);
      return request.sequence === 3n ? 'cut' : 'silence';
    };
    const timestamps = await Promise.all(['a', 'b', 'c'].map((value) => publisher.publish(value)));
    expect(summaryOf(broker)).toEqual([
      [0, 1n, 'a'],
      [0, 2n, 'b'],
      [0, 3n, 'c'],
      [1, 2n, 'b'],
      [1, 3n, 'c'],
    ]);
    expect(timestamps).toEqual([1000n, 1001n, 1002n]);
    expect(broker.published[3]?.request).toMatchObject({ topic: 't', producer: publisher.name });
  });

  it('survives a restart of the broker', async () => {
    const { broker, client } = await start();
    const publisher = client.publisher('t');
    await publisher.publish('a');
    await broker.restart();
    expect(await publisher.publish('b')).toBe(1001n);
  });

  it('drops the stream at a retryable result and sends again from there', async () => {
    const { broker, client } = await start();
    const publisher = client.publisher('t', { maxBatchBytes: 1 });
    broker.onPublish = (request, stream) => {
      if (stream === 0 && request.sequence === 2n) return resultOfError('STORAGE_FAILED');
      // A broker ends the stream there, and stores nothing that follows.
      if (stream === 0 && request.sequence > 2n) return 'silence';
      return broker.store(request);
    };
    const timestamps = await Promise.all(['a', 'b', 'c'].map((value) => publisher.publish(value)));
    expect(timestamps).toEqual([1000n, 1001n, 1002n]);
    expect(summaryOf(broker).filter(([stream]) => stream === 1)).toEqual([
      [1, 2n, 'b'],
      [1, 3n, 'c'],
    ]);
  });

  it('gives up after its time, rejects all, and begins afresh with the next publish', async () => {
    const { broker, client } = await start({
      retry: { initialBackoffMs: 2, maxBackoffMs: 5, giveUpAfterMs: 30 },
    });
    const publisher = client.publisher('t', { maxBatchBytes: 1, maxInFlight: 1 });
    broker.onPublish = () => resultOfError('DISK_FULL');
    const results = await Promise.allSettled(['a', 'b'].map((value) => publisher.publish(value)));
    expect(results).toMatchObject([
      { reason: { reason: 'DISK_FULL' } },
      { reason: { reason: 'DISK_FULL' } },
    ]);
    expect(publisher.bufferedBytes).toBe(0);
    broker.onPublish = (request) => broker.store(request);
    expect(await publisher.publish('c')).toBe(1000n);
  });

  it('rejects what was handed over for a topic that was deleted, and then writes to the new one', async () => {
    const { broker, client } = await start();
    const publisher = client.publisher('t', { maxBatchBytes: 1, maxInFlight: 1 });
    broker.onPublish = (request, stream) =>
      stream === 0 ? resultOfError('TOPIC_DELETED') : broker.store(request);
    const results = await Promise.allSettled(['a', 'b'].map((value) => publisher.publish(value)));
    expect(results).toMatchObject([
      { reason: { reason: 'TOPIC_DELETED' } },
      { reason: { reason: 'TOPIC_DELETED' } },
    ]);
    expect(summaryOf(broker)).toEqual([[0, 1n, 'a']]);
    expect(await publisher.publish('c')).toBe(1000n);
    expect(summaryOf(broker).at(-1)).toEqual([1, 2n, 'c']);
  });

  it('tries the next address when one goes away', async () => {
    const [first, second] = [await FakeBroker.start(), await FakeBroker.start()];
    const client = connect([first.address, second.address], { retry: { initialBackoffMs: 5 } });
    closers.push(
      () => first.stop(),
      () => second.stop(),
      () => client.close(),
    );
    const publisher = client.publisher('t');
    await publisher.publish('a');
    first.stop();
    await publisher.publish('b');
    expect(summaryOf(second)).toEqual([[0, 2n, 'b']]);
  });

  it('leaves an idle broker alone after its connection is lost', async () => {
    const retries: unknown[] = [];
    const { broker, client } = await start({ onRetry: (event) => retries.push(event) });
    await client.publisher('t').publish('a');
    broker.stop();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(retries).toEqual([]);
  });

  it('fails everything with CANCELLED when the signal of the client fires', async () => {
    const controller = new AbortController();
    const { broker, client } = await start({ signal: controller.signal });
    broker.onPublish = () => 'silence';
    const publisher = client.publisher('t', { maxBatchBytes: 1, maxInFlight: 1 });
    const results = Promise.allSettled(['a', 'b'].map((value) => publisher.publish(value)));
    await vi.waitFor(() => expect(broker.published).toHaveLength(1));
    controller.abort();
    expect(await results).toMatchObject([
      { reason: { reason: 'CANCELLED' } },
      { reason: { reason: 'CANCELLED' } },
    ]);
    await expect(publisher.publish('c')).rejects.toMatchObject({ reason: 'CANCELLED' });
    await client.close();
  });
});
