import { formatDuration } from '../time/duration.ts';
import { timeParts } from '../time/nanoseconds.ts';
import { pan, spanOf } from '../time/time-range.ts';
import { zoomedAt } from './timeline-keys.ts';
import type { TimelineProps } from './timeline-props.ts';

/** What part of the tape is shown, and buttons for those without a wheel. */
export function TimelineZoom({ range, setRange, playheadNs }: TimelineProps) {
  const zoomBy = (factor: number) => setRange(zoomedAt(range, playheadNs.peek(), factor));
  return (
    <div class="timeline-zoom">
      <p class="timeline-range">
        <RangeText fromNs={range.fromNs} untilNs={range.untilNs} />
        <span class="dim"> · {formatDuration(spanOf(range))}</span>
      </p>
      <div class="button-row" role="group" aria-label="Zoom">
        <button type="button" onClick={() => setRange(pan(range, -0.5))} aria-label="Earlier">
          ‹
        </button>
        <button type="button" onClick={() => zoomBy(0.25)} aria-label="Zoom in">
          +
        </button>
        <button type="button" onClick={() => zoomBy(4)} aria-label="Zoom out">
          −
        </button>
        <button type="button" onClick={() => setRange(pan(range, 0.5))} aria-label="Later">
          ›
        </button>
        <button type="button" onClick={() => setRange('all')}>
          All
        </button>
      </div>
    </div>
  );
}

function RangeText({ fromNs, untilNs }: { readonly fromNs: bigint; readonly untilNs: bigint }) {
  const from = timeParts(fromNs);
  const until = timeParts(untilNs);
  const digits = fractionDigits(untilNs - fromNs);
  const clock = (parts: typeof from) =>
    digits === 0 ? parts.clock : `${parts.clock}.${parts.fraction.slice(0, digits)}`;
  const untilDate = until.date === from.date ? '' : `${until.date} `;
  return (
    <span>
      {from.date} {clock(from)} – {untilDate}
      {clock(until)} UTC
    </span>
  );
}

/** As many as tell the ends apart. */
function fractionDigits(spanNs: bigint): number {
  if (spanNs > 60_000_000_000n) return 0;
  if (spanNs > 60_000_000n) return 3;
  return spanNs > 60_000n ? 6 : 9;
}
