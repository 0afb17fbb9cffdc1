import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BrokerError } from '../../src/errors.ts';
import { PENDING_BYTES_MAX } from '../../src/limits.ts';
import { MemoryDatabases } from '../../src/storage/databases.ts';
import { FaultyDatabases } from '../support/faulty-databases.ts';
import { escaped, HttpDocument, type Operation } from '../support/http-document.ts';
import { type HttpRequest, REQUESTS, startWorld } from '../support/http-world.ts';
import { eventsOf, linesOf } from '../support/read-events.ts';
import { type Answer, TestHttp } from '../support/test-http.ts';
import { TestLog } from '../support/test-log.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const FOREIGN = { origin: 'http://evil.example' };
const NDJSON = 'application/x-ndjson';
const SSE = 'text/event-stream';
const MESSAGES = '/v1/topics/t/messages';

let http: TestHttp;
let document: HttpDocument;

beforeAll(async () => {
  http = await startWorld();
  document = await HttpDocument.of(http);
});
afterAll(() => http[Symbol.asyncDispose]());

function requestOf(operationId: string): HttpRequest {
  const request = REQUESTS[operationId];
  if (request === undefined) throw new TypeError(`operation ${operationId} has no request here`);
  return request;
}

/** Calls an operation; the answer is held to the document. */
async function call(
  operationId: string,
  changes: Partial<HttpRequest> & { readonly text?: string } = {},
  to = http,
): Promise<Answer> {
  const { path, query = '', body, headers } = { ...requestOf(operationId), ...changes };
  const operation = document.operation(operationId);
  const concrete = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(path[name] ?? ''),
  );
  const url = query === '' ? concrete : `${concrete}?${query}`;
  const answer = await to.send(operation.method, url, changes.text ?? body, headers);
  document.check(operationId, answer);
  return answer;
}

const documents = ({ responses }: Operation, status: number, reason: string) =>
  JSON.stringify(responses[`${status}`] ?? {}).includes(`"${reason}"`);

