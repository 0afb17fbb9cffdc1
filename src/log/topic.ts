import { BrokerError } from '../errors.ts';
import type { Frame } from '../storage/frame.ts';
import { frameEndNs } from '../storage/frame.ts';
import type { Floor, TailRecord, TopicConfig, TopicRecord } from '../storage/meta.ts';
import type { TopicSpan } from '../storage/store.ts';
import { formatTimestamp } from '../timestamp.ts';
import type { Admission } from './admission.ts';
import type { CloseMarker } from './close-marker.ts';
import { decodeCloseMarker } from './close-marker.ts';
import type { CommitCompanion } from './commit-companion.ts';
import { Deque } from './deque.ts';
import { RateMeter } from './rate-meter.ts';
import { isSystemName } from './topic-name.ts';
import { Followers } from './wakeup.ts';

export type { TopicConfig, TopicSpan };

export const DEFAULT_TOPIC_CONFIG: TopicConfig = {
  maxAgeMs: 0n,
  maxBytes: 0n,
  maxMessages: 0n,
  maxMessageBytes: 0,
};

/**
 * A topic: a view of the tape, from its floor (what is before is trimmed) to its tail. It is open, then perhaps
 * closed, then perhaps deleted; no way leads back. Its state is that of the last commit, and is changed by the
 * log alone.
 */
export class Topic {
  readonly id: number;
  readonly name: string;
  readonly createdTimestampNs: bigint;
  /** True if it is the broker's own. */
  readonly isSystem: boolean;
  config: TopicConfig;
  floor: Floor;
  isDeleted: boolean;

  /** Timestamp of the last message; 0 if there never was one. */
  lastTimestampNs = 0n;
  /** Behind the last frame: nothing of this topic has this timestamp or a later one yet. */
  endNs = 0n;
  /** Messages ever appended. */
  sequence = 0n;
  /** Bytes of these. */
  bytes = 0n;
  /** Body of the close frame; empty if it is lost. Undefined while the topic is open. */
  closeBody: Buffer | undefined;

  /** The last frames, in memory, for those who follow. */
  readonly recent = new Deque<Frame>();
  /** All frames with this timestamp or a later one are in {@link recent}. */
  recentFromNs = 0n;
  /** Readers that wait for what comes next. */
  readonly followers = new Followers();
  readonly messageRate = new RateMeter();
  readonly byteRate = new RateMeter();
  subscriberCount = 0;
  /** What readers and workers were handed since the broker started. */
  readonly read = { messageCount: 0, byteCount: 0 };
  /** Has a say in whether it takes more messages. */
  admission: Admission | undefined;
  /** Adds to its commits. */
  companion: CommitCompanion | undefined;

  constructor(record: TopicRecord) {
    this.id = record.id;
    this.name = record.name;
    this.createdTimestampNs = record.createdTimestampNs;
    this.isSystem = isSystemName(record.name);
    this.config = record.config;
    this.floor = record.floor;
    this.isDeleted = record.isDeleted;
  }

  get isClosed(): boolean {
    return this.closeBody !== undefined;
  }

  get retainedMessages(): bigint {
    return this.sequence - this.floor.sequence;
  }

  get retainedBytes(): bigint {
    return this.bytes - this.floor.bytes;
  }

  /** Whoever reads from before this timestamp on misses messages; 0 if nothing was ever trimmed. */
  get trimmedUntilNs(): bigint {
    if (this.floor.sequence === 0n) return 0n;
    return this.floor.trimmedUntilNs ?? this.floor.timestampNs;
  }

  /** What of the topic the store must have. */
  get span(): TopicSpan {
    const { id: topicId, floor, endNs, sequence } = this;
    return { topicId, floor, end: { endNs, sequence } };
  }

  /** Timestamp of the first retained message; 0 if there is none. */
  get firstTimestampNs(): bigint {
    return this.retainedMessages > 0n ? this.floor.timestampNs : 0n;
  }

