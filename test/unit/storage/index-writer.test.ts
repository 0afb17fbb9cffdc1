import { describe, expect, it, vi } from 'vitest';
import { INDEX_WRITE_ENTRIES } from '../../../src/limits.ts';
import { MemoryDatabases } from '../../../src/storage/databases.ts';
import { IndexWriter } from '../../../src/storage/index-writer.ts';
import type { IndexEntry } from '../../../src/storage/topic-index.ts';
import { TopicIndex } from '../../../src/storage/topic-index.ts';
import { FaultyDatabases } from '../../support/faulty-databases.ts';

const entryAt = (topicId: number, sequence: number): IndexEntry => ({
  topicId,
  timestampNs: BigInt(sequence),
  topicSequence: BigInt(sequence),
  messageCount: 1,
  topicBytes: 0n,
  bytes: 1,
  tapeSequence: BigInt(sequence),
  isClose: false,
});

const headAt = (sequence: number) => ({
  tapeSequence: BigInt(sequence + 1),
  endNs: BigInt(sequence + 1),
});

async function openWriter() {
  const databases = new FaultyDatabases(new MemoryDatabases());
  const index = new TopicIndex(await databases.open('index', { createIfMissing: true }));
  const writer = new IndexWriter(index, { tapeSequence: 0n, endNs: 0n });
  const add = (topicId: number, sequence: number) =>
    writer.add([entryAt(topicId, sequence)], headAt(sequence));
  const inIndex = async (topicId: number) =>
    (await index.range(topicId, 0n, 10_000)).map(({ topicSequence }) => Number(topicSequence));
  const kept = (topicId: number) =>
    writer.entriesOf(topicId).map(({ topicSequence }) => Number(topicSequence));
  return { databases, index, writer, add, inIndex, kept };
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('IndexWriter', () => {
  it('keeps the entries of each topic, in order, until they are in the index', async () => {
    const { writer, add, inIndex, kept, index } = await openWriter();
    await add(1, 0);
    await add(2, 1);
    await add(1, 2);
    expect([kept(1), kept(2), kept(3)]).toEqual([[0, 2], [1], []]);
    await writer.flush();
    expect([await inIndex(1), await inIndex(2)]).toEqual([[0, 2], [1]]);
    expect([kept(1), kept(2)]).toEqual([[], []]);
    expect(await index.head()).toEqual(headAt(2));
  });

  it('writes what few appends have brought soon, without being asked', async () => {
    const { add, inIndex } = await openWriter();
    await add(1, 0);
    await vi.waitFor(async () => expect(await inIndex(1)).toEqual([0]));
  });

  it('shows what is being written, and lets nobody add more than another write', async () => {
    const { databases, writer, add, inIndex, kept } = await openWriter();
    const release = databases.hold('index.batch');
    for (const i of upTo(2 * INDEX_WRITE_ENTRIES - 1)) await add(1, i);
    let isAdded = false;
    const adding = add(1, 2 * INDEX_WRITE_ENTRIES - 1).then(() => (isAdded = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isAdded).toBe(false);
    expect(kept(1)).toEqual(upTo(2 * INDEX_WRITE_ENTRIES));
    release();
    await adding;
    await writer.flush();
    expect(await inIndex(1)).toEqual(upTo(2 * INDEX_WRITE_ENTRIES));
  });

  it('tells everybody that a write has failed', async () => {
    const { databases, writer, add } = await openWriter();
    databases.fail('index.batch');
    await add(1, 0);
    await expect(writer.flush()).rejects.toThrow('Input/output error');
    await expect(add(1, 1)).rejects.toThrow('Input/output error');
    await expect(writer.flush()).rejects.toThrow('Input/output error');
  });
});
