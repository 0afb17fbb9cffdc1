import { describe, expect, it } from 'vitest';
import { TestLog } from '../../support/test-log.ts';

const at = (timestampNs: bigint) => ({ position: { at: 'timestamp', timestampNs } as const });
const latest = { position: { at: 'latest' } as const };
const last = (messageCount: bigint) => ({ position: { at: 'last', messageCount } as const });
const UNTIL = { end: 'until' };

describe('TapeReader', () => {
  it('merges the topics that match in the order of the tape, and names the topic of each message', async () => {
    await using test = await TestLog.open();
    await test.publish('o/eu', '1', '2');
    await test.publish('o/us', '3');
    await test.publish('other', 'x');
    await test.publish('o/eu', '4');
    for (const isOnDisk of [false, true]) {
      if (isOnDisk) await test.reopen();
      await using reader = await test.read('o/*', { untilNow: true });
      expect(await reader.until('end')).toEqual(['o/eu:1', 'o/eu:2', 'o/us:3', 'o/eu:4', UNTIL]);
    }
  });

  it('gives runs whose counts add up, in the order of the messages', async () => {
    await using test = await TestLog.open();
    await test.publish('a', '1', '2');
    await test.publish('a', '3');
    await test.publish('b', '4');
    await test.publish('a', '5');
    await using reader = await test.read('**');
    expect(await reader.next()).toMatchObject({
      type: 'messages',
      messageCount: 5,
      runs: [
        { topic: 'a', messageCount: 3 },
        { topic: 'b', messageCount: 1 },
        { topic: 'a', messageCount: 1 },
      ],
    });
  });

  it('says when it has caught up, and follows, topics that are created later included', async () => {
    await using test = await TestLog.open();
    await test.publish('a', '1');
    await using reader = await test.read('**');
    expect(await reader.until('caught_up')).toEqual(['a:1', 'caught up']);
    const next = reader.next();
    await test.publish('new', '2');
    expect(await next).toMatchObject({ runs: [{ topic: 'new', messageCount: 1 }] });
  });

  it('begins at exactly the nanosecond, in the middle of a frame too', async () => {
    await using test = await TestLog.open();
    const { firstTimestampNs } = await test.publish('a', '1', '2', '3');
    await test.publish('b', '4');
    for (const isOnDisk of [false, true]) {
      if (isOnDisk) await test.reopen();
      for (const [offset, expected] of [
        [0n, ['a:1', 'a:2', 'a:3', 'b:4']],
        [2n, ['a:3', 'b:4']],
        [3n, ['b:4']],
      ] as const) {
        const options = { ...at(firstTimestampNs + offset), untilNow: true };
        await using reader = await test.read('**', options);
        expect(await reader.until('end')).toEqual([...expected, UNTIL]);
      }
    }
  });

  it('waits for a timestamp in the future', async () => {
    await using test = await TestLog.open();
    await test.publish('a', 'old');
    await using reader = await test.read('**', at(test.clock.nowNs() + 2_000_000n));
    await reader.until('caught_up');
    const next = reader.until('messages');
    await test.publish('a', 'too early');
    test.clock.advance(2);
    await test.publish('b', 'in time');
    expect(await next).toEqual(['b:in time']);
  });

  it('ends at its limit, before a timestamp, and with what was there, within a frame too', async () => {
    await using test = await TestLog.open();
    const { firstTimestampNs } = await test.publish('a', '1', '2', '3');
    await using limited = await test.read('**', { maxMessages: 2 });
    expect(await limited.until('end')).toEqual(['a:1', 'a:2', { end: 'limit' }]);
    await using before = await test.read('**', { untilNs: firstTimestampNs + 1n });
    expect(await before.until('end')).toEqual(['a:1', UNTIL]);
    await using now = await test.read('**', { untilNow: true });
    await test.publish('a', '4');
    expect(await now.until('end')).toEqual(['a:1', 'a:2', 'a:3', UNTIL]);
  });

  it('waits for an until in the future', async () => {
    await using test = await TestLog.open();
    await using reader = await test.read('**', { untilNs: test.clock.nowNs() + 3_000_000n });
    await reader.until('caught_up');
    await test.publish('a', '1');
    const rest = reader.until('end');
    test.clock.advance(4);
    expect(await rest).toEqual(['a:1', UNTIL]);
  });

  it('keeps its events within the bytes asked for, and loses nothing between them', async () => {
    await using test = await TestLog.open();
    const values = Array.from({ length: 30 }, (_, i) => `${i}`.padStart(100, '.'));
    for (let i = 0; i < 30; i += 3)
      await test.publish(i % 2 === 0 ? 'a' : 'b', ...values.slice(i, i + 3));
    for (const isOnDisk of [false, true]) {
      if (isOnDisk) await test.reopen();
      await using reader = await test.read('**', { chunkBytes: 250, untilNow: true });
      let count = 0;
      for (
        let event = await reader.next();
        event?.type === 'messages';
        event = await reader.next()
      ) {
        expect(event.bytes).toBeLessThanOrEqual(250);
        count += event.messageCount;
      }
      expect(count).toBe(30);
    }
  });

  it('ends soon and without an event when it is closed while it waits', async () => {
    await using test = await TestLog.open();
    await using reader = await test.read('**');
    await reader.until('caught_up');
    const next = reader.next();
    reader.reader.close();
    expect(await next).toBeUndefined();
    expect(test.log.readContext.tapeFollowers.size).toBe(0);
  });
});

