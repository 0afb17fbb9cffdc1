import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type Client, connect } from '../../../clients/node/src/index.ts';
import { FakeBroker, resultOfError } from '../../support/fake-broker.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(): Promise<{ broker: FakeBroker; client: Client }> {
  const broker = await FakeBroker.start();
  const client = connect(broker.address, { retry: { initialBackoffMs: 5, maxBackoffMs: 20 } });
  closers.push(
    () => broker.stop(),
    () => client.close().catch(() => {}),
  );
  return { broker, client };
}

const countOf = (broker: FakeBroker) =>
  broker.published.reduce((count, { request }) => count + request.messages.length, 0);

describe('Publisher.publishAll', () => {
  it('publishes a long source in bounded memory and reports its progress', async () => {
    const { broker, client } = await start();
    const publisher = client.publisher('t', { maxBatchBytes: 1000, maxBufferedBytes: 20_000 });
    let mostBytes = 0;
    function* source() {
      for (let i = 0; i < 5000; i++) {
        mostBytes = Math.max(mostBytes, publisher.bufferedBytes);
        yield 'x'.repeat(50);
      }
    }
    const progress: number[] = [];
    const result = await publisher.publishAll(source(), { onProgress: (n) => progress.push(n) });
    expect(result).toEqual({ count: 5000, firstTimestampNs: 1000n, lastTimestampNs: 5999n });
    expect(countOf(broker)).toBe(5000);
    expect(mostBytes).toBeLessThan(20_100);
    expect(progress.at(-1)).toBe(5000);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  });

  it('takes an async source whose messages are acknowledged one by one', async () => {
    const { client } = await start();
    const publisher = client.publisher('t');
    async function* source() {
      for (const value of ['a', 'b', 'c']) {
        yield value;
        await publisher.flush();
      }
    }
    expect(await publisher.publishAll(source())).toEqual({
      count: 3,
      firstTimestampNs: 1000n,
      lastTimestampNs: 1002n,
    });
  });

  it('counts its own messages where others go into the same request', async () => {
    const { client } = await start();
    const publisher = client.publisher('t');
    void publisher.publish('before');
    const result = publisher.publishAll(['a', 'b']);
    void publisher.publish('after');
    expect(await result).toEqual({ count: 2, firstTimestampNs: 1001n, lastTimestampNs: 1002n });
  });

  it('answers for an empty source', async () => {
    const { client } = await start();
    expect(await client.publisher('t').publishAll([])).toEqual({
      count: 0,
      firstTimestampNs: undefined,
      lastTimestampNs: undefined,
    });
  });

  it('stops at the first error, closes the source, and rejects', async () => {
    const { broker, client } = await start();
    broker.onPublish = (request) =>
      request.sequence === 1n ? broker.store(request) : resultOfError('CHANNEL_CLOSED');
    const publisher = client.publisher('t', { maxBatchBytes: 1 });
    let isClosed = false;
    async function* source() {
      try {
        for (;;) {
          yield 'x';
          await sleep(1);
        }
      } finally {
        isClosed = true;
      }
    }
    await expect(publisher.publishAll(source())).rejects.toMatchObject({
      reason: 'CHANNEL_CLOSED',
    });
    await expect.poll(() => isClosed).toBe(true);
  });

  it('does not wait for a source that has nothing to say when an error comes', async () => {
    const { broker, client } = await start();
    broker.onPublish = () => resultOfError('CHANNEL_CLOSED');
    async function* source() {
      yield 'x';
      await new Promise(() => {});
    }
    await expect(client.publisher('t').publishAll(source())).rejects.toMatchObject({
      reason: 'CHANNEL_CLOSED',
    });
  });

  it('rejects with the error of the source once what was taken before is stored', async () => {
    const { broker, client } = await start();
    function* source() {
      yield 'x';
      throw new Error('source');
    }
    await expect(client.publisher('t').publishAll(source())).rejects.toThrow('source');
    expect(countOf(broker)).toBe(1);
  });

  it('ends with CANCELLED when its signal fires', async () => {
    const { broker, client } = await start();
    const controller = new AbortController();
    broker.onPublish = () => {
      controller.abort();
      return 'silence';
    };
    const publishing = client.publisher('t').publishAll(['x'], { signal: controller.signal });
    await expect(publishing).rejects.toMatchObject({ reason: 'CANCELLED' });
    broker.onPublish = (request) => broker.store(request);
    await broker.restart();
  });
});
