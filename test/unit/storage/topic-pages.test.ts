import { describe, expect, it } from 'vitest';
import type { TopicRead } from '../../../src/storage/store.ts';
import { entryOf } from '../../../src/storage/topic-index.ts';
import { FrameMaker, START_NS } from '../../support/frames.ts';
import { CORRUPTION, StorageParts } from '../../support/storage-parts.ts';

const TOPIC = 1;

/** A topic of frames of two messages, between which lie frames of another; closed at the end if asked for. */
async function openPages({ count = 6, isClosed = false } = {}) {
  const parts = await StorageParts.open();
  const make = new FrameMaker();
  const frames = Array.from({ length: count }, (_, i) => {
    const frame = make.data(TOPIC, `frame ${i}`, 2);
    return { frame, other: make.data(2, 'other') };
  });
  const all = frames.flatMap(({ frame, other }) => [frame, other]);
  await parts.append(isClosed ? [...all, make.close(TOPIC)] : all);
  const span = make.span(TOPIC);
  const read = (
    options: Partial<TopicRead> = {},
    unindexed = [] as Parameters<typeof parts.pages.read>[1],
  ) => parts.pages.read({ ...span, fromNs: 0n, maxBytes: 10_000, ...options }, unindexed);
  return { parts, make, span, read, frames: frames.map(({ frame }) => frame) };
}

/** Reads page by page as a reader does, on behind what is lost. */
async function readAll(read: Awaited<ReturnType<typeof openPages>>['read'], endNs: bigint) {
  const found: string[] = [];
  for (let fromNs = 0n; fromNs < endNs; ) {
    const page = await read({ fromNs });
    found.push(...page.frames.map((frame) => frame.body.toString()));
    const last = page.frames.at(-1);
    if (page.lost !== undefined) {
      found.push(`lost ${page.lost.firstNs - START_NS}-${page.lost.lastNs - START_NS}`);
      fromNs = page.lost.lastNs + 1n;
    } else if (last !== undefined) fromNs = last.timestampNs + 2n;
    else break;
  }
  return found;
}

const numbered = (...numbers: number[]) => numbers.map((number) => `frame ${number}`);

