import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistogramRequest } from '../../../src/log/histogram.ts';
import { histogram } from '../../../src/log/histogram.ts';
import { TestLog } from '../../support/test-log.ts';

function histogramOf(test: TestLog, request: Partial<HistogramRequest> = {}) {
  return histogram(test.log, {
    topic: 't',
    from: undefined,
    untilNs: undefined,
    buckets: undefined,
    ...request,
  });
}

const at = (timestampNs: bigint) => ({ at: 'timestamp', timestampNs }) as const;

describe('histogram', () => {
  it('counts every message once, from the first to the last', async () => {
    await using test = await TestLog.open();
    const first = await test.publish('t', 'a', 'b', 'c');
    test.clock.advance(1000);
    const last = await test.publish('t', 'd');
    const counted = await histogramOf(test, { buckets: 4 });
    expect(counted).toMatchObject({
      fromNs: first.firstTimestampNs,
      untilNs: last.lastTimestampNs + 1n,
      messageCounts: [3, 0, 0, 1],
    });
    const [bytes = 0, ...rest] = counted.byteCounts;
    expect(bytes).toBeGreaterThan(0);
    expect(rest).toEqual([0, 0, Math.round(bytes / 3)]);
  });

  it('tells messages apart that are a nanosecond apart', async () => {
    await using test = await TestLog.open();
    const { firstTimestampNs: fromNs } = await test.publish('t', 'a', 'b', 'c', 'd', 'e');
    const zoomed = await histogramOf(test, { from: at(fromNs + 1n), untilNs: fromNs + 4n });
    expect(zoomed.messageCounts).toEqual([1, 1, 1]);
  });

  it('parts right before a frame and within it', async () => {
    await using test = await TestLog.open();
    await test.publish('t', 'a');
    test.clock.advance(1);
    const { firstTimestampNs } = await test.publish('t', 'b', 'c');
    const around = { from: at(firstTimestampNs - 1n), untilNs: firstTimestampNs + 2n };
    expect((await histogramOf(test, around)).messageCounts).toEqual([0, 1, 1]);
  });

  it('counts what the index does not have yet, nothing that is trimmed, and no other topic', async () => {
    await using test = await TestLog.open();
    await test.publish('t', 'a', 'b');
    test.clock.advance(1);
    const { firstTimestampNs } = await test.publish('t', 'c', 'd');
    await test.publish('other', 'x');
    await test.close('t');
    await test.log.trimTopic('t', firstTimestampNs + 1n);
    const counted = await histogramOf(test, { from: at(0n), untilNs: firstTimestampNs + 100n });
    expect(counted.messageCounts.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect((await histogramOf(test)).messageCounts).toEqual([1]);
  });

  it('has nothing to tell of a topic without messages, or of a range that is empty', async () => {
    await using test = await TestLog.open();
    await test.log.createTopic('t', {});
    expect((await histogramOf(test)).messageCounts).toEqual([]);
    const { firstTimestampNs } = await test.publish('t', 'a');
    const nothing = { from: at(firstTimestampNs), untilNs: firstTimestampNs };
    expect((await histogramOf(test, nothing)).messageCounts).toEqual([]);
    await test.log.trimTopic('t', firstTimestampNs + 1n);
    expect((await histogramOf(test)).messageCounts).toEqual([]);
  });

  it.each([
    ['an unknown topic', { topic: 'no' }, 'TOPIC_NOT_FOUND'],
    ['no bucket', { buckets: 0 }, 'INVALID_ARGUMENT'],
    ['too many buckets', { buckets: 1001 }, 'INVALID_ARGUMENT'],
    ['an end before the begin', { from: at(10n), untilNs: 5n }, 'INVALID_ARGUMENT'],
  ])('refuses %s', async (_, request, reason) => {
    await using test = await TestLog.open();
    await test.log.createTopic('t', {});
    await expect(histogramOf(test, request)).rejects.toMatchObject({ reason });
  });

  it('agrees with counting one by one, whatever was published when', async () => {
    const published = fc.array(
      fc.record({
        messages: fc.integer({ min: 1, max: 5 }),
        pauseMs: fc.integer({ max: 3, min: 0 }),
      }),
      { minLength: 1, maxLength: 20 },
    );
    const zoom = fc.record({
      buckets: fc.integer({ min: 1, max: 50 }),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      to: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const property = fc.asyncProperty(published, zoom, async (publishes, { buckets, from, to }) => {
      await using test = await TestLog.open();
      const timestamps: bigint[] = [];
      for (const { messages, pauseMs } of publishes) {
        const ack = await test.publish('t', ...Array.from({ length: messages }, () => 'x'));
        for (let i = 0n; i < messages; i++) timestamps.push(ack.firstTimestampNs + i);
        test.clock.advance(pauseMs);
      }
      const [firstNs = 0n] = timestamps;
      const spanNs = Number((timestamps.at(-1) ?? 0n) - firstNs) + 10;
      const [low, high] = [Math.min(from, to), Math.max(from, to)];
      const fromNs = firstNs + BigInt(Math.floor(low * spanNs));
      const untilNs = firstNs + BigInt(Math.floor(high * spanNs));
      const { messageCounts } = await histogramOf(test, { from: at(fromNs), untilNs, buckets });
      const n = BigInt(messageCounts.length);
      const edge = (i: number) => fromNs + ((untilNs - fromNs) * BigInt(i)) / n;
      const expected = messageCounts.map(
        (_, i) => timestamps.filter((ns) => ns >= edge(i) && ns < edge(i + 1)).length,
      );
      expect(messageCounts).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 100 });
  });
});
