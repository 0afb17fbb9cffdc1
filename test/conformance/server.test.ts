import { describe, expect, test } from 'vitest';
import { Caller, eventsIn, messagesIn, refusalOf } from './caller.ts';
import type { DescriptorProto } from './contract.ts';
import { contractMethods, describedMessages } from './contract.ts';
import {
  isExternal,
  manyMessages,
  messagesOf,
  newTopic,
  OwnBroker,
  publishValues,
  readWhole,
  useBroker,
  valuesOf,
} from './support.ts';

const broker = useBroker();
const services = [
  'playhead.v1.BrokerService',
  'playhead.v1.TopicService',
  'playhead.v1.ScheduleService',
];

test('the contract has no method that this suite does not know', () => {
  expect(contractMethods().sort()).toEqual([
    'CancelSchedule',
    'CloseTopic',
    'CreateSchedule',
    'CreateTopic',
    'DeleteTopic',
    'GetProducer',
    'GetSchedule',
    'GetServerInfo',
    'GetTopic',
    'ListSchedules',
    'ListTopics',
    'Publish',
    'PublishStream',
    'Read',
    'RunSchedule',
    'Subscribe',
    'TrimTopic',
    'UpdateTopic',
  ]);
});

describe('GetServerInfo', () => {
  test('tells version, limits, durability and a clock that goes on', async () => {
    const info = await broker().call('GetServerInfo', {});
    expect(info.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(['DURABILITY_FSYNC', 'DURABILITY_OS']).toContain(info.durability);
    expect(info.max_message_bytes).toBeGreaterThan(0);
    expect(info.max_request_bytes).toBeGreaterThanOrEqual(info.max_message_bytes);
    const [stamp = '0'] = await publishValues(broker(), newTopic(), 'x');
    const later = await broker().call('GetServerInfo', {});
    expect(BigInt(later.clock_ns)).toBeGreaterThan(BigInt(info.clock_ns));
    expect(BigInt(later.last_timestamp_ns)).toBeGreaterThanOrEqual(BigInt(stamp));
  });

  test.skipIf(isExternal)('tells 0 as the last timestamp of a broker that has none', async () => {
    await using own = await OwnBroker.start({ durability: 'os', maxMessageBytes: 1000 });
    using caller = Caller.connect(own.address);
    expect(await caller.call('GetServerInfo', {})).toMatchObject({
      last_timestamp_ns: '0',
      durability: 'DURABILITY_OS',
      max_message_bytes: 1000,
    });
  });
});

describe('health', () => {
  test.each(['', ...services])('of "%s" is SERVING, by Check and by Watch', async (service) => {
    expect(await broker().call('Check', { service })).toEqual({ status: 'SERVING' });
    const watch = broker().watchHealth(service);
    watch.on('error', () => {});
    for await (const response of watch) {
      expect(response).toEqual({ status: 'SERVING' });
      break;
    }
    watch.cancel();
  });

  test('of a service that is not there is NOT_FOUND', async () => {
    const check = broker().call('Check', { service: 'playhead.v1.NoService' });
    await expect(check).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('reflection', () => {
  test('lists the services', async () => {
    const { list_services_response } = await broker().reflect({ list_services: '' });
    const names = list_services_response?.service.map(({ name }) => name) ?? [];
    expect(names).toEqual(expect.arrayContaining(services));
  });

  test.each([
    'playhead.v1.BrokerService',
    'playhead.v1.TopicService',
    'playhead.v1.Message',
    'playhead.v1.ErrorReason',
    'playhead.v1.BrokerService.Publish',
    'grpc.health.v1.Health',
    'messaging_pb.SeaweedMessaging',
  ])('finds the file that has %s', async (file_containing_symbol) => {
    const { file_descriptor_response } = await broker().reflect({ file_containing_symbol });
    const [file] = file_descriptor_response?.file_descriptor_proto ?? [];
    const name = file_containing_symbol.split('.').at(-1) ?? '';
    expect(file?.includes(`${String.fromCharCode(name.length)}${name}`)).toBe(true);
  });

  test.each(['playhead.v1.Error', 'google.rpc.ErrorInfo', 'grpc.health.v1.Health'])(
    'describes the file of %s as it was compiled: only the entries of maps are map entries',
    async (file_containing_symbol) => {
      const { file_descriptor_response } = await broker().reflect({ file_containing_symbol });
      const files = file_descriptor_response?.file_descriptor_proto ?? [];
      const messages = files.flatMap((file) => describedMessages(file));
      const isEntry = ({ options }: DescriptorProto) => options?.map_entry === true;
      expect(messages.filter(isEntry)).toEqual([]);
      expect(messages.flatMap(({ nested_type }) => nested_type).some(isEntry)).toBe(true);
    },
  );

  test('does not find what is not there', async () => {
    const answer = await broker().reflect({ file_containing_symbol: 'playhead.v1.Nothing' });
    expect(answer.error_response?.error_code).toBe(5);
  });
});

describe.skipIf(isExternal)('a broker that makes no topics by itself', () => {
  test('refuses publish and close of an unknown topic', async () => {
    await using own = await OwnBroker.start({ autoCreateTopics: false });
    using caller = Caller.connect(own.address);
    const topic = newTopic();
    const notFound = { code: 'NOT_FOUND', reason: 'TOPIC_NOT_FOUND', metadata: { topic } };
    const request = { topic, messages: messagesOf('x') };
    expect(await refusalOf(caller.call('Publish', request))).toMatchObject(notFound);
    expect(await refusalOf(caller.call('CloseTopic', { topic }))).toMatchObject(notFound);
    using stream = caller.publishStream();
    const { error } = await stream.publish(request);
    expect(error?.reason).toBe('ERROR_REASON_TOPIC_NOT_FOUND');
    await caller.call('CreateTopic', { topic });
    expect((await stream.publish(request)).outcome).toBe('ack');
  });
});

describe.skipIf(isExternal)('a shut-down', () => {
  test('ends subscriptions in-band with SHUTTING_DOWN', async () => {
    await using own = await OwnBroker.start();
    using caller = Caller.connect(own.address);
    const topic = newTopic();
    await publishValues(caller, topic, 'x');
    const open = [topic, `${topic}/*`, newTopic()].map((name) =>
      caller.subscribe({ topic: name, from: { edge: 'EDGE_EARLIEST' } }),
    );
    for (const subscription of open) await subscription.until('caught_up');
    const stopped = own.stop();
    for (const subscription of open) {
      const responses = await subscription.rest();
      expect(eventsIn(responses)).toEqual(['end']);
      expect(responses.at(-1)?.end).toMatchObject({
        reason: 'END_REASON_ERROR',
        error: { reason: 'ERROR_REASON_SHUTTING_DOWN' },
      });
    }
    await stopped;
  });

  test('answers everything that it accepted, and keeps exactly what it acknowledged', async () => {
    await using own = await OwnBroker.start();
    const topic = newTopic();
    const acknowledged: string[] = [];
    {
      using caller = Caller.connect(own.address);
      const stream = caller.publishStream();
      for (let i = 0; i < 500; i++) stream.send({ topic, messages: messagesOf(`${i}`) });
      const first = await stream.result();
      const stopped = own.stop();
      const results = [first, ...(await stream.rest())];
      for (const [i, result] of results.entries()) {
        if (result?.outcome === 'ack') acknowledged.push(`${i}`);
        else expect(result?.error?.reason).toBe('ERROR_REASON_SHUTTING_DOWN');
      }
      await stopped;
    }
    expect(acknowledged.length).toBeGreaterThan(0);
    await own.restart();
    using caller = Caller.connect(own.address);
    expect(valuesOf(await readWhole(caller, topic))).toEqual(acknowledged);
  });

  test('is told by health, and ends an idle publish stream OK', async () => {
    await using own = await OwnBroker.start();
    using caller = Caller.connect(own.address);
    const stream = caller.publishStream();
    await stream.publish({ topic: newTopic(), messages: messagesOf('x') });
    const statuses: string[] = [];
    const watch = caller.watchHealth('');
    watch.on('error', () => {});
    const first = new Promise<void>((resolve) => {
      watch.on('data', ({ status }: { status: string }) => {
        statuses.push(status);
        resolve();
      });
    });
    await first;
    const ended = new Promise<void>((resolve) => {
      watch.on('close', resolve);
      watch.on('end', resolve);
      watch.on('error', () => resolve());
    });
    const stopped = own.stop();
    expect(await stream.rest()).toEqual([]);
    stream.end();
    await expect.poll(() => statuses).toEqual(['SERVING', 'NOT_SERVING']);
    watch.cancel();
    await ended;
    await stopped;
  });
});

describe.skipIf(isExternal)('a restart', () => {
  test('keeps topics, messages, settings, trims, closes and deletes', async () => {
    await using own = await OwnBroker.start();
    const [kept, closed, trimmed, deleted] = [newTopic(), newTopic(), newTopic(), newTopic()];
    const before = [];
    {
      using caller = Caller.connect(own.address);
      await caller.call('CreateTopic', { topic: kept, config: { max_messages: '100' } });
      await caller.call('Publish', { topic: kept, messages: manyMessages(10) });
      await caller.call('Publish', {
        topic: closed,
        messages: manyMessages(2),
        close: { reason: 'over' },
      });
      const stamps = await publishValues(caller, trimmed, 'a', 'b');
      await caller.call('TrimTopic', { topic: trimmed, before_timestamp_ns: stamps[1] ?? '' });
      await publishValues(caller, deleted, 'gone');
      await caller.call('DeleteTopic', { topic: deleted });
      for (const topic of [kept, closed, trimmed])
        before.push((await caller.call('GetTopic', { topic })).topic);
    }
    await own.restart();
    using caller = Caller.connect(own.address);
    const rates = { messages_per_second: expect.any(Number), bytes_per_second: expect.any(Number) };
    for (const topic of before)
      expect((await caller.call('GetTopic', { topic: topic.topic })).topic).toEqual({
        ...topic,
        ...rates,
      });
    expect((await refusalOf(caller.call('GetTopic', { topic: deleted }))).reason).toBe(
      'TOPIC_NOT_FOUND',
    );
    expect(valuesOf(await readWhole(caller, trimmed))).toEqual(['b']);
    const request = { topic: closed, from: { edge: 'EDGE_EARLIEST' } };
    const responses = await caller.subscribe(request).rest();
    expect(messagesIn(responses)).toHaveLength(2);
    expect(responses.at(-2)?.closed?.reason).toBe('over');
  });
});
