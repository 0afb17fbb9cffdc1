import { useEffect, useRef } from 'preact/hooks';
import type { TimeRange } from '../time/time-range.ts';
import { momentAt, pan, zoom } from '../time/time-range.ts';

/** What the pointer does on the timeline. */
export interface PointerActions {
  /** The range as it is now: a drag outlives the rendering in which it began. */
  readonly range: () => TimeRange;
  readonly setRange: (range: TimeRange) => void;
  /** The playhead is dragged. */
  readonly scrub: (toNs: bigint) => void;
  /** It was let go. */
  readonly seek: (toNs: bigint) => void;
}

/** How much one notch of a wheel zooms. */
const WHEEL_ZOOM = 0.0025;

/** Wheel zooms around the pointer; drag moves the playhead, with shift or the middle button the tape. */
export function useTimelinePointer(actions: PointerActions) {
  const surface = useRef<SVGSVGElement | null>(null);
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const element = surface.current;
    if (element === null) return;
    const onWheel = (event: WheelEvent) => turnWheel(event, element, latest.current);
    // Preact would listen passively, and the page would scroll along.
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, []);
  const onPointerDown = (event: PointerEvent) => {
    const element = surface.current;
    if (element === null || event.button > 1) return;
    event.preventDefault();
    element.focus();
    element.setPointerCapture(event.pointerId);
    if (event.shiftKey || event.button === 1) dragTape(event, element, latest);
    else dragPlayhead(event, element, latest);
  };
  return { surface, onPointerDown };
}

interface Latest {
  readonly current: PointerActions;
}

function dragPlayhead(event: PointerEvent, element: SVGSVGElement, latest: Latest): void {
  const momentOf = (clientX: number) =>
    momentAt(latest.current.range(), fractionAt(clientX, element));
  latest.current.scrub(momentOf(event.clientX));
  drag(
    element,
    (clientX) => latest.current.scrub(momentOf(clientX)),
    (clientX) => latest.current.seek(momentOf(clientX)),
  );
}

function dragTape(event: PointerEvent, element: SVGSVGElement, latest: Latest): void {
  const began = latest.current.range();
  const from = fractionAt(event.clientX, element);
  const move = (clientX: number) =>
    latest.current.setRange(pan(began, from - fractionAt(clientX, element)));
  drag(element, move, move);
}

function drag(
  element: SVGSVGElement,
  move: (clientX: number) => void,
  end: (clientX: number) => void,
): void {
  const aborter = new AbortController();
  const { signal } = aborter;
  element.addEventListener('pointermove', (event) => move(event.clientX), { signal });
  const finish = (event: PointerEvent) => {
    aborter.abort();
    end(event.clientX);
  };
  element.addEventListener('pointerup', finish, { signal });
  element.addEventListener('pointercancel', finish, { signal });
}

function turnWheel(event: WheelEvent, element: SVGSVGElement, actions: PointerActions): void {
  event.preventDefault();
  const range = actions.range();
  // Wheels that count lines, as Firefox has them, move by less.
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
  const sideways = event.shiftKey ? event.deltaY : event.deltaX;
  if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
    actions.setRange(pan(range, (sideways * unit) / element.clientWidth));
    return;
  }
  const factor = Math.exp(event.deltaY * unit * WHEEL_ZOOM);
  actions.setRange(zoom(range, factor, fractionAt(event.clientX, element)));
}

function fractionAt(clientX: number, element: SVGSVGElement): number {
  const { left, width } = element.getBoundingClientRect();
  return Math.min(1, Math.max(0, (clientX - left) / Math.max(1, width)));
}
