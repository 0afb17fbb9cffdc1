import { describe, expect, it } from 'vitest';
import { turned } from '../support/subscribed.ts';
import { TestHttp } from '../support/test-http.ts';

const PATH = '/v1/topics/t/messages';
const SSE = { accept: 'text/event-stream' };
const NDJSON = { accept: 'application/x-ndjson' };
const BYTES = { 'content-type': 'application/octet-stream' };

const valuesIn = (body: unknown): unknown[] => {
  if (typeof body !== 'object' || body === null || !('messages' in body)) return [];
  return Array.isArray(body.messages) ? body.messages.map(({ value }) => value) : [];
};

describe('a publish over HTTP', () => {
  it('takes bytes as one message, with key and headers', async () => {
    await using http = await TestHttp.start();
    const headers = { ...BYTES, 'playhead-key': 'k', 'playhead-header-colour': 'red' };
    const { body } = await http.post(PATH, 'hello', headers);
    expect(body).toMatchObject({ message_count: 1, is_duplicate: false });
    expect((await http.get(PATH)).body).toMatchObject({
      messages: [
        { topic: 't', key: 'k', value: 'hello', headers: [{ name: 'colour', value: 'red' }] },
      ],
      is_caught_up: true,
    });
  });

  it.each(['text/plain', 'text/plain; charset=utf-8', 'image/png'])(
    'keeps the bytes of a body of %s as they are',
    async (type) => {
      await using http = await TestHttp.start();
      const bytes = new Uint8Array([0, 255, 10, 13, 200]);
      await http.send('POST', PATH, bytes, { 'content-type': type });
      expect((await http.get(PATH)).body).toMatchObject({
        messages: [{ value_base64: Buffer.from(bytes).toString('base64') }],
      });
    },
  );

  it('takes JSON and NDJSON, and stores all of a request or none', async () => {
    await using http = await TestHttp.start();
    await http.post(PATH, { value: 'a' });
    await http.post(PATH, [
      { value: 'b' },
      { value_base64: Buffer.from([0xff]).toString('base64') },
    ]);
    await http.post(PATH, { messages: [{ value: 'c' }] });
    const ndjson = { 'content-type': 'application/x-ndjson' };
    await http.post(PATH, '{"value":"d"}\n\n{"value":"e"}\n', ndjson);
    const broken = await http.post(PATH, '{"value":"f"}\nnothing\n', ndjson);
    expect(broken).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('line 2') },
    });
    const { body } = await http.get(PATH);
    expect(valuesIn(body)).toEqual(['a', 'b', undefined, 'c', 'd', 'e']);
    expect(body).toMatchObject({ messages: [{}, {}, { value_base64: '/w==' }, {}, {}, {}] });
  });

  it('is stored once, however often it is sent by a producer', async () => {
    await using http = await TestHttp.start();
    const headers = { ...BYTES, 'playhead-producer': 'p', 'playhead-sequence': '1' };
    const first = await http.post(PATH, 'x', headers);
    const second = await http.post(PATH, 'x', headers);
    expect(second.body).toEqual({ ...Object(first.body), is_duplicate: true });
    expect(await http.post(PATH, 'y', headers)).toMatchObject({
      status: 409,
      body: { reason: 'PRODUCER_CONFLICT' },
    });
  });

  it('is refused if the last timestamp is another', async () => {
    await using http = await TestHttp.start();
    await http.post(PATH, 'x', BYTES);
    const headers = { ...BYTES, 'playhead-expected-last-timestamp-ns': '5' };
    expect(await http.post(PATH, 'y', headers)).toMatchObject({
      status: 409,
      body: { reason: 'CONFLICT', metadata: { last_timestamp_ns: expect.any(String) } },
    });
  });

  it.each([
    [{ text: 'x' }, 400, 'INVALID_ARGUMENT'],
    [{ value: 'x', value_base64: 'eA==' }, 400, 'INVALID_ARGUMENT'],
    [[], 400, 'INVALID_ARGUMENT'],
    [{ value: 'x'.repeat(1024 * 1024 + 1) }, 413, 'MESSAGE_TOO_LARGE'],
    [{ value: 'x'.repeat(9 * 1024 * 1024) }, 413, 'REQUEST_TOO_LARGE'],
  ])('of what is no message, or too large, is refused (%#)', async (body, status, reason) => {
    await using http = await TestHttp.start();
    expect(await http.post(PATH, body)).toMatchObject({ status, body: { reason } });
    expect(http.test.log.topics.get('t')).toBeUndefined();
  });
});

