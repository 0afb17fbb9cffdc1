import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryDatabases } from '../../src/storage/databases.ts';
import { FaultyDatabases } from '../support/faulty-databases.ts';
import { TestHttp } from '../support/test-http.ts';
import {
  ack,
  COUNTER,
  failed,
  JSON_TYPE,
  missing,
  NO_LISTENER,
  NO_MESSAGE,
  NO_TOPIC,
  option,
  publish,
  REFUSED,
  read,
  SUCCESS,
  start,
} from './blockqueue-support.ts';

describe('a request that is wrong', () => {
  let http: TestHttp;
  beforeAll(async () => {
    http = await start({ name: 'counter', option });
  });
  afterAll(async () => {
    await publish(http, 'alive');
    expect(await http.get('/topics/cart/subscribers')).toMatchObject(SUCCESS);
    await http[Symbol.asyncDispose]();
  });

  it('is told that the topic is there', async () => {
    const again = await http.post('/topics', { name: 'cart', subscribers: [] });
    expect(again).toMatchObject(failed(409, 'topic was exist'));
    // Also while the first of two is still on its way to the disk.
    const arrived = http.test.store.records.close();
    const first = http.post('/topics', { name: 'race' });
    await arrived;
    const second = http.post('/topics', { name: 'race' });
    await http.get('/healthz');
    http.test.store.records.open();
    expect(await first).toMatchObject(SUCCESS);
    expect(await second).toMatchObject(failed(409, 'topic was exist'));
  });

  it('is told that there is no such topic', async () => {
    for (const topic of ['none', 'a%20b', '%2A', '..%2F', 'x'.repeat(500)]) {
      const path = `/topics/${topic}`;
      for (const [method, route, body] of [
        ['DELETE', path, undefined],
        ['POST', `${path}/messages`, { message: 'x' }],
        ['GET', `${path}/subscribers`, undefined],
        ['POST', `${path}/subscribers`, []],
        ['GET', `${path}/subscribers/s?timeout=0s`, undefined],
        ['DELETE', `${path}/subscribers/s`, undefined],
        ['DELETE', `${path}/subscribers/s/messages/5`, undefined],
        ['GET', `${path}/subscribers/s/dlq`, undefined],
        ['POST', `${path}/subscribers/s/dlq/replay`, { message_ids: ['5'] }],
      ] as const) {
        expect(await http.send(method, route, body), route).toMatchObject(NO_TOPIC);
      }
    }
    expect(http.test.log.topics.get('none')).toBeUndefined();
  });

  it('is told that there is no such subscriber', async () => {
    for (const name of ['none', 'a.b', 'a%2Fb', '%00']) {
      const path = `/topics/cart/subscribers/${name}`;
      expect(await http.get(`${path}?timeout=0s`)).toMatchObject(NO_LISTENER);
      expect(await http.send('DELETE', path)).toMatchObject(NO_LISTENER);
      expect(await ack(http, '5', path)).toMatchObject(NO_LISTENER);
      expect(await http.get(`${path}/dlq`)).toMatchObject(NO_LISTENER);
    }
  });

  it('acknowledges what the subscriber does not have', async () => {
    const id = await publish(http, 'x');
    for (const wrong of ['5', 'x', '-1', '1_2', '9'.repeat(30), id]) {
      expect(await ack(http, wrong), wrong).toMatchObject(NO_MESSAGE);
    }
    await read(http);
    const both = await Promise.all([ack(http, id), ack(http, id)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 404]);
  });

  it.each(['', 'x', '5', '-5s', '5s5', 'Infinity', '2h', '1d', '5s&timeout=6s'])(
    'has the timeout "%s"',
    async (timeout) => {
      expect(await http.get(`${COUNTER}?timeout=${timeout}`)).toMatchObject(REFUSED);
    },
  );

  it('has no timeout, or a limit that is none', async () => {
    expect(await http.get(COUNTER)).toMatchObject(REFUSED);
    for (const limit of ['0', '1001', 'x', '-1']) {
      expect(await http.get(`${COUNTER}?timeout=0s&limit=${limit}`)).toMatchObject(REFUSED);
    }
  });

  it('asks for the head of a read, which takes nothing', async () => {
    expect(await http.send('HEAD', `${COUNTER}?timeout=0s`)).toMatchObject({ status: 405 });
  });

  it.each<[string, unknown]>([
    ['/topics', {}],
    ['/topics', []],
    ['/topics', { name: '' }],
    ['/topics', { name: 5 }],
    ['/topics', { name: '_activity' }],
    ['/topics', { name: 'a b' }],
    ['/topics', { name: 'n', subscribers: {} }],
    ['/topics', { name: 'n', subscribers: [{}] }],
    ['/topics', { name: 'n', subscribers: [{ name: 'a.b' }] }],
    ['/topics', { name: 'n', subscribers: [{ name: 'a' }, { name: 'a' }] }],
    ['/topics', { name: 'n', subscribers: Array.from({ length: 1001 }, () => ({ name: 'a' })) }],
    ['/topics/cart/messages', {}],
    ['/topics/cart/messages', []],
    ['/topics/cart/messages', { message: 5 }],
    ['/topics/cart/messages', { message: { a: 1 } }],
    ['/topics/cart/messages', { message: '\ud800' }],
    ['/topics/cart/subscribers', {}],
    ['/topics/cart/subscribers', [{ name: '' }]],
    ['/topics/cart/subscribers', [{ name: 'x'.repeat(151) }]],
    ['/topics/cart/subscribers', [{ name: 'a' }, { name: 'a' }]],
  ])('to %s has the body %j', async (path, body) => {
    const text = JSON.stringify(body).replace('\ud800', '\\ud800');
    expect(await http.post(path, text, JSON_TYPE)).toMatchObject(REFUSED);
    expect(http.test.log.topics.get('n')).toBeUndefined();
  });

  it('has a body that is no JSON, or none', async () => {
    for (const path of ['/topics', '/topics/cart/messages', '/topics/cart/subscribers']) {
      for (const body of ['', '{', 'x', '\u0000']) {
        expect(await http.post(path, body, JSON_TYPE), body).toMatchObject(REFUSED);
      }
    }
  });

  it('makes subscribers of which one is there: none is made', async () => {
    const list = [{ name: 'new' }, { name: 'counter' }];
    const answer = await http.post('/topics/cart/subscribers', list);
    expect(answer).toMatchObject(failed(409, 'topic cart has a subscriber counter'));
    expect(await http.get('/topics/cart/subscribers/new?timeout=0s')).toMatchObject(NO_LISTENER);
  });

  it('is too large, or of another site, or of a form', async () => {
    const large = { message: 'x'.repeat(2_000_000) };
    expect(await http.post('/topics/cart/messages', large)).toMatchObject(
      failed(413, expect.stringContaining('limit')),
    );
    const foreign = { origin: 'http://evil.example' };
    expect(await http.post('/topics', { name: 'n' }, foreign)).toMatchObject({ status: 403 });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await http.post('/topics', 'name=n', form)).toMatchObject({ status: 415 });
    expect(await http.get('/topics')).toMatchObject({ status: 405 });
  });

  it('is noise, and ends nothing', async () => {
    const paths = fc.constantFrom('', '/cart/messages', '/cart/subscribers');
    const option = fc.dictionary(
      fc.constantFrom('max_attempts', 'visibility_duration'),
      fc.jsonValue(),
    );
    const named = fc.record({ name: fc.jsonValue(), option: fc.oneof(option, fc.jsonValue()) });
    const topic = fc.record({ name: fc.string(), subscribers: fc.array(named) });
    const bodies = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .oneof(topic, fc.array(named), fc.record({ message: fc.jsonValue() }))
        .map((each) => JSON.stringify(each)),
    );
    await fc.assert(
      fc.asyncProperty(paths, bodies, async (path, body) => {
        const { status } = await http.post(`/topics${path}`, body, JSON_TYPE);
        expect([200, 400, 409]).toContain(status);
      }),
      { numRuns: 150 },
    );
    const parts = fc.array(fc.webSegment(), { maxLength: 6 }).map((each) => each.join('/'));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('GET', 'POST', 'DELETE'), parts, async (method, path) => {
        const { status } = await http.send(method, `/topics/cart/${path}`);
        expect(status).toBeLessThan(500);
        expect(status).toBeGreaterThanOrEqual(400);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a fault', () => {
  it('of the storage is told, and leaves no topic behind that nobody was told of', async () => {
    const databases = new FaultyDatabases(new MemoryDatabases());
    await using http = await TestHttp.start({ databases });
    await http.post('/topics', { name: 'cart', subscribers: [{ name: 'counter' }] });
    databases.fail('tape.batch');
    const publishing = http.post('/topics/cart/messages', { message: 'x' });
    expect(await publishing).toMatchObject(failed(503, expect.any(String)));
    expect(await http.get(`${COUNTER}?timeout=0s`)).toMatchObject({ status: 503 });
  });

  it('of a broker that shuts down is told, also to who waits', async () => {
    await using http = await start({ name: 'counter', option });
    const waiting = http.get(`${COUNTER}?timeout=1m`);
    await expect.poll(() => http.server.openReaderCount).toBe(1);
    await http.server.close();
    expect(await waiting).toMatchObject(failed(503, expect.stringMatching('shutting down')));
  });

  it('that a subscriber was deleted meanwhile is told to who waits', async () => {
    await using http = await start({ name: 'counter', option });
    const waiting = http.get(`${COUNTER}?timeout=1m`);
    await expect.poll(() => http.server.openReaderCount).toBe(1);
    await http.send('DELETE', COUNTER);
    expect(await waiting).toMatchObject(missing('listener was deleted'));
  });
});
