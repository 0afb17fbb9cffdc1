import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryDatabases } from '../../../src/storage/databases.ts';
import type { IndexEntry } from '../../../src/storage/topic-index.ts';
import {
  decodeIndexEntry,
  encodeIndexValue,
  indexKey,
  TopicIndex,
} from '../../../src/storage/topic-index.ts';

const uint64 = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n });
const entry: fc.Arbitrary<IndexEntry> = fc.record({
  topicId: fc.nat({ max: 0xfffffffe }),
  timestampNs: uint64,
  topicSequence: uint64,
  messageCount: fc.nat(),
  topicBytes: uint64,
  bytes: fc.nat(),
  tapeSequence: uint64,
  isClose: fc.boolean(),
});

const place = (topicId: number, timestampNs: bigint): IndexEntry => ({
  topicId,
  timestampNs,
  topicSequence: 0n,
  messageCount: 1,
  topicBytes: 0n,
  bytes: 1,
  tapeSequence: 0n,
  isClose: false,
});

async function openIndex(): Promise<TopicIndex> {
  return new TopicIndex(await new MemoryDatabases().open('index'));
}

describe('an index entry', () => {
  it('decodes to what was encoded, and is refused if any bit of it is flipped', () => {
    fc.assert(
      fc.property(entry, fc.nat(), (each, at) => {
        const key = indexKey(each.topicId, each.timestampNs);
        const stored = Buffer.concat([key, encodeIndexValue(key, each)]);
        expect(decodeIndexEntry(stored.subarray(0, 12), stored.subarray(12))).toEqual(each);
        const bit = at % (stored.length * 8);
        stored[bit >>> 3] = (stored[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
        expect(decodeIndexEntry(stored.subarray(0, 12), stored.subarray(12))).toBeUndefined();
      }),
    );
  });
});

describe('TopicIndex', () => {
  it('finds the entry at or before a timestamp, of that topic only', async () => {
    const index = await openIndex();
    await index.put([place(1, 10n), place(1, 20n), place(2, 15n)]);
    expect((await index.floor(1, 19n))?.timestampNs).toBe(10n);
    expect((await index.floor(1, 20n))?.timestampNs).toBe(20n);
    expect(await index.floor(1, 9n)).toBeUndefined();
  });

  it('remembers how far the tape reached, and only the last time', async () => {
    const index = await openIndex();
    expect(await index.head()).toBeUndefined();
    await index.write([place(1, 10n)], { tapeSequence: 1n, endNs: 11n });
    await index.write([place(1, 11n)], { tapeSequence: 2n, endNs: 12n });
    expect(await index.head()).toEqual({ tapeSequence: 2n, endNs: 12n });
  });

  it('leaves the entries of a topic out that were removed', async () => {
    const index = await openIndex();
    await index.put([place(1, 10n), place(1, 20n), place(1, 30n)]);
    await index.remove(1, [10n, 20n]);
    expect((await index.range(1, 0n, 10)).map((each) => each.timestampNs)).toEqual([30n]);
  });
});
