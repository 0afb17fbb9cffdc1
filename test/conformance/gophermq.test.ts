import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryDatabases } from '../../src/storage/databases.ts';
import { FaultyDatabases } from '../support/faulty-databases.ts';
import { RawHttp } from '../support/raw-http.ts';
import { TestHttp } from '../support/test-http.ts';
import {
  BAD_BODY,
  BAD_ID,
  BAD_SUBJECT,
  fetchData,
  JSON_TYPE,
  OK,
  publish,
  refused,
  subscribe,
  UNLIMITED,
} from './gophermq-support.ts';

const metric = async (http: TestHttp, method: string, code: number) => {
  const { body } = await http.get('/metrics');
  const name = 'gophermq_client_request_rate';
  return new RegExp(`^${name}\\{method="${method}",code="${code}"\\} (\\d+)$`, 'm').exec(
    String(body),
  )?.[1];
};

describe('a program that was written for gophermq', () => {
  it('subscribes, publishes and fetches as its document says', async () => {
    await using http = await TestHttp.start();
    const subscribed = await http.post('/api/subscribe', { subject: 'load.test' });
    expect(subscribed).toEqual({
      status: 200,
      type: 'application/json; charset=utf-8',
      body: { id: expect.stringMatching(/^[\da-f]{8}-[\da-f-]{27}$/), subject: 'load.test' },
    });
    const { id } = subscribed.body as { id: string };
    expect(await publish(http, 'load.test', ':(')).toMatchObject(OK);
    expect(await http.post('/api/fetch', { subject: 'load.test', id })).toMatchObject({
      status: 200,
      body: { subject: 'load.test', id, data: [':('] },
    });
  });

  it('fetches all that is pending, in order and once', async () => {
    await using http = await TestHttp.start();
    const id = await subscribe(http, 's');
    for (let i = 0; i < 10; i++) await publish(http, 's', `${i}`);
    expect(await fetchData(http, 's', id)).toEqual({
      subject: 's',
      id,
      data: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    });
    expect(await fetchData(http, 's', id)).toEqual({ subject: 's', id, data: [] });
    await publish(http, 's', 'next');
    expect((await fetchData(http, 's', id)).data).toEqual(['next']);
  });

  it('fetches many pages of messages with one request', async () => {
    const http = await TestHttp.start({ gophermq: UNLIMITED });
    const id = await subscribe(http, 's');
    const values = Array.from({ length: 5000 }, (_, i) => `${i}`.padStart(1000, '.'));
    for (let at = 0; at < values.length; at += 500) {
      await http.test.publish('s', ...values.slice(at, at + 500));
    }
    await http[Symbol.asyncDispose]();
    // What is read from the storage comes page by page.
    const { databases } = http.test;
    await using after = await TestHttp.start({ gophermq: UNLIMITED, databases });
    expect((await fetchData(after, 's', id)).data).toEqual(values);
  });

  it('is told that there is more than one answer holds', async () => {
    await using http = await TestHttp.start({ gophermq: UNLIMITED });
    const id = await subscribe(http, 's');
    const value = 'x'.repeat(1_000_000);
    for (let i = 0; i < 20; i++) await http.test.publish('s', `${i}${value}`);
    const first = await fetchData(http, 's', id);
    expect(first.more).toBe(true);
    const second = await fetchData(http, 's', id);
    expect(second.more).toBeUndefined();
    const numbers = [...first.data, ...second.data].map((each) => Number.parseInt(each, 10));
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('has a queue for each subscriber, with what was published after it came', async () => {
    await using http = await TestHttp.start();
    const first = await subscribe(http, 's');
    await publish(http, 's', '1');
    const second = await subscribe(http, 's');
    await publish(http, 's', '2');
    expect((await fetchData(http, 's', first)).data).toEqual(['1', '2']);
    expect((await fetchData(http, 's', second)).data).toEqual(['2']);
  });

  it('shares its subjects with other clients, as topics', async () => {
    await using http = await TestHttp.start();
    const id = await subscribe(http, 'orders.eu');
    await publish(http, 'orders.eu', 'by gophermq');
    await http.post('/v1/topics/orders.eu/messages', [{ value: 'by another' }]);
    const { body } = await http.get('/v1/topics/orders.eu/messages');
    expect(body).toMatchObject({ messages: [{ value: 'by gophermq' }, { value: 'by another' }] });
    expect((await fetchData(http, 'orders.eu', id)).data).toEqual(['by gophermq', 'by another']);
  });

  it('asks whether the broker is ready', async () => {
    await using http = await TestHttp.start();
    expect(await http.get('/ready')).toEqual({ status: 204, type: '', body: '' });
    http.test.log.drain();
    expect(await http.get('/ready')).toMatchObject({ status: 503, body: { message: /shutting/ } });
  });

  it('publishes without waiting, and is never told of a refusal; the figures are', async () => {
    await using http = await TestHttp.start({ gophermq: { ...UNLIMITED, maxPending: 2 } });
    const id = await subscribe(http, 's');
    const send = (subject: string, data: string) =>
      http.post('/api/publish/async', { subject, data });
    for (const data of ['1', '2', '3']) expect(await send('s', data)).toMatchObject(OK);
    expect(await send('nobody', '')).toMatchObject(OK);
    expect(await send('no subject', '')).toMatchObject(BAD_SUBJECT);
    await expect.poll(() => metric(http, 'publish_async', 429)).toBe('1');
    await expect.poll(() => metric(http, 'publish_async', 404)).toBe('1');
    await expect.poll(() => metric(http, 'publish_async', 200)).toBe('2');
    expect((await fetchData(http, 's', id)).data).toEqual(['1', '2']);
  });
});

describe('what gophermq lacked', () => {
  it('waits for the first message', async () => {
    await using http = await TestHttp.start();
    const id = await subscribe(http, 's');
    const waiting = http.post('/api/fetch?wait=5s', { subject: 's', id });
    await expect.poll(() => http.server.openReaderCount).toBe(1);
    await publish(http, 's', 'late');
    expect(await waiting).toMatchObject({ status: 200, body: { data: ['late'] } });
    const inVain = http.post('/api/fetch?wait=5s', { subject: 's', id });
    await expect.poll(() => http.server.openReaderCount).toBe(1);
    http.test.clock.advance(5000);
    expect(await inVain).toMatchObject({ status: 200, body: { data: [] } });
    for (const wait of ['', '5', '-1s', '2h', 'x']) {
      const answer = await http.post(`/api/fetch?wait=${wait}`, { subject: 's', id });
      expect(answer).toMatchObject({
        status: 400,
        body: { message: expect.stringMatching(/^wait: /) },
      });
    }
  });

  it('carries bytes', async () => {
    await using http = await TestHttp.start();
    const id = await subscribe(http, 's');
    await publish(http, 's', 'text');
    const sent = { subject: 's', dataBase64: '/w==' };
    expect(await http.post('/api/publish', sent)).toMatchObject(OK);
    expect(await fetchData(http, 's', id)).toMatchObject({
      data: ['text', '\ufffd'],
      dataBase64: [null, '/w=='],
    });
    expect(await http.post('/api/publish', { ...sent, data: 'both' })).toMatchObject(BAD_BODY);
    expect(await http.post('/api/publish', { ...sent, dataBase64: '/' })).toMatchObject(BAD_BODY);
  });

  it('delivers again what is left and not acknowledged', async () => {
    await using http = await TestHttp.start();
    const id = await subscribe(http, 's');
    for (const data of ['1', '2']) await publish(http, 's', data);
    const left = await fetchData(http, 's', id, { ack: false });
    expect(left.data).toEqual(['1', '2']);
    expect((await fetchData(http, 's', id)).data).toEqual([]);
    http.test.clock.advance(31_000);
    const second = await fetchData(http, 's', id, { ack: false });
    expect(second).toMatchObject({ data: ['1', '2'] });
    expect(second.more).toBeUndefined();
    // What two may have died of comes alone.
    http.test.clock.advance(31_000);
    const again = [await fetchData(http, 's', id, { ack: false })];
    expect(again).toMatchObject([{ data: ['1'], more: true }]);
    again.push(await fetchData(http, 's', id, { ack: false }));
    expect(again[1]).toMatchObject({ data: ['2'] });
    const ack = (token: unknown) => http.post('/api/ack', { subject: 's', id, token });
    expect(await ack(left.token)).toMatchObject({ status: 409 });
    for (const { token } of again) expect(await ack(token)).toMatchObject(OK);
    http.test.clock.advance(31_000);
    expect((await fetchData(http, 's', id)).data).toEqual([]);
    expect(await ack('nonsense')).toMatchObject({ status: 400 });
    expect(await ack(7)).toMatchObject(BAD_BODY);
    expect(await ack(undefined)).toMatchObject(OK);
  });

  it.each([
    ['all that it fetched', true],
    ['what it wants to acknowledge', false],
  ])('has %s wait again if the client hangs up within the answer', async (_, ack) => {
    await using http = await TestHttp.start({ gophermq: UNLIMITED });
    const id = await subscribe(http, 's');
    // More than the system keeps for a client that does not read.
    for (let i = 0; i < 14; i++) await http.test.publish('s', `${i}`.padEnd(1_000_000, '.'));
    const body = JSON.stringify({ subject: 's', id, ack });
    const raw = await RawHttp.connect(http.address);
    raw.socket.pause();
    const lines = ['Content-Type: application/json', `Content-Length: ${body.length}`];
    raw.request('POST /api/fetch', lines, body);
    const { state } = http.subscriptions.get('s', `gophermq-${id}`);
    await expect.poll(() => state.leases.messageCount).toBe(14);
    await expect.poll(() => http.server.openReaderCount).toBe(0);
    expect((await fetchData(http, 's', id)).data).toEqual([]);
    raw.hangUp();
    await expect.poll(() => state.leases.messageCount).toBe(0);
    const { data } = await fetchData(http, 's', id);
    expect(data.map((each) => Number.parseInt(each, 10))).toEqual([...Array(14).keys()]);
    const { span } = http.test.log.topic('s');
    await expect.poll(() => state.pendingCount(span)).toBe(0n);
  });

  it('has its messages wait again if the client hangs up before it is answered', async () => {
    await using http = await TestHttp.start();
    const id = await subscribe(http, 's');
    const body = JSON.stringify({ subject: 's', id });
    const raw = await RawHttp.connect(http.address);
    const lines = ['Content-Type: application/json', `Content-Length: ${body.length}`];
    raw.request('POST /api/fetch?wait=5s', lines, body);
    await expect.poll(() => http.server.openReaderCount).toBe(1);
    // The commit of the lease is held up, and meanwhile the client goes.
    const arrived = http.test.store.appends.close();
    const publishing = publish(http, 's', 'kept');
    await arrived;
    raw.hangUp();
    // Whoever is answered after that finds that the server has seen it.
    await http.get('/healthz');
    http.test.store.appends.open();
    await publishing;
    await expect.poll(() => http.server.openReaderCount).toBe(0);
    expect((await fetchData(http, 's', id)).data).toEqual(['kept']);
  });
});

describe('a request that is wrong', () => {
  let http: TestHttp;
  let id: string;
  beforeAll(async () => {
    http = await TestHttp.start();
    id = await subscribe(http, 's');
  });
  afterAll(async () => {
    expect(await publish(http, 's', 'alive')).toMatchObject(OK);
    expect((await fetchData(http, 's', id)).data).toEqual(['alive']);
    await http[Symbol.asyncDispose]();
  });
  const ROUTES = ['subscribe', 'publish', 'publish/async', 'fetch', 'unsubscribe', 'ack'];
  const every = ROUTES.map((route) => [`/api/${route}`]);

  it.each(every)('to %s is told that its body is none', async (path) => {
    for (const body of ['{', '[]', '5', '"s"', '{"subject":5}', '{"subject":["s"]}', '\u0000']) {
      expect(await http.post(path, body, JSON_TYPE), body).toMatchObject(BAD_BODY);
    }
    const bytes = Uint8Array.of(0x7b, 0xff, 0x7d);
    expect(await http.send('POST', path, bytes, JSON_TYPE)).toMatchObject(BAD_BODY);
  });

  it.each(every)('to %s is told that its subject is none', async (path) => {
    const subjects = ['', ' ', 'a b', 'a\tb', 'a\nb', '.a', 'a.', 'a..b', '_activity', 'a*', 'ü'];
    for (const subject of subjects) {
      expect(await http.post(path, { subject, id }), subject).toMatchObject(BAD_SUBJECT);
    }
    for (const body of ['{}', 'null', '']) {
      expect(await http.post(path, body, JSON_TYPE), body).toMatchObject(BAD_SUBJECT);
    }
  });

  it('is told that there is no such subscriber', async () => {
    for (const wrong of ['', 'nobody', id.slice(1), '../../x', 'x'.repeat(10_000)]) {
      for (const path of ['/api/fetch', '/api/unsubscribe', '/api/ack']) {
        expect(await http.post(path, { subject: 's', id: wrong })).toMatchObject(BAD_ID);
      }
    }
    expect(await http.post('/api/fetch', { subject: 'other', id })).toMatchObject(BAD_ID);
  });

  it('has half of a pair of surrogates, which cannot be kept as it is', async () => {
    const body = '{"subject":"s","data":"\\ud800"}';
    expect(await http.post('/api/publish', body, JSON_TYPE)).toMatchObject(BAD_BODY);
  });

  it('is too large, or of another site, or of a form', async () => {
    const large = { subject: 's', data: 'x'.repeat(2_000_000) };
    expect(await http.post('/api/publish', large)).toMatchObject({
      status: 413,
      body: { message: expect.stringContaining('limit') },
    });
    const foreign = { origin: 'http://evil.example' };
    expect(await http.post('/api/publish', { subject: 's' }, foreign)).toMatchObject({
      status: 403,
    });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await http.post('/api/publish', 'subject=s', form)).toMatchObject({ status: 415 });
    expect(await http.get('/api/publish')).toMatchObject({ status: 405 });
  });

  it('needs not say that its body is JSON', async () => {
    const plain = { 'content-type': 'text/plain' };
    expect(await http.post('/api/subscribe', '{"subject":"plain"}', plain)).toMatchObject({
      status: 200,
    });
  });

  it('is noise, and ends nothing', async () => {
    const paths = fc.constantFrom(...every.map(([path]) => path ?? ''));
    const names = fc.constantFrom('subject', 'data', 'id', 'ack', 'token', 'dataBase64');
    const objects = fc.dictionary(names, fc.jsonValue()).map((each) => JSON.stringify(each));
    const bodies = fc.oneof(fc.string(), fc.json(), objects);
    await fc.assert(
      fc.asyncProperty(paths, bodies, async (path, body) => {
        const { status } = await http.post(path, body, JSON_TYPE);
        expect([200, 400, 404]).toContain(status);
      }),
      { numRuns: 150 },
    );
  });
});

describe('a fault', () => {
  it('of the storage is told, and nobody is taken for gone by it', async () => {
    const databases = new FaultyDatabases(new MemoryDatabases());
    await using http = await TestHttp.start({ databases });
    const id = await subscribe(http, 's');
    await publish(http, 's', '1');
    databases.fail('tape.batch');
    expect(await publish(http, 's', '2')).toMatchObject({ status: 503 });
    expect(await http.post('/api/fetch', { subject: 's', id })).toMatchObject({ status: 503 });
  });

  it('of a broker that shuts down is told, also to who waits', async () => {
    await using http = await TestHttp.start();
    const id = await subscribe(http, 's');
    const waiting = http.post('/api/fetch?wait=1m', { subject: 's', id });
    await expect.poll(() => http.server.openReaderCount).toBe(1);
    await http.server.close();
    expect(await waiting).toMatchObject({ status: 503, body: { message: /shutting down/ } });
  });

  it('of the broker itself is told without what it is', async () => {
    await using http = await TestHttp.start();
    await subscribe(http, 's');
    http.subscriptions.of = () => {
      throw new TypeError('secret');
    };
    expect(await publish(http, 's', '1')).toMatchObject(refused(500, 'server error'));
  });
});

describe('the figures of gophermq', () => {
  it('are under its names, by method and code', async () => {
    await using http = await TestHttp.start({ gophermq: { ...UNLIMITED, maxPending: 1 } });
    const id = await subscribe(http, 's');
    for (const data of ['1', '2', '3']) await publish(http, 's', data);
    await fetchData(http, 's', id);
    await http.post('/api/fetch', { subject: 's', id: 'nobody' });
    await http.post('/api/subscribe', '{', JSON_TYPE);
    const expected = [
      ['subscribe', 200, '1'],
      ['subscribe', 400, '1'],
      ['publish', 200, '1'],
      ['publish', 429, '2'],
      ['fetch', 200, '1'],
      ['fetch', 404, '1'],
    ] as const;
    for (const [method, code, value] of expected) {
      expect(await metric(http, method, code), `${method} ${code}`).toBe(value);
    }
    const { body } = await http.get('/metrics');
    expect(body).toContain('# TYPE gophermq_client_request_rate counter');
    expect(body).toMatch(
      /gophermq_request_duration_seconds_bucket\{le="0.005",method="publish",code="429"\} \d/,
    );
    expect(body).toContain(
      'gophermq_request_duration_seconds_count{method="publish",code="429"} 2',
    );
  });
});
