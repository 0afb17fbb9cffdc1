import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Database } from '../../../src/storage/databases.ts';
import { MemoryDatabases, readRange } from '../../../src/storage/databases.ts';
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

async function openParts(): Promise<{ database: Database; index: TopicIndex }> {
  const database = await new MemoryDatabases().open('index');
  return { database, index: new TopicIndex(database) };
}

async function openIndex(): Promise<TopicIndex> {
  return (await openParts()).index;
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

  it('finds entries in both directions, of that topic only', async () => {
    const { index } = await openParts();
    await index.put([place(1, 10n), place(1, 20n), place(2, 15n), place(1, 30n)]);
    expect(timesOf(await index.range(1, 11n, 10))).toEqual([20n, 30n]);
    expect(timesOf(await index.range(1, 0n, 1))).toEqual([10n]);
    expect(timesOf(await index.rangeReverse(1, 30n, 10))).toEqual([20n, 10n]);
    expect(timesOf(await index.rangeReverse(1, 31n, 1))).toEqual([30n]);
  });

  it('pages through the entries of all topics, without the head', async () => {
    const { index } = await openParts();
    const entries = [place(1, 10n), place(1, 20n), place(2, 5n), place(3, 1n), place(3, 2n)];
    await index.write(entries, { tapeSequence: 5n, endNs: 21n });
    const found: IndexEntry[] = [];
    for (let after: Buffer | undefined = indexKey(0, 0n); after !== undefined; ) {
      const page: Awaited<ReturnType<TopicIndex['page']>> = await index.page(after, 2);
      found.push(...page.entries);
      after = page.last;
    }
    expect(found).toEqual(entries);
  });

  it('leaves damaged entries out', async () => {
    const { database, index } = await openParts();
    await index.put([place(1, 10n), place(1, 20n), place(1, 30n)]);
    await damage(database, indexKey(1, 20n));
    expect(timesOf(await index.range(1, 0n, 10))).toEqual([10n, 30n]);
    expect(timesOf(await index.rangeReverse(1, 31n, 10))).toEqual([30n, 10n]);
    expect(timesOf((await index.page(indexKey(0, 0n), 10)).entries)).toEqual([10n, 30n]);
  });

  it('believes no damaged head, which could send the clock far ahead', async () => {
    const { database, index } = await openParts();
    await index.write([], { tapeSequence: 5n, endNs: 50n });
    const [[, value] = []] = await readRange(database, { limit: 1 });
    if (value === undefined) throw new TypeError('no head');
    const put = { type: 'put', key: indexKey(0xffffffff, 1n << 60n), value } as const;
    await database.batch([put], { sync: false });
    expect(await index.head()).toEqual({ tapeSequence: 5n, endNs: 50n });
    await damage(database, indexKey(0xffffffff, 5n));
    expect(await index.head()).toBeUndefined();
  });

  it('goes on to keep one head when it is opened again', async () => {
    const { database, index } = await openParts();
    await index.write([], { tapeSequence: 5n, endNs: 50n });
    const again = new TopicIndex(database);
    await again.head();
    await again.write([], { tapeSequence: 6n, endNs: 60n });
    expect(await readRange(database, { limit: 9 })).toHaveLength(1);
  });
});

function timesOf(entries: readonly IndexEntry[]): bigint[] {
  return entries.map((each) => each.timestampNs);
}

/** Flips a bit of the value. */
async function damage(database: Database, key: Buffer): Promise<void> {
  const value = Buffer.from((await database.get(key)) ?? []);
  value[3] = (value[3] ?? 0) ^ 1;
  await database.batch([{ type: 'put', key, value }], { sync: false });
}
