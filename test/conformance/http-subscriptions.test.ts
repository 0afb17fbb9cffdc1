import { describe, expect, it } from 'vitest';
import { TestHttp } from '../support/test-http.ts';

const SUBSCRIPTIONS = '/v1/topics/t/subscriptions';
const PATH = `${SUBSCRIPTIONS}/s`;

async function subscribed(config: object = {}): Promise<TestHttp> {
  const http = await TestHttp.start();
  await http.test.publish('t', '1', '2', '3');
  await http.post(SUBSCRIPTIONS, { subscription: 's', from: 'earliest', config });
  return http;
}

interface Delivered {
  readonly receipt: string;
  readonly attempt: number;
  readonly message: { readonly value: string; readonly timestamp_ns: string };
}

async function pull(http: TestHttp, body: object = {}): Promise<readonly Delivered[]> {
  const answer = await http.post(`${PATH}/pull`, body);
  expect(answer.status).toBe(200);
  const { deliveries } = answer.body as { deliveries: readonly Delivered[] };
  return deliveries;
}

const settle = (http: TestHttp, each: Delivered | undefined, action: object) =>
  http.post(`${PATH}/acknowledge`, {
    settlements: [{ receipt: each?.receipt, timestamp_ns: each?.message.timestamp_ns, ...action }],
  });

describe('subscriptions over HTTP', () => {
  it('are created, listed, changed and deleted', async () => {
    await using http = await subscribed({ mode: 'key-ordered', backoff: { initial_ms: 5 } });
    expect((await http.get(PATH)).body).toMatchObject({
      subscription: 's',
      pending_count: 3,
      config: {
        mode: 'key-ordered',
        backoff: { initial_ms: 5 },
        dead_letter_topic: 'dead-letter/t/s',
      },
    });
    expect((await http.get('/v1/subscriptions?glob=t')).body).toMatchObject({
      subscriptions: [{ topic: 't', subscription: 's' }],
    });
    const changed = await http.send('PATCH', PATH, { config: { max_attempts: 7, backoff: null } });
    expect(changed.body).toMatchObject({ config: { max_attempts: 7, backoff: null } });
    const other = await http.post(SUBSCRIPTIONS, { subscription: 's', config: { lease_ms: 5 } });
    expect(other).toMatchObject({ status: 409, body: { reason: 'SUBSCRIPTION_EXISTS' } });
    expect((await http.send('DELETE', PATH)).status).toBe(204);
    expect(await http.get(PATH)).toMatchObject({
      status: 404,
      body: { reason: 'SUBSCRIPTION_NOT_FOUND' },
    });
  });

  it('are pulled from, acknowledged, given back and extended', async () => {
    await using http = await subscribed();
    const [first, second] = await pull(http, { max_messages: 2 });
    expect([first, second]).toMatchObject([
      { attempt: 1, message: { value: '1', topic: 't' } },
      { attempt: 1, message: { value: '2' } },
    ]);
    expect((await settle(http, first, { action: 'ack' })).body).toMatchObject({
      results: [{ message_count: 1, error: null }],
    });
    expect((await settle(http, first, { action: 'ack' })).body).toMatchObject({
      results: [{ message_count: 0, error: { reason: 'CONFLICT', status: 409 } }],
    });
    expect((await settle(http, second, { action: 'extend', lease_ms: 5000 })).body).toMatchObject({
      results: [{ message_count: 1, deadline_timestamp_ns: expect.stringMatching(/^\d+$/) }],
    });
    await settle(http, second, { action: 'nack', delay_ms: 0 });
    expect(await pull(http, { max_messages: 1 })).toMatchObject([
      { attempt: 2, message: { value: '2' } },
    ]);
  });

  it('wait for a message, and tell that nothing will come', async () => {
    await using http = await subscribed();
    const taken = await pull(http, { max_messages: 10 });
    const waiting = pull(http, { wait_ms: 60_000 });
    await http.test.publish('t', '4');
    expect(await waiting).toMatchObject([{ message: { value: '4' } }]);
    for (const each of taken) await settle(http, each, { action: 'ack' });
    expect(await pull(http)).toEqual([]);
  });

  it('are moved, and put back to what they were', async () => {
    await using http = await subscribed();
    const { body: snapshot } = await http.get(`${PATH}/snapshot`);
    await http.post(`${PATH}/seek`, { to: 'latest' });
    expect(await pull(http)).toEqual([]);
    expect(await http.post(`${PATH}/seek`, Object(snapshot))).toMatchObject({
      status: 200,
      body: { pending_count: 3 },
    });
    expect(await http.post(`${PATH}/seek`, { to: 'soon' })).toMatchObject({ status: 400 });
  });

  it('have dead letters, which are redriven', async () => {
    await using http = await subscribed();
    const [first] = await pull(http);
    await settle(http, first, { action: 'terminate', reason: 'no good' });
    await expect
      .poll(async () => (await http.get('/v1/topics/dead-letter%2Ft%2Fs/messages')).body)
      .toMatchObject({ messages: [{ value: '1' }] });
    expect((await http.post(`${PATH}/redrive`)).body).toEqual({ message_count: 1 });
    expect((await http.get('/v1/topics/t/messages?last=1')).body).toMatchObject({
      messages: [{ value: '1' }],
    });
  });

  it.each([
    ['/pull', { max_messages: 0 }],
    ['/pull', { wait_ms: 1e9 }],
    ['/pull', { lease_ms: 0 }],
    ['/acknowledge', { settlements: [] }],
    ['/acknowledge', { settlements: [{ receipt: 'x', timestamp_ns: '1', action: 'ack' }] }],
    ['/acknowledge', { settlements: [{ receipt: '1', timestamp_ns: '1', action: 'eat' }] }],
  ])('refuse POST %s %j', async (path, body) => {
    await using http = await subscribed();
    expect(await http.post(`${PATH}${path}`, body)).toMatchObject({
      status: 400,
      body: { reason: 'INVALID_ARGUMENT' },
    });
  });
});

