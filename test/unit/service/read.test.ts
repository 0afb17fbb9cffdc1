import { Edge, ReadRequest, ReadResponse } from 'playhead-proto';
import { describe, expect, it } from 'vitest';
import { READ_MESSAGES_MAX } from '../../../src/limits.ts';
import { read } from '../../../src/service/read.ts';
import { content, valuesOf } from '../../support/message.ts';
import { TestLog } from '../../support/test-log.ts';

const MAX_BYTES = 8 * 1024 * 1024;
const EMPTY = ReadRequest.decode(Buffer.alloc(0));
const invalid = (field: string) =>
  expect.objectContaining({ reason: 'INVALID_ARGUMENT', metadata: { field } });

async function page(test: TestLog, request: Partial<ReadRequest>) {
  const bytes = await read(test.log, { ...EMPTY, topic: 't', ...request }, MAX_BYTES);
  return { ...ReadResponse.decode(bytes), values: valuesOf(bytes) };
}

const from = (timestampNs: bigint) => ({
  from: { at: { $case: 'timestampNs', value: timestampNs } } as const,
});

/** All values that paging brings, by the rule that a client follows. */
async function readAll(test: TestLog, request: Partial<ReadRequest>) {
  const values: string[] = [];
  const closed: string[] = [];
  let next: Partial<ReadRequest> = {};
  for (let pages = 0; pages < 100; pages++) {
    const found = await page(test, { ...request, ...next });
    values.push(...found.values);
    if (found.closed !== undefined) closed.push(found.closed.topic);
    if (found.isCaughtUp) return { values, closed, pages: pages + 1 };
    next = from(found.nextTimestampNs);
  }
  throw new Error('never caught up');
}

