import { describe, expect, it } from 'vitest';
import { SCHEDULE_LOOK_MS, SCHEDULE_RETRY_MS } from '../../../src/limits.ts';
import { MemoryDatabases } from '../../../src/storage/databases.ts';
import type { When } from '../../../src/subscription/schedule.ts';
import { FaultyDatabases } from '../../support/faulty-databases.ts';
import { TestSchedules } from '../../support/test-schedules.ts';

const HOUR_MS = 3_600_000;
const reason = (name: string, metadata: object = {}) =>
  expect.objectContaining({ reason: name, metadata: expect.objectContaining(metadata) });
const delay = (delayMs: number): When => ({ at: 'delay', delayMs });
const every = (duration: string): When => ({ at: 'cron', cron: `@every ${duration}` });

describe('a schedule', () => {
  it('publishes when it is due, not before, and once', async () => {
    await using test = await TestSchedules.open();
    await test.create({ id: 'a', when: delay(1000) });
    await test.pass(999);
    expect(await test.published()).toEqual([]);
    await test.pass(1);
    expect(await test.published()).toEqual(['a']);
    await expect(test.schedules.get('a')).rejects.toEqual(
      reason('SCHEDULE_NOT_FOUND', { schedule: 'a' }),
    );
    await test.pass(HOUR_MS);
    expect(await test.published()).toEqual(['a']);
  });

  it('of a time that is past publishes at once', async () => {
    await using test = await TestSchedules.open();
    await test.create({ id: 'a', when: { at: 'timestamp', timestampNs: 5n } });
    await test.settle();
    expect(await test.published()).toEqual(['a']);
  });

  it('publishes in the order of due times, one topic beside the other', async () => {
    await using test = await TestSchedules.open();
    for (const [value, ms] of Object.entries({ c: 30, a: 10, b: 20 })) {
      await test.create({ value, when: delay(ms) });
      await test.create({ value, topic: 'u', when: delay(ms) });
    }
    await test.pass(100);
    expect(await test.published('t')).toEqual(['a', 'b', 'c']);
    expect(await test.published('u')).toEqual(['a', 'b', 'c']);
  });

  it('recurs, and tells how often it has run', async () => {
    await using test = await TestSchedules.open();
    await test.create({ id: 'a', when: every('10s') });
    const startNs = test.test.clock.nowNs();
    for (let i = 0; i < 3; i++) await test.pass(10_000);
    expect(await test.published()).toEqual(['a', 'a', 'a']);
    const { fields } = await test.schedules.get('a');
    expect(fields.runCount).toBe(3n);
    expect(fields.dueNs).toBe(startNs + 40_000_000_000n);
    expect(fields.lastRunTimestampNs).toBe(test.test.log.topic('t').lastTimestampNs);
    await test.crash();
    expect((await test.schedules.get('a')).fields).toEqual(fields);
  });

  it('recurs by a cron in a time zone', async () => {
    await using test = await TestSchedules.open();
    const when = { at: 'cron', cron: '30 6 * * *' } as const;
    const { fields } = await test.create({ id: 'a', when, timeZone: 'Asia/Kolkata' });
    expect(new Date(Number(fields.dueNs / 1_000_000n)).toISOString()).toMatch(/T01:00:00\.000Z$/);
    await test.pass(Number((fields.dueNs - test.test.clock.nowNs()) / 1_000_000n));
    expect(await test.published()).toEqual(['a']);
    expect((await test.schedules.get('a')).fields.dueNs).toBe(
      fields.dueNs + BigInt(24 * HOUR_MS) * 1_000_000n,
    );
  });

  it('that was missed publishes once, and goes on from now', async () => {
    await using test = await TestSchedules.open();
    await test.create({ id: 'once', when: delay(1000) });
    await test.create({ id: 'often', when: every('10s') });
    await test.schedules.close();
    test.test.clock.advance(HOUR_MS + 5000);
    await test.reopen();
    await test.settle();
    expect((await test.published()).sort()).toEqual(['often', 'once']);
    expect((await test.schedules.get('often')).fields.dueNs).toBe(test.inMs(5000));
  });

  it('survives that the clock jumps forward: what is due by it is published soon', async () => {
    await using test = await TestSchedules.open();
    await test.create({ id: 'a', when: delay(HOUR_MS) });
    await test.create({ id: 'b', when: delay(2 * HOUR_MS) });
    test.test.clock.jump(HOUR_MS);
    await test.pass(SCHEDULE_LOOK_MS);
    expect(await test.published()).toEqual(['a']);
  });

  it('survives that the clock jumps back: nothing is published early or twice', async () => {
    await using test = await TestSchedules.open();
    await test.create({ id: 'often', when: every('10s') });
    await test.pass(10_000);
    await test.create({ id: 'a', when: delay(1000) });
    test.test.clock.jump(-HOUR_MS);
    await test.pass(2000);
    expect(await test.published()).toEqual(['often']);
    await test.pass(10_000);
    expect(await test.published()).toEqual(['often', 'often']);
    await test.pass(HOUR_MS);
    expect((await test.published()).filter((value) => value === 'a')).toEqual(['a']);
  });
});