  /** The close marker; undefined while the topic is open; DATA_LOSS if its frame is lost. */
  closeMarker(): CloseMarker | BrokerError | undefined {
    if (this.closeBody === undefined) return undefined;
    const timestampNs = this.endNs - 1n;
    if (this.closeBody.length === 0) return dataLoss(this.name, timestampNs, timestampNs);
    return decodeCloseMarker(this.closeBody, timestampNs, this.sequence);
  }

  /** Takes over a frame that was committed. */
  apply(frame: Frame): void {
    const count = BigInt(frame.messageCount);
    if (this.retainedMessages === 0n)
      this.floor = { ...this.floor, timestampNs: frame.timestampNs };
    this.endNs = frameEndNs(frame);
    this.sequence = frame.topicSequence + count;
    if (frame.kind === 'close') {
      this.closeBody = frame.body;
      return;
    }
    this.lastTimestampNs = this.endNs - 1n;
    this.bytes = frame.topicBytes + BigInt(frame.body.length);
  }

  /** Takes over where the storage says that the topic ends. */
  restore(tail: TailRecord): void {
    this.lastTimestampNs = tail.lastTimestampNs;
    this.endNs = tail.endNs;
    this.sequence = tail.sequence;
    this.bytes = tail.bytes;
    this.recentFromNs = tail.endNs;
    this.closeBody = tail.closed === undefined ? undefined : Buffer.from(tail.closed, 'base64');
  }

  /** Takes over a change that is durable. */
  change(change: Pick<TopicChange, 'config' | 'floor'>): void {
    const { config, floor } = changeRecord(this.record(), change);
    this.config = config;
    if (floor === this.floor) return;
    this.floor = floor;
    // Messages that came while the change was written, and that whoever asked for it did not know of.
    const first = this.recent.at(
      this.recent.firstPlace((frame) => endSequence(frame) > floor.sequence),
    );
    if (first?.topicSequence === floor.sequence)
      this.floor = { ...floor, timestampNs: first.timestampNs };
    // What is trimmed may have been in the way of the rest.
    this.followers.wakeAll();
  }

  /** Notes what a reader or a worker was handed. */
  noteRead(messageCount: number, byteCount: number): void {
    this.read.messageCount += messageCount;
    this.read.byteCount += byteCount;
  }

  record(): TopicRecord {
    const { id, name, createdTimestampNs, config, floor, isDeleted } = this;
    return { id, name, createdTimestampNs, config, floor, isDeleted };
  }

  tail(): TailRecord {
    const { lastTimestampNs, endNs, sequence, bytes } = this;
    return {
      topicId: this.id,
      lastTimestampNs,
      endNs,
      sequence,
      bytes,
      floorTimestampNs: this.floor.timestampNs,
      closed: this.closeBody?.toString('base64'),
    };
  }
}

/** What can be changed of a topic's record. */
export interface TopicChange {
  readonly config?: Partial<TopicConfig>;
  readonly floor?: Floor;
  readonly isDeleted?: true;
}

/** The record with the change. A floor never goes back, and what is deleted stays deleted. */
export function changeRecord(record: TopicRecord, change: TopicChange): TopicRecord {
  const { floor = record.floor } = change;
  return {
    ...record,
    config: { ...record.config, ...change.config },
    floor: floor.sequence > record.floor.sequence ? floor : record.floor,
    isDeleted: record.isDeleted || change.isDeleted === true,
  };
}

function endSequence(frame: Frame): bigint {
  return frame.topicSequence + BigInt(frame.messageCount);
}

export function dataLoss(topic: string, firstNs: bigint, lastNs: bigint): BrokerError {
  return new BrokerError(
    'DATA_LOSS',
    `topic ${topic}: messages from ${formatTimestamp(firstNs)} to ${formatTimestamp(lastNs)} are damaged or missing; what is before and behind is whole`,
    { topic, first_timestamp_ns: `${firstNs}`, last_timestamp_ns: `${lastNs}` },
  );
}

export function topicDeleted(topic: string): BrokerError {
  return new BrokerError(
    'TOPIC_DELETED',
    `topic ${topic} was deleted; open it again to begin a new one`,
    { topic },
  );
}

export function topicNotFound(topic: string): BrokerError {
  return new BrokerError('TOPIC_NOT_FOUND', `topic ${topic} does not exist`, { topic });
}
