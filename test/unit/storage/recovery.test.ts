import { describe, expect, it } from 'vitest';
import { frameEndNs } from '../../../src/storage/frame.ts';
import type { CheckpointRecords, MetaContents } from '../../../src/storage/meta.ts';
import { rebuildIndex, recover } from '../../../src/storage/recovery.ts';
import type { AppendFrame } from '../../../src/storage/store.ts';
import { FrameMaker, START_NS, topicRecord } from '../../support/frames.ts';
import { StorageParts } from '../../support/storage-parts.ts';

const NOTHING: MetaContents = { topics: [], tails: [], producers: [], checkpoint: undefined };
const producer = (sequence: bigint) => ({ name: 'p', sequence, index: 1, messageCount: 1, crc: 7 });

async function openTopics(...ids: number[]) {
  const parts = await StorageParts.open();
  const contents = { ...NOTHING, topics: ids.map((id) => topicRecord(id)) };
  const run = async (given: MetaContents = contents) =>
    recover(given, parts.scanner, parts.index, await parts.index.head());
  return { parts, contents, run, make: new FrameMaker() };
}

/** The records as they are when what was recovered was noted. */
function noted(contents: MetaContents, news: CheckpointRecords | undefined): MetaContents {
  if (news === undefined) return contents;
  return {
    ...contents,
    tails: [...news.tails],
    producers: [...news.producers],
    checkpoint: news.checkpoint,
  };
}

function endOf(frame: AppendFrame | undefined): bigint {
  return frame === undefined ? 0n : frameEndNs(frame.frame);
}

