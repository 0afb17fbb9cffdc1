import { describe, expect, it } from 'vitest';
import { RECENT_BYTES, RECENT_FRAMES } from '../../../src/limits.ts';
import { RecentFrames } from '../../../src/log/recent-frames.ts';
import type { Frame } from '../../../src/storage/frame.ts';
import { newTopic } from '../../support/topic.ts';

function frameAt(timestampNs: bigint, bytes = 1, messageCount = 1): Frame {
  const zero = { kind: 'data', lane: 0, topicId: 1, tapeSequence: 0n, topicSequence: 0n } as const;
  const body = Buffer.alloc(bytes);
  return { ...zero, timestampNs, messageCount, topicBytes: 0n, producers: [], body };
}

describe('RecentFrames', () => {
  it('keeps frames for all readers and for those of each topic', () => {
    const recent = new RecentFrames();
    const [a, b] = [newTopic('a', 1), newTopic('b', 2)];
    recent.push(a, frameAt(10n));
    recent.push(b, frameAt(20n));
    recent.push(a, frameAt(30n));
    expect(recent.fromNs).toBe(0n);
    expect(recent.frames.length).toBe(3);
    expect([a.recent.length, b.recent.length]).toEqual([2, 1]);
    expect(recent.frames.firstPlace(({ frame }) => frame.timestampNs > 10n)).toBe(1);
  });

  it('drops the oldest beyond its bytes, and says from where on it has all', () => {
    const recent = new RecentFrames();
    const topic = newTopic('a');
    recent.push(topic, frameAt(10n, RECENT_BYTES / 2, 5));
    recent.push(topic, frameAt(20n, RECENT_BYTES / 2));
    expect(recent.fromNs).toBe(0n);
    recent.push(topic, frameAt(30n));
    expect([recent.fromNs, topic.recentFromNs]).toEqual([15n, 15n]);
    expect([recent.frames.length, topic.recent.length]).toEqual([2, 2]);
  });

  it('drops the oldest beyond its number', () => {
    const recent = new RecentFrames();
    const topic = newTopic('a');
    for (let i = 0; i <= RECENT_FRAMES; i++) recent.push(topic, frameAt(BigInt(i)));
    expect(recent.frames.length).toBe(RECENT_FRAMES);
    expect(recent.fromNs).toBe(1n);
  });

  it('drops a frame only for its own topic', () => {
    const recent = new RecentFrames();
    const [a, b] = [newTopic('a', 1), newTopic('b', 2)];
    recent.push(a, frameAt(10n, RECENT_BYTES));
    recent.push(b, frameAt(20n));
    expect([a.recentFromNs, b.recentFromNs]).toEqual([11n, 0n]);
    expect([a.recent.length, b.recent.length]).toEqual([0, 1]);
  });

  it('begins anew where it is told to', () => {
    const recent = new RecentFrames();
    const topic = newTopic('a');
    recent.push(topic, frameAt(10n));
    recent.restart(50n);
    expect([recent.fromNs, recent.frames.length, topic.recent.length]).toEqual([50n, 0, 0]);
    recent.push(topic, frameAt(60n));
    expect(topic.recent.at(0)?.timestampNs).toBe(60n);
  });
});
