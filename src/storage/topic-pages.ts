import { FRAME_MESSAGES, KNOWN_HOLES, PAGE_FRAMES } from '../limits.ts';
import { isCorruption } from './databases.ts';
import type { Frame } from './frame.ts';
import { frameEndNs } from './frame.ts';
import type { FramePlace, TopicPage, TopicRead, TopicSpan } from './store.ts';
import type { Tape } from './tape.ts';
import type { EntrySource, TapeScanner } from './tape-scanner.ts';
import { earliestFrameNs } from './tape-scanner.ts';
import type { IndexEntry, TopicIndex } from './topic-index.ts';

/** A stretch of a topic's entries without a hole, and the hole behind it if there is one. */
interface Chain {
  entries: IndexEntry[];
  hole?: Hole;
}

interface Hole {
  /** Topic sequence of the first message that is missing. */
  readonly sequence: bigint;
  /** What is missing is at or behind this timestamp … */
  readonly fromNs: bigint;
  /** … and before this one. */
  readonly untilNs: bigint;
}

/** What is lost is within these timestamps, both included. */
type LostRange = NonNullable<TopicPage['lost']>;

/** Entries that are asked for at first: a few pages' worth. Asking for all that a page may have costs more than it. */
const FIRST_ENTRIES = 64;

/** Follows the dense sequence from entry to entry. */
class ChainWalk {
  readonly #read: TopicRead;
  readonly #fromNs: bigint;
  readonly #entries: IndexEntry[] = [];
  #bytes = 0;
  #sequence: bigint;
  #endNs: bigint;
  #hole: Hole | undefined;

  /** `first` is the last entry at or before `fromNs`; without one the topic's floor must be. */
  constructor(read: TopicRead, fromNs: bigint, first: IndexEntry | undefined) {
    this.#read = read;
    this.#fromNs = fromNs;
    this.#sequence = read.sequence ?? read.floor.sequence;
    this.#endNs = read.sequence === undefined ? read.floor.timestampNs : fromNs;
    if (first === undefined) return;
    this.#sequence = first.topicSequence;
    this.add(first);
  }

  get wantsMore(): boolean {
    return this.#bytes < this.#read.maxBytes && this.#entries.length < PAGE_FRAMES;
  }

  /** False if an entry before this one is missing. */
  add(entry: IndexEntry): boolean {
    if (entry.topicSequence > this.#sequence && entry.topicSequence > this.#read.floor.sequence) {
      const untilNs = entry.timestampNs;
      this.#hole = { sequence: this.#sequence, fromNs: this.#endNs, untilNs };
      return false;
    }
    this.#sequence = entry.topicSequence + BigInt(entry.messageCount);
    this.#endNs = frameEndNs(entry);
    if (this.#endNs > this.#fromNs && !entry.isClose) {
      this.#entries.push(entry);
      this.#bytes += entry.bytes;
    }
    return true;
  }

  chain(): Chain {
    return { entries: this.#entries, ...(this.#hole && { hole: this.#hole }) };
  }

  /** The chain, if nothing comes behind it: then it must reach the end of the topic. */
  chainToEnd(): Chain {
    const { end } = this.#read;
    if (this.#hole === undefined && this.#sequence < end.sequence) {
      this.#hole = { sequence: this.#sequence, fromNs: this.#endNs, untilNs: end.endNs };
    }
    return this.chain();
  }
}

/**
 * Reads pages of one topic, and proves them whole: by the dense topic sequence no frame can be missing between
 * two others, before the first one or behind the last one without it being seen. A hole in the index is filled from
 * the tape; what the tape has not got either is lost, and the reader is told.
 */
export class TopicPages {
  readonly #tape: Tape;
  readonly #index: TopicIndex;
  readonly #scanner: TapeScanner;
  /** Holes that the tape could not fill, as `topic id/sequence`. */
  readonly #knownHoles = new Set<string>();

  constructor(tape: Tape, index: TopicIndex, scanner: TapeScanner) {
    this.#tape = tape;
    this.#index = index;
    this.#scanner = scanner;
  }

