import { describe, expect, it } from 'vitest';
import { ACTIVITY_WAITING_MAX } from '../../../src/limits.ts';
import { ACTIVITY_TOPIC, Activity } from '../../../src/log/activity.ts';
import { silentLogger } from '../../../src/logger.ts';
import { TestLog } from '../../support/test-log.ts';

const BY = { protocol: 'http', address: '127.0.0.1:5', agent: 'curl' } as const;

async function noted(test: TestLog): Promise<unknown[]> {
  await using events = await test.read(ACTIVITY_TOPIC, { untilNow: true });
  const values = await events.until('end');
  return values.slice(0, -1).map((value) => JSON.parse(String(value)));
}

function warnings() {
  const told: string[] = [];
  return { told, logger: { ...silentLogger, warn: (_: object, text: string) => told.push(text) } };
}

describe('Activity', () => {
  it('keeps what was done, by whom and to what, in order', async () => {
    await using test = await TestLog.open();
    const activity = new Activity(test.log, silentLogger);
    activity.note(BY, 'topic.created', { topic: 'orders' });
    activity.note(BY, 'topic.closed', { topic: 'orders', reason: 'done' });
    await activity.idle();
    activity.note(BY, 'topic.deleted', { topic: 'orders' });
    await activity.idle();
    expect(await noted(test)).toEqual([
      { action: 'topic.created', topic: 'orders', by: BY },
      { action: 'topic.closed', topic: 'orders', reason: 'done', by: BY },
      { action: 'topic.deleted', topic: 'orders', by: BY },
    ]);
  });

  it('keeps it over a restart, and goes on behind it', async () => {
    await using test = await TestLog.open();
    const before = new Activity(test.log, silentLogger);
    before.note(BY, 'topic.created', { topic: 'a' });
    await before.idle();
    await test.reopen();
    const after = new Activity(test.log, silentLogger);
    after.note(BY, 'topic.created', { topic: 'b' });
    await after.idle();
    expect(await noted(test)).toMatchObject([{ topic: 'a' }, { topic: 'b' }]);
  });

  it('bounds what waits while nothing can be written, and tells how much was left out', async () => {
    await using test = await TestLog.open();
    const { told, logger } = warnings();
    const activity = new Activity(test.log, logger);
    void test.store.records.close();
    for (let i = 0; i < ACTIVITY_WAITING_MAX + 5; i++) {
      activity.note(BY, 'topic.created', { topic: `${i}` });
    }
    test.store.records.open();
    await activity.idle();
    expect(told).toEqual(['activity was left out']);
    expect(await noted(test)).toHaveLength(ACTIVITY_WAITING_MAX);
  });

  it('does not fail what was done when it cannot be noted', async () => {
    const test = await TestLog.open();
    await test.log.close();
    const { told, logger } = warnings();
    const activity = new Activity(test.log, logger);
    activity.note(BY, 'topic.created', { topic: 'a' });
    await activity.idle();
    expect(told).toEqual(['what administrators did could not be noted', 'activity was left out']);
  });
});
