import type { Space } from './databases.ts';
import type { Frame } from './frame.ts';
import type { CheckpointRecords, Floor, TopicRecord } from './meta.ts';
import type { Recovered } from './recovery.ts';
import type { EncodedFrame } from './tape.ts';

/**
 * What the log needs of a storage: append frames, read from a timestamp, trim, delete, and keep small records.
 * Nothing in it is shaped like LevelDB. A method that rejects with anything but DATA_LOSS means that the storage has
 * failed: {@link Store.close} it, then {@link Store.open} it again, and take nothing for granted between.
 */
export interface Store {
  /** Opens the storage and tells what it holds. */
  open(): Promise<Recovered>;
  /** Closes the storage. Idempotent; what is under way ends first. */
  close(): Promise<void>;

  /** Appends frames, all or none; with `sync` they are on disk when this resolves. One call at a time. */
  append(frames: readonly AppendFrame[], options: { sync: boolean }): Promise<void>;
  /** Reads the next frames of one topic. */
  readTopic(read: TopicRead): Promise<TopicPage>;
  /** Where the frame of any topic begins that holds the timestamp; the timestamp itself if none is known to. */
  frameStart(timestampNs: bigint): Promise<bigint>;
  /**
   * Reads the next frames of all topics, those that begin at or behind a timestamp; those that cannot be read are
   * left out, the sequences tell.
   */
  readTape(fromNs: bigint): Promise<{ frames: readonly Frame[]; nextNs: bigint | undefined }>;
  /** Reads frames of all topics that begin before a timestamp, the last one first. */
  readTapeReverse(
    beforeNs: bigint,
  ): Promise<{ frames: readonly Frame[]; nextNs: bigint | undefined }>;
  /** The first frame of the topic, from the one that holds a timestamp on, that `isWanted`; undefined if none is. */
  findFirst(
    topic: TopicSpan,
    fromNs: bigint,
    isWanted: (place: FramePlace) => boolean,
  ): Promise<FramePlace | undefined>;
  /** The frame of the topic that holds a timestamp, or the next one behind; undefined if there is none. */
  placeAt(topic: TopicSpan, timestampNs: bigint): Promise<FramePlace | undefined>;
  /** The topic's last frame that `isWanted`, looking from its end; undefined if none is. */
  findLast(
    topic: TopicSpan,
    isWanted: (place: FramePlace) => boolean,
  ): Promise<FramePlace | undefined>;
  /** Removes frames of the topic that end at or before a timestamp: one step, from the oldest. */
  removeStep(topicId: number, untilNs: bigint): Promise<RemovedStep>;
  /** About what the frames between two timestamps take of the disk, those removed included, and what compacting rewrites. */
  sizeBetween(fromNs: bigint, toNs: bigint): Promise<number>;
  /** Gives the space of removed frames back. */
  compact(fromNs: bigint, toNs: bigint): Promise<void>;

  putTopics(topics: readonly TopicRecord[]): Promise<void>;
  removeTopics(topicIds: readonly number[]): Promise<void>;
  /**
   * Notes that everything before the checkpoint is in the records and the index, durably. The records are what has
   * changed since the storage was opened, or since the checkpoint before.
   */
  putCheckpoint(records: CheckpointRecords): Promise<void>;

  /** What there is of the disk; undefined where nothing can fill up. */
  space(): Promise<Space | undefined>;
}

/** A frame to append: its bytes for the tape, and what they say. */
export interface AppendFrame extends EncodedFrame {
  readonly frame: Frame;
}

/** Where a frame is, without its messages. */
export interface FramePlace {
  readonly timestampNs: bigint;
  readonly topicSequence: bigint;
  readonly messageCount: number;
  readonly topicBytes: bigint;
  readonly bytes: number;
}

/** A topic, and which of its frames there must be. */
export interface TopicSpan {
  readonly topicId: number;
  /** Where the topic begins: what is missing before is no loss. */
  readonly floor: Floor;
  /** Where the topic ends: what is missing before is a loss. */
  readonly end: { readonly endNs: bigint; readonly sequence: bigint };
}

export interface TopicRead extends TopicSpan {
  /** Frames from the one that holds this timestamp on. */
  readonly fromNs: bigint;
  /** Topic sequence at `fromNs`, if the reader knows it: then it need not be looked up. */
  readonly sequence?: bigint | undefined;
  /** {@link TopicPage.ahead} of the page before. */
  readonly ahead?: readonly FramePlace[];
  readonly maxBytes: number;
}

export interface TopicPage {
  /** Data frames without a hole between them. */
  readonly frames: readonly Frame[];
  /** Frames that follow without a hole, as far as they were looked up: the next read need not look again. */
  readonly ahead: readonly FramePlace[];
  /** Set if the next frame is missing or damaged: what is lost is within these timestamps, both included. */
  readonly lost?: { readonly firstNs: bigint; readonly lastNs: bigint };
}

export interface RemovedStep {
  readonly frameCount: number;
  readonly bytes: number;
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  /** True if nothing more is to be removed. */
  readonly isLast: boolean;
}