describe('recover', () => {
  it('finds nothing on an empty tape, and has no news', async () => {
    const { run } = await openTopics();
    expect(await run()).toEqual({
      recovered: {
        topics: [],
        tails: new Map(),
        producers: [],
        lastTopicId: 0,
        tapeSequence: 0n,
        endNs: 0n,
        isDamaged: false,
        isNoted: true,
      },
      news: undefined,
    });
  });

  it('finds where every topic ends', async () => {
    const { parts, run, make } = await openTopics(1, 2, 3);
    const frames = [make.data(1, 'ab', 2), make.data(2, 'c'), make.close(2), make.data(1, 'd')];
    await parts.append(frames);
    const { recovered } = await run();
    expect(recovered.tails.get(1)).toMatchObject({
      lastTimestampNs: START_NS + 4n,
      endNs: START_NS + 5n,
      sequence: 3n,
      bytes: 3n,
      closed: undefined,
    });
    expect(recovered.tails.get(2)).toMatchObject({
      lastTimestampNs: START_NS + 2n,
      endNs: START_NS + 4n,
      sequence: 1n,
      closed: Buffer.from([0]).toString('base64'),
    });
    expect(recovered.tails.has(3)).toBe(false);
    expect(recovered).toMatchObject({ tapeSequence: 4n, endNs: START_NS + 5n, lastTopicId: 3 });
  });

  it('finds the same when its news are noted, and then has none', async () => {
    const { parts, contents, run, make } = await openTopics(1, 2);
    await parts.append([make.data(1, 'a', 2, [producer(1n)]), make.data(2, 'b')]);
    const first = await run();
    const second = await run(noted(contents, first.news));
    expect(second.news).toBeUndefined();
    expect({ ...second.recovered, tails: undefined }).toEqual({
      ...first.recovered,
      isNoted: true,
      tails: undefined,
    });
    for (const id of [1, 2]) {
      expect(second.recovered.tails.get(id)).toEqual({
        ...first.recovered.tails.get(id),
        floorTimestampNs: first.recovered.topics[id - 1]?.floor.timestampNs,
      });
    }
  });

  it('notes only what is behind the checkpoint', async () => {
    const { parts, contents, run, make } = await openTopics(1, 2);
    await parts.append([make.data(1, 'a')]);
    const before = noted(contents, (await run()).news);
    await parts.append([make.data(2, 'b')]);
    const { recovered, news } = await run(before);
    expect(news?.tails.map((tail) => tail.topicId)).toEqual([2]);
    expect([...recovered.tails.keys()]).toEqual([1, 2]);
    expect(news?.checkpoint).toEqual({ tapeSequence: 2n, endNs: START_NS + 2n, lastTopicId: 2 });
  });

  it('finds the requests of producers, the last used one last', async () => {
    const { parts, contents, run, make } = await openTopics(1);
    await parts.append([make.data(1, 'a', 2, [producer(1n)])]);
    const before = noted(contents, (await run()).news);
    await parts.append([make.data(1, 'b', 2, [producer(2n), { ...producer(1n), name: 'q' }])]);
    const { recovered } = await run(before);
    expect(
      recovered.producers.map(({ name, requests }) => [
        name,
        requests.map((each) => each.timestampNs),
      ]),
    ).toEqual([
      ['p', [START_NS + 1n, START_NS + 3n]],
      ['q', [START_NS + 3n]],
    ]);
  });

  it('gives a floor without messages behind it the timestamp of the first that came', async () => {
    const { parts, contents, make, run } = await openTopics(1);
    await parts.append([make.data(1, 'abc', 3), make.data(1, 'de', 2)]);
    const floor = { timestampNs: START_NS + 3n, sequence: 4n, bytes: 4n };
    const topics = contents.topics.map((topic) => ({ ...topic, floor }));
    expect((await run({ ...contents, topics })).recovered.topics[0]?.floor.timestampNs).toBe(
      START_NS + 4n,
    );
  });

  it('puts into the index what it lacks', async () => {
    const { parts, run, make } = await openTopics(1);
    const frames = [make.data(1, 'a'), make.data(1, 'b')];
    await parts.tape.append(frames, true);
    await run();
    expect(await parts.index.range(1, 0n, 9)).toHaveLength(2);
  });

  it('refuses frames of a topic whose record is lost', async () => {
    const { parts, run, make } = await openTopics(1);
    await parts.append([make.data(1, 'a'), make.data(2, 'b')]);
    await expect(run()).rejects.toMatchObject({ reason: 'DATA_LOSS' });
  });

  it('sees that a frame in the middle is missing', async () => {
    const { parts, run, make } = await openTopics(1, 2);
    const frames = [make.data(1, 'a'), make.data(2, 'b'), make.data(1, 'c')];
    await parts.append(frames);
    await parts.lose(frames[1]);
    const { recovered } = await run();
    expect(recovered.isDamaged).toBe(true);
    expect(recovered.tails.get(2)).toMatchObject({ sequence: 1n, endNs: endOf(frames[1]) });
  });

  it('keeps the place of what is missing at the end, also if it ends right after', async () => {
    const { parts, contents, run, make } = await openTopics(1, 2);
    const frames = [make.data(1, 'a'), make.data(1, 'bc', 2), make.data(2, 'd'), make.close(2)];
    await parts.append(frames);
    await parts.lose(frames[1], frames[2], frames[3]);
    const expected = {
      tapeSequence: 4n,
      endNs: endOf(frames[3]),
      isDamaged: true,
    };
    let recovery = await run();
    // Nothing was noted: the head of the index is still the witness.
    recovery = await run();
    expect(recovery.recovered).toMatchObject(expected);
    expect(recovery.recovered.tails.get(1)).toMatchObject({
      sequence: 3n,
      lastTimestampNs: endOf(frames[1]) - 1n,
    });
    expect(recovery.recovered.tails.get(2)).toMatchObject({
      sequence: 1n,
      lastTimestampNs: endOf(frames[2]) - 1n,
      endNs: endOf(frames[3]),
      closed: '',
    });
    const { recovered, news } = await run(noted(contents, recovery.news));
    expect(news).toBeUndefined();
    expect(recovered).toMatchObject({ ...expected, isDamaged: false });
    expect(recovered.tails.get(2)).toMatchObject({ sequence: 1n, closed: '' });
  });
});

describe('rebuildIndex', () => {
  it('makes the index again from all that is on the tape', async () => {
    const parts = await StorageParts.open();
    const make = new FrameMaker();
    const frames = Array.from({ length: 2500 }, (_, i) => make.data(1 + (i % 3), `${i}`));
    await parts.tape.append(frames, true);
    await parts.damage(frames[7]);
    await rebuildIndex(parts.scanner, parts.index);
    const counts = await Promise.all([1, 2, 3].map((id) => parts.index.range(id, 0n, 9999)));
    expect(counts.map((entries) => entries.length)).toEqual([834, 832, 833]);
  });
});
