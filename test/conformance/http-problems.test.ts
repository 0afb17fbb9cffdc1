import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HTTP_DETAIL_LENGTH, HTTP_HEAD_BYTES } from '../../src/limits.ts';
import { RawHttp } from '../support/raw-http.ts';
import { TestHttp } from '../support/test-http.ts';

const PATH = '/v1/topics/t/messages';
const TOPICS = '/v1/topics';
const JSON_TYPE = { 'content-type': 'application/json' };
const refused = (status: number, reason = 'INVALID_ARGUMENT') => ({
  status,
  type: expect.stringContaining('application/problem+json'),
  body: expect.objectContaining({ status, reason }),
});

let http: TestHttp;
beforeAll(async () => {
  http = await TestHttp.start();
  await http.test.publish('t', '1', '2', '3');
});
/** Whatever was sent, the broker is there, and holds nothing for those who have gone. */
afterAll(async () => {
  expect(await http.get('/healthz')).toMatchObject({ status: 200 });
  expect(http.server.openReaderCount).toBe(0);
  await http[Symbol.asyncDispose]();
});

describe('a query', () => {
  it.each([
    `${PATH}?limit=1&limit=2`,
    `${PATH}?from=earliest&from=latest`,
    `${PATH}?limit=1e3`,
    `${PATH}?limit=0x10`,
    `${PATH}?limit=`,
    `${PATH}?limit=99999999999999999999`,
    `${PATH}?last=-1`,
    `${PATH}?from=99999999999999999999`,
    `${PATH}?from=9999999999999999999`,
    `${PATH}?until=yesterday`,
    `${PATH}?follow=yes`,
    `${PATH}?__proto__=1`,
    `${PATH}?limit[]=1`,
    `${TOPICS}?page_size=-1`,
    `${TOPICS}?page_size=1001`,
    `${TOPICS}?glob=a*b`,
    `${TOPICS}?glob=a&glob=b`,
    `${TOPICS}/t?colour=red`,
  ])('of %s is refused', async (path) => {
    expect(await http.get(path)).toEqual(refused(400));
  });

  it('that begins long ago begins at the beginning', async () => {
    expect(await http.get(`${PATH}?from=-99999d`)).toMatchObject({ status: expect.any(Number) });
    expect(await http.get(`${PATH}?from=-9999d`)).toMatchObject({ status: 200 });
  });
});

describe('a path', () => {
  it.each(['/v1/topics/%zz/messages', '/v1/topics/%ff', '/v1/topics/%', '/v1/topics/a%20b'])(
    '%s is refused',
    async (path) => {
      expect(await http.get(path)).toEqual(refused(400));
    },
  );

  it('that is too long is refused', async () => {
    const answer = await http.get(`/v1/topics/${'a'.repeat(2000)}`);
    expect(answer).toEqual(refused(answer.status));
    expect([400, 404, 414]).toContain(answer.status);
  });

  it.each(['/v1', '/v2/topics', '/v1/topics/t/messages/', '/v1/topics/t/nothing'])(
    '%s is not there',
    async (path) => {
      expect(await http.get(path)).toEqual(refused(404));
    },
  );
});