  /** `unindexed` are entries of the topic, in order, that may not be in the index yet. */
  async read(read: TopicRead, unindexed: readonly IndexEntry[]): Promise<TopicPage> {
    const isAhead = read.sequence !== undefined && read.ahead?.[0]?.topicSequence === read.sequence;
    if (isAhead) return this.#fetch(read, read.ahead ?? []);
    const { entries, lost } = await this.#entries(read, unindexed);
    return lost === undefined ? this.#fetch(read, entries) : { frames: [], ahead: [], lost };
  }

  /** The first frame from the one that holds `fromNs` on that `isWanted`; what is lost is passed over. */
  async findFirst(
    topic: TopicSpan,
    fromNs: bigint,
    isWanted: (entry: IndexEntry) => boolean,
    unindexed: readonly IndexEntry[],
  ): Promise<IndexEntry | undefined> {
    for (let nextNs = fromNs; nextNs < topic.end.endNs; ) {
      const read = { ...topic, fromNs: nextNs, maxBytes: Number.MAX_SAFE_INTEGER };
      const { entries, lost } = await this.#entries(read, unindexed);
      const found = entries.find(isWanted);
      if (found !== undefined) return found;
      const last = entries.at(-1);
      if (lost !== undefined) nextNs = lost.lastNs + 1n;
      else if (last !== undefined) nextNs = frameEndNs(last);
      else break;
    }
    return undefined;
  }

  /** The frame that holds the timestamp, or the next one; what is lost is passed over. */
  async placeAt(
    topic: TopicSpan,
    timestampNs: bigint,
    unindexed: readonly IndexEntry[],
  ): Promise<IndexEntry | undefined> {
    for (let nextNs = timestampNs; nextNs < topic.end.endNs; ) {
      const { entries, lost } = await this.#entries(
        { ...topic, fromNs: nextNs, maxBytes: 1 },
        unindexed,
      );
      if (entries[0] !== undefined || lost === undefined) return entries[0];
      nextNs = lost.lastNs + 1n;
    }
    return undefined;
  }

  /** The last frame that `isWanted`, looking from the end of the topic. */
  async findLast(
    topic: TopicSpan,
    isWanted: (entry: IndexEntry) => boolean,
    unindexed: readonly IndexEntry[],
  ): Promise<IndexEntry | undefined> {
    const { topicId, floor, end } = topic;
    let { sequence, endNs: beforeNs } = end;
    let entries = unindexed.filter((entry) => entry.timestampNs < beforeNs).toReversed();
    for (;;) {
      for (const entry of entries) {
        const isNext = entry.topicSequence + BigInt(entry.messageCount) === sequence;
        if (!isNext) return this.#findLastFromStart(topic, isWanted, unindexed);
        if (isWanted(entry)) return entry;
        sequence = entry.topicSequence;
        beforeNs = entry.timestampNs;
      }
      if (sequence <= floor.sequence) return undefined;
      try {
        entries = await this.#index.rangeReverse(topicId, beforeNs, PAGE_FRAMES);
      } catch (error) {
        if (!isCorruption(error)) throw error;
        entries = [];
      }
      if (entries.length === 0) return this.#findLastFromStart(topic, isWanted, unindexed);
    }
  }

  /** The topic's first entries, not proven whole. */
  async firstEntries(topicId: number, limit: number): Promise<IndexEntry[]> {
    try {
      return await this.#index.range(topicId, 0n, limit);
    } catch (error) {
      if (!isCorruption(error)) throw error;
      return this.#scanner.range(topicId, 0n, limit);
    }
  }

