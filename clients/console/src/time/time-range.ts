import { clampTime, earlierOf, laterOf, TIME_MAX_NS } from './nanoseconds.ts';

/** A part of the tape; `untilNs` is not included. */
export interface TimeRange {
  readonly fromNs: bigint;
  readonly untilNs: bigint;
}

/** The narrowest range that is shown: its nanoseconds are as wide as a finger. */
export const SPAN_MIN_NS = 20n;

/** Pixels and wheels bring fractions as numbers; so many parts are finer than any screen. */
const PARTS = 1_000_000_000;

export function spanOf({ fromNs, untilNs }: TimeRange): bigint {
  return untilNs - fromNs;
}

/** Where in the range the time is: 0 at its begin, 1 at its end. May be outside of both. */
export function fractionOf(range: TimeRange, timestampNs: bigint): number {
  return Number(((timestampNs - range.fromNs) * BigInt(PARTS)) / spanOf(range)) / PARTS;
}

/** The time at a fraction of the range. */
export function momentAt(range: TimeRange, fraction: number): bigint {
  const parts = BigInt(Math.round(fraction * PARTS));
  return clampTime(range.fromNs + (spanOf(range) * parts) / BigInt(PARTS));
}

/** The range made `factor` times as long, with the time at `anchor` (0 to 1) staying where it is. */
export function zoom(range: TimeRange, factor: number, anchor: number): TimeRange {
  const spanNs = spanOf(range);
  const wantedNs = (spanNs * BigInt(Math.round(factor * PARTS))) / BigInt(PARTS);
  // Rounding must not stop a zoom out of the narrowest range.
  const grownNs = factor > 1 ? laterOf(wantedNs, spanNs + 1n) : wantedNs;
  const newSpanNs = earlierOf(laterOf(grownNs, SPAN_MIN_NS), TIME_MAX_NS);
  const fixedNs = momentAt(range, anchor);
  const beforeNs = (newSpanNs * BigInt(Math.round(anchor * PARTS))) / BigInt(PARTS);
  return within({ fromNs: fixedNs - beforeNs, untilNs: fixedNs - beforeNs + newSpanNs });
}

/** The range moved by a part of its length; positive is later. */
export function pan(range: TimeRange, fraction: number): TimeRange {
  const byNs = (spanOf(range) * BigInt(Math.round(fraction * PARTS))) / BigInt(PARTS);
  return within({ fromNs: range.fromNs + byNs, untilNs: range.untilNs + byNs });
}

/** The range, moved just so far that it shows the time, with some room behind it. */
export function showing(range: TimeRange, timestampNs: bigint): TimeRange {
  if (timestampNs >= range.fromNs && timestampNs <= range.untilNs) return range;
  const fraction = fractionOf(range, timestampNs);
  return pan(range, fraction < 0 ? fraction - 0.2 : fraction - 0.8);
}

/** A range that shows all from the first to the last time, with a little room at both ends. */
export function around(firstNs: bigint, lastNs: bigint): TimeRange {
  const lengthNs = laterOf(lastNs - firstNs, SPAN_MIN_NS);
  const roomNs = laterOf(lengthNs / 40n, 2n);
  return within({ fromNs: firstNs - roomNs, untilNs: firstNs + lengthNs + roomNs });
}

export function isSameRange(a: TimeRange, b: TimeRange): boolean {
  return a.fromNs === b.fromNs && a.untilNs === b.untilNs;
}

/** Moved, not cut: the length is what somebody zoomed to. */
function within(range: TimeRange): TimeRange {
  const spanNs = earlierOf(spanOf(range), TIME_MAX_NS);
  if (range.fromNs < 0n) return { fromNs: 0n, untilNs: spanNs };
  if (range.untilNs > TIME_MAX_NS) return { fromNs: TIME_MAX_NS - spanNs, untilNs: TIME_MAX_NS };
  return range;
}
