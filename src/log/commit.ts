import { BrokerError } from '../errors.ts';
import { FRAME_BYTES, FRAME_MESSAGES } from '../limits.ts';
import type { Frame, ProducerEntry } from '../storage/frame.ts';
import { encodeFrame } from '../storage/frame.ts';
import type { AppendFrame } from '../storage/store.ts';
import type { Append, PublishAck } from './append.ts';
import { channelClosed, conflict, producerConflict } from './append.ts';
import { encodeCloseMarker } from './close-marker.ts';
import type { MessageRun } from './message-run.ts';
import { splitRun, stampRun } from './message-run.ts';
import type { ProducerClaim, Producers } from './producers.ts';
import type { Topic } from './topic.ts';
import { topicDeleted } from './topic.ts';

/** A frame that is being filled; it has no timestamps yet. */
interface Draft {
  readonly kind: Frame['kind'];
  readonly topicSequence: bigint;
  readonly topicBytes: bigint;
  readonly pieces: Buffer[];
  readonly producers: ProducerEntry[];
  bytes: number;
  messageCount: number;
  timestampNs: bigint;
}

/** What one commit does to one topic. */
interface TopicDraft {
  readonly topic: Topic;
  readonly drafts: Draft[];
  sequence: bigint;
  bytes: bigint;
  isClosing: boolean;
}

/** Makes the answer to an append, once its commit is applied. */
type Outcome = () => PublishAck | BrokerError;

interface Claim extends ProducerClaim {
  readonly endSequence: bigint;
  readonly outcome: Outcome;
}

/** A frame of the commit, to be written and then applied to its topic. */
export interface CommitFrame extends AppendFrame {
  readonly topic: Topic;
}

/**
 * One commit, from the appends that were waiting to the frames that are written together. What arrives for one
 * topic becomes one frame, or several of bounded size; timestamps are given out afterwards, frame by frame, so
 * that those in a frame are contiguous and frames in the order of keys are messages in total order.
 */
export class Commit {
  readonly #producers: Producers;
  readonly #drafts = new Map<Topic, TopicDraft>();
  /** How each append is answered once all is durable, or refused; in the order of arrival. */
  readonly #answers: { append: Append; outcome: Outcome }[] = [];
  /** Requests of producers in this commit, which {@link Producers} does not know yet; oldest first. */
  readonly #claims = new Map<string, Claim[]>();

  constructor(producers: Producers) {
    this.#producers = producers;
  }

  /** Takes an append into the commit, or notes why it is refused, or leaves it to whoever lets it wait. */
  add(append: Append): void {
    const outcome = this.#outcome(append);
    if (outcome !== 'wait') this.#answers.push({ append, outcome });
    else append.topic.admission?.hold(append);
  }

