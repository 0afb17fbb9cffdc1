import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floorBehind, retentionCutoff } from '../../../src/log/retention.ts';
import type { TopicConfig } from '../../../src/storage/meta.ts';
import { TestLog } from '../../support/test-log.ts';
import { newTopic } from '../../support/topic.ts';

const NOW_NS = 1_790_000_000_000_000_000n;

describe('retentionCutoff', () => {
  function filled(config: Partial<TopicConfig>) {
    const topic = newTopic('t', 1, config);
    topic.restore({
      ...topic.tail(),
      sequence: 10n,
      bytes: 1000n,
      endNs: NOW_NS,
      lastTimestampNs: NOW_NS - 1n,
    });
    topic.floor = { timestampNs: NOW_NS - 5_000_000n, sequence: 2n, bytes: 200n };
    return topic;
  }

  it.each([
    ['nothing without limits', {}, undefined],
    ['nothing within the limits', { maxAgeMs: 5n, maxMessages: 8n, maxBytes: 800n }, undefined],
    ['by age', { maxAgeMs: 4n }, { timestampNs: NOW_NS - 4_000_000n, sequence: 0n, bytes: 0n }],
    ['by count', { maxMessages: 7n }, { timestampNs: 0n, sequence: 3n, bytes: 0n }],
    ['by bytes', { maxBytes: 799n }, { timestampNs: 0n, sequence: 0n, bytes: 201n }],
  ])('asks for %s', (_, config, cutoff) => {
    expect(retentionCutoff(filled(config), NOW_NS)).toEqual(cutoff);
  });

  it('asks for nothing of an empty topic', () => {
    expect(retentionCutoff(newTopic('t', 1, { maxAgeMs: 1n }), NOW_NS)).toBeUndefined();
  });
});

describe('floorBehind', () => {
  const frames = fc.array(fc.array(fc.nat(60), { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 6,
  });

  /** A message as retention sees it. */
  interface Kept {
    readonly timestampNs: bigint;
    readonly sequence: bigint;
    /** Bytes before it. */
    readonly bytes: bigint;
  }

  async function fill(test: TestLog, sizes: readonly (readonly number[])[]): Promise<Kept[]> {
    const all: Kept[] = [];
    for (const frame of sizes) {
      test.clock.advance(1);
      const before = test.log.topics.get('t');
      let [sequence, bytes] = [before?.sequence ?? 0n, before?.bytes ?? 0n];
      const ack = await test.publish('t', ...frame.map((size) => Buffer.alloc(size)));
      for (const [i, size] of frame.entries()) {
        all.push({ timestampNs: ack.firstTimestampNs + BigInt(i), sequence: sequence++, bytes });
        // Tag and length, timestamp of ten bytes, and tag and length of a value that is not empty.
        bytes += BigInt(12 + (size === 0 ? 0 : 2 + size));
      }
      expect(test.log.topic('t').bytes).toBe(bytes);
    }
    return all;
  }

  it('keeps exactly the messages that are not before the cutoff, in any respect', async () => {
    await fc.assert(
      fc.asyncProperty(
        frames,
        fc.nat(30),
        fc.nat(30),
        fc.nat(900),
        fc.boolean(),
        async (sizes, age, sequence, bytes, isOnDisk) => {
          await using test = await TestLog.open();
          const all = await fill(test, sizes);
          if (isOnDisk) await test.reopen();
          const topic = test.log.topic('t');
          const first = all[0]?.timestampNs ?? 0n;
          const last = all.at(-1)?.timestampNs ?? 0n;
          const cutoff = {
            timestampNs: first + ((last - first + 2n) * BigInt(age)) / 30n,
            sequence: BigInt(sequence),
            bytes: BigInt(bytes),
          };
          const kept = all.filter(
            (each) =>
              each.timestampNs >= cutoff.timestampNs &&
              each.sequence >= cutoff.sequence &&
              each.bytes >= cutoff.bytes,
          );
          const floor = await floorBehind(topic, cutoff, test.store);
          const [firstKept] = kept;
          const trimmed = all[all.length - kept.length - 1];
          expect(floor).toMatchObject({
            timestampNs: firstKept?.timestampNs ?? last + 1n,
            sequence: firstKept?.sequence ?? topic.sequence,
            bytes: firstKept?.bytes ?? topic.bytes,
          });
          expect(floor.trimmedUntilNs).toBe(trimmed === undefined ? 0n : trimmed.timestampNs + 1n);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('goes on from a floor', async () => {
    await using test = await TestLog.open();
    const all = await fill(test, [[1, 1], [1], [1, 1]]);
    await test.log.trimTopic('t', all[1]?.timestampNs ?? 0n);
    const topic = test.log.topic('t');
    for (const message of all.slice(1)) {
      const cutoff = { timestampNs: 0n, sequence: message.sequence, bytes: 0n };
      expect(await floorBehind(topic, cutoff, test.store)).toMatchObject(message);
    }
  });

  it('does not count the close marker', async () => {
    await using test = await TestLog.open();
    const [first] = await fill(test, [[1]]);
    await test.close('t');
    const topic = test.log.topic('t');
    const cutoff = { timestampNs: 1n << 62n, sequence: 0n, bytes: 0n };
    expect(await floorBehind(topic, cutoff, test.store)).toEqual({
      timestampNs: (first?.timestampNs ?? 0n) + 1n,
      trimmedUntilNs: (first?.timestampNs ?? 0n) + 1n,
      sequence: 1n,
      bytes: topic.bytes,
    });
  });
});
