import { describe, expect, it } from 'vitest';
import { RawHttp } from '../support/raw-http.ts';
import { TestHttp } from '../support/test-http.ts';
import {
  ack,
  COUNTER,
  letters,
  NO_TOPIC,
  option,
  publish,
  REFUSED,
  read,
  SUCCESS,
  start,
  statusOf,
  valuesOf,
} from './blockqueue-support.ts';

describe('a program that was written for blockqueue', () => {
  it('does what its document shows', async () => {
    await using http = await TestHttp.start();
    const subscribers = [
      { name: 'counter', option },
      { name: 'created', option },
    ];
    const created = await http.post('/topics', { name: 'cart', subscribers });
    expect(created).toEqual({
      status: 200,
      type: 'application/json; charset=utf-8',
      body: { message: 'success' },
    });
    const message = 'hi message from topic cart';
    const id = await publish(http, message);
    expect(id).toMatch(/^\d{19}$/);
    expect(await http.get('/topics/cart/subscribers')).toMatchObject({
      status: 200,
      body: {
        message: 'success',
        data: [
          { name: 'counter', unpublished_message: 1, unacked_message: 0 },
          { name: 'created', unpublished_message: 1, unacked_message: 0 },
        ],
      },
    });
    expect((await http.get(`${COUNTER}?timeout=5s`)).body).toEqual({
      message: 'success',
      data: [{ id, message }],
    });
    expect(await statusOf(http)).toEqual([
      { name: 'counter', unpublished_message: 0, unacked_message: 1 },
      { name: 'created', unpublished_message: 1, unacked_message: 0 },
    ]);
    expect((await ack(http, id)).body).toEqual({ message: 'success' });
    expect(await statusOf(http)).toMatchObject([
      { unacked_message: 0 },
      { unpublished_message: 1 },
    ]);
    const more = await http.post('/topics/cart/subscribers', [{ name: 'third', option }]);
    expect(more.body).toEqual({ message: 'success' });
    const path = '/topics/cart/subscribers/third';
    expect((await http.send('DELETE', path)).body).toEqual({ message: 'success' });
    expect((await http.send('DELETE', '/topics/cart')).body).toEqual({ message: 'success' });
    expect(await http.get('/topics/cart/subscribers')).toMatchObject(NO_TOPIC);
  });

  it('reads ten at a time, or as many as it says, in order', async () => {
    await using http = await start({ name: 'counter', option });
    for (let i = 0; i < 25; i++) await publish(http, `${i}`);
    const numbers = async (query: string) => valuesOf(await read(http, COUNTER, query)).map(Number);
    expect(await numbers('timeout=1s')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await numbers('timeout=1s&limit=2')).toEqual([10, 11]);
    expect(await numbers('timeout=1s&limit=1000')).toHaveLength(13);
  });

  it('waits for a message as long as it says, and is answered without data then', async () => {
    await using http = await start({ name: 'counter', option });
    const waiting = http.get(`${COUNTER}?timeout=1m30s`);
    await expect.poll(() => http.server.openReaderCount).toBe(1);
    http.test.clock.advance(89_000);
    await publish(http, 'late');
    expect(await waiting).toMatchObject({ body: { data: [{ message: 'late' }] } });
    const inVain = http.get(`${COUNTER}?timeout=5s`);
    await expect.poll(() => http.server.openReaderCount).toBe(1);
    http.test.clock.advance(5000);
    expect((await inVain).body).toEqual({ message: 'success' });
  });

  it('shares a subscriber among its readers, and fans out to subscribers', async () => {
    await using http = await start({ name: 'counter', option }, { name: 'created', option });
    for (let i = 0; i < 20; i++) await publish(http, `${i}`);
    const halves = await Promise.all([read(http), read(http)]);
    const all = halves.flatMap(valuesOf).map(Number);
    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(await read(http, '/topics/cart/subscribers/created')).toHaveLength(10);
  });

  it('gives a new subscriber what comes later', async () => {
    await using http = await start();
    await publish(http, 'before');
    await http.post('/topics/cart/subscribers', [{ name: 'counter', option }]);
    await publish(http, 'after');
    expect(valuesOf(await read(http))).toEqual(['after']);
  });

  it('shares topics, subscribers and ids with other clients', async () => {
    await using http = await start({ name: 'counter', option });
    const id = await publish(http, 'by blockqueue');
    const { body } = await http.get('/v1/topics/cart/messages');
    expect(body).toMatchObject({ messages: [{ timestamp_ns: id, value: 'by blockqueue' }] });
    await http.post('/v1/topics/cart/messages', [{ value_base64: '/w==' }]);
    const data = await read(http);
    expect(data).toEqual([
      { id, message: 'by blockqueue' },
      { id: expect.any(String), message_base64: '/w==' },
    ]);
    expect(await http.get('/v1/topics/cart/subscriptions/counter')).toMatchObject({
      body: { in_flight_count: 2, config: { max_attempts: 5, lease_ms: 300_000 } },
    });
  });

  it('reads again what was never sent to it', async () => {
    await using http = await start({ name: 'counter', option: { ...option, max_attempts: 1 } });
    const raw = await RawHttp.connect(http.address);
    raw.request(`GET ${COUNTER}?timeout=5s`);
    await expect.poll(() => http.server.openReaderCount).toBe(1);
    const arrived = http.test.store.appends.close();
    const publishing = publish(http, 'kept');
    await arrived;
    raw.hangUp();
    await http.get('/healthz');
    http.test.store.appends.open();
    await publishing;
    await expect.poll(() => http.server.openReaderCount).toBe(0);
    await expect.poll(async () => valuesOf(await read(http))).toEqual(['kept']);
  });
});

