import { INDEX_WRITE_DELAY_MS, INDEX_WRITE_ENTRIES } from '../limits.ts';
import type { IndexEntry, TapeHead, TopicIndex } from './topic-index.ts';

/** Entries by topic, each topic's in order. */
type Entries = Map<number, IndexEntry[]>;

/**
 * Writes the index behind the tape, the entries of many appends in one go, and not synced: whatever is missing is found
 * on the tape. Keeps what is not written yet.
 */
export class IndexWriter {
  readonly #index: TopicIndex;
  #head: TapeHead;
  #waiting: Entries = new Map();
  #waitingCount = 0;
  #written: Entries = new Map();
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** `head` is how far the tape reaches. */
  constructor(index: TopicIndex, head: TapeHead) {
    this.#index = index;
    this.#head = head;
  }

  /** Takes entries, which are behind all that were taken before. Throws what a write before has failed with. */
  async add(entries: readonly IndexEntry[], head: TapeHead): Promise<void> {
    this.#check();
    this.#head = head;
    for (const entry of entries) {
      const ofTopic = this.#waiting.get(entry.topicId);
      if (ofTopic === undefined) this.#waiting.set(entry.topicId, [entry]);
      else ofTopic.push(entry);
    }
    this.#waitingCount += entries.length;
    if (this.#waitingCount < INDEX_WRITE_ENTRIES) {
      this.#timer ??= setTimeout(() => this.#begin(), INDEX_WRITE_DELAY_MS).unref();
      return;
    }
    // No more than two writes' worth is ever kept.
    await this.#writing;
    this.#begin();
  }

  /** Entries of a topic that may not be in the index yet, in order. */
  entriesOf(topicId: number): readonly IndexEntry[] {
    const written = this.#written.get(topicId) ?? [];
    const waiting = this.#waiting.get(topicId) ?? [];
    return written.length === 0 ? [...waiting] : [...written, ...waiting];
  }

  /** Writes all that was taken, and how far the tape reaches. With `sync` it is durable when this resolves. */
  async flush(options: { readonly sync?: boolean } = {}): Promise<void> {
    while (this.#writing !== undefined || this.#waitingCount > 0) {
      this.#begin();
      await this.#writing;
    }
    this.#check();
    if (options.sync === true) await this.#index.write([], this.#head, true);
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing !== undefined || this.#waitingCount === 0) return;
    this.#written = this.#waiting;
    this.#waiting = new Map();
    this.#waitingCount = 0;
    this.#writing = this.#write([...this.#written.values()].flat());
  }

  /** Never rejects: whoever comes next is told. */
  async #write(entries: readonly IndexEntry[]): Promise<void> {
    try {
      await this.#index.write(entries, this.#head);
    } catch (error) {
      this.#failure ??= { error };
    }
    this.#written = new Map();
    this.#writing = undefined;
    // What has come meanwhile waits for the timer that was set for it, unless there is none.
    if (this.#waitingCount >= INDEX_WRITE_ENTRIES) this.#begin();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
