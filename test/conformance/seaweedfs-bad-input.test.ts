import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SeaweedCall, SeaweedClient } from './seaweedfs-support.ts';
import { OwnBroker } from './support.ts';
import { bytesField, tag, varint, varintField } from './wire-bytes.ts';

let broker: OwnBroker;
let go: SeaweedClient;

beforeAll(async () => {
  broker = await OwnBroker.start({ autoCreateTopics: true });
  go = new SeaweedClient(broker.address);
});
afterAll(async () => {
  await broker[Symbol.asyncDispose]();
});

const INVALID = { code: 'INVALID_ARGUMENT' };

const badNames: readonly [string, object][] = [
  ['no topic', { namespace: 'ns', topic: '' }],
  ['a path that leads out', { namespace: '..', topic: '..' }],
  ['a glob', { namespace: 'ns', topic: '*' }],
  ["a topic of the broker's own", { namespace: '_activity', topic: 'x' }],
  ['a name with a control character', { namespace: '\n\u0002ns', topic: 'x' }],
  ['a name that is too long', { namespace: 'ns', topic: 'x'.repeat(300) }],
];

describe('a client of SeaweedFS that sends', () => {
  test.each(badNames)('%s is refused with a reason, by each method', async (_, name) => {
    for (const method of ['Publish', 'Subscribe'] as const) {
      if (method === 'Subscribe' && 'namespace' in name && name.namespace === '_activity') continue;
      using call = new SeaweedCall(broker.address, method);
      call.send({ init: { ...name, partition: 0 } });
      expect(await call.failure()).toMatchObject(INVALID);
    }
    await expect(go.call('DeleteTopic', name)).rejects.toMatchObject(INVALID);
    await expect(go.call('ConfigureTopic', { ...name, configuration: {} })).rejects.toMatchObject(
      INVALID,
    );
  });

  test.each([-1, 4, 2 ** 31 - 1])('partition %i is told which there are', async (partition) => {
    for (const method of ['Publish', 'Subscribe'] as const) {
      using call = new SeaweedCall(broker.address, method);
      call.send({ init: { namespace: 'ns', topic: 't', partition } });
      expect(await call.failure()).toMatchObject({
        ...INVALID,
        message: expect.stringContaining('0 to 3'),
      });
    }
  });

  test.each([
    ['no protobuf', Buffer.from([0xff, 0xff, 0xff])],
    ['an init that is a number', varintField(1, 5)],
    ['an init that is cut off', Buffer.concat([tag(1, 2), varint(100)])],
    ['a namespace that is not UTF-8', bytesField(1, bytesField(1, Buffer.from([0xff])))],
  ])('%s first is refused', async (_, bytes) => {
    for (const method of ['Publish', 'Subscribe'] as const) {
      using call = new SeaweedCall(broker.address, method);
      call.sendRaw(bytes);
      expect(await call.failure()).toMatchObject(INVALID);
    }
  });

  test.each([
    ['no protobuf', Buffer.from([0xff, 0xff, 0xff])],
    ['a message that is cut off', Buffer.concat([tag(2, 2), varint(100)])],
    ['a value that is a number', bytesField(2, varintField(3, 1))],
    ['a time that is a text', bytesField(2, bytesField(1, 'now'))],
    ['a close that is a text', bytesField(2, bytesField(5, 'now'))],
    [
      'a header whose name is not UTF-8',
      bytesField(2, bytesField(4, bytesField(1, Buffer.from([0xff])))),
    ],
    [
      'two messages',
      Buffer.concat([bytesField(2, bytesField(3, 'a')), bytesField(2, bytesField(3, 'b'))]),
    ],
  ])('%s behind good messages keeps those, and ends its stream alone', async (_, bytes) => {
    const name = randomUUID();
    const [bad, good] = [await go.newPubChannel(name), await go.newPubChannel(name)];
    bad.publish('before');
    bad.call.sendRaw(bytes);
    bad.publish('behind');
    expect(await bad.call.refusal()).toMatchObject(INVALID);
    good.publish('good');
    await good.close();
    expect(await (await go.newSubChannel(name)).values()).toEqual(['before', 'good']);
  });

  test('nothing, acknowledgements, and what it never sends, is heard out', async () => {
    const name = randomUUID();
    const reader = await go.newSubChannel(name);
    for (let i = 0; i < 100; i++) reader.call.send({ ack: { message_id: `${i}` } });
    reader.call.sendRaw(Buffer.from([0xff, 0xff]));
    const values = reader.values();
    const writer = await go.newPubChannel(name);
    writer.call.send({});
    writer.call.send({ data: { value: Buffer.from('x') } });
    await writer.close();
    expect(await values).toEqual(['x']);
  });

  test('a message along with its init, or along with its close, has it stored', async () => {
    const name = randomUUID();
    using call = new SeaweedCall(broker.address, 'Publish');
    call.send({
      init: { namespace: 'chan', topic: name, partition: 0 },
      data: { value: Buffer.from('first') },
    });
    expect(await call.receive()).toMatchObject({ is_closed: false });
    call.send({ data: { value: Buffer.from('last'), is_close: true } });
    expect(await call.receive()).toMatchObject({ is_closed: true });
    expect(await call.receive()).toBeUndefined();
    expect(await (await go.newSubChannel(name)).values()).toEqual(['first', 'last']);
  });

  test('a half-close keeps what it has sent, and ends well', async () => {
    const name = randomUUID();
    const writer = await go.newPubChannel(name);
    writer.publish('x');
    writer.call.end();
    expect(await writer.call.receive()).toBeUndefined();
    const reader = await go.newSubChannel(name);
    reader.call.end();
    expect(await reader.values(1)).toEqual(['x']);
    reader.call.cancel();
  });

  test('a close to what is no channel is refused', async () => {
    for (const [namespace, partition] of [
      ['ns', 0],
      ['chan', 1],
    ] as const) {
      using call = await go.publishing(namespace, randomUUID(), partition);
      call.send({ data: { is_close: true } });
      expect(await call.refusal()).toMatchObject({
        ...INVALID,
        message: expect.stringContaining('only partition 0 of a channel'),
      });
    }
  });

  test('another number of partitions, or an unknown start, is told what there is', async () => {
    const place = { namespace: 'ns', topic: 't' };
    await expect(
      go.call('ConfigureTopic', { ...place, configuration: { partition_count: 8 } }),
    ).rejects.toMatchObject(INVALID);
    await expect(go.call('ConfigureTopic', place)).rejects.toMatchObject(INVALID);
    using call = await go.subscribing('ns', 't', 0, { startPosition: 7 });
    expect(await call.failure()).toMatchObject(INVALID);
  });

  test('requests of its successor, which have the same names, are refused', async () => {
    // ConfigureTopicRequest{topic: {namespace, name}, partition_count} of SeaweedMQ.
    const topic = bytesField(1, bytesField(1, 'ns'), bytesField(2, 'name'));
    const configure = Buffer.concat([topic, varintField(2, 6)]);
    await expect(go.callRaw('ConfigureTopic', configure)).rejects.toMatchObject(INVALID);
    await expect(go.callRaw('GetTopicConfiguration', topic)).rejects.toMatchObject(INVALID);
  });

  test('a message to a broker that makes no topics is refused before its first answer', async () => {
    await using strict = await OwnBroker.start({ autoCreateTopics: false });
    await expect(new SeaweedClient(strict.address).newPubChannel('c')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('when the broker goes is told so', async () => {
    const own = await OwnBroker.start();
    const client = new SeaweedClient(own.address);
    const writer = await client.newPubChannel('c');
    const reader = await client.newSubChannel('c');
    writer.publish('x');
    expect(await reader.values(1)).toEqual(['x']);
    const stopped = own.stop();
    expect(await reader.call.failure()).toMatchObject({ code: 'UNAVAILABLE' });
    expect(await writer.call.refusal()).toMatchObject({ code: 'UNAVAILABLE' });
    await stopped;
    await own[Symbol.asyncDispose]();
  });
});
