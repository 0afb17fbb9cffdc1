import { frameEndNs } from '../storage/frame.ts';
import type { Floor } from '../storage/meta.ts';
import type { Store } from '../storage/store.ts';
import { offsetOfMessage, sizeOfMessageAt } from './message-run.ts';
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
  const { id, floor, sequence, bytes, lastTimestampNs, endNs } = topic;
  const nothing: Floor = { timestampNs: lastTimestampNs + 1n, sequence, bytes };
  const place = await store.findFirst(
    id,
    floor.timestampNs,
    (each) =>
      each.messageCount > 0 &&
      frameEndNs(each) > cutoff.timestampNs &&
      each.topicSequence + BigInt(each.messageCount) > cutoff.sequence &&
      each.topicBytes + BigInt(each.bytes) > cutoff.bytes,
  );
  if (place === undefined) return nothing;
  const start: Floor = {
    timestampNs: place.timestampNs,
    sequence: place.topicSequence,
    bytes: place.topicBytes,
  };
  if (!isBefore(start, cutoff)) return start;

  const read = {
    topicId: id,
    fromNs: place.timestampNs,
    floor: start,
    end: { endNs, sequence },
    maxBytes: 1,
  };
  const [frame] = (await store.readTopic(read)).frames;
  const body = frame?.body ?? Buffer.alloc(0);
  let skipped = 0;
  let at = offsetOfMessage(body, 0);
  const floorAt = (): Floor => ({
    timestampNs: place.timestampNs + BigInt(skipped),
    sequence: place.topicSequence + BigInt(skipped),
    bytes: place.topicBytes + BigInt(at),
  });
  // A frame that cannot be read has no message that could be kept.
  if (frame === undefined) skipped = place.messageCount;
  while (skipped < place.messageCount && isBefore(floorAt(), cutoff)) {
    at += sizeOfMessageAt(body, at);
    skipped++;
  }
  const found =
    frame === undefined
      ? { ...floorAt(), bytes: place.topicBytes + BigInt(place.bytes) }
      : floorAt();
  return found.sequence >= sequence ? nothing : found;
}

function isBefore(place: Floor, cutoff: Cutoff): boolean {
  return (
    place.timestampNs < cutoff.timestampNs ||
    place.sequence < cutoff.sequence ||
    place.bytes < cutoff.bytes
  );
}
