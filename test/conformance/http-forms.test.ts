import { describe, expect, it } from 'vitest';
import { TestHttp } from '../support/test-http.ts';

const MESSAGES = '/v1/topics/t/messages';

describe('a read', () => {
  it.each([
    ['text/event-stream', 'text/event-stream'],
    ['TEXT/EVENT-STREAM', 'text/event-stream'],
    ['application/ndjson', 'application/x-ndjson'],
    ['application/jsonl', 'application/x-ndjson'],
    ['text/event-stream;q=0, application/json', 'application/json'],
    ['application/json, text/event-stream', 'application/json'],
    ['text/html, */*', 'application/json'],
  ])('of who accepts %s has type %s', async (accept, type) => {
    await using http = await TestHttp.start();
    await http.test.publish('t', 'x');
    await using stream = await http.stream(`${MESSAGES}?until=now`, { accept });
    expect(stream.response.headers.get('content-type')).toContain(type);
    await stream.end();
  });

  it('ends at a time ago', async () => {
    await using http = await TestHttp.start();
    await http.test.publish('t', 'old');
    http.test.clock.advance(60_000);
    await http.test.publish('t', 'new');
    const { body } = await http.get(`${MESSAGES}?until=-30s`);
    expect(body).toMatchObject({ messages: [{ value: 'old' }] });
  });

  it('of the last messages brings all of them', async () => {
    await using http = await TestHttp.start();
    await http.test.publish('t', ...Array.from({ length: 1500 }, (_, i) => `${i}`));
    const { body } = await http.get(`${MESSAGES}?last=1200`);
    const { messages } = body as { messages: { value: string }[] };
    expect([messages.length, messages[0]?.value, messages.at(-1)?.value]).toEqual([
      1200,
      '300',
      '1499',
    ]);
  });
});

describe('a trim', () => {
  it('takes a time ago', async () => {
    await using http = await TestHttp.start();
    await http.test.publish('t', 'old');
    http.test.clock.advance(60_000);
    await http.test.publish('t', 'new');
    const trimmed = await http.post('/v1/topics/t/trim', { before: '-30s' });
    expect(trimmed.body).toMatchObject({ message_count: 1 });
  });
});

describe('a publish', () => {
  it('takes NDJSON under the names that others give it', async () => {
    await using http = await TestHttp.start();
    const lines = '{"value":"1"}\n{"value":"2"}\n';
    const headers = { 'content-type': 'application/jsonl' };
    const published = await http.post(MESSAGES, lines, headers);
    expect(published.body).toMatchObject({ message_count: 2 });
  });

  it.each([
    ['a key for many messages', { 'playhead-key': 'k' }, 400],
    ['a header for many messages', { 'playhead-header-a': 'b' }, 400],
    ['a body that is compressed', { 'content-encoding': 'gzip' }, 415],
  ])('refuses %s', async (_, headers, status) => {
    await using http = await TestHttp.start();
    const all = { 'content-type': 'application/json', ...headers };
    expect(await http.post(MESSAGES, '{"value":"x"}', all)).toMatchObject({ status });
    expect(http.test.log.topics.get('t')).toBeUndefined();
  });
});

describe('an address', () => {
  it('with a slash in the name of a topic is told how to write it', async () => {
    await using http = await TestHttp.start();
    const answer = await http.post('/v1/topics/orders/eu/messages', { value: 'x' });
    expect(answer).toMatchObject({ status: 404, body: { detail: expect.stringContaining('%2F') } });
  });

  it('of a topic has its subscriptions', async () => {
    await using http = await TestHttp.start();
    await http.post('/v1/topics/a/subscriptions', { subscription: 's', create_topic: true });
    await http.post('/v1/topics/b/subscriptions', { subscription: 'other', create_topic: true });
    const { body } = await http.get('/v1/topics/a/subscriptions');
    expect(body).toMatchObject({ subscriptions: [{ topic: 'a', subscription: 's' }] });
    expect((await http.get('/v1/topics/c/subscriptions')).status).toBe(404);
  });
});
