import type { RunEntry } from 'playhead-proto/storage';

/** Messages of one frame: both their timestamps and their sequences are contiguous. */
export type Run = Readonly<RunEntry>;

/** A part of a run. */
export function partOf(run: Run, firstIndex: number, messageCount: number): Run {
  return {
    firstTimestampNs: run.firstTimestampNs + BigInt(firstIndex),
    firstSequence: run.firstSequence + BigInt(firstIndex),
    messageCount,
  };
}

/** Sequence behind the run. */
export function endSequence(run: Run): bigint {
  return run.firstSequence + BigInt(run.messageCount);
}

/** Timestamp behind the run. */
export function endNs(run: Run): bigint {
  return run.firstTimestampNs + BigInt(run.messageCount);
}
