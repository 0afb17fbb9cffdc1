import type { CloseMarker } from './close-marker.ts';

/** What a reader tells, in the order of the tape. An error is thrown instead. */
export type ReadEvent =
  | MessagesEvent
  /** The topic that was waited for exists. */
  | { readonly type: 'created'; readonly createdTimestampNs: bigint }
  /** The reader has everything that was committed; the next message has this timestamp or a later one. */
  | { readonly type: 'caught_up'; readonly nextNs: bigint }
  /** Messages that were asked for are gone; 0 if no message is left. */
  | { readonly type: 'trimmed'; readonly topic: string; readonly firstTimestampNs: bigint }
  | { readonly type: 'closed'; readonly topic: string; readonly marker: CloseMarker }
  | { readonly type: 'deleted'; readonly topic: string }
  /** The last event. */
  | { readonly type: 'end'; readonly reason: EndReason };

export type EndReason = 'closed' | 'limit' | 'until' | 'deleted';

/** Messages as they are stored and sent. */
export interface MessagesEvent {
  readonly type: 'messages';
  /** Views on frames, which others read too: not to be written to. */
  readonly chunks: readonly Buffer[];
  readonly bytes: number;
  readonly messageCount: number;
  /** Whose messages these are, if the reader is of many topics; else empty. */
  readonly runs: readonly TopicRun[];
  /** Where to go on: behind the last of these messages. */
  readonly nextNs: bigint;
}

export interface TopicRun {
  readonly topic: string;
  messageCount: number;
}

/** What a reader is asked for. */
export interface ReadOptions {
  readonly fromNs: bigint;
  /** Whether to tell what is trimmed at `fromNs`. What is trimmed later, under the reader, is always told. */
  readonly isExact: boolean;
  /** The reader ends before this timestamp; waits for it if it is in the future. */
  readonly untilNs: bigint | undefined;
  /** The reader ends after so many messages. */
  readonly maxMessages: number | undefined;
  /** Bytes of messages in one event, if more are at hand; one message may be larger. */
  readonly chunkBytes: number;
  /** Of the first chunk from the disk, if it is to be smaller: whoever rewinds then has the first message soon. */
  readonly firstChunkBytes?: number;
}

/** A reader: its events, and a way to end them from outside. */
export interface Reader {
  events(): AsyncGenerator<ReadEvent, void>;
  /**
   * For who stops reading in the middle, behind this timestamp: throws DATA_LOSS if messages before it are missing
   * that the next reader, which begins there, could not miss any more. Readers that always know have none.
   */
  proveWhole?(untilNs: bigint): Promise<void>;
  /** Ends the reader soon, without another event. */
  close(): void;
}

/** Collects slices of frames into one event. */
export class MessagesBuilder {
  #chunks: Buffer[] = [];
  #runs: TopicRun[] = [];
  #bytes = 0;
  #messageCount = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get messageCount(): number {
    return this.#messageCount;
  }

  /** `topic` only if the reader is of many topics. */
  add(chunk: Buffer, messageCount: number, topic?: string): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    this.#messageCount += messageCount;
    if (topic === undefined) return;
    const last = this.#runs.at(-1);
    if (last?.topic === topic) last.messageCount += messageCount;
    else this.#runs.push({ topic, messageCount });
  }

  /** What was collected, and begins anew. */
  take(nextNs: bigint): MessagesEvent {
    const event: MessagesEvent = {
      type: 'messages',
      chunks: this.#chunks,
      bytes: this.#bytes,
      messageCount: this.#messageCount,
      runs: this.#runs,
      nextNs,
    };
    this.#chunks = [];
    this.#runs = [];
    this.#bytes = 0;
    this.#messageCount = 0;
    return event;
  }
}