describe('TopicPages', () => {
  it('reads a topic to its end, without its close marker', async () => {
    const { read, span } = await openPages({ isClosed: true });
    expect(await readAll(read, span.end.endNs)).toEqual(numbered(0, 1, 2, 3, 4, 5));
  });

  it.each([
    ['first', [0]],
    ['one in the middle', [2]],
    ['several', [1, 2, 4]],
    ['last', [5]],
    ['every one', [0, 1, 2, 3, 4, 5]],
  ])(
    'fills the index from the tape where it lacks the %s, and does so once',
    async (_, missing) => {
      const { parts, read, span, frames } = await openPages();
      await parts.unindex(...missing.map((i) => frames[i]));
      expect(await readAll(read, span.end.endNs)).toEqual(numbered(0, 1, 2, 3, 4, 5));
      expect(await parts.index.range(TOPIC, 0n, 99)).toHaveLength(6);
    },
  );

  it.each([
    ['first', [0], ['lost 0-1', ...numbered(1, 2, 3, 4, 5)]],
    ['one in the middle', [2], [...numbered(0, 1), 'lost 6-7', ...numbered(3, 4, 5)]],
    ['two in a row', [2, 3], [...numbered(0, 1), 'lost 6-7', 'lost 9-10', ...numbered(4, 5)]],
    ['last', [5], [...numbered(0, 1, 2, 3, 4), 'lost 15-16']],
  ])('tells exactly what is lost if the tape lacks the %s', async (_, lost, expected) => {
    const { parts, read, span, frames } = await openPages();
    await parts.lose(...lost.map((i) => frames[i]));
    expect(await readAll(read, span.end.endNs)).toEqual(expected);
  });

  it('tells what is damaged as it tells what is lost', async () => {
    const { parts, read, span, frames } = await openPages();
    await parts.damage(frames[2]);
    expect(await readAll(read, span.end.endNs)).toEqual([
      ...numbered(0, 1),
      'lost 6-7',
      ...numbered(3, 4, 5),
    ]);
  });

  it.each([
    ['first', [0], ['lost -1790000000000000000-2', ...numbered(1, 2, 3, 4, 5)]],
    ['one in the middle', [2], [...numbered(0, 1), 'lost 5-8', ...numbered(3, 4, 5)]],
    ['last', [5], [...numbered(0, 1, 2, 3, 4), 'lost 14-16']],
  ])(
    'tells a range that holds it if neither tape nor index have the %s',
    async (_, lost, expected) => {
      const { parts, read, span, frames } = await openPages();
      await parts.lose(...lost.map((i) => frames[i]));
      await parts.unindex(...lost.map((i) => frames[i]));
      expect(await readAll(read, span.end.endNs)).toEqual(expected);
      // And again, when it is known.
      expect(await readAll(read, span.end.endNs)).toEqual(expected);
    },
  );

  it('does not miss what is before the floor', async () => {
    const { parts, read, frames } = await openPages();
    await parts.lose(frames[0], frames[1]);
    await parts.unindex(frames[0], frames[1]);
    const floor = { timestampNs: START_NS + 6n, sequence: 4n, bytes: 0n };
    const page = await read({ floor });
    expect(page.frames.map((frame) => frame.body.toString())).toEqual(numbered(2, 3, 4, 5));
  });

  it.each([
    ['of the reader', { fromNs: START_NS + 1n }],
    ['of the floor', { floor: { timestampNs: START_NS + 1n, sequence: 1n, bytes: 0n } }],
  ])(
    'finds on the tape the first frame, within which lies the beginning %s',
    async (_, options) => {
      const { parts, read, frames } = await openPages();
      await parts.unindex(frames[0]);
      const page = await read(options);
      expect(page.lost).toBeUndefined();
      expect(page.frames.map((frame) => frame.body.toString())).toEqual(numbered(0, 1, 2, 3, 4, 5));
    },
  );

  it('finds on the tape what comes long before the place that it is to read, if the index has none of it', async () => {
    const parts = await StorageParts.open();
    const make = new FrameMaker();
    const frames = ['a', 'b', 'c', 'd'].map((text) => {
      make.wait(1_000_000n);
      return make.data(TOPIC, text, 2);
    });
    await parts.append(frames);
    await parts.unindex(frames[0], frames[1], frames[2]);
    const fromNs = (frames[2]?.timestampNs ?? 0n) + 1n;
    const page = await parts.pages.read({ ...make.span(TOPIC), fromNs, maxBytes: 100 }, []);
    expect(page.lost).toBeUndefined();
    expect(page.frames.map((frame) => frame.body.toString())).toEqual(['c', 'd']);
  });

  it('begins within a frame that is not in the index yet', async () => {
    const { parts, make, read } = await openPages({ count: 1 });
    const more = [make.data(TOPIC, 'frame 1', 2), make.data(TOPIC, 'frame 2', 2)];
    await parts.tape.append(more, true);
    const unindexed = more.map(({ frame }) => entryOf(frame));
    const { end } = make.span(TOPIC);
    const page = await read({ end, fromNs: (more[0]?.timestampNs ?? 0n) + 1n }, unindexed);
    expect(page.frames.map((frame) => frame.body.toString())).toEqual(numbered(1, 2));
    // It was not looked for on the tape, and not put into the index.
    expect(await parts.index.range(TOPIC, 0n, 9)).toHaveLength(1);
  });

  it('knows of frames that are not in the index yet', async () => {
    const { parts, make, read } = await openPages({ count: 2 });
    const more = [make.data(TOPIC, 'frame 2', 2), make.data(TOPIC, 'frame 3', 2)];
    await parts.tape.append(more, true);
    const { end } = make.span(TOPIC);
    const page = await read(
      { end },
      more.map(({ frame }) => entryOf(frame)),
    );
    expect(page.frames.map((frame) => frame.body.toString())).toEqual(numbered(0, 1, 2, 3));
  });

  it('reads by a scan of the tape where the index is damaged', async () => {
    const { parts, read } = await openPages();
    parts.databases.fail('index.iterator', CORRUPTION);
    const page = await read();
    expect(page.frames.map((frame) => frame.body.toString())).toEqual(numbered(0, 1, 2, 3, 4, 5));
  });

  it('fails if the disk does', async () => {
    const { parts, read } = await openPages();
    parts.databases.fail('index.iterator');
    await expect(read()).rejects.toThrow('Input/output error');
  });

  it.each<[string, number[]]>([
    ['nothing', []],
    ['the first', [0]],
    ['some', [2, 3]],
    ['the last', [5]],
  ])(
    'finds the first and the last that is wanted, though the index lacks %s',
    async (_, missing) => {
      const { parts, span, frames } = await openPages();
      for (const wanted of [0n, 4n, 6n, 10n]) {
        await parts.unindex(...missing.map((i) => frames[i]));
        const first = await parts.pages.findFirst(
          span,
          0n,
          (entry) => entry.topicSequence >= wanted,
          [],
        );
        await parts.unindex(...missing.map((i) => frames[i]));
        const last = await parts.pages.findLast(span, (entry) => entry.topicSequence <= wanted, []);
        expect([wanted, first?.topicSequence, last?.topicSequence]).toEqual([
          wanted,
          wanted,
          wanted,
        ]);
      }
    },
  );

  it('finds what is wanted where the index is damaged', async () => {
    const { parts, span } = await openPages();
    parts.databases.fail('index.iterator', CORRUPTION);
    const first = await parts.pages.findFirst(span, 0n, (entry) => entry.topicSequence > 3n, []);
    parts.databases.fail('index.iterator', CORRUPTION);
    const last = await parts.pages.findLast(span, (entry) => entry.topicSequence < 7n, []);
    parts.databases.fail('index.iterator', CORRUPTION);
    const entries = await parts.pages.firstEntries(TOPIC, 3);
    expect([first?.topicSequence, last?.topicSequence, entries.length]).toEqual([4n, 6n, 3]);
  });

  it('passes over what is lost when it looks for something', async () => {
    const { parts, span, frames } = await openPages();
    await parts.lose(frames[2], frames[5]);
    await parts.unindex(frames[2], frames[5]);
    const first = await parts.pages.findFirst(span, 0n, (entry) => entry.topicSequence >= 4n, []);
    const last = await parts.pages.findLast(span, () => true, []);
    expect([first?.topicSequence, last?.topicSequence]).toEqual([6n, 8n]);
    expect(await parts.pages.findFirst(span, 0n, () => false, [])).toBeUndefined();
  });
});
