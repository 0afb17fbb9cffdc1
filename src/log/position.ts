import type { Clock } from '../clock.ts';
import { invalidArgument } from '../errors.ts';
import type { Frame } from '../storage/frame.ts';
import { frameEndNs } from '../storage/frame.ts';
import type { Store } from '../storage/store.ts';
import type { Topic } from './topic.ts';

/** Where a reader begins. */
export type Position =
  | { readonly at: 'earliest' }
  | { readonly at: 'latest' }
  | { readonly at: 'timestamp'; readonly timestampNs: bigint }
  | { readonly at: 'ago'; readonly agoNs: bigint }
  | { readonly at: 'last'; readonly messageCount: bigint };

const INT64_MAX = 2n ** 63n - 1n;

/** Throws INVALID_ARGUMENT unless the value is a timestamp: not before 1970 and within 64 bits. */
export function checkTimestamp(field: string, timestampNs: bigint): void {
  if (timestampNs < 0n) {
    throw invalidArgument(
      field,
      `${timestampNs} is before 1970; timestamps are nanoseconds since 1970`,
    );
  }
  if (timestampNs > INT64_MAX) throw invalidArgument(field, `${timestampNs} is beyond 64 bits`);
}

/** The timestamp from which on to read. `isExact` if messages before it were asked for by time. */
export interface ResolvedPosition {
  readonly fromNs: bigint;
  /** True if what is trimmed at and behind this timestamp is to be told. */
  readonly isExact: boolean;
}

/** Resolves a position on one topic, which may not exist yet. `endNs` is where the tape ends now. */
export async function resolveOnTopic(
  position: Position,
  topic: Topic | undefined,
  endNs: bigint,
  clock: Clock,
  store: Store,
): Promise<ResolvedPosition> {
  if (position.at !== 'last')
    return resolveByTime(position, topic?.floor.timestampNs ?? 0n, endNs, clock);
  if (topic === undefined) return { fromNs: 0n, isExact: false };
  const sequence = topic.sequence - position.messageCount;
  if (sequence <= topic.floor.sequence) return { fromNs: topic.floor.timestampNs, isExact: false };
  const place = await store.findLast(
    topic.span,
    (each) => each.messageCount > 0 && each.topicSequence <= sequence,
  );
  if (place === undefined) return { fromNs: topic.floor.timestampNs, isExact: false };
  return { fromNs: place.timestampNs + (sequence - place.topicSequence), isExact: false };
}

/** Resolves a position on many topics; `topicOf` answers with the topic of this id if it is one of them. */
export async function resolveOnTape(
  position: Position,
  topicOf: (topicId: number) => Topic | undefined,
  endNs: bigint,
  clock: Clock,
  store: Store,
): Promise<ResolvedPosition> {
  if (position.at !== 'last') return resolveByTime(position, 0n, endNs, clock);
  let wanted = position.messageCount;
  for (let before: bigint | undefined = endNs; before !== undefined; ) {
    const page: { frames: readonly Frame[]; nextNs: bigint | undefined } =
      await store.readTapeReverse(before);
    for (const frame of page.frames) {
      const topic = topicOf(frame.topicId);
      if (topic === undefined) continue;
      const retained = retainedMessages(frame, topic);
      if (retained >= wanted) return { fromNs: frameEndNs(frame) - wanted, isExact: false };
      wanted -= retained;
    }
    before = page.nextNs;
  }
  return { fromNs: 0n, isExact: false };
}

/** How many of the frame's messages are not trimmed. */
function retainedMessages(frame: Frame, topic: Topic): bigint {
  const count = BigInt(frame.messageCount);
  const behindFloor = frame.topicSequence + count - topic.floor.sequence;
  if (behindFloor <= 0n) return 0n;
  return behindFloor < count ? behindFloor : count;
}

function resolveByTime(
  position: Exclude<Position, { at: 'last' }>,
  floorNs: bigint,
  endNs: bigint,
  clock: Clock,
): ResolvedPosition {
  switch (position.at) {
    case 'earliest':
      return { fromNs: floorNs, isExact: false };
    case 'latest':
      return { fromNs: endNs, isExact: false };
    case 'timestamp':
      return { fromNs: position.timestampNs, isExact: true };
    case 'ago': {
      const fromNs = clock.nowNs() - position.agoNs;
      return { fromNs: fromNs < 0n ? 0n : fromNs, isExact: true };
    }
  }
}
