import { describe, expect, it } from 'vitest';
import { shortOf, TestLog } from '../../support/test-log.ts';

const at = (timestampNs: bigint) => ({ position: { at: 'timestamp', timestampNs } as const });
const latest = { position: { at: 'latest' } as const };

describe('TopicReader', () => {
  it('delivers what is there, says that it has caught up, and follows', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2');
    await test.publish('other', 'x');
    await test.publish('t', '3');
    await using reader = await test.read('t');
    expect(await reader.until('caught_up')).toEqual(['1', '2', '3', 'caught up']);
    const following = reader.next();
    await test.publish('other', 'y');
    await test.publish('t', '4');
    expect(await following).toMatchObject({ type: 'messages', messageCount: 1 });
  });

  it('reads the same from the disk as from memory', async () => {
    await using test = await TestLog.open();
    for (let i = 0; i < 5; i++) await test.publish('t', `${i}a`, `${i}b`);
    await using fromMemory = await test.read('t', { untilNow: true });
    const expected = await fromMemory.until('end');
    await test.reopen();
    await using fromDisk = await test.read('t', { untilNow: true });
    expect(await fromDisk.until('end')).toEqual(expected);
    expect(expected).toHaveLength(11);
  });

  it('begins at exactly the nanosecond, in the middle of a frame too', async () => {
    await using test = await TestLog.open();
    const { firstTimestampNs: firstNs } = await test.publish('t', '0', '1', '2');
    test.clock.advance(1);
    await test.publish('t', '3');
    const values = ['0', '1', '2', '3'];
    for (const isOnDisk of [false, true]) {
      if (isOnDisk) await test.reopen();
      for (const [offset, index] of [
        [-1n, 0],
        [0n, 0],
        [1n, 1],
        [2n, 2],
        [3n, 3],
        [500n, 3],
        [1_000_000n, 3],
      ] as const) {
        await using reader = await test.read('t', { ...at(firstNs + offset), untilNow: true });
        expect(await reader.until('end')).toEqual([...values.slice(index), { end: 'until' }]);
      }
    }
  });

  it('waits for a timestamp in the future, and passes over what comes before it', async () => {
    await using test = await TestLog.open();
    await test.publish('t', 'old');
    const futureNs = test.clock.nowNs() + 5_000_000n;
    await using reader = await test.read('t', at(futureNs));
    expect(await reader.next()).toEqual({ type: 'caught_up', nextNs: futureNs });
    const next = reader.next();
    await test.publish('t', 'too early');
    test.clock.advance(4);
    await test.publish('t', 'still too early');
    test.clock.advance(1);
    await test.publish('t', 'in time');
    const event = await next;
    expect(event).toMatchObject({ type: 'messages', messageCount: 1 });
  });

  it('splits a frame at a future timestamp that falls into it', async () => {
    await using test = await TestLog.open();
    const { lastTimestampNs } = await test.publish('t', 'old');
    test.clock.jump(-1000);
    await using reader = await test.read('t', at(lastTimestampNs + 3n));
    await reader.until('caught_up');
    const { firstTimestampNs } = await test.publish('t', 'a', 'b', 'c', 'd');
    expect(firstTimestampNs).toBe(lastTimestampNs + 1n);
    await test.close('t');
    expect(await reader.until('closed')).toEqual(['c', 'd', { closed: 't', reason: '' }]);
  });

  it('can begin before the topic exists', async () => {
    await using test = await TestLog.open();
    await using reader = await test.read('t');
    expect(await reader.next()).toEqual({ type: 'caught_up', nextNs: 0n });
    const first = reader.until('messages');
    await test.publish('other', 'x');
    await test.publish('t', '1', '2');
    expect(await first).toEqual(['created', '1', '2']);
  });

  it('tells the creation of a topic that came between its opening and its beginning', async () => {
    await using test = await TestLog.open();
    await using reader = await test.read('t');
    await test.publish('t', '1');
    expect(await reader.until('caught_up')).toEqual(['created', '1', 'caught up']);
  });

  it('tells a deletion that came between its opening and its beginning', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    await using reader = await test.read('t');
    await test.log.deleteTopic('t');
    await test.publish('t', 'new');
    expect(await reader.until('end')).toEqual([{ deleted: 't' }, { end: 'deleted' }]);
  });

  it('lets nothing wait for a name whose readers have gone', async () => {
    await using test = await TestLog.open();
    const reader = await test.read('t');
    await reader.until('caught_up');
    const before = test.log.topics.awaited('t');
    await reader[Symbol.asyncDispose]();
    expect(test.log.topics.awaited('t')).not.toBe(before);
    test.log.topics.releaseAwaited('t');
  });

  it('catches up again when what it missed has left memory', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    await using reader = await test.read('t');
    await reader.until('caught_up');
    test.log.readContext.recent.restart(test.log.readContext.committer.endNs + 1000n);
    for (const topic of test.log.topics.all()) topic.recentFromNs = topic.endNs + 1000n;
    await test.publish('t', '2');
    expect(await reader.until('caught_up')).toEqual(['2', 'caught up']);
  });

  it('counts itself as a subscriber of the topic while it is open', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const topic = test.log.topic('t');
    const readers = [await test.read('t'), await test.read('t')];
    for (const reader of readers) await reader.until('caught_up');
    expect([topic.subscriberCount, topic.followers.size]).toEqual([2, 2]);
    for (const reader of readers) await reader[Symbol.asyncDispose]();
    expect([topic.subscriberCount, topic.followers.size]).toEqual([0, 0]);
  });

  it('ends soon and without an event when it is closed while it waits', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    await using reader = await test.read('t', latest);
    await reader.until('caught_up');
    const next = reader.next();
    reader.reader.close();
    expect(await next).toBeUndefined();
  });

  it('begins with a small chunk from the disk if it is told to, and leaves nothing out behind it', async () => {
    await using test = await TestLog.open();
    const values = Array.from({ length: 10 }, (_, i) => `${i}`.padStart(50, '.'));
    await test.publish('t', ...values);
    await test.reopen();
    await using reader = await test.read('t', { firstChunkBytes: 1, untilNow: true });
    const first = await reader.next();
    expect(first).toMatchObject({ type: 'messages' });
    expect(first === undefined ? [] : shortOf(first)).toEqual(values.slice(0, 1));
    expect(await reader.until('messages')).toEqual(values.slice(1));
  });

  it('gives what is in memory in parts of 128 KiB, also of one frame, and loses nothing', async () => {
    await using test = await TestLog.open();
    const values = Array.from({ length: 230 }, (_, i) => `${i}`.padStart(1000, '.'));
    await test.publish('t', ...values);
    await using reader = await test.read('t', { untilNow: true });
    const received: unknown[] = [];
    const sizes: number[] = [];
    for (let event = await reader.next(); event?.type === 'messages'; event = await reader.next()) {
      received.push(...shortOf(event));
      sizes.push(event.bytes);
    }
    expect(received).toEqual(values);
    expect(sizes).toHaveLength(2);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(128 * 1024);
  });

  it('keeps its events within the bytes asked for, and loses nothing between them', async () => {
    await using test = await TestLog.open();
    const values = Array.from({ length: 40 }, (_, i) => `${i}`.padStart(100, '.'));
    for (let i = 0; i < 40; i += 4) await test.publish('t', ...values.slice(i, i + 4));
    for (const isOnDisk of [false, true]) {
      if (isOnDisk) await test.reopen();
      await using reader = await test.read('t', { chunkBytes: 300, untilNow: true });
      const sizes: number[] = [];
      let count = 0;
      for (
        let event = await reader.next();
        event?.type === 'messages';
        event = await reader.next()
      ) {
        sizes.push(event.bytes);
        count += event.messageCount;
      }
      expect(count).toBe(40);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(300);
    }
  });
});

