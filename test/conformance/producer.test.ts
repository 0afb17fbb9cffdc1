import { describe, expect, test } from 'vitest';
import { Caller, refusalOf } from './caller.ts';
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

describe('a producer', () => {
  test('gets the first answer again when it retries, and nothing is stored twice', async () => {
    const topic = newTopic();
    const request = { topic, producer: 'p', sequence: '1', messages: manyMessages(3) };
    const first = await broker().call('Publish', request);
    expect(first.ack.duplicate).toBe(false);
    const next = { ...request, sequence: '4', messages: messagesOf('next') };
    await broker().call('Publish', next);
    for (let i = 0; i < 2; i++) {
      const again = await broker().call('Publish', request);
      expect(again.ack).toEqual({ ...first.ack, duplicate: true });
    }
    expect(valuesOf(await readWhole(broker(), topic))).toEqual(['m0', 'm1', 'm2', 'next']);
  });

  test('gets one answer when the same request comes twice at the same time', async () => {
    const topic = newTopic();
    const request = { topic, producer: 'p', sequence: '1', messages: manyMessages(2) };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => broker().call('Publish', request)),
    );
    expect(new Set(answers.map(({ ack }) => ack.first_timestamp_ns)).size).toBe(1);
    expect(answers.filter(({ ack }) => !ack.duplicate)).toHaveLength(1);
    expect(await readWhole(broker(), topic)).toHaveLength(2);
  });

  test('is recognised on Publish and PublishStream alike', async () => {
    const topic = newTopic();
    const request = { topic, producer: 'p', sequence: '7', messages: manyMessages(2) };
    using stream = broker().publishStream();
    const first = await stream.publish(request);
    const again = await broker().call('Publish', request);
    expect(again.ack).toEqual({ ...first.ack, duplicate: true });
    const third = await stream.publish(request);
    expect(third.ack).toEqual({ ...first.ack, duplicate: true });
  });

  test.each([
    ['another value', { messages: messagesOf('m0', 'other') }],
    ['fewer messages', { messages: messagesOf('m0') }],
    ['more messages', { messages: manyMessages(3) }],
    ['a sequence in the middle', { sequence: '2', messages: messagesOf('m1') }],
    ['a sequence before', { sequence: '1', messages: [{ key: Buffer.from('m0') }] }],
  ])('that sends %s under a used sequence gets PRODUCER_CONFLICT', async (_, changes) => {
    const topic = newTopic();
    const request = { topic, producer: 'p', sequence: '1', messages: manyMessages(2) };
    await broker().call('Publish', request);
    const refusal = await refusalOf(broker().call('Publish', { ...request, ...changes }));
    expect(refusal).toMatchObject({
      code: 'ABORTED',
      reason: 'PRODUCER_CONFLICT',
      metadata: { topic, producer: 'p', last_sequence: '2' },
    });
    expect(valuesOf(await readWhole(broker(), topic))).toEqual(['m0', 'm1']);
    expect((await broker().call('Publish', request)).ack.duplicate).toBe(true);
  });

  test('may leave a gap between its sequences', async () => {
    const topic = newTopic();
    const request = { topic, producer: 'p', messages: messagesOf('x') };
    await broker().call('Publish', { ...request, sequence: '1' });
    await broker().call('Publish', { ...request, sequence: '1000000000000' });
    const state = await broker().call('GetProducer', { topic, producer: 'p' });
    expect(state.last_sequence).toBe('1000000000000');
  });

  test('is remembered for its last 1024 requests, and refused for one that is older', async () => {
    const topic = newTopic();
    const stream = broker().publishStream();
    for (let i = 1; i <= 1025; i++)
      stream.send({ topic, producer: 'p', sequence: `${i}`, messages: messagesOf(`${i}`) });
    stream.end();
    const results = await stream.rest();
    const second = { topic, producer: 'p', sequence: '2', messages: messagesOf('2') };
    expect((await broker().call('Publish', second)).ack).toEqual({
      ...results[1]?.ack,
      duplicate: true,
    });
    const first = { topic, producer: 'p', sequence: '1', messages: messagesOf('1') };
    const refusal = await refusalOf(broker().call('Publish', first));
    expect(refusal).toMatchObject({
      reason: 'PRODUCER_CONFLICT',
      metadata: { last_sequence: '1025' },
    });
  });

  test('is one per topic and name', async () => {
    const [topic, other] = [newTopic(), newTopic()];
    const request = { producer: 'p', sequence: '1', messages: messagesOf('x') };
    const answers = [
      await broker().call('Publish', { ...request, topic }),
      await broker().call('Publish', { ...request, topic: other }),
      await broker().call('Publish', { ...request, topic, producer: 'q' }),
    ];
    expect(answers.map(({ ack }) => ack.duplicate)).toEqual([false, false, false]);
  });

  test('may have a name of 255 bytes of UTF-8', async () => {
    const topic = newTopic();
    const producer = `${'é'.repeat(127)}x`;
    await broker().call('Publish', { topic, producer, sequence: '1', messages: messagesOf('x') });
    const state = await broker().call('GetProducer', { topic, producer });
    expect(state.last_sequence).toBe('1');
  });

  test('gets its first answer although the topic is closed by now', async () => {
    const topic = newTopic();
    const request = { topic, producer: 'p', sequence: '1', messages: messagesOf('x'), close: {} };
    const first = await broker().call('Publish', request);
    const again = await broker().call('Publish', request);
    expect(again.ack).toEqual({ ...first.ack, duplicate: true });
    const late = { ...request, sequence: '2', messages: messagesOf('late') };
    expect((await refusalOf(broker().call('Publish', late))).reason).toBe('CHANNEL_CLOSED');
  });

  test('gets its first answer although the expected timestamp has moved on', async () => {
    const topic = newTopic();
    const request = {
      topic,
      producer: 'p',
      sequence: '1',
      messages: messagesOf('x'),
      expected_last_timestamp_ns: '0',
    };
    const first = await broker().call('Publish', request);
    const again = await broker().call('Publish', request);
    expect(again.ack).toEqual({ ...first.ack, duplicate: true });
  });

  test('begins anew on a topic that was deleted', async () => {
    const topic = newTopic();
    const request = { topic, producer: 'p', sequence: '1', messages: messagesOf('x') };
    const first = await broker().call('Publish', request);
    await broker().call('DeleteTopic', { topic });
    const second = await broker().call('Publish', request);
    expect(second.ack.duplicate).toBe(false);
    expect(second.ack.first_timestamp_ns).not.toBe(first.ack.first_timestamp_ns);
  });

  test('uses no sequence for a request that is refused', async () => {
    const topic = newTopic();
    const request = { topic, producer: 'p', sequence: '1', messages: messagesOf('x') };
    const refused = { ...request, expected_last_timestamp_ns: '5' };
    expect((await refusalOf(broker().call('Publish', refused))).reason).toBe('CONFLICT');
    expect((await broker().call('GetProducer', { topic, producer: 'p' })).last_sequence).toBe('0');
    expect((await broker().call('Publish', request)).ack.duplicate).toBe(false);
  });

  test('is of no effect without messages', async () => {
    const topic = newTopic();
    const { ack } = await broker().call('Publish', {
      topic,
      producer: 'p',
      sequence: '1',
      close: {},
    });
    expect(ack).toMatchObject({ first_timestamp_ns: '0', last_timestamp_ns: '0' });
    expect(ack.closed).not.toBeNull();
    expect((await broker().call('GetProducer', { topic, producer: 'p' })).last_sequence).toBe('0');
  });
});

