import { describe, expect, it } from 'vitest';
import { Partitioner } from '../../../src/compat/seaweedfs-partition.ts';
import { SEAWEEDFS_HASH_BYTES } from '../../../src/limits.ts';

/** What the Go client (1.78, 2.85, 3.18) does with these keys. */
const BY_THE_CLIENT: Readonly<Record<number, string[]>> = {
  0: ['key7'],
  1: ['key1', 'key5', 'key9', 'key19'],
  2: ['key3', 'key13', 'key15'],
  3: ['key11', 'key17'],
};

/** XXH64 with seed 0, as its specification and others publish it. */
const VECTORS: readonly [string, bigint][] = [
  ['a', 0xd24ec4f1a98c6e5bn],
  ['abc', 0x44bc2cf5ad770999n],
  ['Nobody inspects the spammish repetition', 0xfbcea83c8a378bf1n],
];

describe('the partition of a message', () => {
  it('goes by the key as in the Go client', async () => {
    const partitioner = await Partitioner.load();
    for (const [partition, keys] of Object.entries(BY_THE_CLIENT)) {
      for (const key of keys) {
        expect(partitioner.partitionOf(Buffer.from(key), 3n), key).toBe(Number(partition));
      }
    }
  });

  it.each(VECTORS)('of the key %j goes by its XXH64', async (key, hash) => {
    const partitioner = await Partitioner.load();
    expect(partitioner.partitionOf(Buffer.from(key), 0n)).toBe(Number(hash % 4n));
  });

  it('of a long key, which is hashed in steps, is that of the whole', async () => {
    const { default: xxhash } = await import('xxhash-wasm');
    const hash = await xxhash();
    const partitioner = await Partitioner.load();
    const found: number[] = [];
    const expected: number[] = [];
    for (let more = 1; more <= 20; more++) {
      const key = Buffer.alloc(SEAWEEDFS_HASH_BYTES * 2 + more, 'k');
      found.push(partitioner.partitionOf(key, 0n));
      expected.push(Number(hash.h64Raw(key) % 4n));
    }
    expect(found).toEqual(expected);
  });

  it('goes by the timestamp if there is no key, so that a batch is dealt out in turn', async () => {
    const partitioner = await Partitioner.load();
    const none = Buffer.alloc(0);
    const partitions = [100n, 101n, 102n, 103n, 104n].map((ns) =>
      partitioner.partitionOf(none, ns),
    );
    expect(partitions).toEqual([0, 1, 2, 3, 0]);
  });
});