describe('each operation of the document', () => {
  it('has an answer', async () => {
    // Whoever adds an operation adds a request.
    expect(Object.keys(REQUESTS).sort()).toEqual([...document.operations.keys()].sort());
  });

  it('refuses pages of other sites', async () => {
    for (const operationId of document.operations.keys()) {
      expect(await call(operationId, { headers: FOREIGN })).toMatchObject({ status: 403 });
    }
  });

  it('refuses a query parameter that it does not know', async () => {
    for (const operation of document.operations.values()) {
      if (!documents(operation, 400, 'INVALID_ARGUMENT')) continue;
      expect(await call(operation.operationId, { query: 'nonsense=1' })).toMatchObject({
        status: 400,
        body: { reason: 'INVALID_ARGUMENT' },
      });
    }
  });

  it('refuses a body of a form, and one that is too large', async () => {
    const large = JSON.stringify({ value: 'x'.repeat(200_000) });
    for (const { operationId, requestBody } of document.operations.values()) {
      if (requestBody === undefined) continue;
      expect(await call(operationId, { headers: FORM, text: 'a=b' })).toMatchObject({
        status: 415,
      });
      const headers = { 'content-type': 'application/json' };
      expect(await call(operationId, { headers, text: large })).toMatchObject({
        status: 413,
        body: { reason: 'REQUEST_TOO_LARGE' },
      });
    }
  });

  it.each([
    ['topic', 'TOPIC_NOT_FOUND'],
    ['subscription', 'SUBSCRIPTION_NOT_FOUND'],
    ['id', 'SCHEDULE_NOT_FOUND'],
  ])('says that there is no such %s', async (name, reason) => {
    for (const operation of document.operations.values()) {
      const { operationId, path } = operation;
      if (!path.includes(`{${name}}`) || !documents(operation, 404, reason)) continue;
      const wrong = { path: { ...requestOf(operationId).path, [name]: 'nowhere' } };
      expect(await call(operationId, wrong)).toMatchObject({ status: 404, body: { reason } });
    }
  });

  it.each<[string, Partial<HttpRequest>, number, string]>([
    ['createTopic', { body: { topic: 't', config: { max_bytes: 5 } } }, 409, 'TOPIC_EXISTS'],
    [
      'createSubscription',
      { body: { subscription: 's', config: { lease_ms: 5 } } },
      409,
      'SUBSCRIPTION_EXISTS',
    ],
    ['publish', { path: { topic: 'small' } }, 413, 'MESSAGE_TOO_LARGE'],
    ['publish', { path: { topic: 'closed' } }, 409, 'CHANNEL_CLOSED'],
    ['publish', { path: { topic: 'full' } }, 429, 'BACKLOG_FULL'],
    ['publish', { headers: { 'playhead-expected-last-timestamp-ns': '5' } }, 409, 'CONFLICT'],
    ['redrive', { body: { target_topic: 'closed' } }, 409, 'CHANNEL_CLOSED'],
    ['redrive', { body: { target_topic: 'full' } }, 429, 'BACKLOG_FULL'],
    ['redrive', { body: { target_topic: 'none' } }, 404, 'TOPIC_NOT_FOUND'],
    ['runSchedule', { path: { id: 'closed' } }, 409, 'CHANNEL_CLOSED'],
    ['runSchedule', { path: { id: 'full' } }, 429, 'BACKLOG_FULL'],
    ['runSchedule', { path: { id: 'none' } }, 404, 'TOPIC_NOT_FOUND'],
    ['runSchedule', { path: { id: 'late' } }, 413, 'MESSAGE_TOO_LARGE'],
    [
      'createSchedule',
      { body: { id: 'full', topic: 't', message: { value: '' }, when: { delay_ms: 5 } } },
      409,
      'SCHEDULE_EXISTS',
    ],
    [
      'createSchedule',
      { body: { topic: 'small', message: { value: 'much too long' }, when: { delay_ms: 5 } } },
      413,
      'MESSAGE_TOO_LARGE',
    ],
  ])('%s %j is refused with %i %s', async (operationId, request, status, reason) => {
    expect(await call(operationId, request)).toMatchObject({ status, body: { status, reason } });
  });

  it('publish refuses what a producer has used for something else', async () => {
    const headers = { 'playhead-producer': 'p', 'playhead-sequence': '1' };
    expect(await call('publish', { headers })).toMatchObject({ body: { is_duplicate: false } });
    expect(await call('publish', { headers })).toMatchObject({ body: { is_duplicate: true } });
    expect(await call('publish', { headers, body: { value: 'other' } })).toMatchObject({
      body: { reason: 'PRODUCER_CONFLICT' },
    });
  });

  it('publish says that the topic was deleted meanwhile', async () => {
    await http.post('/v1/topics', { topic: 'gone' });
    const { appends } = http.test.store;
    const arrived = appends.close();
    const first = call('publish', { path: { topic: 'gone' } });
    await arrived;
    const { committer } = http.test.log.readContext;
    const before = committer.pendingBytes;
    const second = call('publish', { path: { topic: 'gone' } });
    await expect.poll(() => committer.pendingBytes).toBeGreaterThan(before);
    await http.test.log.deleteTopic('gone');
    appends.open();
    await first;
    expect(await second).toMatchObject({ status: 410, body: { reason: 'TOPIC_DELETED' } });
  });

  it('pull says that the subscription was deleted meanwhile', async () => {
    await http.post('/v1/topics/full/subscriptions', { subscription: 'idle', from: 'latest' });
    const path = { topic: 'full', subscription: 'idle' };
    const waiting = call('pull', { path, body: { wait_ms: 60_000 } });
    await expect.poll(() => http.server.openReaderCount).toBe(1);
    await http.send('DELETE', '/v1/topics/full/subscriptions/idle');
    expect(await waiting).toMatchObject({ status: 410, body: { reason: 'SUBSCRIPTION_DELETED' } });
  });

  it('reads as NDJSON and as events, each as the document says', async () => {
    const path = { topic: 'closed' };
    const url = '/v1/topics/closed/messages';
    for (const [type, itemsOf] of [
      [NDJSON, linesOf],
      [SSE, eventsOf],
    ] as const) {
      await using stream = await http.stream(url, { accept: type });
      const text = await stream.end();
      const contentType = stream.response.headers.get('content-type') ?? '';
      document.check('read', { status: stream.response.status, type: contentType, body: text });
      const items = itemsOf(text);
      expect(items.length).toBeGreaterThan(1);
      document.checkItems('read', type, items);
    }
    const seen = { accept: SSE, 'last-event-id': '1800000000000000000' };
    expect(await call('read', { path, query: '', headers: seen })).toMatchObject({ status: 204 });
  });

  it('does what it is asked for', async () => {
    for (const operationId of Object.keys(REQUESTS)) {
      const { status, body } = await call(operationId);
      expect([200, 204], `${operationId}: ${JSON.stringify(body)}`).toContain(status);
    }
  });
});

