import { Durability } from 'playhead-proto';
import { afterEach, describe, expect, it } from 'vitest';
import { type Client, type ClientOptions, connect } from '../../../clients/node/src/index.ts';
import { FakeBroker, resultOfError } from '../../support/fake-broker.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(options: ClientOptions = {}): Promise<{ broker: FakeBroker; client: Client }> {
  const broker = await FakeBroker.start();
  const client = connect(broker.address, options);
  closers.push(
    () => broker.stop(),
    () => client.close().catch(() => {}),
  );
  return { broker, client };
}

describe('connect', () => {
  it('does not connect, and takes 127.0.0.1:17777 by default', async () => {
    await using client = connect();
    expect(client.addresses).toEqual(['127.0.0.1:17777']);
  });

  it.each<ClientOptions>([
    { requestTimeoutMs: 0 },
    { retry: { initialBackoffMs: -1 } },
    { retry: { maxBackoffMs: Number.NaN } },
    { retry: { giveUpAfterMs: -1 } },
  ])('refuses %o with a TypeError', (options) => {
    expect(() => connect('127.0.0.1:1', options)).toThrow(TypeError);
  });
});

describe('Client.serverInfo', () => {
  it('tells version, durability, limits and clock', async () => {
    const { broker, client } = await start();
    broker.onGetServerInfo = () => ({
      version: '1.2.3',
      durability: Durability.FSYNC,
      maxMessageBytes: 5,
      maxRequestBytes: 6,
      clockNs: 7n,
      lastTimestampNs: 0n,
    });
    expect(await client.serverInfo()).toEqual({
      version: '1.2.3',
      durability: 'fsync',
      maxMessageBytes: 5,
      maxRequestBytes: 6,
      clockNs: 7n,
      lastTimestampNs: undefined,
    });
  });
});

describe('Client.close', () => {
  it('flushes publishers and channels, and is idempotent', async () => {
    const { broker, client } = await start();
    const published = client.publisher('t', { lingerMs: 60_000 }).publish('a');
    const written = client.channel('c').publish('b');
    const closing = client.close();
    expect(client.close()).toBe(closing);
    await closing;
    expect(await Promise.all([published, written])).toHaveLength(2);
    expect(broker.published).toHaveLength(2);
  });

  it('rejects with the first error of the flush when all is closed', async () => {
    const { broker, client } = await start();
    broker.onPublish = () => resultOfError('CHANNEL_CLOSED');
    void client.publisher('t').publish('a');
    await expect(client.close()).rejects.toMatchObject({ reason: 'CHANNEL_CLOSED' });
    await expect(client.serverInfo()).rejects.toMatchObject({ reason: 'CLIENT_CLOSED' });
  });

  it('refuses new publishers, subscriptions and requests', async () => {
    const { client } = await start();
    await client.close();
    expect(() => client.publisher('t')).toThrow('the client is closed');
    expect(() => client.subscribe('t')).toThrow('the client is closed');
    await expect(client.channel('c').publish('x')).rejects.toMatchObject({
      reason: 'CLIENT_CLOSED',
    });
    await expect(client.topics.get('t')).rejects.toMatchObject({ reason: 'CLIENT_CLOSED' });
  });

  it('does not drain when its signal has fired', async () => {
    const controller = new AbortController();
    const { broker, client } = await start({ signal: controller.signal });
    broker.onPublish = () => 'silence';
    const published = client.publisher('t').publish('a');
    const request = client.serverInfo();
    const subscribed = client.subscribe('t').started();
    controller.abort(new Error('why'));
    for (const promise of [published, request, subscribed]) {
      await expect(promise).rejects.toMatchObject({ reason: 'CANCELLED', cause: new Error('why') });
    }
    await client.close();
  });
});
