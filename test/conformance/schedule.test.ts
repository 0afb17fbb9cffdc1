import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Caller, messagesIn, refusalOf } from './caller.ts';
import type { CreateScheduleRequest, StoredMessage } from './contract.ts';
import {
  isExternal,
  newTopic,
  OwnBroker,
  plus,
  readWhole,
  useBroker,
  valuesOf,
} from './support.ts';

const broker = useBroker();
const HOUR_MS = '3600000';

const message = { value: Buffer.from('x') };

/** A request for something in an hour, with a topic of its own. */
function inAnHour(fields: CreateScheduleRequest = {}) {
  return { topic: newTopic(), message, delay_ms: HOUR_MS, ...fields };
}

async function create(request: CreateScheduleRequest, caller = broker()) {
  return (await caller.call('CreateSchedule', request)).schedule;
}

/** The next messages of a topic, from its beginning. */
async function follow(topic: string, count: number, caller = broker()): Promise<StoredMessage[]> {
  using stream = caller.subscribe({
    topic,
    from: { edge: 'EDGE_EARLIEST' },
    max_messages: `${count}`,
  });
  return messagesIn(await stream.rest());
}

describe('CreateSchedule', () => {
  test('publishes the message after a delay, as it was sent but for the timestamp', async () => {
    const topic = newTopic();
    const sent = {
      timestamp_ns: '5',
      key: Buffer.from('k'),
      value: Buffer.from('v'),
      headers: [{ name: 'n', value: Buffer.from([0, 255]) }],
    };
    const schedule = await create({ topic, message: sent, delay_ms: '50' });
    expect(schedule).toMatchObject({ topic, cron: '', time_zone: 'UTC', run_count: '0' });
    const [published] = await follow(topic, 1);
    expect(published).toMatchObject({ key: sent.key, value: sent.value, headers: sent.headers });
    expect(BigInt(published?.timestamp_ns ?? 0)).toBeGreaterThanOrEqual(
      BigInt(schedule.due_timestamp_ns),
    );
    expect(await refusalOf(broker().call('GetSchedule', { id: schedule.id }))).toMatchObject({
      code: 'NOT_FOUND',
      reason: 'SCHEDULE_NOT_FOUND',
      metadata: { schedule: schedule.id },
    });
  });

  test('publishes at a time, and what is past at once', async () => {
    const topic = newTopic();
    const { clock_ns } = await broker().call('GetServerInfo', {});
    const due = plus(clock_ns, 100_000_000);
    const first = await create({ topic, message, deliver_at_timestamp_ns: due });
    expect(first.due_timestamp_ns).toBe(due);
    const past = { topic, message: { value: Buffer.from('past') }, deliver_at_timestamp_ns: '1' };
    await create(past);
    expect(valuesOf(await follow(topic, 2))).toEqual(['past', 'x']);
  });

  test('publishes an empty message', async () => {
    const topic = newTopic();
    await create({ topic, message: {}, delay_ms: '0' });
    expect(valuesOf(await follow(topic, 1))).toEqual(['']);
  });

  test('publishes again and again', async () => {
    const topic = newTopic();
    const { id } = await create({ topic, message, cron: '@every 1s' });
    const [, second] = await follow(topic, 2);
    const { schedule } = await broker().call('GetSchedule', { id });
    expect(schedule).toMatchObject({ cron: '@every 1s', last_error: '' });
    expect(Number(schedule.run_count)).toBeGreaterThanOrEqual(2);
    expect(BigInt(schedule.last_run_timestamp_ns)).toBeGreaterThanOrEqual(
      BigInt(second?.timestamp_ns ?? 0),
    );
    await broker().call('CancelSchedule', { id });
  });

  test('tells when a cron is due next', async () => {
    const request = { cron: '30 6 * * *', time_zone: 'Asia/Kolkata' };
    const schedule = await create({ topic: newTopic(), message, ...request });
    expect(schedule).toMatchObject({ ...request, byte_count: 3 });
    const due = new Date(Number(BigInt(schedule.due_timestamp_ns) / 1_000_000n));
    expect(due.toISOString()).toMatch(/T01:00:00.000Z$/);
  });

  test('answers the same request as the first time, and refuses another of its id', async () => {
    const request = inAnHour({ id: `a/b.c_${randomUUID()}` });
    const first = await create(request);
    expect(first.id).toBe(request.id);
    expect(await create(request)).toEqual(first);
    for (const change of [{ delay_ms: '1' }, { topic: newTopic() }, { message: {} }]) {
      const refusal = await refusalOf(create({ ...request, ...change }));
      expect(refusal).toMatchObject({
        code: 'ALREADY_EXISTS',
        reason: 'SCHEDULE_EXISTS',
        metadata: { schedule: request.id },
      });
    }
  });

  const delay_ms = HOUR_MS;
  test.each<[string, CreateScheduleRequest]>([
    ['id', { id: 'größe', delay_ms }],
    ['id', { id: 'x'.repeat(256), delay_ms }],
    ['topic', { topic: '', delay_ms }],
    ['topic', { topic: 'a*', delay_ms }],
    ['topic', { topic: '_schedules', delay_ms }],
    ['when', {}],
    ['deliver_at_timestamp_ns', { deliver_at_timestamp_ns: '-1' }],
    ['delay_ms', { delay_ms: '-1' }],
    ['delay_ms', { delay_ms: '315576000001' }],
    ['cron', { cron: '' }],
    ['cron', { cron: '61 * * * *' }],
    ['cron', { cron: '0 0 30 2 *' }],
    ['cron', { cron: '@every 1ms' }],
    ['time_zone', { cron: '* * * * *', time_zone: 'Europe/Nowhere' }],
    ['time_zone', { delay_ms, time_zone: 'UTC' }],
  ])('refuses a bad %s: %j', async (field, fields) => {
    const asked = { topic: newTopic(), message, ...fields };
    expect(await refusalOf(create(asked))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'INVALID_ARGUMENT',
      metadata: { field },
    });
  });

  test('refuses a request without a message', async () => {
    const asked = { topic: newTopic(), delay_ms };
    expect(await refusalOf(create(asked))).toMatchObject({ metadata: { field: 'message' } });
  });

  test('refuses a message that its topic would refuse', async () => {
    const topic = newTopic();
    await broker().call('CreateTopic', { topic, config: { max_message_bytes: 10 } });
    const large = { value: Buffer.alloc(20) };
    expect(await refusalOf(create(inAnHour({ topic, message: large })))).toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: 'MESSAGE_TOO_LARGE',
      metadata: { limit_bytes: '10', bytes: '22' },
    });
  });
});

