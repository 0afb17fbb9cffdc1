import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/storage/store.ts';
import { FrameMaker, START_NS, topicRecord } from '../support/frames.ts';

/** A store that is closed, and what is to be done when the test is over. */
export interface StoreFixture extends AsyncDisposable {
  readonly store: Store;
}

const sync = { sync: true };
const everything = 1n << 63n;
const bodies = (frames: readonly { body: Buffer }[]) => frames.map(({ body }) => body.toString());

/** What every store must do. `create` makes an empty one. */
export function storeContract(name: string, create: () => Promise<StoreFixture>): void {
  describe(`Store: ${name}`, () => {
    it('is empty at first', async () => {
      await using fixture = await create();
      const recovered = await fixture.store.open();
      expect(recovered).toMatchObject({
        topics: [],
        producers: [],
        tapeSequence: 0n,
        isDamaged: false,
      });
      expect((await fixture.store.readTape(0n)).frames).toEqual([]);
      await fixture.store.close();
    });

    it('reads the frames of one topic back, in order, and not those of others', async () => {
      await using fixture = await create();
      const { store } = fixture;
      const make = new FrameMaker();
      await store.open();
      await store.append([make.data(1, 'a', 3), make.data(2, 'other'), make.data(1, 'b')], sync);
      await store.append([make.data(1, 'c', 2), make.close(1)], sync);
      const page = await store.readTopic({ ...make.span(1), fromNs: 0n, maxBytes: 1000 });
      expect(bodies(page.frames)).toEqual(['a', 'b', 'c']);
      expect(page.lost).toBeUndefined();
      await store.close();
    });

    it('begins with the frame that holds the timestamp', async () => {
      await using fixture = await create();
      const { store } = fixture;
      const make = new FrameMaker();
      await store.open();
      await store.append([make.data(1, 'a', 10), make.data(1, 'b', 10)], sync);
      const read = (fromNs: bigint) => store.readTopic({ ...make.span(1), fromNs, maxBytes: 1000 });
      expect(bodies((await read(START_NS + 9n)).frames)).toEqual(['a', 'b']);
      expect(bodies((await read(START_NS + 10n)).frames)).toEqual(['b']);
      await store.close();
    });

    it('ends a page at its size, and goes on behind it', async () => {
      await using fixture = await create();
      const { store } = fixture;
      const make = new FrameMaker();
      await store.open();
      const texts = Array.from({ length: 40 }, (_, i) => `frame ${i}`.padEnd(100, '.'));
      await store.append(
        texts.map((text) => make.data(1, text)),
        sync,
      );
      const seen: string[] = [];
      let fromNs = 0n;
      while (seen.length < texts.length) {
        const page = await store.readTopic({ ...make.span(1), fromNs, maxBytes: 350 });
        expect(page.frames.length).toBe(Math.min(3, texts.length - seen.length));
        seen.push(...bodies(page.frames));
        fromNs = (page.frames.at(-1)?.timestampNs ?? 0n) + 1n;
      }
      expect(seen).toEqual(texts);
      await store.close();
    });

    it('reads all topics in the order of the tape, forwards and backwards', async () => {
      await using fixture = await create();
      const { store } = fixture;
      const make = new FrameMaker();
      await store.open();
      await store.append(
        [make.data(1, 'a'), make.data(2, 'b'), make.close(2), make.data(1, 'c')],
        sync,
      );
      const forwards = (await store.readTape(0n)).frames;
      expect(forwards.map((frame) => `${frame.topicId}${frame.kind}`)).toEqual([
        '1data',
        '2data',
        '2close',
        '1data',
      ]);
      const backwards = (await store.readTapeReverse(START_NS + 3n)).frames;
      expect(bodies(backwards.filter((frame) => frame.kind === 'data'))).toEqual(['b', 'a']);
      await store.close();
    });

    it('finds the first and the last place that is wanted', async () => {
      await using fixture = await create();
      const { store } = fixture;
      const make = new FrameMaker();
      await store.open();
      await store.append([make.data(1, 'a', 5), make.data(1, 'b', 5), make.data(1, 'c', 5)], sync);
      const first = await store.findFirst(make.span(1), 0n, (place) => place.topicSequence >= 5n);
      const last = await store.findLast(make.span(1), (place) => place.topicSequence < 10n);
      expect(first).toMatchObject({ timestampNs: START_NS + 5n, messageCount: 5, bytes: 1 });
      expect(last).toMatchObject({ timestampNs: START_NS + 5n, topicSequence: 5n });
      expect(await store.findFirst(make.span(1), 0n, () => false)).toBeUndefined();
      expect(await store.findLast(make.span(7), () => true)).toBeUndefined();
      await store.close();
    });

    it('finds everything again after it was opened anew', async () => {
      await using fixture = await create();
      const { store } = fixture;
      const make = new FrameMaker();
      await store.open();
      await store.putTopics([topicRecord(1), topicRecord(2)]);
      const producer = { name: 'p', sequence: 1n, index: 0, messageCount: 3, crc: 7 };
      await store.append([make.data(1, 'abc', 3, [producer]), make.close(2)], sync);
      await store.close();
      const recovered = await store.open();
      expect(recovered.topics.map((topic) => topic.name)).toEqual(['topic-1', 'topic-2']);
      expect(recovered.tails.get(1)).toMatchObject({
        lastTimestampNs: START_NS + 2n,
        endNs: START_NS + 3n,
        sequence: 3n,
        bytes: 3n,
      });
      expect(recovered.topics[0]?.floor.timestampNs).toBe(START_NS);
      expect(recovered.tails.get(2)?.closed).toBe('AA==');
      expect(recovered.producers).toEqual([
        {
          topicId: 1,
          name: 'p',
          requests: [{ sequence: 1n, messageCount: 3, crc: 7, timestampNs: START_NS }],
        },
      ]);
      expect(recovered).toMatchObject({ tapeSequence: 2n, endNs: START_NS + 4n, isDamaged: false });
      await store.close();
    });

    it('removes what ends before a timestamp, and nothing of other topics', async () => {
      await using fixture = await create();
      const { store } = fixture;
      const make = new FrameMaker();
      await store.open();
      await store.putTopics([topicRecord(1), topicRecord(2)]);
      await store.append([make.data(1, 'a', 2), make.data(2, 'x'), make.data(1, 'b', 2)], sync);
      const step = await store.removeStep(1, START_NS + 4n);
      expect(step).toMatchObject({ frameCount: 1, bytes: 1, isLast: true });
      await store.compact(step.firstNs, step.lastNs);
      expect(bodies((await store.readTape(0n)).frames)).toEqual(['x', 'b']);
      await store.removeStep(1, everything);
      await store.removeTopics([1]);
      expect(bodies((await store.readTape(0n)).frames)).toEqual(['x']);
      await store.close();
      expect((await store.open()).topics.map((topic) => topic.id)).toEqual([2]);
      await store.close();
    });

    it('knows where the frame begins that holds a timestamp', async () => {
      await using fixture = await create();
      const { store } = fixture;
      const make = new FrameMaker();
      await store.open();
      await store.append([make.data(1, 'a', 10), make.data(2, 'b', 10), make.close(2)], sync);
      for (const [timestampNs, expected] of [
        [START_NS - 1n, START_NS - 1n],
        [START_NS, START_NS],
        [START_NS + 9n, START_NS],
        [START_NS + 19n, START_NS + 10n],
        [START_NS + 20n, START_NS + 20n],
        [START_NS + 21n, START_NS + 21n],
      ] as const) {
        expect([timestampNs, await store.frameStart(timestampNs)]).toEqual([timestampNs, expected]);
      }
      await store.close();
    });

    it('goes on from a checkpoint', async () => {
      await using fixture = await create();
      const { store } = fixture;
      const make = new FrameMaker();
      const producer = { name: 'p', sequence: 1n, index: 0, messageCount: 1, crc: 7 };
      await store.open();
      await store.putTopics([topicRecord(1), topicRecord(2)]);
      await store.append([make.data(1, 'a', 2), make.data(2, 'b', 1, [producer])], sync);
      await store.close();
      const { tails, producers, tapeSequence, endNs } = await store.open();
      await store.putCheckpoint({
        checkpoint: { tapeSequence, endNs, lastTopicId: 9 },
        tails: [...tails.values()],
        producers: [],
        forgottenProducers: producers,
      });
      await store.append([make.data(1, 'c')], sync);
      await store.close();
      const recovered = await store.open();
      expect(recovered).toMatchObject({ lastTopicId: 9, tapeSequence: 3n, producers: [] });
      expect(recovered.tails.get(1)).toMatchObject({ sequence: 3n });
      expect(recovered.tails.get(2)).toMatchObject({ sequence: 1n });
      await store.close();
    });

    it('says which range is lost, and reads on behind it', async () => {
      await using fixture = await create();
      const { store } = fixture;
      const make = new FrameMaker();
      await store.open();
      const [first, , last] = [make.data(1, 'a', 2), make.data(1, 'lost', 2), make.data(1, 'c', 2)];
      if (first === undefined || last === undefined) throw new TypeError('three frames');
      await store.append([first, last], sync);
      const read = (fromNs: bigint) => store.readTopic({ ...make.span(1), fromNs, maxBytes: 1000 });
      expect(bodies((await read(START_NS)).frames)).toEqual(['a']);
      const page = await read(START_NS + 2n);
      expect(page).toMatchObject({
        frames: [],
        lost: { firstNs: START_NS + 2n, lastNs: START_NS + 3n },
      });
      expect(bodies((await read(START_NS + 4n)).frames)).toEqual(['c']);
      await store.close();
    });

    it('closes twice, and refuses what comes after', async () => {
      await using fixture = await create();
      const { store } = fixture;
      await store.open();
      await store.close();
      await store.close();
      await expect(async () => store.readTape(0n)).rejects.toMatchObject({
        reason: 'STORAGE_FAILED',
      });
    });
  });
}