describe('create', () => {
  it('makes an id if there is none', async () => {
    await using test = await TestSchedules.open();
    const { id } = await test.create({ when: delay(1000) });
    expect(id).not.toBe('');
    expect((await test.schedules.get(id)).id).toBe(id);
  });

  it('answers the same request with the same schedule, also after a crash', async () => {
    await using test = await TestSchedules.open();
    const asked = { id: 'a', value: 'x', when: delay(5000) };
    const first = await test.create(asked);
    await test.pass(100);
    expect(await test.create(asked)).toEqual(first);
    await test.crash();
    expect(await test.create(asked)).toEqual(first);
    expect(test.schedules.size).toBe(1);
  });

  it('makes one schedule of two requests at the same time', async () => {
    await using test = await TestSchedules.open();
    const asked = { id: 'a', when: delay(0) };
    await Promise.all([test.create(asked), test.create(asked)]);
    await test.settle();
    expect(await test.published()).toEqual(['a']);
  });

  it.each([
    ['topic', { topic: 'u' }],
    ['message', { value: 'y' }],
    ['delay', { when: delay(5001) }],
    ['kind of time', { when: every('5s') }],
  ])('refuses an id that is in use with another %s', async (_, change) => {
    await using test = await TestSchedules.open();
    const asked = { id: 'a', value: 'x', when: delay(5000) };
    await test.create(asked);
    await expect(test.create({ ...asked, ...change })).rejects.toEqual(
      reason('SCHEDULE_EXISTS', { schedule: 'a' }),
    );
  });

  it('refuses while the log refuses writes', async () => {
    await using test = await TestSchedules.open();
    test.test.log.drain();
    await expect(test.create({ when: delay(5) })).rejects.toEqual(reason('SHUTTING_DOWN'));
  });

  it('makes the journal when there is something to note, and not before', async () => {
    await using test = await TestSchedules.open();
    expect(test.test.log.topics.size).toBe(0);
    await test.create({ when: delay(5) });
    expect(test.test.log.topics.get('_schedules')?.sequence).toBe(1n);
  });
});

describe('list', () => {
  it('gives schedules by id, of topics that match, behind an id', async () => {
    await using test = await TestSchedules.open();
    for (const id of ['d', 'b', 'a', 'c', 'e']) {
      await test.create({ id, topic: id === 'c' ? 'u' : 't', when: delay(5000) });
    }
    const ids = async (glob: string, after: string, count: number) =>
      (await test.schedules.list(glob, after, count)).map(({ id }) => id);
    expect(await ids('**', '', 2)).toEqual(['a', 'b']);
    expect(await ids('**', 'b', 2)).toEqual(['c', 'd']);
    expect(await ids('t', '', 10)).toEqual(['a', 'b', 'd', 'e']);
    expect(await ids('u', 'c', 10)).toEqual([]);
  });
});