describe('frames that stand close together on the tape', () => {
  it('are all read from the disk: large ones of one commit', async () => {
    await using test = await TestLog.open();
    const values = Array.from({ length: 8 }, (_, i) => `${i}`.padEnd(200_000, '.'));
    await test.publish('a', ...values);
    await test.reopen();
    await using reader = await test.read('**', { untilNow: true });
    const all = await reader.until('end');
    expect(all.map((each) => String(each).slice(0, 3))).toEqual([
      ...values.map((_, i) => `a:${i}`),
      '[ob',
    ]);
  });

  it('are all read from the disk: those of many topics in one commit', async () => {
    await using test = await TestLog.open();
    const names = Array.from({ length: 1500 }, (_, i) => `t${i}`);
    await Promise.all(names.map((name) => test.log.createTopic(name, {})));
    await Promise.all(names.map((name) => test.publish(name, 'x')));
    await test.reopen();
    await using reader = await test.read('**', { untilNow: true });
    const all = await reader.until('end');
    expect(all.slice(0, -1).sort()).toEqual(names.map((name) => `${name}:x`).sort());
    const { position } = at(test.log.topic('t1400').firstTimestampNs);
    await using late = await test.read('**', { position, untilNow: true });
    expect(await late.until('end')).toHaveLength(101);
  });
});

describe('the last messages of many topics', () => {
  it('are counted over all of them', async () => {
    await using test = await TestLog.open();
    await test.publish('a', '1', '2', '3');
    await test.publish('other', 'x');
    await test.publish('b', '4');
    await using reader = await test.read('*', { ...last(3n), untilNow: true });
    expect(await reader.until('end')).toEqual(['a:3', 'other:x', 'b:4', UNTIL]);
  });

  it('are not among those that are trimmed or deleted', async () => {
    await using test = await TestLog.open();
    await test.publish('a', '1', '2');
    const { lastTimestampNs } = await test.publish('b', '3', '4', '5');
    await test.publish('c', '6', '7', '8');
    await test.log.trimTopic('b', lastTimestampNs);
    await test.log.deleteTopic('c');
    await using reader = await test.read('**', { ...last(2n), untilNow: true });
    expect(await reader.until('end')).toEqual(['a:2', 'b:5', UNTIL]);
  });
});

