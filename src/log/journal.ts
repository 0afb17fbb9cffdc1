import { BrokerError } from '../errors.ts';
import { JOURNAL_IMAGE_BYTES, JOURNAL_TRIM_BYTES, JOURNAL_TRIM_FACTOR } from '../limits.ts';
import type { Append, PublishAck } from './append.ts';
import type { Log } from './log.ts';
import type { MessageRun } from './message-run.ts';
import { runOfValues, valuesOfRun } from './message-run.ts';
import { subscribe } from './subscribe.ts';
import type { Topic } from './topic.ts';

/** Whose state a journal keeps. */
export interface JournalOwner {
  /** Takes over an entry, in the order in which they were appended. */
  replay(entry: Buffer): void;
  /**
   * Everything there is, in entries that stand for all that were appended before them. They are asked for one by one,
   * and others may be appended between: each must be true when it is asked for. In place of an image that is not known
   * yet, since what was appended along may be refused, there may be a promise that is waited for before the next one is
   * asked for.
   */
  images(): Iterable<Uint8Array | Promise<void>>;
  /** About how many bytes the images have. Without it, all that is replayed counts as changes. */
  imageBytes?(): number;
}

/**
 * State that is kept on the tape itself: a system topic whose messages are changes, so that they are made durable by the
 * commit, and the one fsync, that messages share, and together with messages where they belong together. From time to
 * time the state as a whole is appended, and what was before is trimmed.
 */
export class Journal {
  readonly #log: Log;
  readonly #name: string;
  readonly #owner: JournalOwner;
  #batch: Batch | undefined;
  #last: Promise<void> = Promise.resolve();
  #bytes = 0;
  #imageBytes = 0;
  #isTrimming = false;

  private constructor(log: Log, name: string, owner: JournalOwner) {
    this.#log = log;
    this.#name = name;
    this.#owner = owner;
  }

  /** Opens the journal of this name and replays it. Throws DATA_LOSS if it is damaged. */
  static async open(log: Log, name: string, owner: JournalOwner): Promise<Journal> {
    const journal = new Journal(log, name, owner);
    await journal.replay();
    return journal;
  }

  /** To be awaited before the first entry: its topic is created when there is something to note. */
  async prepare(): Promise<void> {
    await this.#log.createdTopic(this.#name);
  }

  /** Reads everything again, after a failure of the storage. */
  async replay(): Promise<void> {
    this.#last = Promise.resolve();
    if (this.#log.topics.get(this.#name) === undefined) return;
    const { reader } = await subscribe(this.#log, {
      topic: this.#name,
      position: { at: 'earliest' },
      untilNs: undefined,
      untilNow: true,
      maxMessages: undefined,
      createdTimestampNs: undefined,
      chunkBytes: 1024 * 1024,
    });
    this.#bytes = 0;
    for await (const event of reader.events()) {
      if (event.type !== 'messages') continue;
      for (const chunk of event.chunks) {
        for (const entry of valuesOfRun(chunk)) this.#owner.replay(entry);
      }
      this.#bytes += event.bytes;
    }
    this.#imageBytes = this.#owner.imageBytes?.() ?? 0;
  }

  /** Appends entries; resolves when they are durable, as is everything that was appended before. */
  append(entries: readonly Uint8Array[]): Promise<void> {
    if (entries.length === 0 && this.#batch === undefined) return this.#last;
    const batch = (this.#batch ??= this.#begin());
    for (const entry of entries) batch.entries.push(entry);
    return batch.done;
  }

  /** Appends messages to another topic, and the entries if and only if these are accepted. */
  appendAlong(append: Omit<Append, 'settle'>, entries: readonly Uint8Array[]): Promise<PublishAck> {
    // What was appended before is before these on the tape, too.
    if (this.#batch !== undefined) this.#flush(this.#batch);
    const run = runOfValues(entries);
    const acked = this.#log.appendInternally({ ...append, along: { topic: this.#topic, run } });
    this.#count(run);
    return acked;
  }

  /** Hands over what was appended and is not on its way yet, for a commit that has all that was appended before. */
  addTo(add: (append: Append) => void): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#batch = undefined;
    const before = this.#last;
    this.#last = batch.done;
    const run = runOfValues(batch.entries);
    // Those who wait are told in the order in which they appended, also if it was for the same commit.
    const settle = (outcome: PublishAck | BrokerError) => {
      if (outcome instanceof BrokerError) batch.reject(outcome);
      else before.then(batch.resolve, batch.reject);
    };
    add({ topic: this.#topic, run, ...NOTHING_ELSE, settle });
    this.#count(run);
  }

  get #topic(): Topic {
    const topic = this.#log.topics.get(this.#name);
    if (topic !== undefined) return topic;
    throw new BrokerError('INTERNAL', `the topic ${this.#name} was not prepared`);
  }

  /** What comes in one turn of the event loop goes together. */
  #begin(): Batch {
    const batch = newBatch();
    batch.done.catch(() => {
      // Told to those who wait for it, and to the owner by the log.
    });
    queueMicrotask(() => this.#flush(batch));
    return batch;
  }

  #flush(batch: Batch): void {
    if (this.#batch !== batch) return;
    this.#batch = undefined;
    this.#last = batch.done;
    const run = runOfValues(batch.entries);
    this.#appendRun(run).then(() => batch.resolve(), batch.reject);
    this.#count(run);
  }

  async #appendRun(run: MessageRun): Promise<void> {
    await this.#log.appendInternally({ topic: this.#topic, run, ...NOTHING_ELSE });
  }

  #count(run: MessageRun): void {
    this.#bytes += run.bytes.length;
    if (this.#bytes > JOURNAL_TRIM_BYTES + JOURNAL_TRIM_FACTOR * this.#imageBytes) this.#trim();
  }

  /** Notes everything anew and trims what was before, in the background. */
  #trim(): void {
    if (this.#isTrimming) return;
    this.#isTrimming = true;
    this.#writeImages()
      .catch(() => {
        // The storage has failed, which whoever appends is told; this is tried again.
      })
      .finally(() => {
        this.#isTrimming = false;
      });
  }

  async #writeImages(): Promise<void> {
    this.#bytes = 0;
    let bytes = 0;
    // Everything before this is told again by the images.
    await this.append([]);
    const beforeNs = this.#topic.endNs;
    let images: Uint8Array[] = [];
    let waitingBytes = 0;
    for (const image of this.#owner.images()) {
      const isImage = !(image instanceof Promise);
      if (isImage) {
        images.push(image);
        waitingBytes += image.length;
      }
      if (isImage && waitingBytes < JOURNAL_IMAGE_BYTES) continue;
      // They are on their way in the turn in which they were asked for.
      const appended = this.append(images);
      bytes += waitingBytes;
      images = [];
      waitingBytes = 0;
      await appended;
      if (!isImage) await image;
    }
    bytes += waitingBytes;
    await this.append(images);
    this.#imageBytes = bytes;
    await this.#log.trimBehind(this.#topic, { timestampNs: beforeNs });
  }
}

interface Batch {
  readonly entries: Uint8Array[];
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function newBatch(): Batch {
  let resolve: () => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const done = new Promise<void>((onDone, onFailed) => {
    resolve = onDone;
    reject = onFailed;
  });
  return { entries: [], done, resolve, reject };
}

const NOTHING_ELSE = { producer: undefined, expectedLastTimestampNs: undefined, close: undefined };