describe('a bounded TopicReader', () => {
  it('ends after so many messages, within a frame too', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1', '2', '3');
    await using reader = await test.read('t', { maxMessages: 2 });
    expect(await reader.until('end')).toEqual(['1', '2', { end: 'limit' }]);
  });

  it('ends before a timestamp, within a frame too', async () => {
    await using test = await TestLog.open();
    const { firstTimestampNs } = await test.publish('t', '1', '2', '3');
    await using reader = await test.read('t', { untilNs: firstTimestampNs + 2n });
    expect(await reader.until('end')).toEqual(['1', '2', { end: 'until' }]);
  });

  it('waits for an until in the future, and delivers what comes until then', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    await using reader = await test.read('t', { untilNs: test.clock.nowNs() + 10_000_000n });
    expect(await reader.until('caught_up')).toEqual(['1', 'caught up']);
    test.clock.advance(9);
    await test.publish('t', '2');
    const rest = reader.until('end');
    test.clock.advance(2);
    expect(await rest).toEqual(['2', { end: 'until' }]);
    expect(test.clock.timerCount).toBeLessThanOrEqual(2);
  });

  it('ends at until though the topic never comes', async () => {
    await using test = await TestLog.open();
    await using reader = await test.read('t', { untilNs: test.clock.nowNs() + 10_000_000n });
    await reader.until('caught_up');
    const end = reader.until('end');
    test.clock.advance(11);
    expect(await end).toEqual([{ end: 'until' }]);
  });

  it('delivers what a commit has stamped before until, though the clock passes it meanwhile', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    await using reader = await test.read('t', { untilNs: test.clock.nowNs() + 1_000_000n });
    await reader.until('caught_up');
    const rest = reader.until('end');
    const arrived = test.store.appends.close();
    const published = test.publish('t', '2');
    await arrived;
    test.clock.advance(5);
    test.store.appends.open();
    await published;
    expect(await rest).toEqual(['2', { end: 'until' }]);
  });

  it('ends with what was committed when it began', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    await using reader = await test.read('t', { untilNow: true });
    await test.publish('t', '2');
    expect(await reader.until('end')).toEqual(['1', { end: 'until' }]);
  });
});

