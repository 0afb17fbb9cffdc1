import { describe, expect, it } from 'vitest';
import { TestHttp } from '../support/test-http.ts';

const problem = (status: number, reason: string) => ({
  status,
  type: expect.stringContaining('application/problem+json'),
  body: expect.objectContaining({ status, reason, detail: expect.any(String) }),
});

describe('topics over HTTP', () => {
  it('are created, listed, changed and deleted', async () => {
    await using http = await TestHttp.start();
    const created = await http.post('/v1/topics', {
      topic: 'orders/eu',
      config: { max_messages: 5 },
    });
    expect(created).toMatchObject({
      status: 200,
      body: { topic: 'orders/eu', state: 'open', config: { max_messages: 5 }, message_count: 0 },
    });
    await http.post('/v1/topics', { topic: 'orders/us' });
    expect((await http.get('/v1/topics?glob=orders/*&page_size=1')).body).toMatchObject({
      topics: [{ topic: 'orders/eu' }],
      next_page_token: 'orders/eu',
    });
    expect((await http.get('/v1/topics?page_token=orders/eu')).body).toMatchObject({
      topics: [{ topic: 'orders/us' }],
      next_page_token: '',
    });
    for (const list of ['/v1/topics', '/v1/subscriptions', '/v1/schedules']) {
      expect(await http.get(`${list}?page_token=a%20%3F`)).toEqual(
        problem(400, 'INVALID_ARGUMENT'),
      );
    }
    const changed = await http.send('PATCH', '/v1/topics/orders%2Feu', {
      config: { max_bytes: 9 },
    });
    expect(changed.body).toMatchObject({ config: { max_messages: 5, max_bytes: 9 } });
    expect((await http.send('DELETE', '/v1/topics/orders%2Feu')).status).toBe(204);
    expect(await http.get('/v1/topics/orders%2Feu')).toEqual(problem(404, 'TOPIC_NOT_FOUND'));
  });

  it('are closed and trimmed', async () => {
    await using http = await TestHttp.start();
    const { lastTimestampNs } = await http.test.publish('t', '1', '2');
    const trimmed = await http.post('/v1/topics/t/trim', { before: `${lastTimestampNs}` });
    expect(trimmed.body).toMatchObject({ message_count: 1 });
    const closed = await http.post('/v1/topics/t/close', {
      reason: 'done',
      checksum: 'ab'.repeat(16),
    });
    expect(closed.body).toMatchObject({
      message_count: 2,
      reason: 'done',
      checksum: 'ab'.repeat(16),
    });
    expect(await http.post('/v1/topics/t/messages', { value: 'x' })).toEqual(
      problem(409, 'CHANNEL_CLOSED'),
    );
    expect((await http.post('/v1/topics/empty/close')).body).toMatchObject({ message_count: 0 });
  });

  it.each([
    ['POST', '/v1/topics', { topic: 'a b' }, 400, 'INVALID_ARGUMENT'],
    ['POST', '/v1/topics', { topic: 'x', config: { max_age: 1 } }, 400, 'INVALID_ARGUMENT'],
    ['POST', '/v1/topics', {}, 400, 'INVALID_ARGUMENT'],
    ['GET', '/v1/topics?page_size=100000', undefined, 400, 'INVALID_ARGUMENT'],
    ['GET', '/v1/topics/none', undefined, 404, 'TOPIC_NOT_FOUND'],
    ['POST', '/v1/topics/none/trim', { before: '5' }, 404, 'TOPIC_NOT_FOUND'],
    ['POST', '/v1/topics/none/trim', { before: 'soon' }, 400, 'INVALID_ARGUMENT'],
    ['GET', '/nowhere', undefined, 404, 'INVALID_ARGUMENT'],
  ])('%s %s %j is refused', async (method, path, body, status, reason) => {
    await using http = await TestHttp.start();
    expect(await http.send(method, path, body)).toEqual(problem(status, reason));
  });

  it('are refused to pages of other sites, and to forms', async () => {
    await using http = await TestHttp.start();
    const foreign = { origin: 'http://evil.example' };
    expect(await http.post('/v1/topics', { topic: 'x' }, foreign)).toMatchObject({ status: 403 });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await http.post('/v1/topics/t/messages', 'a=b', form)).toMatchObject({ status: 415 });
    const own = { origin: http.url };
    expect(await http.post('/v1/topics', { topic: 'x' }, own)).toMatchObject({ status: 200 });
  });
});

describe('health over HTTP', () => {
  it('says alive and ready, and what the limits are', async () => {
    await using http = await TestHttp.start();
    expect(await http.get('/healthz')).toMatchObject({ status: 200, body: { status: 'alive' } });
    expect(await http.get('/readyz')).toMatchObject({ status: 200, body: { status: 'ready' } });
    expect((await http.get('/v1/server')).body).toMatchObject({ version: '1.2.3' });
    http.test.log.drain();
    expect(await http.get('/readyz')).toEqual(problem(503, 'SHUTTING_DOWN'));
    expect(await http.get('/healthz')).toMatchObject({ status: 200 });
  });
});

describe('the OpenAPI document', () => {
  it('describes each route', async () => {
    await using http = await TestHttp.start();
    const { body } = await http.get('/openapi.json');
    expect(body).toMatchObject({ openapi: '3.1.0', paths: { '/v1/topics/{topic}/messages': {} } });
  });
});
