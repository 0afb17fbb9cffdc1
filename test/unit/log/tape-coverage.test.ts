import { describe, expect, it, vi } from 'vitest';
import { BrokerError } from '../../../src/errors.ts';
import { encodeTapeKey } from '../../../src/storage/frame.ts';
import { TestLog } from '../../support/test-log.ts';

// Each append is in the index at once: it is the witness of what is lost.
vi.mock('../../../src/limits.ts', async (original) => ({
  ...(await original<object>()),
  INDEX_WRITE_ENTRIES: 1,
}));

const at = (timestampNs: bigint) => ({ position: { at: 'timestamp', timestampNs } as const });
const END = { end: 'until' };

/** Three frames of `a`, one of `b`, and one of `other`; `lost` of `a` is then gone from the tape. */
async function fill(test: TestLog) {
  const first = await test.publish('a', '1', '2');
  const other = await test.publish('other', 'x');
  const second = await test.publish('a', '3', '4');
  const b = await test.publish('b', '5');
  const third = await test.publish('a', '6');
  const lose = async ({ firstTimestampNs }: { firstTimestampNs: bigint }) => {
    const tape = await test.databases.open('tape', { createIfMissing: false });
    await tape.batch([{ type: 'del', key: encodeTapeKey(firstTimestampNs) }], { sync: true });
    await test.crash();
  };
  return { first, other, second, b, third, lose };
}

async function readAll(test: TestLog, target: string, options = {}) {
  await using reader = await test.read(target, { untilNow: true, ...options });
  const told: unknown[] = [];
  try {
    for (;;) {
      const event = await reader.next();
      if (event === undefined) return { told, error: undefined };
      if (event.type === 'messages') {
        told.push(...event.runs.map(({ topic, messageCount }) => `${topic} ${messageCount}`));
      } else if (event.type === 'end') told.push({ end: event.reason });
    }
  } catch (error) {
    return { told, error };
  }
}

/** A loss that holds this range, both ends included. */
function lossAround(firstNs: bigint, lastNs: bigint) {
  const range = expect.objectContaining({
    first_timestamp_ns: expect.toSatisfy((text: string) => BigInt(text) <= firstNs),
    last_timestamp_ns: expect.toSatisfy((text: string) => BigInt(text) >= lastNs),
  });
  return expect.objectContaining({ reason: 'DATA_LOSS', metadata: range });
}

describe('a reader of many topics', () => {
  it('is told of a frame that is missing in the middle, before anything behind it of that topic', async () => {
    await using test = await TestLog.open();
    const { second, lose } = await fill(test);
    await lose(second);
    const { told, error } = await readAll(test, '**');
    expect(error).toEqual(lossAround(second.firstTimestampNs, second.lastTimestampNs));
    expect(told).not.toContainEqual(END);
  });

  it('is told of a frame that is missing at the end, or at the beginning', async () => {
    for (const which of ['first', 'third'] as const) {
      await using test = await TestLog.open();
      const filled = await fill(test);
      await filled.lose(filled[which]);
      const { firstTimestampNs, lastTimestampNs } = filled[which];
      const { error } = await readAll(test, '**');
      expect(error).toEqual(lossAround(firstTimestampNs, lastTimestampNs));
    }
  });

  it('is told when it ends before the loss would show', async () => {
    await using test = await TestLog.open();
    const { second, b, lose } = await fill(test);
    await lose(second);
    const { error } = await readAll(test, '**', { untilNow: false, untilNs: b.firstTimestampNs });
    expect(error).toEqual(lossAround(second.firstTimestampNs, second.lastTimestampNs));
  });

  it('is not told of what it did not ask for', async () => {
    await using test = await TestLog.open();
    const { other, second, b, lose } = await fill(test);
    await lose(second);
    expect(await readAll(test, '**', at(b.firstTimestampNs))).toEqual({
      told: ['b 1', 'a 1', END],
      error: undefined,
    });
    const before = { untilNow: false, untilNs: second.firstTimestampNs };
    expect(await readAll(test, '**', before)).toEqual({
      told: ['a 2', 'other 1', END],
      error: undefined,
    });
    await lose(other);
    expect((await readAll(test, '**/b')).error).toBeUndefined();
    expect((await readAll(test, '**/other')).error).toBeDefined();
  });

  it('is not told of what was trimmed or deleted', async () => {
    await using test = await TestLog.open();
    const { second, lose } = await fill(test);
    await lose(second);
    await test.log.trimTopic('a', second.lastTimestampNs + 1n);
    expect(await readAll(test, '**')).toEqual({
      told: ['other 1', 'b 1', 'a 1', END],
      error: undefined,
    });
    await test.log.deleteTopic('a');
    await test.log.swept();
    await test.reopen();
    expect(await readAll(test, '**')).toEqual({ told: ['other 1', 'b 1', END], error: undefined });
  });

  it('is told of a close marker that is missing', async () => {
    await using test = await TestLog.open();
    const { lose } = await fill(test);
    const { timestampNs } = await test.close('b');
    await test.publish('other', 'y');
    await lose({ firstTimestampNs: timestampNs });
    const { error } = await readAll(test, '**');
    expect(error).toEqual(lossAround(timestampNs, timestampNs));
  });

  it('can go on behind the range', async () => {
    await using test = await TestLog.open();
    const { second, third, lose } = await fill(test);
    await lose(second);
    const { error } = await readAll(test, '**');
    if (!(error instanceof BrokerError)) throw new Error('no loss was told');
    const behindNs = BigInt(error.metadata['last_timestamp_ns'] ?? '') + 1n;
    const { told, error: again } = await readAll(test, '**', at(behindNs));
    expect(again).toBeUndefined();
    expect(told).toContain('a 1');
    expect(third.firstTimestampNs).toBeGreaterThanOrEqual(behindNs);
  });
});

describe('a reader of one topic', () => {
  it('is told of a missing frame, and of its range', async () => {
    for (const which of ['first', 'second', 'third'] as const) {
      await using test = await TestLog.open();
      const filled = await fill(test);
      await filled.lose(filled[which]);
      const { firstTimestampNs, lastTimestampNs } = filled[which];
      await using reader = await test.read('a');
      await expect(reader.until('caught_up')).rejects.toEqual(
        lossAround(firstTimestampNs, lastTimestampNs),
      );
    }
  });
});