describe('schedules over HTTP', () => {
  it('are created, listed, run and cancelled', async () => {
    await using http = await TestHttp.start();
    const body = {
      id: 'nightly',
      topic: 't',
      message: { value: 'x' },
      when: { cron: '0 3 * * *' },
    };
    expect((await http.post('/v1/schedules', body)).body).toMatchObject({
      id: 'nightly',
      cron: '0 3 * * *',
      time_zone: 'UTC',
      run_count: 0,
    });
    expect((await http.get('/v1/schedules')).body).toMatchObject({
      schedules: [{ id: 'nightly' }],
    });
    const { body: ran } = await http.post('/v1/schedules/nightly/run');
    expect(ran).toEqual({ timestamp_ns: expect.stringMatching(/^\d+$/) });
    expect((await http.get('/v1/schedules/nightly')).body).toMatchObject({ run_count: 1 });
    expect((await http.send('DELETE', '/v1/schedules/nightly')).status).toBe(204);
    expect(await http.get('/v1/schedules/nightly')).toMatchObject({
      status: 404,
      body: { reason: 'SCHEDULE_NOT_FOUND' },
    });
  });

  it.each([
    { topic: 't', message: { value: 'x' }, when: { cron: 'never' } },
    { topic: 't', message: { value: 'x' }, when: {} },
    { topic: 't', message: { value: 'x' }, when: { delay_ms: -1 } },
    { topic: 't', when: { delay_ms: 1 } },
    { topic: 'a b', message: { value: 'x' }, when: { delay_ms: 1 } },
    { id: 'a b', topic: 't', message: { value: 'x' }, when: { delay_ms: 1 } },
  ])('refuse %j', async (body) => {
    await using http = await TestHttp.start();
    expect(await http.post('/v1/schedules', body)).toMatchObject({
      status: 400,
      body: { reason: 'INVALID_ARGUMENT' },
    });
  });
});
