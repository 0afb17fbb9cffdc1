import { describe, expect, it } from 'vitest';
import { PAGE_BYTES } from '../../../src/limits.ts';
import { TopicFrames, timestampIn } from '../../../src/log/topic-frames.ts';
import { valuesOf } from '../../support/message.ts';
import { TestLog } from '../../support/test-log.ts';

const WHERE = ['in memory', 'in the store'] as const;

/** Three frames of two messages each: `0`, `1`, and so on. */
async function filled(test: TestLog, where: (typeof WHERE)[number], values = 6) {
  const stamps: bigint[] = [];
  for (let i = 0; i < values; i += 2) {
    const { firstTimestampNs } = await test.publish('t', `${i}`, `${i + 1}`);
    stamps.push(firstTimestampNs, firstTimestampNs + 1n);
    test.clock.advance(1);
  }
  const { recent, committer } = test.log.readContext;
  if (where === 'in the store') recent.restart(committer.endNs);
  const topic = test.log.topic('t');
  return { topic, stamps, frames: new TopicFrames(test.log.readContext, topic) };
}

const textOf = (frames: readonly { readonly body: Buffer }[]) =>
  frames.map(({ body }) => valuesOf(body).join(' '));

describe.each(WHERE)('frames that are %s', (where) => {
  it('are read from the one with the message on', async () => {
    await using test = await TestLog.open();
    const { frames, stamps } = await filled(test, where);
    for (const [sequence, text] of [
      [0, ['0 1', '2 3', '4 5']],
      [1, ['0 1', '2 3', '4 5']],
      [2, ['2 3', '4 5']],
      [5, ['4 5']],
      [3, ['2 3', '4 5']],
    ] as const) {
      const found = await frames.read(BigInt(sequence), stamps[sequence] ?? 0n);
      expect(textOf(found)).toEqual(text);
    }
  });

  it('are found by the sequence where the timestamp is before it', async () => {
    await using test = await TestLog.open();
    const { frames, stamps } = await filled(test, where);
    const found = await frames.read(4n, (stamps[3] ?? 0n) + 1n);
    expect(textOf(found)).toEqual(['4 5']);
    expect(await frames.read(6n, (stamps[5] ?? 0n) + 1n)).toEqual([]);
  });

  it('are data, not the close', async () => {
    await using test = await TestLog.open();
    const { frames, stamps } = await filled(test, where, 2);
    await test.close('t');
    expect(textOf(await frames.read(0n, stamps[0] ?? 0n))).toEqual(['0 1']);
  });

  it('are none of a topic that is deleted', async () => {
    await using test = await TestLog.open();
    const { frames, stamps } = await filled(test, where);
    await test.log.deleteTopic('t');
    await test.log.swept();
    expect(await frames.read(0n, stamps[0] ?? 0n)).toEqual([]);
  });
});

describe('pages of a topic', () => {
  it.each(WHERE)('follow one another: %s', async (where) => {
    await using test = await TestLog.open();
    const value = 'x'.repeat(PAGE_BYTES / 2);
    for (let i = 0; i < 5; i++) await test.publish('t', `${i}${value}`);
    const { recent, committer } = test.log.readContext;
    if (where === 'in the store') recent.restart(committer.endNs);
    const topic = test.log.topic('t');
    const frames = new TopicFrames(test.log.readContext, topic);
    const read: string[] = [];
    let [sequence, timestampNs] = [0n, topic.floor.timestampNs];
    while (sequence < topic.sequence) {
      const page = await frames.read(sequence, timestampNs);
      expect(page.length).toBeLessThan(4);
      for (const frame of page) {
        expect(frame.topicSequence).toBe(sequence);
        read.push(...valuesOf(frame.body).map((each) => each.slice(0, 1)));
        sequence += BigInt(frame.messageCount);
        timestampNs = frame.timestampNs + BigInt(frame.messageCount);
      }
    }
    expect(read).toEqual(['0', '1', '2', '3', '4']);
  });

  it('are none where all was trimmed while they were read', async () => {
    await using test = await TestLog.open();
    const { frames, stamps, topic } = await filled(test, 'in the store');
    const reading = frames.read(0n, stamps[0] ?? 0n);
    topic.floor = { ...topic.floor, sequence: 4n };
    expect(await reading).toEqual([]);
  });
});

describe('the timestamp of a message', () => {
  it('is told by its place in a frame', async () => {
    await using test = await TestLog.open();
    const { frames, stamps } = await filled(test, 'in memory');
    const [, frame] = await frames.read(0n, stamps[0] ?? 0n);
    if (frame === undefined) throw new Error('nothing was read');
    expect([1n, 2n, 3n].map((sequence) => timestampIn(frame, sequence))).toEqual([
      stamps[2],
      stamps[2],
      stamps[3],
    ]);
  });
});