describe('the end of a topic', () => {
  it('is told to those who follow and to those who come later, however late', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    await using follower = await test.read('t', latest);
    await follower.until('caught_up');
    await test.publish('t', '2');
    await test.close('t', 'done');
    const end = [{ closed: 't', reason: 'done' }, { end: 'closed' }];
    expect(await follower.until('end')).toEqual(['2', ...end]);
    for (const isOnDisk of [false, true]) {
      if (isOnDisk) await test.reopen();
      for (const [options, values] of [
        [{}, ['1', '2']],
        [latest, []],
        [at(test.clock.nowNs() + 10n ** 12n), []],
      ] as const) {
        await using reader = await test.read('t', options);
        expect(await reader.until('end')).toEqual([...values, ...end]);
      }
    }
  });

  it('is told to a reader who ends with what is there, also if nothing has come behind it', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    await test.close('t');
    const end = [{ closed: 't', reason: '' }, { end: 'closed' }];
    await using now = await test.read('t', { untilNow: true });
    expect(await now.until('end')).toEqual(['1', ...end]);
    await using again = await test.read('t', { ...latest, untilNow: true });
    expect(await again.until('end')).toEqual(end);
    await test.publish('other', 'x');
    await using later = await test.read('t', { untilNow: true });
    expect(await later.until('end')).toEqual(['1', ...end]);
  });

  it('is not told to a reader whose until lies before it', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const { timestampNs } = await test.close('t');
    await using before = await test.read('t', { untilNs: timestampNs });
    expect(await before.until('end')).toEqual(['1', { end: 'until' }]);
    await using behind = await test.read('t', { untilNs: timestampNs + 1n });
    expect(await behind.until('end')).toContainEqual({ end: 'closed' });
  });

  it('is told as deleted to readers who follow, catch up, or have not begun', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    await using follower = await test.read('t');
    await follower.until('caught_up');
    await using late = await test.read('t');
    await late.next();
    await test.log.deleteTopic('t');
    const end = [{ deleted: 't' }, { end: 'deleted' }];
    expect(await follower.until('end')).toEqual(end);
    expect(await late.until('end')).toEqual(end);
  });

  it('is told as deleted though the name is in use again', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const { createdTimestampNs } = test.log.topic('t');
    await using follower = await test.read('t');
    await follower.until('caught_up');
    await test.log.deleteTopic('t');
    test.clock.advance(1);
    await test.publish('t', 'new');
    expect(await follower.until('end')).toEqual([{ deleted: 't' }, { end: 'deleted' }]);
    await using resuming = await test.read('t', { createdTimestampNs });
    expect(await resuming.until('end')).toEqual([{ deleted: 't' }, { end: 'deleted' }]);
    await using fresh = await test.read('t', { untilNow: true });
    expect(await fresh.until('end')).toEqual(['new', { end: 'until' }]);
  });
});