describe('run', () => {
  it('publishes now: once is then done, and what recurs goes on as it was', async () => {
    await using test = await TestSchedules.open();
    await test.create({ id: 'once', when: delay(5000) });
    const { fields } = await test.create({ id: 'often', when: every('10s') });
    const timestampNs = await test.schedules.run('once');
    expect(timestampNs).toBe(test.test.log.topic('t').lastTimestampNs);
    await test.schedules.run('often');
    expect(await test.published()).toEqual(['once', 'often']);
    expect((await test.schedules.get('often')).fields).toMatchObject({
      dueNs: fields.dueNs,
      runCount: 1n,
    });
    await expect(test.schedules.run('once')).rejects.toEqual(reason('SCHEDULE_NOT_FOUND'));
    await test.pass(10_000);
    expect(await test.published()).toEqual(['once', 'often', 'often']);
  });

  it('at the moment at which it is due publishes once', async () => {
    await using test = await TestSchedules.open();
    await test.create({ id: 'a', when: delay(1000) });
    const held = test.test.store.appends.close();
    const ran = test.schedules.run('a');
    await held;
    test.test.clock.advance(1000);
    test.test.store.appends.open();
    await ran;
    await test.settle();
    expect(await test.published()).toEqual(['a']);
  });

  it('tells why its topic refuses, and keeps the schedule', async () => {
    await using test = await TestSchedules.open();
    await test.create({ id: 'a', when: delay(1000) });
    await test.test.close('t');
    await expect(test.schedules.run('a')).rejects.toEqual(reason('CHANNEL_CLOSED'));
    expect((await test.schedules.get('a')).id).toBe('a');
  });
});

describe('cancel', () => {
  it('ends a schedule for good', async () => {
    await using test = await TestSchedules.open();
    await test.create({ id: 'a', when: delay(1000) });
    await test.schedules.cancel('a');
    await expect(test.schedules.cancel('a')).rejects.toEqual(reason('SCHEDULE_NOT_FOUND'));
    await test.crash();
    await test.pass(2000);
    expect(await test.published()).toEqual([]);
  });

  it('comes too late for what is being published', async () => {
    await using test = await TestSchedules.open();
    await test.create({ id: 'a', when: delay(1000) });
    const held = test.test.store.appends.close();
    test.test.clock.advance(1000);
    await held;
    const cancelled = test.schedules.cancel('a');
    test.test.store.appends.open();
    await expect(cancelled).rejects.toEqual(reason('SCHEDULE_NOT_FOUND'));
    expect(await test.published()).toEqual(['a']);
  });
});

describe('a topic that refuses', () => {
  it('is tried again after longer and longer pauses, and the schedule tells why', async () => {
    await using test = await TestSchedules.open();
    await test.test.close('t');
    const schedule = await test.create({ id: 'a', when: delay(0) });
    await test.settle();
    expect(test.schedules.lastErrorOf(schedule)).toMatch(/topic t was closed/);
    await test.test.log.deleteTopic('t');
    await test.pass(SCHEDULE_RETRY_MS - 1);
    expect(await test.published()).toEqual([]);
    await test.pass(1);
    expect(await test.published()).toEqual(['a']);
  });

  it('keeps a schedule that runs once, until it is cancelled', async () => {
    await using test = await TestSchedules.open();
    await test.test.close('t');
    await test.create({ id: 'a', when: delay(0) });
    await test.create({ id: 'b', topic: 'u', when: delay(0) });
    for (let i = 0; i < 20; i++) await test.pass(HOUR_MS);
    expect(await test.published('u')).toEqual(['b']);
    expect((await test.schedules.get('a')).id).toBe('a');
    await test.schedules.cancel('a');
    expect(test.schedules.size).toBe(0);
  });

  it('that takes only smaller messages holds up no others', async () => {
    await using test = await TestSchedules.open();
    await test.test.log.createTopic('t', { maxMessageBytes: 10 });
    const large = await test.create({ id: 'a', value: 'x'.repeat(20), when: delay(0) });
    await test.create({ id: 'b', when: delay(0) });
    await test.settle();
    expect(await test.published()).toEqual(['b']);
    expect(test.schedules.lastErrorOf(large)).toMatch(/22 bytes; the limit is 10/);
  });

  it('and is not there is told of, where publishing makes none', async () => {
    await using test = await TestSchedules.open({ autoCreateTopics: false });
    const schedule = await test.create({ id: 'a', when: delay(0) });
    await test.settle();
    expect(test.schedules.lastErrorOf(schedule)).toBe('topic t does not exist');
  });
});

