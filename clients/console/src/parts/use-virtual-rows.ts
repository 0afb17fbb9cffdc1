import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Rows above and below those that are seen, so that a quick scroll shows no gap. */
const EXTRA_ROWS = 12;
/** The end is seen if no more than this is below it. */
const END_PIXELS = 4;

/** Which rows to draw of a list that may have a hundred thousand. */
export interface VirtualRows {
  /** Of the element that scrolls, which may come and go. */
  readonly scroller: (element: HTMLDivElement | null) => void;
  readonly first: number;
  /** Not included. */
  readonly end: number;
  /** Those that are seen, without the extra ones. */
  readonly firstSeen: number;
  readonly endSeen: number;
  /** Whether the list was last scrolled to its end: it then stays there as it grows. */
  readonly isAtEnd: () => boolean;
  readonly scrollTo: (index: number) => void;
  readonly scrollToEnd: () => void;
  /** Keeps what is seen where it is when rows have left above it. */
  readonly shift: (rows: number) => void;
}

/** All rows have one height, so that the place of each is a product, and nothing is measured. */
export function useVirtualRows(count: number, rowHeight: number): VirtualRows {
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const isAtEnd = useRef(true);
  const [{ top, height }, setPlace] = useState({ top: 0, height: 600 });
  useLayoutEffect(() => {
    if (scroller === null) return;
    const element = scroller;
    const measure = () => {
      const { scrollTop: top, clientHeight: height, scrollHeight } = element;
      isAtEnd.current = top + height >= scrollHeight - END_PIXELS;
      setPlace({ top, height });
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    measure();
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, [scroller]);
  const firstSeen = Math.min(Math.max(0, Math.floor(top / rowHeight)), Math.max(0, count - 1));
  const endSeen = Math.min(count, Math.ceil((top + height) / rowHeight));
  return {
    scroller: setScroller,
    first: Math.max(0, firstSeen - EXTRA_ROWS),
    end: Math.min(count, endSeen + EXTRA_ROWS),
    firstSeen,
    endSeen,
    isAtEnd: () => isAtEnd.current,
    scrollTo: (index) => scrollIntoView(scroller, index * rowHeight, rowHeight),
    scrollToEnd: () => {
      if (scroller !== null) scroller.scrollTop = scroller.scrollHeight;
    },
    shift: (rows) => {
      if (scroller !== null) scroller.scrollTop -= rows * rowHeight;
    },
  };
}

function scrollIntoView(element: HTMLDivElement | null, top: number, rowHeight: number): void {
  if (element === null) return;
  if (top < element.scrollTop) element.scrollTop = top;
  else if (top + rowHeight > element.scrollTop + element.clientHeight) {
    element.scrollTop = top + rowHeight - element.clientHeight;
  }
}
