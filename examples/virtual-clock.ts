// A test with a virtual clock: what takes days in life takes no time here, and happens at exactly its nanosecond.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, open } from 'playhead';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

void test('a job whose worker dies is done by another once its lease has run out', async () => {
  const clock = new ManualClock();
  await using broker = await open({ memory: true, clock });
  const jobs = broker.queue('jobs');
  await jobs.put('send the invoice');

  const lost = await jobs.get();
  assert.equal(lost?.attempt, 1);
  assert.equal(await jobs.get(), undefined);

  await clock.advanceAsync(MINUTE_MS);
  const again = await jobs.get();
  assert.equal(again?.message.text, 'send the invoice');
  assert.equal(again?.attempt, 2);
  await again?.ack();
});

void test('a report is made every day at six, and kept for a week', async () => {
  const clock = new ManualClock(BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n);
  await using broker = await open({ memory: true, clock });
  await broker.topics.create('reports', { maxAgeMs: 7 * DAY_MS });
  await broker.schedules.create('reports', 'the report', { cron: '0 6 * * *' });

  await clock.advanceAsync(30 * DAY_MS);
  const { messages } = await broker.read('reports');
  assert.deepEqual(
    messages.map(({ time }) => time.toISOString()),
    [24, 25, 26, 27, 28, 29, 30].map((day) => `2026-01-${day}T06:00:00.000Z`),
  );
});