describe('options of a subscriber', () => {
  it.each([1, 3])(
    'have max_attempts %i mean so many deliveries, all told',
    async (max_attempts) => {
      const visibility_duration = '10s';
      await using http = await start({
        name: 'counter',
        option: { max_attempts, visibility_duration },
      });
      await publish(http, 'poison');
      for (let attempt = 1; attempt <= max_attempts; attempt++) {
        expect(valuesOf(await read(http)), `${attempt}`).toEqual(['poison']);
        http.test.clock.advance(9999);
        expect(await read(http)).toEqual([]);
        http.test.clock.advance(1);
      }
      expect(await read(http)).toEqual([]);
      expect((await letters(http)).data).toMatchObject([
        { message: 'poison', attempts: max_attempts, reason: 'max_attempts' },
      ]);
      expect(await statusOf(http)).toMatchObject([{ unpublished_message: 0, unacked_message: 0 }]);
    },
  );

  it('let the last delivery be acknowledged, too', async () => {
    await using http = await start({ name: 'counter', option: { max_attempts: 1 } });
    const id = await publish(http, 'once');
    await read(http);
    http.test.clock.advance(299_000);
    expect(await ack(http, id)).toMatchObject(SUCCESS);
    http.test.clock.advance(2000);
    expect((await letters(http)).data).toEqual([]);
  });

  it.each([
    ['1ms', 1],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['1h30m', 5_400_000],
    ['168h', 604_800_000],
  ])('honour a visibility_duration of %s', async (visibility_duration, lease_ms) => {
    await using http = await start({ name: 'counter', option: { visibility_duration } });
    expect(await http.get('/v1/topics/cart/subscriptions/counter')).toMatchObject({
      body: { config: { lease_ms, max_attempts: 3 } },
    });
  });

  it.each<object>([
    { max_attempts: 0 },
    { max_attempts: -1 },
    { max_attempts: 1.5 },
    { max_attempts: '3' },
    { max_attempts: 1001 },
    { visibility_duration: '' },
    { visibility_duration: '5' },
    { visibility_duration: '-5m' },
    { visibility_duration: '169h' },
    { visibility_duration: '1us' },
    { visibility_duration: 5 },
  ])('are refused and not rewritten: %j', async (wrong) => {
    await using http = await TestHttp.start();
    const body = { name: 'cart', subscribers: [{ name: 'counter', option: wrong }] };
    expect(await http.post('/topics', body)).toMatchObject(REFUSED);
    expect(http.test.log.topics.get('cart')).toBeUndefined();
  });

  it('need not be there', async () => {
    await using http = await start(
      { name: 'a' },
      { name: 'b', option: null },
      { name: 'c', option: {} },
    );
    expect(await statusOf(http)).toHaveLength(3);
  });
});
