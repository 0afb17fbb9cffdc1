import { describe, expect, it } from 'vitest';
import { COMPACT_REST_MS_MAX, COMPACT_STEP_BYTES } from '../../../src/limits.ts';
import type { Databases } from '../../../src/storage/databases.ts';
import type { Frame } from '../../../src/storage/frame.ts';
import { LevelStore } from '../../../src/storage/level-store.ts';
import { valuesOf } from '../../support/message.ts';
import { TestLog } from '../../support/test-log.ts';

const SWEEP_MS = 1000;

/** What a broker that is started now would find on the tape, as it is after a crash. */
async function afterCrash(databases: Databases) {
  const store = new LevelStore(databases);
  const recovered = await store.open();
  const frames: Frame[] = [];
  for (let next: bigint | undefined = 0n; next !== undefined; ) {
    const page = await store.readTape(next);
    frames.push(...page.frames);
    next = page.nextNs;
  }
  const values = frames.filter(({ kind }) => kind === 'data').map(({ body }) => valuesOf(body));
  return { ...recovered, values };
}

async function retained(test: TestLog, name: string): Promise<unknown[]> {
  await using reader = await test.read(name, { untilNow: true });
  return (await reader.until('end')).slice(0, -1);
}

async function sweep(test: TestLog): Promise<void> {
  test.clock.advance(SWEEP_MS);
  await test.log.swept();
}

describe('retention', () => {
  it('keeps so many messages, exactly', async () => {
    await using test = await TestLog.open();
    await test.log.createTopic('t', { maxMessages: 3n });
    await test.publish('t', '1', '2');
    await test.publish('t', '3', '4', '5');
    await sweep(test);
    expect(await retained(test, 't')).toEqual(['3', '4', '5']);
    await test.publish('t', '6');
    await sweep(test);
    expect(await retained(test, 't')).toEqual(['4', '5', '6']);
    expect(test.log.topic('t').retainedMessages).toBe(3n);
  });

  it('keeps so many bytes, and no more', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2', '3');
    const { bytes } = test.log.topic('t');
    await test.log.updateTopic('t', { maxBytes: (bytes / 3n) * 2n });
    await test.log.swept();
    expect(await retained(test, 't')).toEqual(['2', '3']);
    await test.log.updateTopic('t', { maxBytes: (bytes / 3n) * 2n - 1n });
    await test.log.swept();
    expect(await retained(test, 't')).toEqual(['3']);
    expect(test.log.topic('t').retainedBytes).toBe(bytes / 3n);
  });

  it('keeps messages of a certain age, to the nanosecond', async () => {
    await using test = await TestLog.open();
    await test.log.createTopic('t', { maxAgeMs: 5000n });
    await test.publish('t', '1', '2');
    test.clock.advance(1);
    await test.publish('t', '3');
    test.clock.advance(5000 - 1 - SWEEP_MS);
    await sweep(test);
    expect(await retained(test, 't')).toEqual(['1', '2', '3']);
    test.clock.advance(1);
    await sweep(test);
    expect(await retained(test, 't')).toEqual([]);
    await test.publish('t', '4');
    expect(await retained(test, 't')).toEqual(['4']);
  });

  it('applies a change at once, and again after a restart', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2', '3');
    await test.log.updateTopic('t', { maxMessages: 2n });
    await test.log.swept();
    expect(await retained(test, 't')).toEqual(['2', '3']);
    await test.reopen();
    expect(await retained(test, 't')).toEqual(['2', '3']);
    await test.publish('t', '4');
    await sweep(test);
    expect(await retained(test, 't')).toEqual(['3', '4']);
  });

  it('leaves closed topics readable, and trims them too', async () => {
    await using test = await TestLog.open();
    await test.log.createTopic('t', { maxMessages: 1n });
    await test.publish('t', '1', '2');
    await test.close('t');
    await sweep(test);
    await using reader = await test.read('t');
    expect(await reader.until('end')).toEqual([
      '2',
      { closed: 't', reason: '' },
      { end: 'closed' },
    ]);
  });
});