describe('a page over HTTP', () => {
  it('begins and ends where it is asked to', async () => {
    await using http = await TestHttp.start();
    const timestamps: bigint[] = [];
    for (const value of ['1', '2', '3', '4']) {
      timestamps.push((await http.test.publish('t', value)).firstTimestampNs);
    }
    const at = (index: number) => `${timestamps[index]}`;
    const read = async (query: string) => valuesIn((await http.get(`${PATH}?${query}`)).body);
    expect(await read(`from=${at(1)}&until=${at(3)}`)).toEqual(['2', '3']);
    expect(await read('last=2')).toEqual(['3', '4']);
    expect(await read('limit=1')).toEqual(['1']);
    expect(await read('from=latest')).toEqual([]);
    expect(await read('from=-5m')).toEqual(['1', '2', '3', '4']);
    const first = await http.get(`${PATH}?limit=2`);
    expect(first.body).toMatchObject({ is_caught_up: false, next_timestamp_ns: at(2) });
    await http.test.close('t', 'done');
    expect((await http.get(PATH)).body).toMatchObject({
      is_caught_up: true,
      closed: { reason: 'done' },
    });
    await http.test.log.trimTopic('t', timestamps[2] ?? 0n);
    expect((await http.get(`${PATH}?from=${at(0)}`)).body).toMatchObject({
      trimmed: { topic: 't', first_timestamp_ns: at(2) },
    });
  });

  it('of a glob names the topic of each message', async () => {
    await using http = await TestHttp.start();
    await http.test.publish('a/1', 'x');
    await http.test.publish('a/2', 'y');
    await http.test.publish('b', 'z');
    const { body } = await http.get('/v1/topics/a%2F*/messages');
    expect(body).toMatchObject({ messages: [{ topic: 'a/1' }, { topic: 'a/2' }] });
  });

  it.each(['from=soon', 'limit=0', 'last=1&from=latest', 'follow=true', 'nonsense=1'])(
    'with %s is refused',
    async (query) => {
      await using http = await TestHttp.start();
      await http.test.publish('t', 'x');
      expect(await http.get(`${PATH}?${query}`)).toMatchObject({
        status: 400,
        body: { reason: 'INVALID_ARGUMENT' },
      });
    },
  );

  it('of a topic that does not exist is refused', async () => {
    await using http = await TestHttp.start();
    expect(await http.get(PATH)).toMatchObject({
      status: 404,
      body: { reason: 'TOPIC_NOT_FOUND' },
    });
  });
});

describe('a stream over HTTP', () => {
  it('of NDJSON ends with what is there, unless it follows', async () => {
    await using http = await TestHttp.start();
    await http.test.publish('t', '1', '2');
    await using ended = await http.stream(PATH, NDJSON);
    const lines = (await ended.end())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { value: '1' },
      { value: '2' },
      { event: 'end', reason: 'until' },
    ]);
    await using following = await http.stream(`${PATH}?follow=true`, NDJSON);
    await following.until('caught_up');
    await http.test.publish('t', '3');
    expect(await following.until('"3"')).toContain('"value":"3"');
  });

  it('of events has timestamps as ids, follows, and goes on exactly behind the last one', async () => {
    await using http = await TestHttp.start();
    const { firstTimestampNs, lastTimestampNs } = await http.test.publish('t', '1', '2');
    await using stream = await http.stream(PATH, SSE);
    const text = await stream.until('caught_up');
    expect(stream.response.headers.get('content-type')).toContain('text/event-stream');
    expect(text).toContain(`id: ${firstTimestampNs}\ndata: {`);
    await http.test.publish('t', '3');
    await stream.until('"value":"3"');
    await using resumed = await http.stream(PATH, {
      ...SSE,
      'last-event-id': `${lastTimestampNs}`,
    });
    const rest = await resumed.until('"value":"3"');
    expect(rest).not.toContain('"value":"2"');
  });

  it('of events tells of close, trim and delete, and is not to be asked for again behind the close', async () => {
    await using http = await TestHttp.start();
    const { lastTimestampNs } = await http.test.publish('t', '1', '2');
    await http.test.log.trimTopic('t', lastTimestampNs);
    await http.test.close('t', 'done');
    await using stream = await http.stream(`${PATH}?from=1`, SSE);
    const text = await stream.end();
    expect(text).toContain('event: trimmed\n');
    const id = /event: closed\nid: (\d+)\ndata: .*"reason":"done"/.exec(text)?.[1];
    expect(id).toBeDefined();
    const again = await http.get(PATH, { ...SSE, 'last-event-id': id ?? '' });
    expect(again.status).toBe(204);
    await http.test.publish('u', '1');
    await using deleted = await http.stream('/v1/topics/u/messages', SSE);
    await deleted.until('caught_up');
    await http.test.log.deleteTopic('u');
    await deleted.until('event: deleted\n');
  });

  it('says that it is still there while nothing happens', async () => {
    await using http = await TestHttp.start();
    await using stream = await http.stream(PATH, SSE);
    await stream.until('caught_up');
    await turned();
    http.test.clock.advance(15_000);
    await stream.until('}\n\n: still here');
  });

  it('ends at a shut-down', async () => {
    await using http = await TestHttp.start();
    await using stream = await http.stream(PATH, SSE);
    await stream.until(': still here');
    await http.server.close();
    await stream.end();
  });

  it('lets go of its reader when nobody reads any more', async () => {
    await using http = await TestHttp.start();
    await http.test.publish('t', '1');
    const stream = await http.stream(PATH, SSE);
    await stream.until('caught_up');
    expect(http.test.log.topic('t').subscriberCount).toBe(1);
    await stream[Symbol.asyncDispose]();
    await expect.poll(() => http.test.log.topic('t').subscriberCount).toBe(0);
  });
});
