import { useMemo, useRef } from 'preact/hooks';
import { counted } from '../format/numbers.ts';
import { formatDuration } from '../time/duration.ts';
import { formatTimePlain } from '../time/nanoseconds.ts';
import { ticksOf } from '../time/ticks.ts';
import type { TimeRange } from '../time/time-range.ts';
import { fractionOf, spanOf } from '../time/time-range.ts';
import type { Histogram } from './histogram.ts';
import { barsPath, bucketAt } from './histogram.ts';
import { keyEffect } from './timeline-keys.ts';
import { TimelineMarks } from './timeline-marks.tsx';
import { useTimelinePointer } from './timeline-pointer.ts';
import type { TimelineProps } from './timeline-props.ts';
import { TimelineZoom } from './timeline-zoom.tsx';
import { useHistogram } from './use-histogram.ts';
import { useWidth } from './use-width.ts';

const BARS_HEIGHT = 76;
const TOP = 14;
const AXIS_HEIGHT = 20;
const HEIGHT = TOP + BARS_HEIGHT + AXIS_HEIGHT;
/** Pixels of a bucket, and between two labels of the axis. */
const BUCKET_WIDTH = 5;
const LABEL_WIDTH = 110;
/** A label that would be cut at the end is left out. */
const LABEL_CHARACTER = 7;
/** What one request may ask for. */
const BUCKETS_MAX = 1000;

/** The tape: how many messages are when, with the playhead on it. */
export function Timeline(props: TimelineProps) {
  const { topic, range, span } = props;
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const buckets = Math.min(BUCKETS_MAX, Math.floor(width / BUCKET_WIDTH));
  const histogram = useHistogram(topic, range, buckets, props.version);
  const latestRange = useRef(range);
  latestRange.current = range;
  const setRange = (to: TimeRange | 'all') => {
    // A wheel turns several notches before anything is drawn.
    if (to !== 'all') latestRange.current = to;
    props.setRange(to);
  };
  const { surface, onPointerDown } = useTimelinePointer({
    range: () => latestRange.current,
    setRange,
    scrub: props.scrub,
    seek: props.seek,
  });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { shiftKey: isShift, key } = event;
    if (key === ' ') {
      event.preventDefault();
      props.toggle?.();
      return;
    }
    const playheadNs = props.playheadNs.value;
    const effect = keyEffect(key, { range, playheadNs, ...span, buckets, isShift });
    if (effect === undefined) return;
    event.preventDefault();
    if (effect.range !== undefined) setRange(effect.range);
    if (effect.playheadNs !== undefined) props.seek(effect.playheadNs);
  };
  return (
    <section class="timeline" aria-label="Timeline">
      <TimelineZoom {...props} />
      <div class="timeline-frame" ref={frame}>
        <svg
          ref={surface}
          class="timeline-surface"
          width={width}
          height={HEIGHT}
          tabindex={0}
          role="slider"
          aria-label={`Playhead of ${topic}`}
          aria-orientation="horizontal"
          aria-valuemin={0}
          aria-valuemax={1000}
          aria-valuenow={permille(range, props.playheadNs.value)}
          aria-valuetext={valueText(range, histogram, props.playheadNs.value)}
          onPointerDown={onPointerDown}
          onKeyDown={onKeyDown}
        >
          <Bars histogram={histogram} range={range} width={width} />
          <Axis range={range} width={width} />
          <TimelineMarks {...props} width={width} top={TOP} height={BARS_HEIGHT} />
        </svg>
      </div>
    </section>
  );
}

interface BarsProps {
  readonly histogram: Histogram | undefined;
  readonly range: TimeRange;
  readonly width: number;
}

function Bars({ histogram, range, width }: BarsProps) {
  // The playhead moves with each frame of the screen; the bars do not.
  const path = useMemo(
    () =>
      histogram === undefined ? '' : barsPath(histogram, range, { width, height: BARS_HEIGHT }),
    [histogram, range, width],
  );
  return (
    <g transform={`translate(0 ${TOP})`}>
      <path class="timeline-bars" d={path} data-most={histogram?.most ?? 0} />
      <path class="timeline-ground" d={`M0 ${BARS_HEIGHT + 0.5}H${width}`} />
    </g>
  );
}

function Axis({ range, width }: Omit<BarsProps, 'histogram'>) {
  const ticks = useMemo(
    () => (width === 0 ? [] : ticksOf(range, Math.max(2, Math.floor(width / LABEL_WIDTH)))),
    [range, width],
  );
  return (
    <g class="timeline-axis" aria-hidden="true">
      {ticks.map(({ timestampNs, label, isMajor }) => {
        const x = fractionOf(range, timestampNs) * width;
        return (
          <g key={`${timestampNs}`} transform={`translate(${x.toFixed(1)} ${TOP + BARS_HEIGHT})`}>
            <path d="M0 0v5" />
            {x + label.length * LABEL_CHARACTER < width && (
              <text class={isMajor ? 'is-major' : ''} x={4} y={15}>
                {label}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
}

function permille(range: TimeRange, playheadNs: bigint): number {
  const fraction = fractionOf(range, playheadNs);
  return Math.round(Math.min(1, Math.max(0, fraction)) * 1000);
}

function valueText(range: TimeRange, histogram: Histogram | undefined, playheadNs: bigint): string {
  const bucket = histogram === undefined ? undefined : bucketAt(histogram, playheadNs);
  const count = bucket === undefined ? 0 : (histogram?.counts[bucket] ?? 0);
  const here = histogram === undefined ? '' : `, ${counted(count, 'message')} here`;
  return `${formatTimePlain(playheadNs)} UTC${here}, ${formatDuration(spanOf(range))} shown`;
}
