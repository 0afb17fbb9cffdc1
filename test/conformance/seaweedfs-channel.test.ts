import { randomUUID } from 'node:crypto';
import { connect as openSession } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'playhead-client';
import { connect } from 'playhead-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SeaweedClient } from './seaweedfs-support.ts';
import { numbered, OwnBroker } from './support.ts';
import { bytesField, varintField } from './wire-bytes.ts';

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

const newName = () => `c-${randomUUID()}`;

/** What a call by hand begins with. */
function requestHeaders(method: string) {
  return {
    ':method': 'POST',
    ':path': `/messaging_pb.SeaweedMessaging/${method}`,
    'content-type': 'application/grpc',
    te: 'trailers',
  };
}

/** A message of gRPC. */
function framed(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

async function valuesOf(subscription: AsyncIterable<{ readonly text: string }>): Promise<string[]> {
  const values: string[] = [];
  for await (const { text } of subscription) values.push(text);
  return values;
}

describe('a channel of the Go client of SeaweedFS', () => {
  test('is found at the address by which the broker was asked, whether it exists or not', async () => {
    const port = broker.address.split(':')[1];
    for (const host of ['127.0.0.1', 'localhost']) {
      const asked = new SeaweedClient(`${host}:${port}`);
      const request = { namespace: 'nobody', topic: 'knows', parition: 99 };
      expect(await asked.call('FindBroker', request)).toEqual({ broker: `${host}:${port}` });
    }
  });

  test('is found at the address that is configured, or where the broker listens if nobody could dial what it is told', async () => {
    const advertiseAddress = 'broker.example.org:443';
    await using own = await OwnBroker.start({ advertiseAddress });
    const asked = new SeaweedClient(own.address);
    expect(await asked.call('FindBroker', {})).toEqual({ broker: advertiseAddress });

    const session = openSession(`http://${broker.address}`);
    const stream = session.request({
      ...requestHeaders('FindBroker'),
      ':authority': 'user@elsewhere:1',
    });
    stream.end(framed(Buffer.alloc(0)));
    const answer: Buffer[] = [];
    for await (const bytes of stream) answer.push(Buffer.from(bytes));
    session.close();
    expect(Buffer.concat(answer)).toEqual(framed(bytesField(1, broker.address)));
  });

  test('gets one empty answer to its init, and no other until it is closed', async () => {
    using call = await go.open('Publish', { namespace: 'chan', topic: newName(), partition: 0 });
    const topic = newName();
    call.send({ init: { namespace: 'chan', topic, partition: 0 } });
    expect(await call.receive()).toEqual({ is_closed: false, redirect: null, config: null });
    for (let i = 0; i < 100; i++) call.send({ data: { value: Buffer.from(`m${i}`) } });
    const next = call.receive();
    expect(await Promise.race([next, sleep(300)])).toBeUndefined();
    expect((await client.topics.get(`chan/${topic}`)).messageCount).toBe(100);
    call.send({ data: { is_close: true } });
    expect(await next).toMatchObject({ is_closed: true });
    expect(await call.receive()).toBeUndefined();
  });

  test('is read whole by a reader from before it existed and by one from after its close, with the same MD5', async () => {
    const name = newName();
    const early = await go.newSubChannel(name);
    const writer = await go.newPubChannel(name);
    const values = [...numbered(2000), '', 'last'];
    for (const value of values) writer.publish(value);
    expect(await writer.close()).toMatchObject({ is_closed: true });
    const late = await go.newSubChannel(name);
    expect(await early.values()).toEqual(values);
    expect(await late.values()).toEqual(values);
    expect(early.md5).toBe(writer.md5);
    expect(late.md5).toBe(writer.md5);
  });

  test('is followed at its tail, by many readers, each with all of it', async () => {
    const name = newName();
    const writer = await go.newPubChannel(name);
    const readers = await Promise.all([1, 2, 3].map(() => go.newSubChannel(name)));
    for (const value of ['one', 'two', 'three']) {
      writer.publish(value);
      for (const reader of readers) expect((await reader.next())?.toString()).toBe(value);
    }
    await writer.close();
    for (const reader of readers) expect(await reader.next()).toBeUndefined();
  });

  test('leaves no topic behind if it is only read, or opened and left', async () => {
    const name = newName();
    const reader = await go.newSubChannel(name);
    const writer = await go.newPubChannel(name);
    writer.call.disconnect();
    await sleep(50);
    await expect(client.channel(name).stat()).rejects.toMatchObject({ reason: 'TOPIC_NOT_FOUND' });
    reader.call.cancel();
  });

  test('is the channel of this name for native clients, which verify its checksum', async () => {
    const name = newName();
    const writer = await go.newPubChannel(name);
    const values = numbered(1000);
    for (const value of values) writer.publish(value);
    await writer.close();
    const subscription = client.channel(name).subscribe();
    expect(await valuesOf(subscription)).toEqual(values);
    expect(subscription.checksum).toBe(writer.md5);
    expect(subscription.isVerified).toBe(true);
  });

  test('that a native client has written and closed is read to its close, with the same MD5', async () => {
    const channel = client.channel(newName());
    const values = numbered(1000);
    await channel.publishAll(values);
    await channel.close();
    const reader = await go.newSubChannel(channel.name);
    expect(await reader.values()).toEqual(values);
    expect(reader.md5).toBe(channel.checksum);
  });

  test('that both have written is closed without a checksum, which would be wrong', async () => {
    const name = newName();
    const writer = await go.newPubChannel(name);
    writer.publish('go');
    const reader = await go.newSubChannel(name);
    await reader.next();
    await client.channel(name).publish('native');
    await writer.close();
    const subscription = client.channel(name).subscribe();
    expect(await valuesOf(subscription)).toEqual(['go', 'native']);
    expect(subscription.closed?.checksum).toBeUndefined();
    expect(subscription.isComplete).toBe(true);
  });

  test('refuses new writers once it is closed, before their first answer and with words, also after a restart', async () => {
    await using own = await OwnBroker.start();
    const before = new SeaweedClient(own.address);
    const writer = await before.newPubChannel('sealed');
    writer.publish('all');
    await writer.close();
    const refusal = { code: 'FAILED_PRECONDITION', message: /channel is already closed/ };
    await expect(before.newPubChannel('sealed')).rejects.toMatchObject({
      code: refusal.code,
      message: expect.stringMatching(refusal.message),
    });
    await own.restart();
    const after = new SeaweedClient(own.address);
    await expect(after.newPubChannel('sealed')).rejects.toMatchObject({ code: refusal.code });
    expect(await (await after.newSubChannel('sealed')).values()).toEqual(['all']);
  });

  test('is empty when it is closed without a message', async () => {
    const name = newName();
    await (await go.newPubChannel(name)).close();
    expect(await (await go.newSubChannel(name)).values()).toEqual([]);
  });

  test('can be deleted, twice, and used again under the same name', async () => {
    const name = newName();
    const first = await go.newPubChannel(name);
    first.publish('old');
    await first.close();
    await go.deleteChannel(name);
    await go.deleteChannel(name);
    const reader = await go.newSubChannel(name);
    const second = await go.newPubChannel(name);
    second.publish('new');
    await second.close();
    expect(await reader.values()).toEqual(['new']);
  });

  test('that is deleted under its readers ends them with an error, behind what they have', async () => {
    const name = newName();
    const writer = await go.newPubChannel(name);
    const reader = await go.newSubChannel(name);
    writer.publish('one');
    expect(await reader.values(1)).toEqual(['one']);
    await go.deleteChannel(name);
    expect(await reader.call.failure()).toMatchObject({ code: 'FAILED_PRECONDITION' });
    writer.publish('two');
    expect(await writer.call.refusal()).toMatchObject({ code: 'FAILED_PRECONDITION' });
  });

  test('keeps what came before its writer was cut off', async () => {
    const name = newName();
    const session = openSession(`http://${broker.address}`);
    const stream = session.request(requestHeaders('Publish'));
    const init = bytesField(1, bytesField(1, 'chan'), bytesField(2, name), varintField(3, 0));
    stream.write(framed(init));
    const count = 2000;
    for (let i = 0; i < count - 1; i++) {
      stream.write(framed(bytesField(2, bytesField(3, `m${i}`, 'x'.repeat(500)))));
    }
    const last = framed(bytesField(2, bytesField(3, `m${count - 1}`)));
    await new Promise((resolve) => stream.write(last, resolve));
    await sleep(200);
    session.destroy();
    await expect
      .poll(async () => (await client.topics.get(`chan/${name}`)).messageCount)
      .toBe(count);
  });

  test('takes messages and bytes of any kind, up to the limit of the broker', async () => {
    const name = newName();
    const writer = await go.newPubChannel(name);
    const large = 'x'.repeat(1024 * 1024 - 100);
    for (const value of [large, Buffer.from([0, 255]).toString('latin1'), large]) {
      writer.publish(value);
    }
    await writer.close();
    const reader = await go.newSubChannel(name);
    expect((await reader.values()).map(({ length }) => length)).toEqual([
      large.length,
      2,
      large.length,
    ]);
    const other = await go.newPubChannel(newName());
    other.publish('x'.repeat(1024 * 1024 + 1));
    expect(await other.call.refusal()).toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/1048/),
    });
  });

  test('is rewound by time as a topic of the namespace chan, with its close marker as a message', async () => {
    const name = newName();
    const writer = await go.newPubChannel(name);
    for (const value of ['a', 'b', 'c']) writer.publish(value);
    await writer.close();
    const stored = client.channel(name).subscribe();
    const timestamps: bigint[] = [];
    for await (const { timestampNs } of stored) timestamps.push(timestampNs);
    using subscriber = await go.newSubscriber('chan', name, timestamps[0] ?? 0n, [0]);
    const messages = await subscriber.take(3);
    expect(messages.map(({ value, is_close }) => (is_close ? 'closed' : value.toString()))).toEqual(
      ['b', 'c', 'closed'],
    );
    expect(messages.map(({ event_time_ns }) => event_time_ns)).toEqual(
      [timestamps[1], timestamps[2], stored.closed?.timestampNs].map(String),
    );
    expect(await subscriber.calls[0]?.receive()).toBeUndefined();
  });
});
