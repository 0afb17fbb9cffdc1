import { frameEndNs } from '../storage/frame.ts';
import type { Floor } from '../storage/meta.ts';
import type { FramePlace, Store } from '../storage/store.ts';
import { sizeOfMessageAt } from './message-run.ts';
import type { Topic } from './topic.ts';

/** What is to go: messages that are before any of these. */
export interface Cutoff {
  readonly timestampNs: bigint;
  readonly sequence: bigint;
  readonly bytes: bigint;
}

const NS_PER_MS = 1_000_000n;

/** What the topic's retention asks to go now; undefined if it asks for nothing. */
export function retentionCutoff(topic: Topic, nowNs: bigint): Cutoff | undefined {
  const { maxAgeMs, maxBytes, maxMessages } = topic.config;
  if (topic.retainedMessages === 0n) return undefined;
  const cutoff: Cutoff = {
    timestampNs: maxAgeMs > 0n ? nowNs - maxAgeMs * NS_PER_MS : 0n,
    sequence: maxMessages > 0n ? topic.sequence - maxMessages : 0n,
    bytes: maxBytes > 0n ? topic.bytes - maxBytes : 0n,
  };
  const { floor } = topic;
  const asks =
    cutoff.timestampNs > floor.timestampNs ||
    cutoff.sequence > floor.sequence ||
    cutoff.bytes > floor.bytes;
  return asks ? cutoff : undefined;
}

/** The topic's floor when everything before the cutoff is gone: exact to the message. */
export async function floorBehind(topic: Topic, cutoff: Cutoff, store: Store): Promise<Floor> {
  const { span, floor, sequence, bytes, lastTimestampNs } = topic;
  const behindLastNs = lastTimestampNs + 1n;
  const nothing: Floor = {
    timestampNs: behindLastNs,
    trimmedUntilNs: behindLastNs,
    sequence,
    bytes,
  };
  let trimmedUntilNs = topic.trimmedUntilNs;
  const place = await store.findFirst(span, floor.timestampNs, (each) => {
    if (each.messageCount === 0) return false;
    if (hasRest(each, cutoff)) return true;
    trimmedUntilNs = max(trimmedUntilNs, frameEndNs(each));
    return false;
  });
  if (place === undefined) return nothing;
  const start: Floor = {
    timestampNs: place.timestampNs,
    trimmedUntilNs,
    sequence: place.topicSequence,
    bytes: place.topicBytes,
  };
  if (!isBefore(start, cutoff)) return start;
  const found = await floorWithin(place, cutoff, topic, store);
  if (found.sequence >= sequence) return nothing;
  if (found.timestampNs < frameEndNs(place)) return found;
  const next = await store.findFirst(
    span,
    found.timestampNs,
    (each) => each.messageCount > 0 && each.topicSequence >= found.sequence,
  );
  return next === undefined ? found : { ...found, timestampNs: next.timestampNs };
}

/** The floor that falls into a frame, or right behind it. */
async function floorWithin(
  place: FramePlace,
  cutoff: Cutoff,
  { id, endNs, sequence }: Topic,
  store: Store,
): Promise<Floor> {
  const { timestampNs, topicSequence, topicBytes, messageCount } = place;
  const floor = { timestampNs, sequence: topicSequence, bytes: topicBytes };
  const end = { endNs, sequence };
  const page = await store.readTopic({ topicId: id, fromNs: timestampNs, floor, end, maxBytes: 1 });
  const body = page.frames[0]?.body;
  const floorAt = (skipped: number, at: number): Floor => ({
    timestampNs: timestampNs + BigInt(skipped),
    trimmedUntilNs: timestampNs + BigInt(skipped),
    sequence: topicSequence + BigInt(skipped),
    bytes: topicBytes + BigInt(at),
  });
  // A frame that cannot be read has no message that could be kept.
  if (body === undefined) return floorAt(messageCount, place.bytes);
  let skipped = 0;
  let at = 0;
  while (skipped < messageCount && isBefore(floorAt(skipped, at), cutoff)) {
    at += sizeOfMessageAt(body, at);
    skipped++;
  }
  return floorAt(skipped, at);
}

/** True if at least a part of the frame is not before the cutoff. */
function hasRest(place: FramePlace, cutoff: Cutoff): boolean {
  return (
    frameEndNs(place) > cutoff.timestampNs &&
    place.topicSequence + BigInt(place.messageCount) > cutoff.sequence &&
    place.topicBytes + BigInt(place.bytes) > cutoff.bytes
  );
}

function isBefore(place: Floor, cutoff: Cutoff): boolean {
  return (
    place.timestampNs < cutoff.timestampNs ||
    place.sequence < cutoff.sequence ||
    place.bytes < cutoff.bytes
  );
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
