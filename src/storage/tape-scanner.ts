import { FRAME_MESSAGES } from '../limits.ts';
import { isCorruption } from './databases.ts';
import type { Frame } from './frame.ts';

import type { Tape, TapePage } from './tape.ts';
import type { IndexEntry, TopicIndex } from './topic-index.ts';
import { entryOf, indexKey } from './topic-index.ts';

/** What a reader of one topic needs to know of it: satisfied by the index, and by a scan of the tape. */
export interface EntrySource {
  /** The topic's last entry that begins at or before the timestamp. */
  floor(topicId: number, timestampNs: bigint): Promise<IndexEntry | undefined>;
  /** Entries of the topic from a timestamp on, in order. */
  range(topicId: number, fromNs: bigint, limit: number): Promise<IndexEntry[]>;
}

const SCAN_BYTES = 4 * 1024 * 1024;

/**
 * Reads the tape in order. It serves replays of many topics, fills holes of the index, and takes its place where
 * the index cannot be read; where the tape cannot be scanned, the index leads it from frame to frame.
 */
export class TapeScanner implements EntrySource {
  readonly #tape: Tape;
  readonly #index: TopicIndex;

  constructor(tape: Tape, index: TopicIndex) {
    this.#tape = tape;
    this.#index = index;
  }

  /** Frames that begin at or behind `fromNs`. A frame that cannot be read is left out. */
  async page(fromNs: bigint, pageBytes?: number): Promise<TapePage> {
    try {
      return await this.#tape.page(fromNs, pageBytes);
    } catch (error) {
      if (!isCorruption(error)) throw error;
      return this.#pageByIndex(fromNs, 64);
    }
  }

  async *frames(fromNs: bigint): AsyncGenerator<Frame> {
    for (let next: bigint | undefined = fromNs; next !== undefined; ) {
      const page: TapePage = await this.page(next, SCAN_BYTES);
      yield* page.frames;
      next = page.nextNs;
    }
  }

  async floor(topicId: number, timestampNs: bigint): Promise<IndexEntry | undefined> {
    for (let before: bigint | undefined = timestampNs + 1n; before !== undefined; ) {
      const page: TapePage = await this.#tape.pageReverse(before, 256);
      const found = page.frames.find((frame) => frame.topicId === topicId);
      if (found !== undefined) return entryOf(found);
      before = page.nextNs;
    }
    return undefined;
  }

  async range(
    topicId: number,
    fromNs: bigint,
    limit: number,
    untilNs?: bigint,
  ): Promise<IndexEntry[]> {
    const entries: IndexEntry[] = [];
    for await (const frame of this.frames(fromNs)) {
      if (untilNs !== undefined && frame.timestampNs >= untilNs) break;
      if (frame.topicId === topicId) entries.push(entryOf(frame));
      if (entries.length >= limit) break;
    }
    return entries;
  }

  /** Finds the next frames by the index of all topics: slow, and only used where a block of the tape is damaged. */
  async #pageByIndex(fromNs: bigint, limit: number): Promise<TapePage> {
    let nearest: bigint[] = [];
    for (let after: Buffer | undefined = indexKey(0, 0n); after !== undefined; ) {
      const page: Awaited<ReturnType<TopicIndex['page']>> = await this.#index.page(after, 10_000);
      const ahead = page.entries.map((entry) => entry.timestampNs).filter((ns) => ns >= fromNs);
      nearest = [...nearest, ...ahead].sort((a, b) => (a < b ? -1 : 1)).slice(0, limit);
      after = page.last;
    }
    const lastNs = nearest.at(-1);
    if (lastNs === undefined) return { frames: [], nextNs: undefined };
    const frames = (await this.#tape.get(nearest)).filter((frame) => frame !== undefined);
    return { frames, nextNs: lastNs + 1n };
  }
}

/** A frame that holds this timestamp begins here or later. */
export function earliestFrameNs(timestampNs: bigint): bigint {
  const ns = timestampNs - BigInt(FRAME_MESSAGES);
  return ns < 0n ? 0n : ns;
}
