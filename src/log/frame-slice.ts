import type { Frame } from '../storage/frame.ts';
import { frameEndNs } from '../storage/frame.ts';
import { offsetOfMessage, sizeOfMessageAt } from './message-run.ts';

/** What a reader still wants. */
export interface Wanted {
  readonly fromNs: bigint;
  /** Without this timestamp. */
  readonly untilNs: bigint;
  readonly messages: number;
  /** At least one message is taken, whatever its size. */
  readonly bytes: number;
}

/** Messages of one frame, as they are stored. */
export interface FrameSlice {
  /** A view on the frame. */
  readonly bytes: Buffer;
  readonly messageCount: number;
  /** Behind the last message of the slice; behind the frame if the slice reaches its end. */
  readonly nextNs: bigint;
}

/** Cuts out of a frame what is wanted; mostly all of it, which costs nothing. */
export function sliceFrame(frame: Frame, wanted: Wanted): FrameSlice {
  const { body, messageCount, timestampNs } = frame;
  const skipped = wanted.fromNs > timestampNs ? Number(wanted.fromNs - timestampNs) : 0;
  const untilCount = wanted.untilNs - timestampNs;
  const end =
    untilCount < BigInt(messageCount) ? Math.max(Number(untilCount), skipped) : messageCount;
  const count = Math.min(end - skipped, wanted.messages);
  if (skipped === 0 && count === messageCount && body.length <= wanted.bytes) {
    return { bytes: body, messageCount, nextNs: frameEndNs(frame) };
  }
  const start = offsetOfMessage(body, skipped);
  let at = start;
  let taken = 0;
  while (taken < count) {
    const size = sizeOfMessageAt(body, at);
    if (taken > 0 && at + size - start > wanted.bytes) break;
    at += size;
    taken++;
  }
  return {
    bytes: body.subarray(start, at),
    messageCount: taken,
    nextNs: timestampNs + BigInt(skipped + taken),
  };
}