  /**
   * Gives out timestamps from `firstNs` on and lays out the frames. With `hasAll`, which says that nothing else waits to
   * be appended, the companions of the topics may add to it: to system topics, whose frames therefore come last.
   */
  seal(firstNs: bigint, firstTapeSequence: bigint, { hasAll = false } = {}): CommitFrame[] {
    const frames: CommitFrame[] = [];
    let nextNs = firstNs;
    const layOutDrafts = ({ topic, drafts }: TopicDraft): void => {
      for (const draft of drafts) {
        draft.timestampNs = nextNs;
        nextNs += BigInt(Math.max(draft.messageCount, 1));
        frames.push(layOut(topic, draft, firstTapeSequence + BigInt(frames.length)));
      }
    };
    for (const draft of this.#drafts.values()) {
      if (draft.topic.isSystem) continue;
      const first = frames.length;
      layOutDrafts(draft);
      const { companion } = draft.topic;
      if (companion === undefined || !hasAll) continue;
      const laidOut = frames.slice(first).map(({ frame }) => frame);
      companion.sealed(
        laidOut.filter(({ kind }) => kind === 'data'),
        (append) => this.add(append),
      );
    }
    for (const draft of this.#drafts.values()) if (draft.topic.isSystem) layOutDrafts(draft);
    return frames;
  }

  /** Answers every append; to be called when the frames are durable and applied. Tells which were acknowledged. */
  settle(): Append[] {
    const acknowledged: Append[] = [];
    for (const { append, outcome } of this.#answers) {
      const answer = outcome();
      append.settle(answer);
      if (!(answer instanceof BrokerError)) acknowledged.push(append);
    }
    return acknowledged;
  }

  /** Answers every append with a failure: what became of it is not known. */
  fail(error: BrokerError): void {
    for (const { append } of this.#answers) append.settle(error);
  }

  #outcome(append: Append): Outcome | 'wait' {
    const { topic, producer, run } = append;
    const draft = this.#drafts.get(topic);
    if (topic.isDeleted) return always(topicDeleted(topic.name));
    if (producer !== undefined && run !== undefined) {
      const repeated = this.#repeated(append);
      if (repeated !== undefined) return repeated;
    }
    if (topic.isClosed || draft?.isClosing) {
      return run === undefined ? () => ackOf(append, 0n, 0) : () => channelClosed(topic);
    }
    const expectedNs = append.expectedLastTimestampNs;
    if (expectedNs !== undefined) {
      const lastNs = lastMessageOf(topic, draft);
      if (typeof lastNs !== 'bigint') return () => conflict(topic, expectedNs, lastNs());
      if (lastNs !== expectedNs) return always(conflict(topic, expectedNs, lastNs));
    }
    const messageCount = run?.messageCount ?? 0;
    const refusal = topic.admission?.admit(draft?.sequence ?? topic.sequence, messageCount);
    if (refusal === 'wait') return refusal;
    if (refusal !== undefined) return always(refusal);
    return this.#accept(append, draft ?? this.#begin(topic));
  }

  /** The answer to a producer's request that was stored before, is in this commit already, or cannot be. */
  #repeated(append: Append): Outcome | undefined {
    const { topic, producer, run } = append;
    if (producer === undefined || run === undefined) return undefined;
    const claims = this.#claims.get(claimKey(append)) ?? [];
    const last = claims.at(-1);
    if (last !== undefined && producer.sequence >= last.endSequence) return undefined;
    const same = claims.find(
      (each) => each.sequence === producer.sequence && each.crc === producer.crc,
    );
    if (same !== undefined) return () => asDuplicate(same.outcome());

    const claim = this.#producers.check(topic.id, producer, run.messageCount);
    if (claim.kind === 'duplicate') {
      const { timestampNs, messageCount } = claim.request;
      return () => asDuplicate(ackOf(append, timestampNs, messageCount));
    }
    if (claim.kind === 'new' && last === undefined) return undefined;
    const lastSequence = claim.kind === 'conflict' ? claim.lastSequence : 0n;
    return always(producerConflict(topic, producer, last ? last.endSequence - 1n : lastSequence));
  }

  #accept(append: Append, draft: TopicDraft): Outcome {
    const { run, producer, close, along } = append;
    const messageCount = run?.messageCount ?? 0;
    const first = run === undefined ? undefined : addRun(draft, run);
    if (along !== undefined) {
      addRun(this.#drafts.get(along.topic) ?? this.#begin(along.topic), along.run);
    }
    if (close !== undefined) {
      draft.isClosing = true;
      const body = encodeCloseMarker(close);
      draft.drafts.push({ ...newDraft('close', draft), pieces: [body], bytes: body.length });
    }
    const outcome = () => {
      const firstNs = first === undefined ? 0n : first.draft.timestampNs + BigInt(first.index);
      return ackOf(append, firstNs, messageCount);
    };
    if (producer !== undefined && first !== undefined) {
      first.draft.producers.push({ ...producer, index: first.index, messageCount });
      const endSequence = producer.sequence + BigInt(messageCount);
      const claim = { ...producer, endSequence, outcome };
      const claims = this.#claims.get(claimKey(append));
      if (claims === undefined) this.#claims.set(claimKey(append), [claim]);
      else claims.push(claim);
    }
    return outcome;
  }

