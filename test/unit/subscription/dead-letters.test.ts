import { describe, expect, it } from 'vitest';
import { decodeRun, keyedRunOf, runOfContents } from '../../support/message.ts';
import { openSubscriptions, settled, subscribed, turned } from '../../support/subscribed.ts';
import { TestLog } from '../../support/test-log.ts';
import { TestWorker } from '../../support/test-worker.ts';

const LETTERS = 'dead-letter/t/s';

/** The messages of a topic, as they are now. */
async function messagesOf(test: TestLog, name: string) {
  await using reader = await test.read(name, { untilNow: true });
  const messages = [];
  for (;;) {
    const event = await reader.next();
    if (event === undefined) return messages;
    if (event.type === 'messages') messages.push(...decodeRun(Buffer.concat(event.chunks)));
  }
}

async function lettersOf(test: TestLog): Promise<string[]> {
  await settled(test);
  if (test.log.topics.get(LETTERS) === undefined) return [];
  return (await messagesOf(test, LETTERS)).map(({ value }) => Buffer.from(value).toString());
}

describe('a dead letter', () => {
  it('is the message, and says why, when, how often and from where', async () => {
    await using test = await TestLog.open();
    const headers = [{ name: 'own', value: Buffer.from('x') }];
    const message = { key: Buffer.from('k'), value: Buffer.from('v'), headers };
    const { firstTimestampNs } = await test.publishRun('t', runOfContents([message]));
    const { subscription } = await subscribed(test, { maxAttempts: 2 });
    const worker = new TestWorker(subscription);
    const [first] = await worker.until(1);
    if (first !== undefined) await worker.nack(first);
    const [, second] = await worker.until(2);
    test.clock.advance(1000);
    if (second !== undefined) await worker.settle(second, { type: 'terminate', reason: 'bad' });
    await settled(test);
    const [letter] = await messagesOf(test, LETTERS);
    expect(letter && Buffer.from(letter.key).toString()).toBe('k');
    const told = letter?.headers.map(({ name, value }) => [name, Buffer.from(value).toString()]);
    const time = new Date(Number(test.clock.nowNs() / 1_000_000n)).toISOString();
    expect(told).toEqual([
      ['own', 'x'],
      ['playhead-dead-letter-reason', 'terminated: bad'],
      ['playhead-dead-letter-attempts', '2'],
      ['playhead-dead-letter-topic', 't'],
      ['playhead-dead-letter-subscription', 's'],
      ['playhead-dead-letter-timestamp-ns', `${firstTimestampNs}`],
      ['playhead-dead-letter-time', expect.stringContaining(time.slice(0, 19))],
    ]);
  });

  it('comes also where what died with it is trimmed meanwhile', async () => {
    await using test = await TestLog.open();
    const { firstTimestampNs } = await test.publishRun('t', keyedRunOf(['', '1'], ['', '2']));
    const { all, subscription } = await subscribed(test, { maxAttempts: 1 });
    await test.close(LETTERS);
    const worker = new TestWorker(subscription);
    await worker.until(2);
    worker.leave(false);
    await settled(test);
    await test.log.trimTopic('t', firstTimestampNs + 1n);
    await test.log.deleteTopic(LETTERS);
    test.clock.advance(60_000);
    expect(await lettersOf(test)).toEqual(['2']);
    expect(subscription.state.isIdle).toBe(true);
    all.close(expect.anything());
  });

  it.each(['seek', 'update'] as const)('comes once where a %s comes meanwhile', async (kind) => {
    for (let turns = 0; turns < 12; turns++) {
      await using test = await TestLog.open();
      const values = Array.from({ length: 250 }, (_, i) => `${i}`);
      await test.publish('t', ...values);
      const { all, subscription } = await subscribed(test, { maxAttempts: 1 });
      const worker = new TestWorker(subscription);
      await worker.until(250);
      worker.leave(false);
      await turned(turns);
      if (kind === 'seek') await all.seek(subscription, { at: 'latest' });
      else await all.update(subscription, { maxInFlight: 7 });
      const letters = await lettersOf(test);
      expect(letters).toEqual(values.slice(0, letters.length));
      if (kind === 'update') expect(letters).toHaveLength(250);
      expect(subscription.state.deadLetteredCount).toBe(BigInt(letters.length));
      const image = subscription.state.image();
      await test.reopen();
      const found = (await openSubscriptions(test)).get('t', 's');
      expect(found.state.image()).toEqual(image);
    }
  });
});
