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
/** Frames that are added to a page at most. */
const COMPLETED_FRAMES = 64;
const UNREADABLE: TapePage = { frames: [], nextNs: undefined, isWhole: false };

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
      const page = await this.#tape.page(fromNs, pageBytes);
      return page.isWhole ? page : await this.#complete(page, fromNs);
    } catch (error) {
      if (!isCorruption(error)) throw error;
      return this.#complete(UNREADABLE, fromNs);
    }
  }

  /** Frames that begin before `beforeNs`, the last one first. A frame that cannot be read is left out. */
  async pageReverse(beforeNs: bigint, limit: number): Promise<TapePage> {
    try {
      return await this.#tape.pageReverse(beforeNs, limit);
    } catch (error) {
      if (!isCorruption(error)) throw error;
      const nearest = await this.#indexed((ns) => ns < beforeNs, descending, limit);
      const frames = (await this.#tape.get(nearest)).filter((frame) => frame !== undefined);
      return { frames, nextNs: nearest.at(-1), isWhole: false };
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
      const page: TapePage = await this.pageReverse(before, 256);
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

  /**
   * Adds to a page what the index knows to be there and a scan has not found. Slow, since it looks through the whole
   * index, and only done where a part of the tape is damaged.
   */
  async #complete(page: TapePage, fromNs: bigint): Promise<TapePage> {
    const { frames, nextNs } = page;
    const found = new Set(frames.map((frame) => frame.timestampNs));
    const isMissing = (ns: bigint) =>
      ns >= fromNs && (nextNs === undefined || ns < nextNs) && !found.has(ns);
    const missing = await this.#indexed(isMissing, ascending, COMPLETED_FRAMES);
    const last = missing.at(-1);
    if (last === undefined) return page;
    const isCut = missing.length === COMPLETED_FRAMES || nextNs === undefined;
    const untilNs = isCut ? last + 1n : nextNs;
    const added = (await this.#tape.get(missing)).filter((frame) => frame !== undefined);
    const all = [...frames.filter((frame) => frame.timestampNs < untilNs), ...added];
    return {
      frames: all.sort((a, b) => ascending(a.timestampNs, b.timestampNs)),
      nextNs: untilNs,
      isWhole: false,
    };
  }

  /** The first timestamps of frames, in the order given, that the index has of all topics. */
  async #indexed(
    isWanted: (timestampNs: bigint) => boolean,
    order: (a: bigint, b: bigint) => number,
    limit: number,
  ): Promise<bigint[]> {
    let first: bigint[] = [];
    for (let after: Buffer | undefined = indexKey(0, 0n); after !== undefined; ) {
      const page: Awaited<ReturnType<TopicIndex['page']>> = await this.#index.page(after, 10_000);
      const wanted = page.entries.map((entry) => entry.timestampNs).filter(isWanted);
      first = [...first, ...wanted].sort(order).slice(0, limit);
      after = page.last;
    }
    return first;
  }
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function descending(a: bigint, b: bigint): number {
  return ascending(b, a);
}

/** A frame that holds this timestamp begins here or later. */
export function earliestFrameNs(timestampNs: bigint): bigint {
  const ns = timestampNs - BigInt(FRAME_MESSAGES);
  return ns < 0n ? 0n : ns;
}
