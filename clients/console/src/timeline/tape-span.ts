import type { Topic } from '../broker/types.ts';
import { laterOf, timestampOf } from '../time/nanoseconds.ts';
import type { TimeRange } from '../time/time-range.ts';
import { around } from '../time/time-range.ts';

/** Where the tape of a topic begins and ends, as far as it is known. */
export interface TapeSpan {
  /** The first message, or where one could be. */
  readonly firstNs: bigint;
  /** One behind the last message or the close marker: where the next one is waited for. */
  readonly endNs: bigint;
  readonly closedNs: bigint | undefined;
  /** All that was before this is gone; undefined if nothing is. */
  readonly trimmedNs: bigint | undefined;
}

export function tapeSpan(topic: Topic, trimmedNs: bigint | undefined): TapeSpan {
  const createdNs = timestampOf(topic.created_timestamp_ns) ?? 0n;
  const firstNs = timestampOf(topic.first_timestamp_ns) ?? createdNs;
  const lastNs = timestampOf(topic.last_timestamp_ns) ?? firstNs;
  const closedNs = timestampOf(topic.closed?.timestamp_ns);
  const endNs = laterOf(lastNs, closedNs ?? 0n) + 1n;
  return { firstNs, endNs, closedNs, trimmedNs };
}

/** All of the tape. */
export function wholeTape({ firstNs, endNs }: TapeSpan): TimeRange {
  return around(firstNs, endNs);
}