describe('a fault', () => {
  const publishing = { headers: { 'content-type': 'text/plain' }, text: 'x' };

  it('of a broker that shuts down is told', async () => {
    await using broken = await TestHttp.start();
    broken.test.log.drain();
    for (const operationId of ['publish', 'isReady', 'listSubscriptions', 'createTopic']) {
      expect(await call(operationId, {}, broken)).toMatchObject({
        status: 503,
        body: { reason: 'SHUTTING_DOWN' },
      });
    }
  });

  it('of the storage is told', async () => {
    const databases = new FaultyDatabases(new MemoryDatabases());
    await using broken = await TestHttp.start({ databases });
    databases.fail('tape.batch');
    expect(await call('publish', publishing, broken)).toMatchObject({
      status: 503,
      body: { reason: 'STORAGE_FAILED' },
    });
  });

  it('of a full disk is told', async () => {
    const databases = new FaultyDatabases(new MemoryDatabases());
    const space = async () => ({ freeBytes: 1, totalBytes: 1_000_000 });
    await using broken = await TestHttp.start({ databases: Object.assign(databases, { space }) });
    expect(await call('publish', publishing, broken)).toMatchObject({
      status: 507,
      body: { reason: 'DISK_FULL' },
    });
  });

  it('of too much that waits is told, with when to come again', async () => {
    await using broken = await TestHttp.start();
    await broken.test.publish('t', '1');
    const arrived = broken.test.store.appends.close();
    const taken = broken.test.publish('t', Buffer.alloc(PENDING_BYTES_MAX));
    await arrived;
    expect(await call('publish', publishing, broken)).toMatchObject({
      status: 429,
      body: { reason: 'OVERLOADED' },
    });
    const response = await fetch(`${broken.url}${MESSAGES}`, { method: 'POST', body: 'x' });
    expect(response.headers.get('retry-after')).toBe('1');
    broken.test.store.appends.open();
    await taken;
  });

  it('of lost messages is told', async () => {
    const databases = new MemoryDatabases();
    const before = await TestLog.open({ databases });
    const { firstTimestampNs: lostNs } = await before.publish('t', '1');
    await before.log.close();
    await using broken = await TestHttp.start({ databases });
    const lost = { firstNs: lostNs, lastNs: lostNs };
    broken.test.store.readTopic = async () => ({ frames: [], ahead: [], lost });
    expect(await call('read', { query: '' }, broken)).toMatchObject({
      status: 500,
      body: { reason: 'DATA_LOSS', metadata: { first_timestamp_ns: `${lostNs}` } },
    });
    await using stream = await broken.stream(MESSAGES, { accept: SSE });
    const events = eventsOf(await stream.end());
    expect(events).toMatchObject([{ event: 'error', data: { reason: 'DATA_LOSS' } }]);
    document.checkItems('read', SSE, events);
  });

  it('of a limit on a number of things is told', async () => {
    await using broken = await TestHttp.start();
    const refusal = new BrokerError('LIMIT_EXCEEDED', 'too many', { limit: '1' });
    vi.spyOn(broken.test.log, 'createTopic').mockRejectedValue(refusal);
    expect(await call('createTopic', {}, broken)).toMatchObject({
      status: 429,
      body: { reason: 'LIMIT_EXCEEDED' },
    });
  });

  it('of the broker itself is told, without what it is', async () => {
    await using broken = await TestHttp.start();
    vi.spyOn(broken.subscriptions, 'list').mockImplementation(() => {
      throw new TypeError('secret');
    });
    const answer = await call('listSubscriptions', {}, broken);
    expect(answer).toMatchObject({ status: 500, body: { reason: 'INTERNAL' } });
    expect(JSON.stringify(answer.body)).not.toContain('secret');
  });
});

