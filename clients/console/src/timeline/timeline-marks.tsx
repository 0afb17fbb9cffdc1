import type { ReadonlySignal } from '@preact/signals';
import type { TimeRange } from '../time/time-range.ts';
import { fractionOf } from '../time/time-range.ts';
import type { TapeSpan } from './tape-span.ts';

interface MarksProps {
  readonly span: TapeSpan;
  readonly range: TimeRange;
  readonly playheadNs: ReadonlySignal<bigint>;
  readonly cursorNs?: bigint | undefined;
  readonly width: number;
  readonly top: number;
  readonly height: number;
}

/** What stands on the tape: what is trimmed, where it is closed, a subscription's cursor, and the playhead. */
export function TimelineMarks(props: MarksProps) {
  const { span, range, cursorNs, width, top, height } = props;
  const at = (timestampNs: bigint) => fractionOf(range, timestampNs) * width;
  const bottom = top + height;
  return (
    <g>
      {span.trimmedNs !== undefined && at(span.trimmedNs) > -1 && (
        <g class="mark-trimmed" data-mark="trimmed">
          <title>Trimmed: what was before is gone</title>
          <rect
            x={0}
            y={top}
            width={Math.max(0, Math.min(width, at(span.trimmedNs)))}
            height={height}
          />
          <path d={`M${at(span.trimmedNs)} ${top - 4}V${bottom}`} />
          <Label x={at(span.trimmedNs)} width={width} text="trimmed" />
        </g>
      )}
      {span.closedNs !== undefined && (
        <g class="mark-closed" data-mark="closed">
          <title>Closed: the channel ends here</title>
          <path d={`M${at(span.closedNs)} ${top - 4}V${bottom}`} />
          <rect x={at(span.closedNs) - 3} y={top - 4} width={6} height={6} />
          <Label x={at(span.closedNs)} width={width} text="closed" />
        </g>
      )}
      {cursorNs !== undefined && (
        <g class="mark-cursor" data-mark="cursor">
          <title>The cursor of the subscription</title>
          <path d={`M${at(cursorNs)} ${top - 4}V${bottom}`} />
          <Label x={at(cursorNs)} width={width} text="cursor" />
        </g>
      )}
      <Playhead {...props} />
    </g>
  );
}

/** On the side on which there is room. */
function Label({
  x,
  width,
  text,
}: {
  readonly x: number;
  readonly width: number;
  readonly text: string;
}) {
  if (x < -1 || x > width + 1) return null;
  const isLate = x > width / 2;
  return (
    <text x={isLate ? x - 9 : x + 9} y={9} text-anchor={isLate ? 'end' : 'start'}>
      {text}
    </text>
  );
}

/** Drawn alone when it moves: it does so with each frame of the screen. */
function Playhead({ range, playheadNs, width, top, height }: MarksProps) {
  const fraction = fractionOf(range, playheadNs.value);
  if (fraction < 0 || fraction > 1) {
    const x = fraction < 0 ? 2 : width - 2;
    const point = fraction < 0 ? 'l8 -5v10z' : 'l-8 -5v10z';
    return <path class="playhead-away" d={`M${x} ${top + height / 2}${point}`} />;
  }
  const x = fraction * width;
  return (
    <g class="playhead" data-mark="playhead" transform={`translate(${x.toFixed(2)} 0)`}>
      <path class="playhead-line" d={`M0 4V${top + height}`} />
      <path class="playhead-head" d="M-6 0h12v6l-6 7l-6 -7z" />
    </g>
  );
}