describe('a crash', () => {
  it('before a run is written leaves the schedule, which runs then', async () => {
    await using test = await TestSchedules.open();
    await test.create({ id: 'a', when: delay(1000) });
    const held = test.test.store.appends.close();
    test.test.clock.advance(1000);
    await held;
    await test.crash();
    await test.settle();
    expect(await test.published()).toEqual(['a']);
    expect(test.schedules.size).toBe(0);
  });

  it('behind a run finds it done', async () => {
    await using test = await TestSchedules.open();
    await test.create({ id: 'a', when: delay(1000) });
    await test.create({ id: 'b', when: every('10s') });
    await test.pass(10_000);
    await test.crash();
    await test.settle();
    expect((await test.published()).sort()).toEqual(['a', 'b']);
    expect((await test.schedules.get('b')).fields.dueNs).toBe(test.inMs(10_000));
  });
});

describe('a failure of the storage', () => {
  it.each([true, false])(
    'under a run is over when it is open again: the run happens once (written: %s)',
    async (hasEffect) => {
      const databases = new FaultyDatabases(new MemoryDatabases());
      await using test = await TestSchedules.open({ databases });
      await test.create({ id: 'a', when: delay(1000) });
      await test.create({ id: 'b', when: delay(HOUR_MS) });
      databases.fail('tape.batch', { hasEffect });
      await test.pass(1000);
      await test.healed();
      expect(await test.published()).toEqual(['a']);
      expect(test.schedules.size).toBe(1);
    },
  );

  it.each([true, false])(
    'under a create leaves all or nothing of it, and a retry finds out (written: %s)',
    async (hasEffect) => {
      const databases = new FaultyDatabases(new MemoryDatabases());
      await using test = await TestSchedules.open({ databases });
      await test.create({ id: 'b', when: delay(HOUR_MS) });
      databases.fail('tape.batch', { hasEffect });
      await expect(test.create({ id: 'a', when: delay(1000) })).rejects.toEqual(
        reason('STORAGE_FAILED'),
      );
      await test.healed();
      expect(test.schedules.size).toBe(hasEffect ? 2 : 1);
      await test.create({ id: 'a', when: delay(1000) });
      await test.pass(2000);
      expect(await test.published()).toEqual(['a']);
    },
  );
});

describe('the journal', () => {
  it('is noted anew while schedules come, run and go, and loses none', async () => {
    await using test = await TestSchedules.open();
    const value = 'x'.repeat(400_000);
    await test.create({ id: 'kept', when: delay(HOUR_MS) });
    await test.create({ id: 'often', when: every('1s') });
    for (let i = 0; i < 60; i++) {
      await test.create({ id: `${i}`, topic: 'u', value, when: delay(HOUR_MS) });
      if (i % 10 === 0) await test.pass(1000);
      else await test.schedules.cancel(`${i}`);
    }
    const topic = test.test.log.topics.get('_schedules');
    expect(topic?.floor.sequence).toBeGreaterThan(0n);
    const all = async () =>
      (await test.schedules.list('**', '', 100)).map(({ fields: { message, ...rest } }) => ({
        ...rest,
        byteCount: message.length,
      }));
    const before = await all();
    expect(before).toHaveLength(8);
    await test.crash();
    expect(await all()).toEqual(before);
  });
});
