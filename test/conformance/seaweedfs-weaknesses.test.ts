import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect as openSession } from 'node:http2';
import type { Client } from 'playhead-client';
import { connect } from 'playhead-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ManualClock } from '../../src/manual-clock.ts';
import { kill, startBroker } from '../support/killed-broker.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { SeaweedCall, SeaweedClient, SubChannel } from './seaweedfs-support.ts';
import { numbered, OwnBroker } from './support.ts';

let broker: OwnBroker;
let go: SeaweedClient;
let client: Client;

beforeAll(async () => {
  broker = await OwnBroker.start();
  go = new SeaweedClient(broker.address);
  client = connect(broker.address);
});
afterAll(async () => {
  await client.close();
  await broker[Symbol.asyncDispose]();
});

const newName = () => `d-${randomUUID()}`;
const DAY_MS = 24 * 3600 * 1000;

describe('a weakness of the old broker of SeaweedFS that this one does not have', () => {
  test('D1: what a close was answered for is there when the broker is killed at that moment', async () => {
    await using directory = await temporaryDirectory();
    const values = numbered(3000);
    const first = await startBroker(directory.path);
    const writer = await new SeaweedClient(first.address).newPubChannel('c');
    for (const value of values) writer.publish(value);
    expect(await writer.close()).toMatchObject({ is_closed: true });
    await kill(first.broker);
    const second = await startBroker(directory.path);
    await using _ = second.broker;
    const reader = await new SeaweedClient(second.address).newSubChannel('c');
    expect(await reader.values()).toEqual(values);
    expect(reader.md5).toBe(writer.md5);
  });

  test('D2: a history of many pages and commits is replayed whole, as often as it is read, also after a restart', async () => {
    await using own = await OwnBroker.start();
    const writer = await new SeaweedClient(own.address).newPubChannel('long');
    const count = 3000;
    for (let i = 0; i < count; i++) writer.publish(`m${i} ${'x'.repeat(1000)}`);
    await writer.close();
    await own.restart();
    for (let time = 0; time < 2; time++) {
      const reader = await new SeaweedClient(own.address).newSubChannel('long');
      const values = await reader.values();
      expect(values.map((value) => value.split(' ')[0])).toEqual(numbered(count));
      expect(reader.md5).toBe(writer.md5);
    }
  });

  test('D3: a reader that comes just when the last writer leaves gets everything', async () => {
    for (let round = 0; round < 10; round++) {
      const name = newName();
      const writer = await go.newPubChannel(name);
      for (const value of numbered(20)) writer.publish(value);
      await writer.call.sent({ data: { value: Buffer.from('last') } });
      await expect
        .poll(() =>
          client.topics.get(`chan/${name}`).then(
            (topic) => topic.messageCount,
            () => 0,
          ),
        )
        .toBe(21);
      writer.call.disconnect();
      const reader = await go.newSubChannel(name);
      expect(await reader.values(21)).toEqual([...numbered(20), 'last']);
      reader.call.cancel();
    }
  });

  test('D4: a stream without init, a configuration, and a search at the start end nobody but themselves', async () => {
    for (const name of ['Publish', 'Subscribe'] as const) {
      using empty = new SeaweedCall(broker.address, name);
      empty.sendRaw(Buffer.alloc(0));
      expect(await empty.failure()).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('init'),
      });
      using ended = new SeaweedCall(broker.address, name);
      ended.end();
      expect(await ended.failure()).toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
    using data = new SeaweedCall(broker.address, 'Publish');
    data.send({ data: { value: Buffer.from('x') } });
    expect(await data.failure()).toMatchObject({ code: 'INVALID_ARGUMENT' });
    const place = { namespace: 'ns', topic: newName() };
    await go.call('ConfigureTopic', { ...place, configuration: { partition_count: 4 } });
    expect(await go.call('GetTopicConfiguration', place)).toMatchObject({
      configuration: { partition_count: 4 },
    });
    expect(await go.call('FindBroker', place)).toEqual({ broker: broker.address });
  });

  test('D5: readers that leave are gone at once, all of them, and those who stay are woken', async () => {
    const name = newName();
    const readers = await Promise.all(numbered(20).map(() => go.newSubChannel(name)));
    await client.channel(name).publish('one');
    for (const reader of readers) expect(await reader.values(1)).toEqual(['one']);
    const countOf = async () => (await client.channel(name).stat()).subscriberCount;
    expect(await countOf()).toBe(20);
    for (const reader of readers.slice(1)) reader.call.cancel();
    await expect.poll(countOf).toBe(1);
    await client.channel(name).publish('two');
    expect(await readers[0]?.values(1)).toEqual(['two']);
    readers[0]?.call.cancel();
  });

  test('D6: a close stops all writers, and nothing lies behind the marker', async () => {
    const name = newName();
    const [first, second] = [await go.newPubChannel(name), await go.newPubChannel(name)];
    second.publish('from the second');
    const reader = await go.newSubChannel(name);
    expect(await reader.values(1)).toEqual(['from the second']);
    first.publish('from the first');
    expect(await first.close()).toMatchObject({ is_closed: true });
    second.publish('too late');
    expect(await second.call.refusal()).toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: expect.stringContaining('closed'),
    });
    expect(await reader.values()).toEqual(['from the first']);
    const native = client.channel(name).subscribe();
    const all: string[] = [];
    for await (const { text } of native) all.push(text);
    expect(all).toEqual(['from the second', 'from the first']);
    // The sum of one writer is not that of the channel.
    expect(native.closed).toMatchObject({ messageCount: 2, checksum: undefined });
  });

  test('D7: messages of years are read in one go', async () => {
    const clock = new ManualClock();
    await using own = await OwnBroker.start({ clock });
    const values = numbered(30);
    const native = connect(own.address);
    for (const value of values) {
      await native.channel('years').publish(value);
      clock.jump(40 * DAY_MS);
    }
    await native.channel('years').close();
    await native.close();
    const reader = await new SeaweedClient(own.address).newSubChannel('years');
    expect(await reader.values()).toEqual(values);
  });

  // The library counts no pings, so nothing here could send it away but another library. That the server pings, too, and
  // cuts off who is gone, is a test of the server.
  test('D8: a client that pings more often than every 30 s, without a stream, is not sent away', async () => {
    const session = openSession(`http://${broker.address}`);
    let goneAway = false;
    session.on('goaway', () => {
      goneAway = true;
    });
    session.on('error', () => {});
    await once(session, 'connect');
    for (let i = 0; i < 50; i++) {
      await new Promise<void>((resolve, reject) => {
        session.ping((error) => (error === null ? resolve() : reject(error)));
      });
    }
    expect({ goneAway, destroyed: session.destroyed }).toEqual({
      goneAway: false,
      destroyed: false,
    });
    session.close();
  });

  test('D9: a reader that is far behind misses nothing; of what was trimmed under it, it is told', async () => {
    await using proxy = await TcpProxy.start(broker.address);
    const name = newName();
    const slow = new SubChannel(new SeaweedCall(proxy.address, 'Subscribe'));
    const place = { namespace: 'chan', topic: name, partition: 0 };
    slow.call.send({ init: { ...place, startPosition: 'TIMESTAMP' } });
    const channel = client.channel(name);
    await channel.publish('first');
    expect(await slow.values(1)).toEqual(['first']);
    const values = numbered(2000).map((value) => value.padEnd(10_000));
    await channel.publishAll(values);
    expect(await slow.values(1000)).toEqual(values.slice(0, 1000));
    await channel.close();
    expect(await slow.values()).toEqual(values.slice(1000));

    const other = client.channel(newName());
    await other.publishAll(values);
    using late = await go.subscribing('chan', other.name, 0, {});
    expect((await late.receive())?.data?.value.toString()).toBe(values[0]);
    const { lastTimestampNs } = await other.stat();
    await client.topics.trim(other.topic, lastTimestampNs ?? 0n);
    const readOn = async () => {
      while ((await late.receive()) !== undefined);
    };
    await expect(readOn()).rejects.toMatchObject({
      code: 'DATA_LOSS',
      message: expect.stringContaining('trimmed'),
    });
  });
});