describe('Sweeper', () => {
  it('removes the frames of which nothing is left, and no others', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2');
    await test.publish('other', 'x');
    const { firstTimestampNs } = await test.publish('t', '3', '4');
    await test.log.trimTopic('t', firstTimestampNs + 1n);
    await test.log.swept();
    expect((await afterCrash(test.databases)).values).toEqual([['x'], ['3', '4']]);
  });

  it('removes a deleted topic with everything that is known of it', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    await test.publish('t', '2');
    await test.close('t');
    await test.log.deleteTopic('t');
    await test.log.swept();
    const { values, topics, tails } = await afterCrash(test.databases);
    expect({ values, topics, tails: tails.size }).toEqual({ values: [], topics: [], tails: 0 });
    expect(test.log.topics.deleted()).toEqual([]);
  });

  it('takes up after a crash what it had not done', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    await test.publish('u', '2');
    const { firstTimestampNs } = await test.publish('u', '3');
    const arrived = test.store.removals.close();
    await test.log.deleteTopic('t');
    await arrived;
    await test.log.trimTopic('u', firstTimestampNs);

    await using restarted = await TestLog.open({ databases: test.databases, clock: test.clock });
    expect(restarted.log.topics.get('t')).toBeUndefined();
    expect(await retained(restarted, 'u')).toEqual(['3']);
    await restarted.log.swept();
    expect((await afterCrash(test.databases)).values).toEqual([['3']]);
    test.store.removals.open();
  });

  it('removes nothing of what a start has found until that is noted', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const { firstTimestampNs } = await test.publish('t', '2');
    expect((await afterCrash(test.databases)).isNoted).toBe(false);

    await using restarted = await TestLog.open({ databases: test.databases, clock: test.clock });
    await restarted.log.trimTopic('t', firstTimestampNs);
    await restarted.log.swept();
    const { values, isDamaged, isNoted } = await afterCrash(test.databases);
    expect({ values, isDamaged, isNoted }).toEqual({
      values: [['2']],
      isDamaged: false,
      isNoted: true,
    });
  });

  it('finds what a commit under way adds to a topic that is deleted, also while it is busy', async () => {
    await using test = await TestLog.open();
    await test.publish('first', '1');
    await test.publish('second', '2');
    const removing = test.store.removals.close();
    await test.log.deleteTopic('first');
    await removing;

    const writing = test.store.appends.close();
    const published = test.publish('second', '3');
    await writing;
    await test.log.deleteTopic('second');
    test.store.removals.open();
    await new Promise((resolve) => setImmediate(resolve));
    test.store.appends.open();
    await published;
    await test.log.swept();
    await sweep(test);
    const { values, topics } = await afterCrash(test.databases);
    expect({ values, topics }).toEqual({ values: [], topics: [] });
  });

  it('removes nothing that is behind the checkpoint, so that no start takes it for a loss', async () => {
    await using test = await TestLog.open();
    await test.publish('first', '1');
    await test.publish('second', '2');
    const removing = test.store.removals.close();
    await test.log.deleteTopic('first');
    await removing;

    const { lastTimestampNs } = await test.publish('second', '3');
    await test.publish('third', '4');
    await test.log.trimTopic('second', lastTimestampNs + 1n);
    test.store.removals.open();
    await test.log.swept();
    expect(await afterCrash(test.databases)).toMatchObject({ isDamaged: false });
    expect(await retained(test, 'second')).toEqual([]);
  });

  it('stops between two steps when the log is closed, and does not hold it up', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const arrived = test.store.removals.close();
    await test.log.deleteTopic('t');
    await arrived;
    const closing = test.log.close();
    test.store.removals.open();
    await closing;
    expect(test.clock.timerCount).toBe(0);
  });
});

describe('giving back the space of what was deleted', () => {
  /** A log whose store compacts nothing, takes so long for it, and has a step's worth at each of these places of `t`. */
  async function openWithSlowCompaction(tookMs: number, places: readonly number[]) {
    const test = await TestLog.open();
    const ranges: [bigint, bigint][] = [];
    test.store.compact = async (fromNs, toNs) => {
      ranges.push([fromNs, toNs]);
      test.clock.advance(tookMs);
    };
    const { firstTimestampNs } = await test.publish('t', '1');
    test.clock.advance(1);
    await test.publish('t', '2');
    const placesNs = places.map((place) => firstTimestampNs + BigInt(place));
    const countIn = (fromNs: bigint, toNs: bigint) =>
      placesNs.filter((ns) => ns >= fromNs && ns <= toNs).length;
    test.store.sizeBetween = async (fromNs, toNs) => COMPACT_STEP_BYTES * countIn(fromNs, toNs);
    return { test, ranges, countIn };
  }

  it('first brings what is in memory to the disk, then goes on with rests as long as the work', async () => {
    const { test, ranges } = await openWithSlowCompaction(40, [0, 900_000]);
    await using _test = test;
    const { firstTimestampNs, lastTimestampNs } = test.log.topic('t');
    await test.log.deleteTopic('t');
    for (let step = 1; step < 3; step++) {
      await expect.poll(() => ranges.length).toBe(step);
      test.clock.advance(39);
      await new Promise((resolve) => setImmediate(resolve));
      expect(ranges).toHaveLength(step);
      test.clock.advance(1);
    }
    await expect.poll(() => ranges.length).toBe(3);
    test.clock.advance(40);
    await test.log.swept();
    const [first, second, third] = ranges;
    expect(first).toEqual([firstTimestampNs, firstTimestampNs]);
    expect(second?.[0]).toBe(firstTimestampNs);
    expect(third).toEqual([(second?.[1] ?? 0n) + 1n, lastTimestampNs]);
  });

  it('takes steps of as much of the disk, however it lies in time, and none of what takes nothing', async () => {
    const places = [0, 1, 2, 3, 500_000, 999_999, 1_000_000];
    const { test, ranges, countIn } = await openWithSlowCompaction(0, places);
    await using _test = test;
    await test.log.deleteTopic('t');
    await test.log.swept();
    const steps = ranges.slice(1);
    expect(steps.map(([fromNs, toNs]) => countIn(fromNs, toNs))).toEqual(places.map(() => 1));
    for (let i = 1; i < steps.length; i++) {
      expect(steps[i]?.[0]).toBeGreaterThan(steps[i - 1]?.[1] ?? 0n);
    }
  });

  it('does not rest for an hour because the clock has jumped by one', async () => {
    const { test, ranges } = await openWithSlowCompaction(3_600_000, [0]);
    await using _test = test;
    await test.log.deleteTopic('t');
    await expect.poll(() => ranges.length).toBe(1);
    test.clock.advance(COMPACT_REST_MS_MAX);
    await expect.poll(() => ranges.length).toBe(2);
  });

  it('does not hold up the end of the log', async () => {
    const { test, ranges } = await openWithSlowCompaction(40, [0]);
    await test.log.deleteTopic('t');
    await expect.poll(() => ranges.length).toBe(1);
    await test[Symbol.asyncDispose]();
    expect(ranges).toHaveLength(1);
  });
});
