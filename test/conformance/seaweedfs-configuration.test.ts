import { randomUUID } from 'node:crypto';
import type { Client } from 'playhead-client';
import { connect } from 'playhead-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SeaweedClient } from './seaweedfs-support.ts';
import { OwnBroker } from './support.ts';

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

const NONE = { collection: '', replication: '', is_transient: false, partition_count: 4 };
const CONFIGURATION = {
  partition_count: 4,
  collection: 'c',
  replication: '001',
  is_transient: true,
  partitoning: 'RoundRobin',
};
const newPlace = () => ({ namespace: 'ns', topic: `t-${randomUUID()}` });
type Place = ReturnType<typeof newPlace>;

const configure = (place: Place, configuration: object, admin = go) =>
  admin.call('ConfigureTopic', { ...place, configuration });
const configured = async (place: Place, admin = go) =>
  (await admin.call('GetTopicConfiguration', place)).configuration;

describe('what a client of SeaweedFS configures of a topic', () => {
  test('is told until the topic is deleted, also over a restart', async () => {
    await using own = await OwnBroker.start();
    const [place, other] = [newPlace(), newPlace()];
    let admin = new SeaweedClient(own.address);
    expect(await configured(place, admin)).toMatchObject(NONE);
    await configure(place, { collection: 'before' }, admin);
    await configure(other, { collection: 'other' }, admin);
    await configure(place, CONFIGURATION, admin);
    expect(await configured(place, admin)).toEqual(CONFIGURATION);
    await own.restart();
    admin = new SeaweedClient(own.address);
    expect(await configured(place, admin)).toEqual(CONFIGURATION);
    await admin.call('DeleteTopic', place);
    expect(await configured(place, admin)).toMatchObject(NONE);
    await own.restart();
    admin = new SeaweedClient(own.address);
    expect(await configured(place, admin)).toMatchObject(NONE);
    expect(await configured(other, admin)).toMatchObject({ collection: 'other' });
  });

  test('is gone with a topic that a native client deletes, and is not that of the next one', async () => {
    const place = newPlace();
    const name = `ns/${place.topic}`;
    await configure(place, CONFIGURATION);
    await client.topics.delete(name);
    expect(await configured(place)).toMatchObject(NONE);
    await client.publisher(name).publish('x');
    expect(await configured(place)).toMatchObject(NONE);
    await configure(place, { collection: 'second' });
    expect(await configured(place)).toMatchObject({ ...NONE, collection: 'second' });
  });

  test('is told of a topic with the longest of names, too', async () => {
    const place = { namespace: 'ns', topic: 'x'.repeat(252) };
    await configure(place, CONFIGURATION);
    expect(await configured(place)).toEqual(CONFIGURATION);
    await expect(configure({ ...place, topic: 'x'.repeat(253) }, {})).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('has 256 bytes'),
    });
  });

  test('makes the topic, and leaves one topic of the broker, however many are configured', async () => {
    const places = [newPlace(), newPlace(), newPlace()];
    await Promise.all(places.map((place) => configure(place, CONFIGURATION)));
    for (const { topic } of places) await client.topics.get(`ns/${topic}`);
    const own: string[] = [];
    for await (const { topic } of client.topics.list('_seaweedfs/**')) own.push(topic);
    expect(own).toEqual(['_seaweedfs']);
  });

  test('is what was said last, of many at once', async () => {
    const place = newPlace();
    const said = Array.from({ length: 20 }, (_, i) => `c${i}`);
    await Promise.all(said.map((collection) => configure(place, { collection })));
    expect(said).toContain((await configured(place))['collection']);
    await configure(place, { collection: 'last' });
    expect(await configured(place)).toMatchObject({ collection: 'last' });
  });

  test('is noted as what administrators do, as is a deletion', async () => {
    await using own = await OwnBroker.start();
    const admin = new SeaweedClient(own.address);
    const place = newPlace();
    await configure(place, { collection: 'c' }, admin);
    await configure(place, { collection: 'd', replication: '001' }, admin);
    await admin.call('DeleteTopic', place);
    const native = connect(own.address);
    const topic = `ns/${place.topic}`;
    const noted: unknown[] = [];
    const activity = native.subscribe('_activity', { from: 'earliest' });
    for await (const { text } of activity) {
      if (noted.push(JSON.parse(text)) === 4) break;
    }
    await native.close();
    expect(noted).toMatchObject([
      { action: 'topic.created', topic },
      { action: 'topic.updated', topic, collection: 'c', by: { protocol: 'grpc' } },
      { action: 'topic.updated', topic, collection: 'd', replication: '001' },
      { action: 'topic.deleted', topic },
    ]);
  });
});