describe('what is trimmed', () => {
  it('is told to a reader who asks for it, with the first timestamp that is left', async () => {
    await using test = await TestLog.open();
    const { firstTimestampNs: firstNs } = await test.publish('t', '1', '2', '3');
    await test.log.trimTopic('t', firstNs + 2n);
    for (const [fromNs, trimmed] of [
      [0n, true],
      [firstNs, true],
      [firstNs + 1n, true],
      [firstNs + 2n, false],
    ] as const) {
      await using reader = await test.read('t', { ...at(fromNs), untilNow: true });
      const told = trimmed ? [{ trimmed: 't', firstNs: firstNs + 2n }] : [];
      expect(await reader.until('end')).toEqual([...told, '3', { end: 'until' }]);
    }
  });

  it('is not told to a reader who asks for the earliest', async () => {
    await using test = await TestLog.open();
    const { lastTimestampNs } = await test.publish('t', '1', '2');
    await test.log.trimTopic('t', lastTimestampNs);
    await using reader = await test.read('t', { untilNow: true });
    expect(await reader.until('end')).toEqual(['2', { end: 'until' }]);
  });

  it('is told to a reader who was there before the topic', async () => {
    await using test = await TestLog.open();
    await using reader = await test.read('t');
    await reader.until('caught_up');
    const { lastTimestampNs } = await test.publish('t', '1', '2');
    await test.log.trimTopic('t', lastTimestampNs);
    expect(await reader.until('messages')).toEqual([
      'created',
      { trimmed: 't', firstNs: lastTimestampNs },
      '2',
    ]);
  });

  it('is told as 0 when nothing is left', async () => {
    await using test = await TestLog.open();
    const { lastTimestampNs } = await test.publish('t', '1', '2');
    await test.log.trimTopic('t', lastTimestampNs + 1n);
    await using reader = await test.read('t', { ...at(lastTimestampNs), untilNow: true });
    expect(await reader.until('end')).toEqual([{ trimmed: 't', firstNs: 0n }, { end: 'until' }]);
  });

  it.each([false, true])(
    'is told to a reader under whose feet it goes, on disk: %s',
    async (isOnDisk) => {
      await using test = await TestLog.open();
      await test.publish('t', '1');
      await test.publish('t', '2');
      const { firstTimestampNs: firstNs } = await test.publish('t', '3');
      await test.publish('t', '4');
      if (isOnDisk) await test.reopen();
      await using reader = await test.read('t', { chunkBytes: 1, untilNow: true });
      await reader.next();
      await test.log.trimTopic('t', firstNs);
      await test.log.swept();
      expect(await reader.until('end')).toEqual([
        { trimmed: 't', firstNs },
        '3',
        '4',
        { end: 'until' },
      ]);
    },
  );

  it('is told again if more of it goes while the first is told, and is not delivered', async () => {
    await using test = await TestLog.open();
    const { firstTimestampNs } = await test.publish('t', '1');
    await test.publish('t', '2');
    const { firstTimestampNs: thirdNs } = await test.publish('t', '3');
    await test.log.trimTopic('t', firstTimestampNs + 1n);
    await using reader = await test.read('t', { ...at(firstTimestampNs), untilNow: true });
    await reader.until('trimmed');
    await test.log.trimTopic('t', thirdNs);
    expect(await reader.until('end')).toEqual([
      { trimmed: 't', firstNs: thirdNs },
      '3',
      { end: 'until' },
    ]);
  });

  it('is not told to a follower who has read it', async () => {
    await using test = await TestLog.open();
    await test.publish('t', '1');
    const { lastTimestampNs } = await test.publish('t', '2');
    await using follower = await test.read('t');
    await follower.until('caught_up');
    await test.log.trimTopic('t', lastTimestampNs + 1n);
    test.clock.advance(1000);
    await test.publish('t', '3');
    await test.close('t');
    expect(await follower.until('closed')).toEqual(['3', { closed: 't', reason: '' }]);
  });

  it('is not told to a reader who resumes behind it, before the first message that is left', async () => {
    await using test = await TestLog.open();
    const { lastTimestampNs } = await test.publish('t', '1', '2');
    test.clock.advance(1000);
    const { firstTimestampNs } = await test.publish('t', '3');
    await test.log.trimTopic('t', firstTimestampNs);
    for (const isOnDisk of [false, true]) {
      if (isOnDisk) await test.reopen();
      await using resuming = await test.read('t', { ...at(lastTimestampNs + 1n), untilNow: true });
      expect(await resuming.until('end')).toEqual(['3', { end: 'until' }]);
      await using losing = await test.read('t', { ...at(lastTimestampNs), untilNow: true });
      expect(await losing.until('end')).toEqual([
        { trimmed: 't', firstNs: firstTimestampNs },
        '3',
        { end: 'until' },
      ]);
    }
  });
});