describe('the document', () => {
  it('is that of the API of playhead: what stands in for other brokers has documents of its own', () => {
    const paths = Object.keys(document.api.paths);
    const own = /^\/(v1\/|healthz$|readyz$|metrics$)/;
    expect(paths.filter((path) => !own.test(path))).toEqual([]);
    expect(JSON.stringify(document.api)).not.toMatch(/gophermq|blockqueue/);
  });

  it('says nothing that no answer above has met', () => {
    expect(document.unmet()).toEqual([]);
  });

  it('is OpenAPI 3.1: operations are whole, and names are there once', () => {
    const { api, operations } = document;
    expect(api.openapi).toMatch(/^3\.1\.\d+$/);
    expect(api.info).toMatchObject({ title: 'playhead', version: '1.2.3' });
    const tags = api.tags.map(({ name }) => name);
    const ids = Object.values(api.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
    for (const operation of operations.values()) {
      const { operationId, parameters = [], path, responses } = operation;
      expect(operation.summary, operationId).toBeTruthy();
      expect(tags, operationId).toEqual(expect.arrayContaining([...(operation.tags ?? [])]));
      const names = parameters.map((each) => `${each.in} ${each.name}`);
      expect(new Set(names).size, operationId).toBe(names.length);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => `path ${name}`);
      expect(names.filter((name) => name.startsWith('path ')).sort()).toEqual(inPath.sort());
      for (const parameter of parameters) {
        expect(parameter.description, `${operationId} ${parameter.name}`).toBeTruthy();
        expect(parameter.schema).toBeTypeOf('object');
        if (parameter.in === 'path') expect(parameter.required).toBe(true);
      }
      for (const [status, response] of Object.entries(responses)) {
        expect(status).toMatch(/^([1-5]\d\d|default)$/);
        if (response.$ref === undefined) expect(response.description).toBeTruthy();
      }
    }
    for (const names of Object.values(api.components)) {
      for (const name of Object.keys(names)) expect(name).toMatch(/^[\w.-]+$/);
    }
  });

  it('has schemas that compile, and references that lead somewhere', () => {
    const { api } = document;
    for (const name of Object.keys(api.components['schemas'] ?? {})) {
      document.compile(`/components/schemas/${name}`);
    }
    const schemas: string[] = [];
    const look = (part: unknown, pointer: string) => {
      if (typeof part !== 'object' || part === null) return;
      for (const [name, inner] of Object.entries(part)) {
        const at = `${pointer}/${escaped(name)}`;
        if (name === 'schema' || name === 'x-item-schema') schemas.push(at);
        else look(inner, at);
      }
    };
    look(api.paths, '/paths');
    look(api.components['responses'], '/components/responses');
    expect(schemas.length).toBeGreaterThan(100);
    for (const pointer of schemas) document.compile(pointer);
    for (const [, name = ''] of JSON.stringify(api).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(api.components['schemas']).toHaveProperty(name);
    }
  });

  it('says which bodies a publish takes, which answers a read has, and which headers both know', () => {
    const publish = document.operation('publish');
    expect(Object.keys(publish.requestBody?.content ?? {})).toEqual([
      'application/json',
      NDJSON,
      'application/octet-stream',
      '*/*',
    ]);
    const read = document.operation('read');
    expect(Object.keys(read.responses['200']?.content ?? {}).sort()).toEqual(
      ['application/json', NDJSON, SSE].sort(),
    );
    const headersOf = ({ parameters = [] }: Operation) =>
      parameters.filter((each) => each.in === 'header').map(({ name }) => name);
    expect(headersOf(publish)).toEqual([
      'playhead-producer',
      'playhead-sequence',
      'playhead-expected-last-timestamp-ns',
      'playhead-key',
    ]);
    expect(headersOf(read)).toEqual(['last-event-id']);
    expect(JSON.stringify(document.api.components)).toContain('Retry-After');
  });

  it('takes the requests that the operations take', () => {
    for (const [operationId, { body }] of Object.entries(REQUESTS)) {
      const { path, method, requestBody } = document.operation(operationId);
      if (body === undefined || requestBody === undefined) continue;
      const at = `/paths/${escaped(path)}/${method.toLowerCase()}/requestBody`;
      const validate = document.compile(`${at}/content/application~1json/schema`);
      expect(validate(body), operationId).toBe(true);
    }
  });
});