describe('GetProducer', () => {
  test('tells the last sequence and its timestamp', async () => {
    const topic = newTopic();
    const request = { topic, producer: 'p', sequence: '5', messages: manyMessages(3) };
    const { ack } = await broker().call('Publish', request);
    expect(await broker().call('GetProducer', { topic, producer: 'p' })).toEqual({
      last_sequence: '7',
      last_timestamp_ns: ack.last_timestamp_ns,
    });
  });

  test('tells 0 of a producer that is not known', async () => {
    const topic = newTopic();
    await publishValues(broker(), topic, 'x');
    expect(await broker().call('GetProducer', { topic, producer: 'nobody' })).toEqual({
      last_sequence: '0',
      last_timestamp_ns: '0',
    });
  });
});

describe.skipIf(isExternal)('a restart of the broker', () => {
  test('forgets no producer, no sequence and no order', async () => {
    await using own = await OwnBroker.start();
    const topic = newTopic();
    const first = { topic, producer: 'p', sequence: '1', messages: manyMessages(3) };
    const second = { topic, producer: 'p', sequence: '4', messages: messagesOf('fourth') };
    const answers = [];
    {
      using caller = Caller.connect(own.address);
      for (const request of [first, second]) answers.push(await caller.call('Publish', request));
    }
    await own.restart();
    using caller = Caller.connect(own.address);
    for (const [i, request] of [first, second].entries()) {
      const again = await caller.call('Publish', request);
      expect(again.ack).toEqual({ ...answers[i]?.ack, duplicate: true });
    }
    const changed = { ...first, messages: manyMessages(3, 'other') };
    expect(await refusalOf(caller.call('Publish', changed))).toMatchObject({
      reason: 'PRODUCER_CONFLICT',
      metadata: { last_sequence: '4' },
    });
    expect(await caller.call('GetProducer', { topic, producer: 'p' })).toMatchObject({
      last_sequence: '4',
      last_timestamp_ns: answers[1]?.ack.last_timestamp_ns,
    });
    const [later = '0'] = await publishValues(caller, topic, 'later');
    expect(BigInt(later)).toBeGreaterThan(BigInt(answers[1]?.ack.last_timestamp_ns ?? '0'));
    expect(valuesOf(await readWhole(caller, topic))).toEqual(['m0', 'm1', 'm2', 'fourth', 'later']);
  });
});