describe('an event of one of many topics', () => {
  it('closed stands at its place, and the reader goes on', async () => {
    await using test = await TestLog.open();
    await test.publish('a', '1');
    await test.close('a', 'done');
    await test.publish('b', '2');
    for (const isOnDisk of [false, true]) {
      if (isOnDisk) await test.reopen();
      await using reader = await test.read('**', { untilNow: true });
      expect(await reader.until('end')).toEqual([
        'a:1',
        { closed: 'a', reason: 'done' },
        'b:2',
        UNTIL,
      ]);
    }
  });

  it('deleted is told of a topic that was met, and a new one of the name is another', async () => {
    await using test = await TestLog.open();
    await test.publish('a', '1');
    await using reader = await test.read('**');
    await reader.until('caught_up');
    await test.log.deleteTopic('a');
    await test.publish('a', '2');
    expect(await reader.until('messages')).toEqual([{ deleted: 'a' }, 'a:2']);
  });

  it('trimmed is told to a reader who asks for it by time, for each topic', async () => {
    await using test = await TestLog.open();
    const a = await test.publish('a', '1', '2');
    const b = await test.publish('b', '3');
    await test.publish('c', '4');
    await test.log.trimTopic('a', a.lastTimestampNs);
    await test.log.trimTopic('b', b.lastTimestampNs + 1n);
    await using reader = await test.read('**', { ...at(a.firstTimestampNs), untilNow: true });
    expect(await reader.until('end')).toEqual([
      { trimmed: 'a', firstNs: a.lastTimestampNs },
      { trimmed: 'b', firstNs: 0n },
      'a:2',
      'c:4',
      UNTIL,
    ]);
    await using earliest = await test.read('**', { untilNow: true });
    expect(await earliest.until('end')).toEqual(['a:2', 'c:4', UNTIL]);
    const behind = { ...at(b.lastTimestampNs + 1n), untilNow: true };
    await using later = await test.read('**', behind);
    expect(await later.until('end')).toEqual(['c:4', UNTIL]);
  });

  it('trimmed within a batch is not delivered, though the batch was begun', async () => {
    await using test = await TestLog.open();
    const { lastTimestampNs } = await test.publish('a', '1', '2', '3');
    await using reader = await test.read('**', { chunkBytes: 1, untilNow: true });
    expect(await reader.until('messages')).toEqual(['a:1']);
    await test.log.trimTopic('a', lastTimestampNs);
    expect(await reader.until('end')).toEqual(['a:3', UNTIL]);
  });

  it('trimmed is told once to a reader under whose feet messages go', async () => {
    await using test = await TestLog.open();
    await test.publish('a', '1');
    await test.publish('b', 'x');
    for (const value of ['2', '3', '4']) await test.publish('a', value);
    const { firstTimestampNs } = await test.publish('a', '5');
    await using reader = await test.read('**', { chunkBytes: 1, untilNow: true });
    expect(await reader.until('messages')).toEqual(['a:1']);
    await test.log.trimTopic('a', firstTimestampNs);
    expect(await reader.until('end')).toEqual([
      'b:x',
      { trimmed: 'a', firstNs: firstTimestampNs },
      'a:5',
      UNTIL,
    ]);
  });

  it('trimmed is not told to a follower who has read what goes', async () => {
    await using test = await TestLog.open();
    const { lastTimestampNs } = await test.publish('a', '1', '2');
    await using reader = await test.read('**');
    await reader.until('caught_up');
    await test.log.trimTopic('a', lastTimestampNs + 1n);
    test.clock.advance(5);
    await test.publish('a', '3');
    expect(await reader.until('messages')).toEqual(['a:3']);
  });
});

describe('a reader of the latest of many topics', () => {
  it('gets only what comes', async () => {
    await using test = await TestLog.open();
    await test.publish('a', '1');
    await test.close('a');
    await using reader = await test.read('**', latest);
    await reader.until('caught_up');
    await test.publish('b', '2');
    expect(await reader.until('messages')).toEqual(['b:2']);
  });
});
