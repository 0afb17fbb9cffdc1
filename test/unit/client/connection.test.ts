import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import type { RetryEvent } from '../../../clients/node/src/connection.ts';
import { type ClientOptions, connect } from '../../../clients/node/src/index.ts';
import { FakeBroker, Refusal } from '../../support/fake-broker.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function startBroker(): Promise<FakeBroker> {
  const broker = await FakeBroker.start();
  closers.push(() => broker.stop());
  return broker;
}

function open(address: string | readonly string[], options: ClientOptions = {}) {
  const client = connect(address, { retry: { initialBackoffMs: 5, maxBackoffMs: 20 }, ...options });
  closers.push(() => client.close());
  return client;
}

/** An address where nobody listens. */
async function deadAddress(): Promise<string> {
  const broker = await FakeBroker.start();
  broker.stop();
  return broker.address;
}

describe('Connection.request', () => {
  it('repeats a request whose refusal is retryable', async () => {
    const broker = await startBroker();
    let count = 0;
    broker.onGetServerInfo = () => {
      count += 1;
      if (count < 3) throw new Refusal('OVERLOADED', status.RESOURCE_EXHAUSTED);
      return { version: '1' };
    };
    const retries: RetryEvent[] = [];
    const client = open(broker.address, { onRetry: (event) => retries.push(event) });
    expect((await client.serverInfo()).version).toBe('1');
    expect(retries.map(({ attempt, error }) => [attempt, error.reason])).toEqual([
      [1, 'OVERLOADED'],
      [2, 'OVERLOADED'],
    ]);
  });

  it('does not repeat a refusal that is final', async () => {
    const broker = await startBroker();
    let count = 0;
    broker.onGetTopic = ({ topic }) => {
      count += 1;
      throw new Refusal('TOPIC_NOT_FOUND', status.NOT_FOUND, { topic });
    };
    await expect(open(broker.address).topics.get('t')).rejects.toMatchObject({
      reason: 'TOPIC_NOT_FOUND',
      message: 'refused: TOPIC_NOT_FOUND',
      metadata: { topic: 't' },
      retryable: false,
    });
    expect(count).toBe(1);
  });

  it('turns to the next address while one is away', async () => {
    const broker = await startBroker();
    broker.onGetServerInfo = () => ({ version: 'second' });
    const client = open([await deadAddress(), broker.address]);
    expect((await client.serverInfo()).version).toBe('second');
  });

  it('fails with UNREACHABLE at once if it is told to give up after 0 ms', async () => {
    const client = open([await deadAddress(), await deadAddress()], {
      retry: { giveUpAfterMs: 0 },
    });
    await expect(client.serverInfo()).rejects.toMatchObject({ reason: 'UNREACHABLE' });
  });

  it('fails with UNREACHABLE when its time is over', async () => {
    const client = open(await deadAddress(), { requestTimeoutMs: 60 });
    await expect(client.serverInfo()).rejects.toMatchObject({
      reason: 'UNREACHABLE',
      retryable: true,
    });
  });

  it('ends with CANCELLED when its signal fires, also during a pause', async () => {
    const controller = new AbortController();
    const client = open(await deadAddress(), { onRetry: () => controller.abort(new Error('why')) });
    await expect(client.serverInfo({ signal: controller.signal })).rejects.toMatchObject({
      reason: 'CANCELLED',
      cause: new Error('why'),
    });
    await expect(client.serverInfo({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      reason: 'CANCELLED',
    });
  });

  it('ends with CLIENT_CLOSED when the client is closed', async () => {
    const client = open(await deadAddress(), { retry: { initialBackoffMs: 10_000 } });
    const request = client.serverInfo();
    await client.close();
    await expect(request).rejects.toMatchObject({ reason: 'CLIENT_CLOSED' });
    await expect(client.serverInfo()).rejects.toMatchObject({ reason: 'CLIENT_CLOSED' });
  });
});