describe('a body', () => {
  it.each([
    ['application/json', '{"topic":'],
    ['application/json', ''],
    ['application/json', '[]'],
    ['application/json', '"x"'],
    ['application/json', 'null'],
    ['application/json', '{"topic":5}'],
    ['application/json', '{"topic":"x","config":null}'],
    ['application/json', '{"topic":"x","__proto__":{"a":1}}'],
    ['application/json', '{"topic":"x","config":{"max_bytes":1e400}}'],
    ['application/json', '{"topic":"x","config":{"max_bytes":9007199254740993}}'],
    ['application/json', '['.repeat(1_000_000)],
    ['application/json', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['application/json; charset=utf-8', 'nothing'],
  ])('of %s that is not what it should be is refused (%#)', async (type, text) => {
    expect(await http.post(TOPICS, text, { 'content-type': type })).toEqual(refused(400));
  });

  it.each(['text/plain', 'application/octet-stream', 'application/xml', 'application/x-ndjson'])(
    'of %s is refused where JSON is asked for',
    async (type) => {
      expect(await http.post(TOPICS, '{"topic":"x"}', { 'content-type': type })).toEqual(
        refused(415),
      );
    },
  );

  it('of a type that is none is refused', async () => {
    expect(await http.post(PATH, 'x', { 'content-type': 'nothing' })).toEqual(refused(415));
  });

  it('that is no UTF-8 is refused: it would be stored as something else', async () => {
    const bytes = new Uint8Array(Buffer.from([...Buffer.from('{"value":"'), 0xff, 0x22, 0x7d]));
    for (const type of ['application/json', 'application/x-ndjson']) {
      const answer = await http.send('POST', PATH, bytes, { 'content-type': type });
      expect(answer).toEqual(refused(400));
    }
  });

  it('of a value that has no bytes is refused', async () => {
    expect(await http.post(PATH, '{"value":"\\ud800"}', JSON_TYPE)).toEqual(refused(400));
  });

  it('of very many things that are wrong is refused for the first of them', async () => {
    const wrong = `[${'1,'.repeat(2_000_000)}1]`;
    const started = process.memoryUsage().heapUsed;
    const bodies = [
      [PATH, wrong],
      [PATH, `{"value":"x","headers":${wrong}}`],
      [
        '/v1/schedules',
        `{"topic":"t","when":{"delay_ms":1},"message":{"value":"x","headers":${wrong}}}`,
      ],
      ['/v1/topics/t/subscriptions/s/acknowledge', `{"settlements":${wrong}}`],
      [
        '/v1/topics/t/subscriptions',
        `{"subscription":"s","config":{"backoff":{"delays_ms":${wrong}}}}`,
      ],
    ] as const;
    for (const [path, text] of bodies)
      expect(await http.post(path, text, JSON_TYPE)).toEqual(refused(400));
    expect(process.memoryUsage().heapUsed - started).toBeLessThan(500_000_000);
  });

  it('of a name that is very long is not sent back whole', async () => {
    const { body } = await http.post(TOPICS, { topic: 'x', ['y'.repeat(1_000_000)]: 1 });
    const { detail } = body as { detail: string };
    expect(detail.length).toBeLessThanOrEqual(HTTP_DETAIL_LENGTH + 1);
  });

  it('in chunks is taken, and refused once it is too large', async () => {
    await using raw = await RawHttp.connect(http.address);
    const chunked = ['Transfer-Encoding: chunked', 'Content-Type: text/plain'];
    raw.request(`POST ${PATH}`, chunked, '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n');
    await raw.until('"is_duplicate":false}');
    expect((await http.get(`${PATH}?last=1`)).body).toMatchObject({
      messages: [{ value: 'abcde' }],
    });
    const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
    raw.request(`POST ${PATH}`, chunked, chunk.repeat(9));
    expect(await raw.until('REQUEST_TOO_LARGE')).toContain('HTTP/1.1 413');
  });

  it('that is announced as too large is refused before it comes', async () => {
    await using raw = await RawHttp.connect(http.address);
    raw.request(`POST ${PATH}`, ['Content-Type: text/plain', 'Content-Length: 99999999']);
    expect(await raw.until('REQUEST_TOO_LARGE')).toContain('HTTP/1.1 413');
  });

  it.each([
    ['of chunks that are none', ['Transfer-Encoding: chunked'], 'zz\r\nabc\r\n'],
    ['of two lengths', ['Content-Length: 3', 'Content-Length: 4'], 'abc'],
    [
      'with a length and in chunks',
      ['Content-Length: 3', 'Transfer-Encoding: chunked'],
      '0\r\n\r\n',
    ],
  ])('%s is refused', async (_, headers, body) => {
    await using raw = await RawHttp.connect(http.address);
    raw.request(`POST ${PATH}`, ['Content-Type: text/plain', ...headers], body);
    const answer = await raw.ended();
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
    expect(answer).toContain('application/problem+json');
  });

  it('that is cut off is not stored', async () => {
    const before = http.test.log.topic('t').sequence;
    const raw = await RawHttp.connect(http.address);
    raw.request(`POST ${PATH}`, ['Content-Type: text/plain', 'Content-Length: 10'], 'abc');
    await new Promise<void>((resolve) => raw.socket.write('d', () => resolve()));
    raw.hangUp();
    await http.post(PATH, 'whole', { 'content-type': 'text/plain' });
    expect(http.test.log.topic('t').sequence).toBe(before + 1n);
  });
});

describe('a method', () => {
  it.each([
    ['PUT', '/v1/topics', 'GET, HEAD, OPTIONS, POST'],
    ['DELETE', PATH, 'GET, HEAD, OPTIONS, POST'],
    ['POST', '/healthz', 'GET, HEAD, OPTIONS'],
    ['PROPFIND', '/v1/topics/t', 'DELETE, GET, HEAD, OPTIONS, PATCH'],
  ])('%s of %s is refused, with those that are taken', async (method, path, allowed) => {
    const response = await fetch(`${http.url}${path}`, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allowed);
    expect(await response.json()).toMatchObject({ status: 405, reason: 'INVALID_ARGUMENT' });
  });

  it('OPTIONS is answered with those that are taken, and lets no other site in', async () => {
    const response = await fetch(`${http.url}/v1/topics`, { method: 'OPTIONS' });
    expect(response.status).toBe(204);
    expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST');
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-'))).toEqual([]);
    const headers = { origin: 'http://evil.example', 'access-control-request-method': 'POST' };
    expect((await http.send('OPTIONS', '/v1/topics', undefined, headers)).status).toBe(403);
  });

  it('HEAD is answered as GET is, without the body', async () => {
    for (const path of ['/healthz', '/v1/topics', PATH, '/openapi.json']) {
      const response = await fetch(`${http.url}${path}`, { method: 'HEAD' });
      const whole = await fetch(`${http.url}${path}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe(whole.headers.get('content-type'));
      expect(response.headers.get('content-length')).toBe(`${(await whole.text()).length}`);
    }
    expect((await fetch(`${http.url}/v1/topics/none`, { method: 'HEAD' })).status).toBe(404);
  });

  it('HEAD of a stream opens none', async () => {
    const headers = { accept: 'text/event-stream' };
    const response = await fetch(`${http.url}${PATH}`, { method: 'HEAD', headers });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(http.server.openReaderCount).toBe(0);
  });

  it('that is none is no request', async () => {
    await using raw = await RawHttp.connect(http.address);
    raw.write('BREW /coffee HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await raw.ended()).toMatch(/^HTTP\/1\.1 400[^]*"reason":"INVALID_ARGUMENT"/);
  });
});

describe('a connection', () => {
  it('gets the answers to requests that come at once in their order', async () => {
    await using raw = await RawHttp.connect(http.address);
    for (const path of ['/healthz', `${TOPICS}/t`, '/nothing', `${PATH}?limit=1`])
      raw.request(`GET ${path}`);
    const text = await raw.until('HTTP/1.1 ', 4);
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(
      [200, 200, 404, 200].map((status) => `HTTP/1.1 ${status}`),
    );
    const order = ['alive', '"state"', '/nothing', '"messages"'].map((part) => text.indexOf(part));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });

  it('whose head is too long is told so', async () => {
    await using raw = await RawHttp.connect(http.address);
    raw.request('GET /healthz', [`X-Long: ${'x'.repeat(HTTP_HEAD_BYTES)}`]);
    expect(await raw.ended()).toMatch(/^HTTP\/1\.1 431[^]*problem\+json/);
  });

  it('that sends its request letter by letter is told that it took too long', async () => {
    const connections = { headersTimeoutMs: 50, requestTimeoutMs: 100, maxConnections: 10 };
    await using impatient = await TestHttp.start({ connections });
    await using head = await RawHttp.connect(impatient.address);
    head.write('GET /healthz HTTP/1.1\r\nHost: loc');
    await using body = await RawHttp.connect(impatient.address);
    body.request(`POST ${PATH}`, ['Content-Type: text/plain', 'Content-Length: 10'], 'abc');
    await using silent = await RawHttp.connect(impatient.address);
    expect(await silent.ended()).toBe('');
    expect(await head.ended()).toMatch(/^HTTP\/1\.1 408[^]*problem\+json/);
    expect(await body.ended()).toMatch(/^HTTP\/1\.1 408/);
    expect(await impatient.get('/healthz')).toMatchObject({ status: 200 });
  });

  it('too many are closed at once, until others have gone', async () => {
    const connections = { headersTimeoutMs: 10_000, requestTimeoutMs: 10_000, maxConnections: 2 };
    await using small = await TestHttp.start({ connections });
    const first = await RawHttp.connect(small.address);
    await first.request('GET /healthz').until('alive');
    await using second = await RawHttp.connect(small.address);
    await second.request('GET /healthz').until('alive');
    await using third = await RawHttp.connect(small.address);
    expect(await third.request('GET /healthz').ended()).toBe('');
    first.hangUp();
    await expect
      .poll(async () => {
        await using again = await RawHttp.connect(small.address);
        return await again
          .request('GET /healthz')
          .until('alive')
          .catch(() => 'closed');
      })
      .toContain('alive');
  });
});

describe('a broker with names of its own', () => {
  it('is served under them, and under no other', async () => {
    await using named = await TestHttp.start({ hosts: ['broker.example.org'] });
    const askFor = async (host: string) => {
      await using raw = await RawHttp.connect(named.address);
      raw.write(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      return Number((await raw.ended()).slice(9, 12));
    };
    expect(await askFor('broker.example.org')).toBe(200);
    expect(await askFor('Broker.Example.org:17778')).toBe(200);
    expect(await askFor('example.org')).toBe(403);
    expect(await askFor('localhost')).toBe(200);
  });
});

describe('noise', () => {
  it('ends no more than its own connection', async () => {
    const request = `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"value":"abc"}`;
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      // A request in which a few bytes are others, or which ends early.
      fc
        .tuple(fc.nat(request.length), fc.string({ unit: 'binary-ascii', maxLength: 5 }), fc.nat(9))
        .map(([at, other, left]) => `${request.slice(0, at)}${other}${request.slice(at + left)}`),
      fc.nat(request.length).map((end) => request.slice(0, end)),
    );
    await fc.assert(
      fc.asyncProperty(noise, async (text) => {
        await using raw = await RawHttp.connect(http.address);
        await new Promise<void>((resolve) => raw.socket.end(text, 'latin1', () => resolve()));
        await raw.ended();
      }),
      { numRuns: 200 },
    );
    expect(await http.get('/healthz')).toMatchObject({ status: 200 });
  });
});
