import type { HistogramAnswer } from '../broker/types.ts';
import type { TimeRange } from '../time/time-range.ts';
import { fractionOf } from '../time/time-range.ts';

/** How many messages are where on a part of the tape. */
export interface Histogram extends TimeRange {
  readonly counts: readonly number[];
  /** Of the fullest bucket. */
  readonly most: number;
}

export function histogramOf(answer: HistogramAnswer): Histogram {
  const counts = answer.message_counts;
  return {
    fromNs: BigInt(answer.from_timestamp_ns),
    untilNs: BigInt(answer.until_timestamp_ns),
    counts,
    most: counts.reduce((most, count) => Math.max(most, count), 0),
  };
}

/** Where the bucket begins, in the arithmetic of the broker. */
export function bucketBegin({ fromNs, untilNs, counts }: Histogram, index: number): bigint {
  return fromNs + ((untilNs - fromNs) * BigInt(index)) / BigInt(Math.max(1, counts.length));
}

/** The bucket that holds the time; undefined outside of the histogram. */
export function bucketAt(histogram: Histogram, timestampNs: bigint): number | undefined {
  const { fromNs, untilNs, counts } = histogram;
  if (timestampNs < fromNs || timestampNs >= untilNs || counts.length === 0) return undefined;
  const near = Number(((timestampNs - fromNs) * BigInt(counts.length)) / (untilNs - fromNs));
  // Integer division may say the bucket before: the next one begins at or before the time then.
  const next = Math.min(near + 1, counts.length - 1);
  return bucketBegin(histogram, next) <= timestampNs ? next : near;
}

/** Bars as the path of an SVG, for a view that may show another part than the histogram has: it comes a little later. */
export function barsPath(
  histogram: Histogram,
  view: TimeRange,
  { width, height }: { readonly width: number; readonly height: number },
): string {
  const { counts, most } = histogram;
  if (most === 0) return '';
  let path = '';
  let x = fractionOf(view, histogram.fromNs) * width;
  for (let index = 0; index < counts.length; index++) {
    const nextX = fractionOf(view, bucketBegin(histogram, index + 1)) * width;
    const count = counts[index] ?? 0;
    if (count > 0 && nextX > 0 && x < width) {
      // A single message among millions is to be seen, too.
      const barHeight = Math.max(2, (count / most) * height);
      const gap = nextX - x > 3 ? 1 : 0;
      const barWidth = Math.max(1, nextX - x - gap);
      path += `M${x.toFixed(2)} ${height}v${(-barHeight).toFixed(2)}h${barWidth.toFixed(2)}V${height}z`;
    }
    x = nextX;
  }
  return path;
}
