import { describe, expect, it } from 'vitest';
import { TestLog } from '../../support/test-log.ts';

const refused = expect.objectContaining({
  reason: 'INVALID_ARGUMENT',
  message: expect.stringContaining("are the broker's own"),
});
const NAME = '_notes';

async function withNotes(): Promise<TestLog> {
  const test = await TestLog.open();
  await test.log.createdTopic(NAME);
  return test;
}

describe("a topic of the broker's own", () => {
  it.each<[string, (test: TestLog) => Promise<unknown>]>([
    ['published to', (test) => test.publish(NAME, '1')],
    ['published to before it exists', (test) => test.publish('_other', '1')],
    ['created', (test) => test.log.createTopic(NAME, {})],
    ['given other settings', (test) => test.log.updateTopic(NAME, { maxMessages: 1n })],
    ['trimmed', (test) => test.log.trimTopic(NAME, 1n)],
    ['closed', (test) => test.close(NAME)],
    ['deleted', (test) => test.log.deleteTopic(NAME)],
  ])('is not %s by anybody else', async (_, change) => {
    await using test = await withNotes();
    await expect(change(test)).rejects.toEqual(refused);
    expect(test.log.topics.get('_other')).toBeUndefined();
    expect(test.log.topic(NAME).isClosed).toBe(false);
  });

  it('is read by its name, and no glob that does not name it finds it', async () => {
    await using test = await withNotes();
    await test.publish('a', '1');
    await using named = await test.read(NAME, { untilNow: true });
    expect(await named.until('end')).toEqual([{ end: 'until' }]);
    expect([...test.log.topics.list('**', '')].map(({ name }) => name)).toEqual(['a']);
    expect([...test.log.topics.list('*', '')].map(({ name }) => name)).toEqual(['a']);
    expect([...test.log.topics.list(`${NAME}/**`, '')].map(({ name }) => name)).toEqual([NAME]);
  });
});