  /** As {@link findLast} where entries are missing: forwards, which finds what can be found, and mends the index. */
  async #findLastFromStart(
    topic: TopicSpan,
    isWanted: (entry: IndexEntry) => boolean,
    unindexed: readonly IndexEntry[],
  ): Promise<IndexEntry | undefined> {
    let last: IndexEntry | undefined;
    const note = (entry: IndexEntry) => {
      if (isWanted(entry)) last = entry;
      return false;
    };
    await this.findFirst(topic, topic.floor.timestampNs, note, unindexed);
    return last;
  }

  /** The next entries without a hole; or what is lost, if neither index nor tape have the very first. */
  async #entries(
    read: TopicRead,
    unindexed: readonly IndexEntry[],
  ): Promise<{ entries: readonly IndexEntry[]; lost?: LostRange }> {
    let chain: Chain;
    try {
      chain = await this.#chain(this.#index, read, unindexed);
    } catch (error) {
      if (!isCorruption(error)) throw error;
      chain = await this.#chain(this.#scanner, read, unindexed);
    }
    if (chain.hole === undefined || chain.entries.length > 0) return chain;
    const filled = await this.#fill(read, chain.hole);
    if (filled) chain = await this.#chain(this.#index, read, unindexed);
    if (chain.hole === undefined || chain.entries.length > 0) return chain;
    return { entries: [], lost: lostRange(chain.hole) };
  }

  /** Walks along the entries until a page is full, the topic ends, or one is missing. */
  async #chain(
    source: EntrySource,
    read: TopicRead,
    unindexed: readonly IndexEntry[],
  ): Promise<Chain> {
    const { topicId, floor } = read;
    const fromNs = read.fromNs > floor.timestampNs ? read.fromNs : floor.timestampNs;
    const isKnown = read.sequence !== undefined && fromNs === read.fromNs;
    const first = isKnown
      ? undefined
      : (unindexed.findLast((entry) => entry.timestampNs <= fromNs) ??
        (await source.floor(topicId, fromNs)));
    const walk = new ChainWalk(read, fromNs, first);
    let nextNs = first === undefined ? fromNs : first.timestampNs + 1n;
    for (let limit = FIRST_ENTRIES; walk.wantsMore; limit = Math.min(limit * 4, PAGE_FRAMES)) {
      const found = await source.range(topicId, nextNs, limit);
      for (const entry of found) if (!walk.add(entry)) return walk.chain();
      const last = found.at(-1);
      if (last === undefined) {
        for (const entry of unindexed) {
          if (entry.timestampNs >= nextNs && !walk.add(entry)) return walk.chain();
        }
        return walk.chainToEnd();
      }
      nextNs = last.timestampNs + 1n;
    }
    return walk.chain();
  }

  /** Looks for what is missing in the index on the tape itself; true if there was something. */
  async #fill(read: TopicRead, hole: Hole): Promise<boolean> {
    const key = `${read.topicId}/${hole.sequence}`;
    if (this.#knownHoles.has(key)) return false;
    const limit = Number.MAX_SAFE_INTEGER;
    // A floor may lie within the frame that is missing.
    const fromNs = earliestFrameNs(hole.fromNs);
    const found = await this.#scanner.range(read.topicId, fromNs, limit, hole.untilNs);
    if (found.length > 0) await this.#index.put(found);
    if (found.some((entry) => holds(entry, hole.sequence))) return true;
    if (this.#knownHoles.size < KNOWN_HOLES) this.#knownHoles.add(key);
    return false;
  }

  async #fetch(read: TopicRead, places: readonly FramePlace[]): Promise<TopicPage> {
    const wanted: FramePlace[] = [];
    let bytes = 0;
    for (const place of places) {
      if (wanted.length > 0 && bytes + place.bytes > read.maxBytes) break;
      wanted.push(place);
      bytes += place.bytes;
    }
    const found = await this.#tape.get(wanted.map((place) => place.timestampNs));
    const frames: Frame[] = [];
    for (const [i, place] of wanted.entries()) {
      const frame = found[i];
      if (frame === undefined || !isFrameAt(place, frame, read.topicId)) {
        if (frames.length > 0) break;
        const lost = { firstNs: place.timestampNs, lastNs: frameEndNs(place) - 1n };
        return { frames, ahead: [], lost };
      }
      frames.push(frame);
    }
    return { frames, ahead: places.slice(frames.length) };
  }
}

function isFrameAt(place: FramePlace, frame: Frame, topicId: number): boolean {
  return (
    frame.topicId === topicId &&
    frame.topicSequence === place.topicSequence &&
    frame.messageCount === place.messageCount &&
    frame.messageCount <= FRAME_MESSAGES
  );
}

function holds(entry: IndexEntry, sequence: bigint): boolean {
  const { topicSequence, messageCount } = entry;
  return topicSequence <= sequence && sequence < topicSequence + BigInt(messageCount);
}

function lostRange(hole: Hole): LostRange {
  return { firstNs: hole.fromNs, lastNs: hole.untilNs - 1n };
}
