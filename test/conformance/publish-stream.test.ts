import { describe, expect, test } from 'vitest';
import { refusalOf } from './caller.ts';
import {
  manyMessages,
  messagesOf,
  newTopic,
  numbered,
  publishValues,
  readWhole,
  useBroker,
  valuesOf,
} from './support.ts';

const broker = useBroker();

describe('PublishStream', () => {
  test('answers in the order of the requests, one result each, and ends OK', async () => {
    const topic = newTopic();
    const stream = broker().publishStream();
    for (let i = 0; i < 500; i++) stream.send({ topic, messages: messagesOf(`m${i}`) });
    stream.end();
    const results = await stream.rest();
    const stored = await readWhole(broker(), topic);
    expect(valuesOf(stored)).toEqual(numbered(500));
    expect(results.map(({ ack }) => ack?.first_timestamp_ns)).toEqual(
      stored.map(({ timestamp_ns }) => timestamp_ns),
    );
  });

  test('carries the results of requests that were committed together in one response', async () => {
    const topic = newTopic();
    const stream = broker().publishStream();
    for (let i = 0; i < 1000; i++) stream.send({ topic, messages: messagesOf(`m${i}`) });
    stream.end();
    let responses = 0;
    for (; (await stream.response()) !== undefined; responses++);
    expect(responses).toBeLessThan(500);
  });

  test('tells errors in-band, in their place, and treats later requests on their own', async () => {
    const topic = newTopic();
    await broker().call('CreateTopic', { topic, config: { max_message_bytes: 10 } });
    const stream = broker().publishStream();
    stream.send({ topic, messages: messagesOf('one') });
    stream.send({ messages: [] });
    stream.send({ messages: messagesOf('much more than ten') });
    stream.send({ messages: messagesOf('two'), expected_last_timestamp_ns: '1' });
    stream.send({ messages: messagesOf('three') });
    stream.end();
    const results = await stream.rest();
    expect(results.map(({ error }) => error?.reason ?? 'stored')).toEqual([
      'stored',
      'ERROR_REASON_INVALID_ARGUMENT',
      'ERROR_REASON_MESSAGE_TOO_LARGE',
      'ERROR_REASON_CONFLICT',
      'stored',
    ]);
    // The actual one when the answer is made: what was committed together with it may be behind it.
    const actual = [results[0], results[4]].map((result) => result?.ack?.last_timestamp_ns);
    expect(actual).toContain(results[3]?.error?.metadata['last_timestamp_ns']);
    expect(results[3]?.error?.metadata['topic']).toBe(topic);
    expect(valuesOf(await readWhole(broker(), topic))).toEqual(['one', 'three']);
  });

  test('an empty topic stands for that of the request before', async () => {
    const [first, second] = [newTopic(), newTopic()];
    using stream = broker().publishStream();
    await stream.publish({ topic: first, messages: messagesOf('a') });
    await stream.publish({ messages: messagesOf('b') });
    await stream.publish({ topic: second, messages: messagesOf('c') });
    await stream.publish({ messages: messagesOf('d') });
    expect(valuesOf(await readWhole(broker(), first))).toEqual(['a', 'b']);
    expect(valuesOf(await readWhole(broker(), second))).toEqual(['c', 'd']);
  });

  test('the first request must name a topic', async () => {
    using stream = broker().publishStream();
    const { error } = await stream.publish({ messages: messagesOf('x') });
    expect(error).toMatchObject({
      reason: 'ERROR_REASON_INVALID_ARGUMENT',
      metadata: { field: 'topic' },
    });
  });

  test('an empty producer stands for that of the request before, if a sequence is set', async () => {
    const topic = newTopic();
    using stream = broker().publishStream();
    await stream.publish({ topic, producer: 'p', sequence: '1', messages: manyMessages(2) });
    const next = await stream.publish({ sequence: '3', messages: messagesOf('third') });
    await stream.publish({ messages: messagesOf('of no producer') });
    const state = await broker().call('GetProducer', { topic, producer: 'p' });
    expect(state).toEqual({
      last_sequence: '3',
      last_timestamp_ns: next.ack?.last_timestamp_ns,
    });
  });

  test('is bound to the topic as it was: a delete is told as TOPIC_DELETED', async () => {
    const topic = newTopic();
    using stream = broker().publishStream();
    expect((await stream.publish({ topic, messages: messagesOf('old') })).outcome).toBe('ack');
    await broker().call('DeleteTopic', { topic });
    const first = await stream.publish({ topic, messages: messagesOf('lost') });
    expect(first.error).toMatchObject({
      reason: 'ERROR_REASON_TOPIC_DELETED',
      metadata: { topic },
    });
    await publishValues(broker(), topic, 'new');
    const second = await stream.publish({ messages: messagesOf('lost too') });
    expect(second.error?.reason).toBe('ERROR_REASON_TOPIC_DELETED');
    expect(valuesOf(await readWhole(broker(), topic))).toEqual(['new']);

    const other = newTopic();
    expect((await stream.publish({ topic: other, messages: messagesOf('x') })).outcome).toBe('ack');
    using reopened = broker().publishStream();
    expect((await reopened.publish({ topic, messages: messagesOf('newer') })).outcome).toBe('ack');
    expect(valuesOf(await readWhole(broker(), topic))).toEqual(['new', 'newer']);
  });

  test('refuses what comes for a closed topic', async () => {
    const topic = newTopic();
    using stream = broker().publishStream();
    const { ack } = await stream.publish({ topic, messages: messagesOf('last'), close: {} });
    const { error } = await stream.publish({ messages: messagesOf('too late') });
    expect(error).toMatchObject({
      reason: 'ERROR_REASON_CHANNEL_CLOSED',
      metadata: { topic, closed_timestamp_ns: ack?.closed?.timestamp_ns },
    });
    expect(valuesOf(await readWhole(broker(), topic))).toEqual(['last']);
  });

  test('ends OK without a request', async () => {
    const stream = broker().publishStream();
    stream.end();
    expect(await stream.rest()).toEqual([]);
  });

  test('serves many streams at once, each in its own order', async () => {
    const topic = newTopic();
    await Promise.all(
      ['a', 'b', 'c'].map(async (prefix) => {
        const stream = broker().publishStream();
        for (const value of numbered(100, prefix))
          stream.send({ topic, messages: messagesOf(value) });
        stream.end();
        expect(await stream.rest()).toHaveLength(100);
      }),
    );
    const values = valuesOf(await readWhole(broker(), topic));
    for (const prefix of ['a', 'b', 'c'])
      expect(values.filter((value) => value.startsWith(prefix))).toEqual(numbered(100, prefix));
  });

  test('holds back a client that does not take its results, and loses none of them', async () => {
    const topic = newTopic();
    const stream = broker().publishStream();
    const value = Buffer.alloc(100_000, 'x');
    let sent = 0;
    // What fits into the windows of the connection and the broker's queue is bounded; 100 MB are not.
    while (sent < 1000) {
      sent++;
      if (!stream.send({ topic, messages: [{ value }] })) break;
    }
    expect(sent).toBeLessThan(1000);
    stream.end();
    const results = await stream.rest();
    expect(results.filter(({ outcome }) => outcome === 'ack')).toHaveLength(sent);
  });
});

describe('a topic that does not exist any more', () => {
  test('is created anew by Publish, and starts empty', async () => {
    const topic = newTopic();
    const [old = '0'] = await publishValues(broker(), topic, 'old');
    const before = await broker().call('GetTopic', { topic });
    await broker().call('DeleteTopic', { topic });
    expect((await refusalOf(broker().call('Read', { topic }))).reason).toBe('TOPIC_NOT_FOUND');
    const [fresh = '0'] = await publishValues(broker(), topic, 'new');
    expect(BigInt(fresh)).toBeGreaterThan(BigInt(old));
    const after = await broker().call('GetTopic', { topic });
    expect(after.topic).toMatchObject({ message_count: '1', first_timestamp_ns: fresh });
    expect(after.topic.created_timestamp_ns).not.toBe(before.topic.created_timestamp_ns);
    expect(valuesOf(await readWhole(broker(), topic))).toEqual(['new']);
  });
});