describe('read', () => {
  it('answers with what is there, from the earliest on, and does not wait', async () => {
    await using test = await TestLog.open();
    const { firstTimestampNs, lastTimestampNs } = await test.publish('t', '1', '2');
    const found = await page(test, {});
    expect(found).toMatchObject({
      values: ['1', '2'],
      isCaughtUp: true,
      nextTimestampNs: lastTimestampNs + 1n,
      trimmed: undefined,
      closed: undefined,
      runs: [],
    });
    expect(found.messages.map(({ timestampNs }) => timestampNs)).toEqual([
      firstTimestampNs,
      lastTimestampNs,
    ]);
    expect(await page(test, from(lastTimestampNs + 1n))).toMatchObject({
      values: [],
      isCaughtUp: true,
    });
    const latest = { from: { at: { $case: 'edge', value: Edge.LATEST } } as const };
    expect(await page(test, latest)).toMatchObject({ values: [], isCaughtUp: true });
  });

  it('pages by messages and by bytes, at any size, and finds everything once', async () => {
    await using test = await TestLog.open();
    const values = Array.from({ length: 25 }, (_, i) => `${i}`.padStart(50, '.'));
    for (let i = 0; i < 25; i += 5) await test.publish('t', ...values.slice(i, i + 5));
    for (const isOnDisk of [false, true]) {
      if (isOnDisk) await test.reopen();
      for (const bounds of [
        { maxMessages: 1 },
        { maxMessages: 4 },
        { maxBytes: 1 },
        { maxBytes: 150 },
        { maxMessages: 3, maxBytes: 400 },
      ]) {
        expect((await readAll(test, bounds)).values).toEqual(values);
      }
    }
  });

  it('keeps to its bounds', async () => {
    await using test = await TestLog.open();
    const value = 'x'.repeat(100);
    await test.publish('t', value, value, value);
    await test.publish('t', value, value);
    const one = (await page(test, { maxMessages: 1 })).nextTimestampNs;
    expect(one).toBe(test.log.topic('t').firstTimestampNs + 1n);
    expect((await page(test, { maxMessages: 4 })).values).toHaveLength(4);
    const bytes = Number(test.log.topic('t').bytes / 5n);
    expect((await page(test, { maxBytes: 2 * bytes + 1 })).values).toHaveLength(2);
    expect((await page(test, { maxBytes: 5 * bytes })).values).toHaveLength(5);
    expect((await page(test, { maxBytes: 1 })).values).toHaveLength(1);
  });

  it('reads up to a timestamp, within a frame too', async () => {
    await using test = await TestLog.open();
    const { firstTimestampNs } = await test.publish('t', '1', '2', '3');
    const untilTimestampNs = firstTimestampNs + 2n;
    expect(await page(test, { untilTimestampNs })).toMatchObject({
      values: ['1', '2'],
      isCaughtUp: true,
      nextTimestampNs: untilTimestampNs,
    });
  });

  it('does not wait for an until in the future', async () => {
    await using test = await TestLog.open();
    const { lastTimestampNs } = await test.publish('t', '1');
    expect(await page(test, { untilTimestampNs: test.clock.nowNs() + 10n ** 12n })).toMatchObject({
      values: ['1'],
      isCaughtUp: true,
      nextTimestampNs: lastTimestampNs + 1n,
    });
  });

  it('tells what is trimmed, and where the topic is closed', async () => {
    await using test = await TestLog.open();
    const { firstTimestampNs, lastTimestampNs } = await test.publish('t', '1', '2', '3');
    await test.close('t', 'done');
    await test.log.trimTopic('t', lastTimestampNs);
    expect(await page(test, from(firstTimestampNs))).toMatchObject({
      values: ['3'],
      isCaughtUp: true,
      trimmed: { topic: 't', firstTimestampNs: lastTimestampNs },
      closed: { topic: 't', reason: 'done', messageCount: 3n },
    });
    expect((await page(test, {})).trimmed).toBeUndefined();
  });

  it('tells that the topic is closed on the last page, whatever the size of pages', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2', '3', '4');
    await test.close('t');
    for (const maxMessages of [1, 2, 3, 4, 5]) {
      expect(await readAll(test, { maxMessages })).toMatchObject({
        values: ['1', '2', '3', '4'],
        closed: ['t'],
      });
    }
  });

  it('says on the last page that it is the last one, also where the page is full', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2', '3');
    const bytes = Number(test.log.topic('t').bytes);
    const full = [{ maxMessages: 3 }, { maxBytes: bytes }];
    for (const bounds of full) {
      expect(await page(test, bounds)).toMatchObject({ isCaughtUp: true });
      expect((await page(test, bounds)).closed).toBeUndefined();
    }
    expect(await page(test, { maxMessages: 2 })).toMatchObject({ isCaughtUp: false });
    const { timestampNs } = (await test.close('t', 'done')) ?? {};
    for (const bounds of full) {
      expect(await page(test, bounds)).toMatchObject({
        isCaughtUp: true,
        closed: { topic: 't', reason: 'done' },
      });
      const before = { ...bounds, untilTimestampNs: timestampNs };
      expect((await page(test, before)).closed).toBeUndefined();
    }
  });

  it('reads many topics, and names whose messages it carries', async () => {
    await using test = await TestLog.open();
    await test.publish('a', '1', '2');
    await test.publish('b', '3');
    expect(await page(test, { topic: '**' })).toMatchObject({
      values: ['1', '2', '3'],
      runs: [
        { topic: 'a', messageCount: 2 },
        { topic: 'b', messageCount: 1 },
      ],
      isCaughtUp: true,
    });
  });

  it('goes on behind the end of one of many topics', async () => {
    await using test = await TestLog.open();
    await test.publish('a', '1');
    await test.close('a');
    await test.publish('b', '2', '3', '4');
    for (const maxMessages of [1, 2, 3]) {
      const all = await readAll(test, { topic: '**', maxMessages });
      expect(all).toMatchObject({ values: ['1', '2', '3', '4'], closed: [] });
    }
  });

  it('answers for an unknown topic that there is none, and for a glob that matches none with nothing', async () => {
    await using test = await TestLog.open();
    await expect(page(test, {})).rejects.toEqual(
      expect.objectContaining({ reason: 'TOPIC_NOT_FOUND' }),
    );
    expect(await page(test, { topic: '*' })).toMatchObject({ values: [], isCaughtUp: true });
  });

  it.each([
    [{ maxMessages: -1 }, 'max_messages'],
    [{ maxMessages: READ_MESSAGES_MAX + 1 }, 'max_messages'],
    [{ maxBytes: -1 }, 'max_bytes'],
    [{ maxBytes: MAX_BYTES + 1 }, 'max_bytes'],
    [from(-1n), 'from'],
    [{ ...from(5n), untilTimestampNs: 4n }, 'until_timestamp_ns'],
    [{ topic: '' }, 'topic'],
    [{ topic: 'a*' }, 'topic'],
  ])('refuses %o', async (request, field) => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    await expect(page(test, request)).rejects.toEqual(invalid(field));
  });

  it('reads a message that is larger than the page', async () => {
    await using test = await TestLog.open();
    await test.publish('t', content('x'.repeat(500_000)).value);
    expect((await page(test, { maxBytes: 10 })).values.map(({ length }) => length)).toEqual([
      500_000,
    ]);
  });
});