describe('ListSchedules', () => {
  test('pages by id through those of topics that match', async () => {
    const base = newTopic();
    const ids = ['c', 'a', 'b', 'd'].map((name) => `${base}/${name}`);
    for (const id of ids) await create(inAnHour({ id, topic: id }));
    const seen: string[] = [];
    let page_token = '';
    do {
      const page = await broker().call('ListSchedules', {
        glob: `${base}/*`,
        page_size: 3,
        page_token,
      });
      seen.push(...page.schedules.map(({ id }) => id));
      page_token = page.next_page_token;
    } while (page_token !== '');
    expect(seen).toEqual(ids.sort());
  });

  test.each([
    ['page_size', { page_size: -1 }],
    ['page_size', { page_size: 1001 }],
    ['topic', { glob: 'a*' }],
    ['page_token', { page_token: '@@' }],
  ])('refuses a bad %s', async (field, request) => {
    expect(await refusalOf(broker().call('ListSchedules', request))).toMatchObject({
      reason: 'INVALID_ARGUMENT',
      metadata: { field },
    });
  });
});

describe('RunSchedule', () => {
  test('publishes now, and is the end of what was to run once', async () => {
    const request = inAnHour();
    const { id } = await create(request);
    const { timestamp_ns } = await broker().call('RunSchedule', { id });
    expect(await readWhole(broker(), request.topic)).toMatchObject([{ timestamp_ns }]);
    expect(await refusalOf(broker().call('RunSchedule', { id }))).toMatchObject({
      code: 'NOT_FOUND',
      reason: 'SCHEDULE_NOT_FOUND',
    });
  });

  test('of a closed topic is refused, and the schedule tells of it when it is due', async () => {
    const topic = newTopic();
    await broker().call('CloseTopic', { topic });
    const { id } = await create(inAnHour({ topic }));
    expect(await refusalOf(broker().call('RunSchedule', { id }))).toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'CHANNEL_CLOSED',
    });
    const { id: dueId } = await create({ topic, message, delay_ms: '0' });
    await expect
      .poll(async () => (await broker().call('GetSchedule', { id: dueId })).schedule.last_error)
      .toMatch(/was closed/);
    await broker().call('CancelSchedule', { id: dueId });
  });
});

describe('CancelSchedule', () => {
  test('ends a schedule, once', async () => {
    const { id } = await create(inAnHour());
    await broker().call('CancelSchedule', { id });
    for (const method of ['CancelSchedule', 'GetSchedule'] as const) {
      expect(await refusalOf(broker().call(method, { id }))).toMatchObject({
        code: 'NOT_FOUND',
        reason: 'SCHEDULE_NOT_FOUND',
        metadata: { schedule: id },
      });
    }
  });

  test.each(['CancelSchedule', 'GetSchedule', 'RunSchedule'] as const)(
    '%s refuses what is no id',
    async (method) => {
      for (const id of ['', 'a b']) {
        expect(await refusalOf(broker().call(method, { id }))).toMatchObject({
          reason: 'INVALID_ARGUMENT',
          metadata: { field: 'id' },
        });
      }
    },
  );
});

test.skipIf(isExternal)(
  'schedules outlive the broker, and what was missed is published once',
  async () => {
    await using own = await OwnBroker.start();
    const topic = newTopic();
    let kept: string;
    {
      using caller = Caller.connect(own.address);
      kept = (await create(inAnHour(), caller)).id;
      const missed = await create({ topic, message, delay_ms: '300' }, caller);
      const dueMs = Number(BigInt(missed.due_timestamp_ns) / 1_000_000n);
      await own.stop();
      await expect.poll(() => Date.now() > dueMs).toBe(true);
    }
    await own.restart();
    using caller = Caller.connect(own.address);
    expect(valuesOf(await follow(topic, 1, caller))).toEqual(['x']);
    expect((await caller.call('GetSchedule', { id: kept })).schedule.id).toBe(kept);
    const { schedules } = await caller.call('ListSchedules', {});
    expect(schedules.map(({ id }) => id)).toEqual([kept]);
    expect(await readWhole(caller, topic)).toHaveLength(1);
  },
);
