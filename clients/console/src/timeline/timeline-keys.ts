import { clampTime, laterOf } from '../time/nanoseconds.ts';
import type { TimeRange } from '../time/time-range.ts';
import { fractionOf, pan, showing, spanOf, zoom } from '../time/time-range.ts';

/** What a key does to the playhead or to what is shown; undefined if it is none of the timeline's. */
export interface KeyEffect {
  readonly playheadNs?: bigint;
  /** `all` for the whole tape. */
  readonly range?: TimeRange | 'all';
}

export interface KeyContext {
  readonly range: TimeRange;
  readonly playheadNs: bigint;
  readonly firstNs: bigint;
  readonly endNs: bigint;
  readonly buckets: number;
  readonly isShift: boolean;
}

/** Arrows move by a bucket, with shift by a nanosecond; pages by a tenth; + and − zoom around the playhead. */
export function keyEffect(key: string, context: KeyContext): KeyEffect | undefined {
  const { range, playheadNs, firstNs, endNs, buckets, isShift } = context;
  const bucketNs = laterOf(spanOf(range) / BigInt(Math.max(1, buckets)), 1n);
  const stepNs = isShift ? 1n : bucketNs;
  const tenthNs = laterOf(spanOf(range) / 10n, 1n);
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return moved(range, playheadNs - stepNs);
    case 'ArrowRight':
    case 'ArrowUp':
      return moved(range, playheadNs + stepNs);
    case 'PageDown':
      return moved(range, playheadNs - tenthNs);
    case 'PageUp':
      return moved(range, playheadNs + tenthNs);
    case 'Home':
      return moved(range, firstNs);
    case 'End':
      return moved(range, endNs);
    case '+':
    case '=':
      return { range: zoomedAt(range, playheadNs, 0.5) };
    case '-':
      return { range: zoomedAt(range, playheadNs, 2) };
    case '0':
      return { range: 'all' };
    case ',':
      return { range: pan(range, -0.2) };
    case '.':
      return { range: pan(range, 0.2) };
    default:
      return undefined;
  }
}

/** Zooms around the playhead; around the middle if it is not in view. */
export function zoomedAt(range: TimeRange, playheadNs: bigint, factor: number): TimeRange {
  const fraction = fractionOf(range, playheadNs);
  return zoom(range, factor, fraction >= 0 && fraction <= 1 ? fraction : 0.5);
}

function moved(range: TimeRange, toNs: bigint): KeyEffect {
  const playheadNs = clampTime(toNs);
  const shown = showing(range, playheadNs);
  // What shows all goes on doing so while the tape grows.
  return shown === range ? { playheadNs } : { playheadNs, range: shown };
}
