import { describe, expect, it } from 'vitest';
import type { Position } from '../../../src/log/position.ts';
import { checkTimestamp, resolveOnTape, resolveOnTopic } from '../../../src/log/position.ts';
import { TestLog } from '../../support/test-log.ts';

const END_NS = 2_000_000_000_000_000_000n;
const last = (messageCount: bigint): Position => ({ at: 'last', messageCount });

describe('checkTimestamp', () => {
  it('takes 1970 and the last of 64 bits, and nothing beyond', () => {
    expect(() => checkTimestamp('from', 0n)).not.toThrow();
    expect(() => checkTimestamp('from', 2n ** 63n - 1n)).not.toThrow();
    const refusal = expect.objectContaining({
      reason: 'INVALID_ARGUMENT',
      metadata: { field: 'from' },
    });
    expect(() => checkTimestamp('from', -1n)).toThrow(refusal);
    expect(() => checkTimestamp('from', 2n ** 63n)).toThrow(refusal);
  });
});

describe('resolveOnTopic', () => {
  async function setUp() {
    const test = await TestLog.open();
    const acks = [
      await test.publish('t', '1', '2', '3'),
      await test.publish('other', 'x'),
      await test.publish('t', '4', '5'),
    ];
    const resolve = (position: Position) =>
      resolveOnTopic(position, test.log.topics.get('t'), END_NS, test.clock, test.store);
    return {
      test,
      resolve,
      firstNs: acks[0]?.firstTimestampNs ?? 0n,
      laterNs: acks[2]?.firstTimestampNs ?? 0n,
    };
  }

  it('finds the ends', async () => {
    const { test, resolve, firstNs } = await setUp();
    await using _ = test;
    expect(await resolve({ at: 'earliest' })).toEqual({ fromNs: firstNs, isExact: false });
    expect(await resolve({ at: 'latest' })).toEqual({ fromNs: END_NS, isExact: false });
  });

  it('takes a timestamp as it is, and a time ago from the clock, not before 1970', async () => {
    const { test, resolve } = await setUp();
    await using _ = test;
    expect(await resolve({ at: 'timestamp', timestampNs: 5n })).toEqual({
      fromNs: 5n,
      isExact: true,
    });
    expect(await resolve({ at: 'ago', agoNs: 7n })).toEqual({
      fromNs: test.clock.nowNs() - 7n,
      isExact: true,
    });
    expect(await resolve({ at: 'ago', agoNs: 2n ** 63n - 1n })).toEqual({
      fromNs: 0n,
      isExact: true,
    });
  });

  it('counts the last messages, over frames and within them', async () => {
    const { test, resolve, firstNs, laterNs } = await setUp();
    await using _ = test;
    const found = [1n, 2n, 3n, 4n, 5n, 6n, 2n ** 62n].map(
      async (count) => (await resolve(last(count))).fromNs,
    );
    expect(await Promise.all(found)).toEqual([
      laterNs + 1n,
      laterNs,
      firstNs + 2n,
      firstNs + 1n,
      firstNs,
      firstNs,
      firstNs,
    ]);
  });

  it('does not count what is trimmed', async () => {
    const { test, resolve, firstNs } = await setUp();
    await using _ = test;
    await test.log.trimTopic('t', firstNs + 2n);
    expect((await resolve(last(5n))).fromNs).toBe(firstNs + 2n);
    expect((await resolve(last(3n))).fromNs).toBe(firstNs + 2n);
  });

  it('does not count the close marker', async () => {
    const { test, resolve, laterNs } = await setUp();
    await using _ = test;
    await test.close('t');
    expect((await resolve(last(1n))).fromNs).toBe(laterNs + 1n);
  });

  it('finds the beginning of a topic that does not exist', async () => {
    await using test = await TestLog.open();
    const found = [{ at: 'earliest' } as const, last(5n)].map((position) =>
      resolveOnTopic(position, undefined, END_NS, test.clock, test.store),
    );
    expect(await Promise.all(found)).toEqual([
      { fromNs: 0n, isExact: false },
      { fromNs: 0n, isExact: false },
    ]);
  });
});

describe('resolveOnTape', () => {
  it('counts the last messages of the topics that match', async () => {
    await using test = await TestLog.open();
    const a = await test.publish('a', '1', '2', '3');
    await test.publish('b', 'x');
    const c = await test.publish('c', '4', '5');
    const endNs = test.log.readContext.committer.endNs;
    const topicOf = (id: number) => {
      const topic = test.log.topics.byId(id);
      return topic?.name === 'b' ? undefined : topic;
    };
    const resolve = (count: bigint) =>
      resolveOnTape(last(count), topicOf, endNs, test.clock, test.store);
    const found = [1n, 2n, 3n, 5n].map(async (count) => (await resolve(count)).fromNs);
    expect(await Promise.all(found)).toEqual([
      c.lastTimestampNs,
      c.firstTimestampNs,
      a.lastTimestampNs,
      a.firstTimestampNs,
    ]);
    expect((await resolve(6n)).fromNs).toBe(0n);
    await test.close('c');
    await test.log.trimTopic('c', c.lastTimestampNs);
    expect((await resolve(2n)).fromNs).toBe(a.lastTimestampNs);
  });
});
