import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/logger.ts';
import { Subscriptions } from '../../../src/subscription/subscriptions.ts';
import { TestLog } from '../../support/test-log.ts';
import { TestWorker } from '../../support/test-worker.ts';

async function queue(test: TestLog, topic: string) {
  const all = await Subscriptions.open(test.log, { logger: silentLogger, queueIdleExpiryMs: 5000 });
  const asked = { topic, name: 'queue', position: { at: 'earliest' } as const, createTopic: true };
  return all.create({ ...asked, config: {} });
}

const exists = (test: TestLog, name: string) => test.log.topics.get(name) !== undefined;

/** Lets time pass in steps, each of which lets what a timer has begun come to its end. */
async function pass(test: TestLog, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1000) {
    test.clock.advance(Math.min(left, 1000));
    await new Promise((resolve) => setImmediate(resolve));
    await test.log.createTopic(`other/${left}`, {});
  }
}

describe('a queue that is not used', () => {
  it('is dropped after the limit, and not before', async () => {
    await using test = await TestLog.open();
    await queue(test, 'queue/jobs');
    await pass(test, 4999);
    expect(exists(test, 'queue/jobs')).toBe(true);
    await pass(test, 1001);
    expect(exists(test, 'queue/jobs')).toBe(false);
  });

  it('stays while something is in it', async () => {
    await using test = await TestLog.open();
    await queue(test, 'queue/jobs');
    await test.publish('queue/jobs', '1');
    await pass(test, 60_000);
    expect(exists(test, 'queue/jobs')).toBe(true);
  });

  it('stays while a worker waits', async () => {
    await using test = await TestLog.open();
    const worker = new TestWorker(await queue(test, 'queue/jobs'));
    await pass(test, 60_000);
    expect(exists(test, 'queue/jobs')).toBe(true);
    worker.leave();
    await pass(test, 6000);
    expect(exists(test, 'queue/jobs')).toBe(false);
  });

  it('stays if it is a topic of another kind', async () => {
    await using test = await TestLog.open();
    await queue(test, 'jobs');
    await pass(test, 60_000);
    expect(exists(test, 'jobs')).toBe(true);
  });
});
