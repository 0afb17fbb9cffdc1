import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Deck } from '../deck/deck.ts';
import { formatBytes } from '../format/numbers.ts';
import type { Message } from '../message/message.ts';
import { isEmpty, previewOf } from '../message/message.ts';
import { Time } from '../parts/time.tsx';
import type { VirtualRows } from '../parts/use-virtual-rows.ts';
import { useVirtualRows } from '../parts/use-virtual-rows.ts';

const ROW_HEIGHT = 28;
/** More is read once so few rows are below those that are seen. */
const ROWS_AHEAD = 50;

interface MessageListProps {
  readonly deck: Deck;
  readonly selected: Message | undefined;
  readonly select: (message: Message) => void;
}

/** The messages in view, of which only those that are seen are drawn. */
export function MessageList({ deck, selected, select }: MessageListProps) {
  const { view } = deck;
  // Read for the changes that it counts: the view itself is no signal.
  const changes = deck.changes.value;
  const rows = useVirtualRows(view.length, ROW_HEIGHT);
  const motion = deck.motion.value;
  useStayingInPlace(deck, rows, changes);
  useEffect(() => {
    if (motion === 'stopped' && rows.endSeen + ROWS_AHEAD >= view.length) void deck.more();
  }, [motion, rows.endSeen, view.length]);
  const selectedIndex = selected === undefined ? -1 : indexOf(deck, selected);
  const playheadIndex = motion === 'stopped' ? view.indexAt(deck.playheadNs.value) : -1;
  const onKeyDown = (event: KeyboardEvent) => {
    const to = nextIndex(event.key, selectedIndex, view.length, rows);
    const message = to === undefined ? undefined : view.at(to);
    if (to === undefined || message === undefined) return;
    event.preventDefault();
    rows.scrollTo(to);
    select(message);
  };
  const isSeen = selectedIndex >= rows.first && selectedIndex < rows.end;
  const shown = Array.from({ length: rows.end - rows.first }, (_, index) => rows.first + index);
  return (
    <div class="message-list">
      <div class="message-row message-header" aria-hidden="true">
        <span>Time (UTC)</span>
        <span>Key</span>
        <span>Value</span>
        <span class="number">Size</span>
      </div>
      <div
        class="message-scroller"
        ref={rows.scroller}
        tabIndex={0}
        role={view.length === 0 ? 'group' : 'listbox'}
        aria-label="Messages"
        {...(isSeen && { 'aria-activedescendant': rowId(selected) })}
        onKeyDown={onKeyDown}
      >
        <div
          class="rows-all"
          role="presentation"
          style={{ height: `${view.length * ROW_HEIGHT}px` }}
        >
          {shown.map((index) => {
            const message = view.at(index);
            if (message === undefined) return null;
            return (
              <MessageRow
                key={`${message.timestampNs}`}
                message={message}
                index={index}
                count={view.length}
                isSelected={index === selectedIndex}
                isAtPlayhead={index === playheadIndex}
                select={select}
              />
            );
          })}
        </div>
        {view.length === 0 && <NothingHere deck={deck} />}
      </div>
    </div>
  );
}

interface MessageRowProps {
  readonly message: Message;
  readonly index: number;
  readonly count: number;
  readonly isSelected: boolean;
  readonly isAtPlayhead: boolean;
  readonly select: (message: Message) => void;
}

function MessageRow(props: MessageRowProps) {
  const { message, index, count, isSelected, isAtPlayhead, select } = props;
  const { key, value, headers, timestampNs, sizeBytes } = message;
  return (
    // The list itself has the focus, and its keys choose.
    <div
      id={rowId(message)}
      role="option"
      aria-selected={isSelected}
      aria-setsize={count}
      aria-posinset={index + 1}
      class={`message-row${isAtPlayhead ? ' is-at-playhead' : ''}`}
      style={{ transform: `translateY(${index * ROW_HEIGHT}px)` }}
      onClick={() => select(message)}
    >
      <Time ns={timestampNs} />
      <span class="message-key">{isEmpty(key) ? '' : previewOf(key, 80)}</span>
      <span class="message-value">
        {headers.length > 0 && <span class="header-count">{headers.length} hdr</span>}
        {isEmpty(value) ? <i class="dim">empty</i> : previewOf(value)}
      </span>
      <span class="number">{formatBytes(sizeBytes)}</span>
    </div>
  );
}

function NothingHere({ deck }: { readonly deck: Deck }) {
  const { isAtTail, closed } = deck.status.value;
  if (deck.motion.value === 'following') return <p class="empty">Waiting for the next message</p>;
  if (deck.motion.value === 'playing' || !isAtTail) return null;
  return (
    <p class="empty">
      {closed === null
        ? 'No message from here on, yet'
        : 'The channel is closed: nothing is behind'}
    </p>
  );
}

/** At the end the list goes along with what comes; elsewhere it stays on what is seen, also when rows leave above. */
function useStayingInPlace({ view, motion }: Deck, rows: VirtualRows, changes: number): void {
  const leftBefore = useRef(view.leftCount);
  useLayoutEffect(() => {
    const left = view.leftCount - leftBefore.current;
    leftBefore.current = view.leftCount;
    if (motion.value === 'stopped') return;
    if (rows.isAtEnd()) rows.scrollToEnd();
    else if (left > 0) rows.shift(left);
  }, [changes]);
  // Playing begins at the end of what was played, wherever one had scrolled to.
  useLayoutEffect(() => {
    if (motion.value !== 'stopped') rows.scrollToEnd();
  }, [motion.value]);
}

function indexOf({ view }: Deck, message: Message): number {
  const index = view.indexAt(message.timestampNs);
  return view.at(index)?.timestampNs === message.timestampNs ? index : -1;
}

function rowId(message: Message | undefined): string {
  return `message-${message?.timestampNs}`;
}

function nextIndex(
  key: string,
  current: number,
  count: number,
  { firstSeen, endSeen }: VirtualRows,
): number | undefined {
  const page = Math.max(1, endSeen - firstSeen - 1);
  const within = (index: number) => Math.min(count - 1, Math.max(0, index));
  switch (key) {
    case 'ArrowDown':
      return within(current < 0 ? firstSeen : current + 1);
    case 'ArrowUp':
      return within(current < 0 ? firstSeen : current - 1);
    case 'PageDown':
      return within(current + page);
    case 'PageUp':
      return within(current - page);
    case 'Home':
      return within(0);
    case 'End':
      return within(count - 1);
    default:
      return undefined;
  }
}