  #begin(topic: Topic): TopicDraft {
    const draft = {
      topic,
      drafts: [],
      sequence: topic.sequence,
      bytes: topic.bytes,
      isClosing: false,
    };
    this.#drafts.set(topic, draft);
    return draft;
  }
}

/**
 * Timestamp of the topic's last message, those of this commit so far included: they have theirs once it is sealed, and
 * nobody can have expected it. What comes behind in the same commit does not count.
 */
function lastMessageOf(topic: Topic, draft: TopicDraft | undefined): bigint | (() => bigint) {
  const last = draft?.drafts.findLast(({ messageCount }) => messageCount > 0);
  if (last === undefined) return topic.lastTimestampNs;
  const { messageCount } = last;
  return () => last.timestampNs + BigInt(messageCount) - 1n;
}

function claimKey({ topic, producer }: Append): string {
  return `${topic.id}/${producer?.name}`;
}

function always<T>(value: T): () => T {
  return () => value;
}

function newDraft(kind: Frame['kind'], topic: TopicDraft): Draft {
  return {
    kind,
    topicSequence: topic.sequence,
    topicBytes: topic.bytes,
    pieces: [],
    producers: [],
    bytes: 0,
    messageCount: 0,
    timestampNs: 0n,
  };
}

/** Adds the messages to the topic's drafts; answers with the place of the first. */
function addRun(topic: TopicDraft, run: MessageRun): { draft: Draft; index: number } | undefined {
  let first: { draft: Draft; index: number } | undefined;
  for (const piece of splitRun(run, FRAME_BYTES, FRAME_MESSAGES)) {
    const draft = openDraft(topic, piece.bytes.length, piece.messageCount);
    first ??= { draft, index: draft.messageCount };
    draft.pieces.push(piece.bytes);
    draft.bytes += piece.bytes.length;
    draft.messageCount += piece.messageCount;
    topic.sequence += BigInt(piece.messageCount);
    topic.bytes += BigInt(piece.bytes.length);
  }
  return first;
}

/** The topic's last draft if it has room, or a new one. */
function openDraft(topic: TopicDraft, bytes: number, messages: number): Draft {
  const last = topic.drafts.at(-1);
  const hasRoom =
    last !== undefined &&
    last.bytes + bytes <= FRAME_BYTES &&
    last.messageCount + messages <= FRAME_MESSAGES;
  if (hasRoom) return last;
  const draft = newDraft('data', topic);
  topic.drafts.push(draft);
  return draft;
}

function layOut(topic: Topic, draft: Draft, tapeSequence: bigint): CommitFrame {
  const { kind, timestampNs, messageCount, topicSequence, topicBytes, producers } = draft;
  const fields = {
    timestampNs,
    kind,
    lane: 0,
    topicId: topic.id,
    messageCount,
    tapeSequence,
    topicSequence,
    topicBytes,
    producers,
  };
  let body: Buffer = Buffer.alloc(0);
  const value = encodeFrame(
    { ...fields, body: draft.pieces, bodyBytes: draft.bytes },
    (written) => {
      body = written;
      if (kind === 'data') stampRun(written, timestampNs);
    },
  );
  return { topic, timestampNs, value, frame: { ...fields, body } };
}

/** The answer to an append that is applied, so that a close has its marker. */
function ackOf(
  { topic, close }: Append,
  firstNs: bigint,
  messageCount: number,
): PublishAck | BrokerError {
  const closed = close === undefined ? undefined : topic.closeMarker();
  if (closed instanceof BrokerError) return closed;
  return {
    firstTimestampNs: firstNs,
    lastTimestampNs: messageCount === 0 ? 0n : firstNs + BigInt(messageCount) - 1n,
    isDuplicate: false,
    closed,
  };
}

function asDuplicate(outcome: PublishAck | BrokerError): PublishAck | BrokerError {
  return outcome instanceof BrokerError ? outcome : { ...outcome, isDuplicate: true };
}
