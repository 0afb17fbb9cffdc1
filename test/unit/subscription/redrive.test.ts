import { describe, expect, it } from 'vitest';
import { redrive } from '../../../src/subscription/redrive.ts';
import { decodeRun, runOfContents } from '../../support/message.ts';
import { TestLog } from '../../support/test-log.ts';

async function messagesOf(test: TestLog, name: string) {
  await using reader = await test.read(name, { untilNow: true });
  const messages = [];
  for (;;) {
    const event = await reader.next();
    if (event === undefined) return messages;
    if (event.type === 'messages') messages.push(...decodeRun(Buffer.concat(event.chunks)));
  }
}

async function valuesIn(test: TestLog, name: string): Promise<string[]> {
  return (await messagesOf(test, name)).map(({ value }) => Buffer.from(value).toString());
}

async function letters(test: TestLog, ...values: string[]) {
  const headers = ['own', 'playhead-dead-letter-reason'].map((name) => ({
    name,
    value: Buffer.from(name),
  }));
  const contents = values.map((value) => ({
    key: Buffer.from('k'),
    value: Buffer.from(value),
    headers,
  }));
  await test.publishRun('letters', runOfContents(contents));
  await test.publish('target', 'before');
  return [test.log, test.log.topic('letters'), test.log.topic('target')] as const;
}

describe('a redrive', () => {
  it('publishes dead letters as they were, and removes them', async () => {
    await using test = await TestLog.open();
    expect(await redrive(...(await letters(test, '1', '2', '3')), 0n)).toBe(3n);
    expect(await valuesIn(test, 'target')).toEqual(['before', '1', '2', '3']);
    const [, message] = await messagesOf(test, 'target');
    expect(message?.headers.map(({ name }) => name)).toEqual(['own']);
    expect(message && Buffer.from(message.key).toString()).toBe('k');
    expect(test.log.topic('letters').retainedMessages).toBe(0n);
    expect(await redrive(test.log, test.log.topic('letters'), test.log.topic('target'), 0n)).toBe(
      0n,
    );
  });

  it('takes the oldest first, so many as it is told', async () => {
    await using test = await TestLog.open();
    const args = await letters(test, '1', '2', '3');
    expect(await redrive(...args, 2n)).toBe(2n);
    expect(await valuesIn(test, 'target')).toEqual(['before', '1', '2']);
    expect(await redrive(...args, 2n)).toBe(1n);
    expect(await valuesIn(test, 'target')).toEqual(['before', '1', '2', '3']);
  });

  it.each([0n, 1n, 2n, 3n])(
    'publishes each once if it is interrupted and then repeated for %s',
    async (maxMessages) => {
      await using test = await TestLog.open();
      const [log, from, target] = await letters(test, '1', '2', '3');
      const held = test.store.finds.close();
      void redrive(log, from, target, 2n).catch(() => {});
      await held;
      await test.crash();
      const again = [test.log, test.log.topic('letters'), test.log.topic('target')] as const;
      while (again[1].retainedMessages > 0n) await redrive(...again, maxMessages);
      expect(await valuesIn(test, 'target')).toEqual(['before', '1', '2', '3']);
    },
  );
});
