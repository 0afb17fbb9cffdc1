import { FRAME_MESSAGES, KNOWN_HOLES, PAGE_FRAMES } from '../limits.ts';
import { isCorruption } from './databases.ts';
import type { Frame } from './frame.ts';
import { frameEndNs } from './frame.ts';
import type { TopicPage, TopicRead } from './store.ts';
import type { Tape } from './tape.ts';
import type { EntrySource, TapeScanner } from './tape-scanner.ts';
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
    let chain: Chain;
    try {
      chain = await this.#chain(this.#index, read, unindexed);
    } catch (error) {
      if (!isCorruption(error)) throw error;
      chain = await this.#chain(this.#scanner, read, unindexed);
    }
    if (chain.hole !== undefined && chain.entries.length === 0) {
      const filled = await this.#fill(read, chain.hole);
      if (!filled) return { frames: [], lost: lostRange(chain.hole) };
      chain = await this.#chain(this.#index, read, unindexed);
      if (chain.hole !== undefined && chain.entries.length === 0) {
        return { frames: [], lost: lostRange(chain.hole) };
      }
    }
    return this.#fetch(chain.entries, read.maxBytes);
  }

  async #chain(
    source: EntrySource,
    read: TopicRead,
    unindexed: readonly IndexEntry[],
  ): Promise<Chain> {
    const { topicId, floor, end } = read;
    const fromNs = read.fromNs > floor.timestampNs ? read.fromNs : floor.timestampNs;
    const first = await source.floor(topicId, fromNs);
    const found = await source.range(topicId, fromNs + 1n, PAGE_FRAMES);
    const isAll = found.length < PAGE_FRAMES;
    const lastNs = found.at(-1)?.timestampNs ?? fromNs;
    const recent = unindexed.filter((entry) => isAll && entry.timestampNs > lastNs);
    const known = [...(first === undefined ? [] : [first]), ...found, ...recent];

    const entries: IndexEntry[] = [];
    let sequence = first?.topicSequence ?? floor.sequence;
    let endNs = first?.timestampNs ?? floor.timestampNs;
    for (const entry of known) {
      if (entry.topicSequence > sequence && entry.topicSequence > floor.sequence) {
        return { entries, hole: { sequence, fromNs: endNs, untilNs: entry.timestampNs } };
      }
      sequence = entry.topicSequence + BigInt(entry.messageCount);
      endNs = frameEndNs(entry);
      if (endNs > fromNs && !entry.isClose) entries.push(entry);
    }
    if (isAll && sequence < end.sequence) {
      return { entries, hole: { sequence, fromNs: endNs, untilNs: end.endNs } };
    }
    return { entries };
  }

  /** Looks for what is missing in the index on the tape itself; true if there was something. */
  async #fill(read: TopicRead, hole: Hole): Promise<boolean> {
    const key = `${read.topicId}/${hole.sequence}`;
    if (this.#knownHoles.has(key)) return false;
    const limit = Number.MAX_SAFE_INTEGER;
    const found = await this.#scanner.range(read.topicId, hole.fromNs, limit, hole.untilNs);
    if (found.length > 0) await this.#index.put(found);
    if (found[0]?.topicSequence === hole.sequence) return true;
    if (this.#knownHoles.size < KNOWN_HOLES) this.#knownHoles.add(key);
    return false;
  }

  async #fetch(entries: readonly IndexEntry[], maxBytes: number): Promise<TopicPage> {
    const wanted: IndexEntry[] = [];
    let bytes = 0;
    for (const entry of entries) {
      if (wanted.length > 0 && bytes + entry.bytes > maxBytes) break;
      wanted.push(entry);
      bytes += entry.bytes;
    }
    const found = await this.#tape.get(wanted.map((entry) => entry.timestampNs));
    const frames: Frame[] = [];
    for (const [i, entry] of wanted.entries()) {
      const frame = found[i];
      if (frame === undefined || !isFrameOf(entry, frame)) {
        if (frames.length > 0) break;
        return { frames, lost: { firstNs: entry.timestampNs, lastNs: frameEndNs(entry) - 1n } };
      }
      frames.push(frame);
    }
    return { frames };
  }
}

function isFrameOf(entry: IndexEntry, frame: Frame): boolean {
  return (
    frame.topicId === entry.topicId &&
    frame.topicSequence === entry.topicSequence &&
    frame.messageCount === entry.messageCount &&
    frame.messageCount <= FRAME_MESSAGES
  );
}

function lostRange(hole: Hole): { firstNs: bigint; lastNs: bigint } {
  return { firstNs: hole.fromNs, lastNs: hole.untilNs - 1n };
}
