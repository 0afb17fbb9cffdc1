import { expect, it } from 'vitest';
import { WORK_PAGE_BYTES } from '../../../src/limits.ts';
import { TopicFrames } from '../../../src/log/topic-frames.ts';
import { FreshPages } from '../../../src/subscription/fresh-pages.ts';
import { openSubscriptions, subscribed, valuesGot } from '../../support/subscribed.ts';
import { TestLog } from '../../support/test-log.ts';
import { TestWorker } from '../../support/test-worker.ts';

const LARGE = 'x'.repeat(100_000);
const COUNT = Math.ceil((3 * WORK_PAGE_BYTES) / LARGE.length);

/** A topic of several pages, none of which is in memory. */
async function onDisk(): Promise<TestLog> {
  const test = await TestLog.open();
  await subscribed(test);
  for (let i = 0; i < COUNT; i++) await test.publish('t', `${i} ${LARGE}`);
  await test.reopen();
  return test;
}

it('brings everything once and in order from the disk, also while one page is read ahead of a seek', async () => {
  await using test = await onDisk();
  const all = await openSubscriptions(test);
  const subscription = all.get('t', 's');
  const worker = new TestWorker(subscription, 5);
  await worker.until(5);
  await all.seek(subscription, { at: 'earliest' });
  worker.addCredit(2 * COUNT);
  await worker.until(5 + COUNT);
  const numbers = valuesGot(worker).map((value) => Number.parseInt(value, 10));
  const expected = Array.from({ length: COUNT }, (_, i) => i);
  expect(numbers).toEqual([...expected.slice(0, 5), ...expected]);
});

it('reads the next page before it is asked for', async () => {
  await using test = await onDisk();
  const topic = test.log.topic('t');
  const pages = new FreshPages(
    new TopicFrames(test.log.readContext, topic, WORK_PAGE_BYTES),
    topic,
  );
  const first = await pages.read(0n, topic.floor.timestampNs);
  const next = first.at(-1);
  if (next === undefined) throw new Error('there is no page');
  await test.log.readContext.gate.read(async () => {});
  await test.log.readContext.gate.read(async () => {});
  // What is read ahead is there, though the store has nothing any more.
  const sequence = next.topicSequence + BigInt(next.messageCount);
  await test.store.close();
  const second = await pages.read(sequence, next.timestampNs + 1n);
  expect(second[0]?.topicSequence).toBe(sequence);
  await test.store.open();
});
