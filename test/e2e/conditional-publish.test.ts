import type { Client } from 'playhead-client';
import { connect, PlayheadError } from 'playhead-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestBroker } from '../support/broker.ts';
import { numbered, texts } from '../support/collect.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

let broker: TestBroker;
let client: Client;

beforeAll(async () => {
  broker = await TestBroker.start();
  client = broker.connect();
});
afterAll(async () => {
  await client.close();
  await broker[Symbol.asyncDispose]();
});

const stored = (topic: string) =>
  texts(client.subscribe(topic, { from: 'earliest', follow: false }));

describe('a publish with expectedLastTimestampNs', () => {
  it('is stored if nothing came in between', async () => {
    const publisher = client.publisher('conditional/chain');
    let last = await publisher.publish('0', { expectedLastTimestampNs: 0n });
    for (const value of ['1', '2', '3']) {
      last = await publisher.publish(value, { expectedLastTimestampNs: last });
    }
    const ack = await publisher.publishBatch(['4', '5'], { expectedLastTimestampNs: last });
    expect((await client.topics.get('conditional/chain')).lastTimestampNs).toBe(
      ack.lastTimestampNs,
    );
    expect(await stored('conditional/chain')).toEqual(['0', '1', '2', '3', '4', '5']);
  });

  it('is refused with CONFLICT otherwise, which names the actual timestamp', async () => {
    const publisher = client.publisher('conditional/conflict');
    const first = await publisher.publish('first');
    const second = await publisher.publish('second');
    for (const expectedLastTimestampNs of [0n, first, second - 1n, second + 1n]) {
      await expect(publisher.publish('no', { expectedLastTimestampNs })).rejects.toMatchObject({
        reason: 'CONFLICT',
        metadata: { topic: 'conditional/conflict', last_timestamp_ns: String(second) },
      });
    }
    await publisher.publish('third', { expectedLastTimestampNs: second });
    expect(await stored('conditional/conflict')).toEqual(['first', 'second', 'third']);
  });

  it('is refused on a topic that is new, unless it expects nothing there', async () => {
    await client.topics.create('conditional/new');
    const publisher = client.publisher('conditional/new');
    await expect(publisher.publish('a', { expectedLastTimestampNs: 1n })).rejects.toMatchObject({
      reason: 'CONFLICT',
      metadata: { last_timestamp_ns: '0' },
    });
    await publisher.publish('b', { expectedLastTimestampNs: 0n });
    expect(await stored('conditional/new')).toEqual(['b']);
  });

  it('leaves what the same publisher publishes around it untouched', async () => {
    const publisher = client.publisher('conditional/around');
    const before = publisher.publish('before');
    const refused = publisher.publish('refused', { expectedLastTimestampNs: 0n });
    const after = publisher.publish('after');
    await before;
    await expect(refused).rejects.toMatchObject({ reason: 'CONFLICT' });
    await after;
    expect(await stored('conditional/around')).toEqual(['before', 'after']);
  });

  it('lets exactly one of many writers win each round', async () => {
    const rounds = 20;
    const increment = async () => {
      const publisher = client.publisher('conditional/counter');
      for (let done = 0; done < rounds; ) {
        const { messages } = await client.read('conditional/counter', { from: { last: 1 } });
        const [last] = messages;
        try {
          await publisher.publish(String(Number(last?.text ?? 0) + 1), {
            expectedLastTimestampNs: last?.timestampNs ?? 0n,
          });
          done += 1;
        } catch (error) {
          if (!(error instanceof PlayheadError) || error.reason !== 'CONFLICT') throw error;
        }
      }
    };
    await client.topics.create('conditional/counter');
    await Promise.all(numbered(5).map(increment));
    expect(await stored('conditional/counter')).toEqual(
      Array.from({ length: 5 * rounds }, (_, i) => String(i + 1)),
    );
  });

  it('is no conflict with itself when its answer is lost and it is sent again', async () => {
    await using proxy = await TcpProxy.start(broker.address);
    await using near = connect(proxy.address, { retry: { initialBackoffMs: 5 } });
    const publisher = near.publisher('conditional/retried');
    const first = await publisher.publish('first');
    proxy.swallowAnswers();
    const second = publisher.publish('second', { expectedLastTimestampNs: first });
    await texts(client.subscribe('conditional/retried', { from: 'earliest', limit: 2 }));
    proxy.cut();
    proxy.repair();
    expect(await second).toBeGreaterThan(first);
    expect(await stored('conditional/retried')).toEqual(['first', 'second']);
  });
});
