import type { ReadonlySignal } from '@preact/signals';
import type { TimeRange } from '../time/time-range.ts';
import type { TapeSpan } from './tape-span.ts';

/** What a timeline shows, and what it tells. */
export interface TimelineProps {
  readonly topic: string;
  readonly span: TapeSpan;
  readonly range: TimeRange;
  /** `all` for the whole tape. */
  readonly setRange: (range: TimeRange | 'all') => void;
  readonly playheadNs: ReadonlySignal<bigint>;
  /** The playhead is dragged. */
  readonly scrub: (toNs: bigint) => void;
  /** The playhead was set. */
  readonly seek: (toNs: bigint) => void;
  /** Space was pressed: it plays, or rests. */
  readonly toggle?: () => void;
  /** Changes when the tape has. */
  readonly version: string;
  /** What else is on the tape, such as the cursor of a subscription. */
  readonly cursorNs?: bigint | undefined;
}
