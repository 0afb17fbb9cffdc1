import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { AwayError, textOf } from '../broker/errors.ts';
import type { Deck } from '../deck/deck.ts';
import { counted, formatCount } from '../format/numbers.ts';
import type { Message } from '../message/message.ts';
import { isFiltering, NO_FILTER } from '../message/message-filter.ts';
import { VIEW_MESSAGES_MAX } from '../message/message-window.ts';
import { ErrorText } from '../parts/notice.tsx';
import { MessageDetail } from './message-detail.tsx';
import { MessageList } from './message-list.tsx';

/** Messages at the playhead: filtered, listed, and one of them in full. */
export function MessagePane({ deck }: { readonly deck: Deck }) {
  const [selected, setSelected] = useState<Message | undefined>(undefined);
  const { error } = deck.status.value;
  // Another playhead shows other messages.
  useSignalEffect(() => {
    if (deck.changes.value > 0 && deck.view.length === 0) setSelected(undefined);
  });
  return (
    <section
      class={selected === undefined ? 'messages' : 'messages has-detail'}
      aria-label="Messages"
    >
      <FilterBar deck={deck} />
      <ErrorText
        error={error === undefined || error instanceof AwayError ? undefined : textOf(error)}
      />
      <div class="messages-body">
        <MessageList deck={deck} selected={selected} select={setSelected} />
        {selected !== undefined && (
          <MessageDetail message={selected} onClose={() => setSelected(undefined)} />
        )}
      </div>
    </section>
  );
}

/** Typing goes on for so long before the tape is searched. */
const TYPING_MS = 250;

function FilterBar({ deck }: { readonly deck: Deck }) {
  const [key, setKey] = useState('');
  const [text, setText] = useState('');
  const isFirst = useRef(true);
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    const timer = setTimeout(() => deck.setFilter({ key, text }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [key, text]);
  return (
    <div class="filter">
      <input
        type="search"
        class="mono"
        placeholder="Key has …"
        aria-label="Show messages whose key has"
        value={key}
        onInput={(event) => setKey(event.currentTarget.value)}
      />
      <input
        type="search"
        class="mono"
        placeholder="Text or header has …"
        aria-label="Show messages whose text or header has"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <ViewText deck={deck} />
    </div>
  );
}

/** What is in view, and what is not. */
function ViewText({ deck }: { readonly deck: Deck }) {
  // Read for the changes that it counts: the view itself is no signal.
  const isChanged = deck.changes.value > 0;
  const { scannedCount, isReading, isAtTail } = deck.status.value;
  const filter = deck.filter.value;
  const { length, leftCount } = deck.view;
  const isPaused =
    isFiltering(filter) && !isReading && !isAtTail && deck.motion.value === 'stopped';
  return (
    <p class="view-text dim" role="status">
      {isFiltering(filter) && filter !== NO_FILTER
        ? `${formatCount(length)} of ${counted(scannedCount, 'message')} match`
        : `${counted(length, 'message')}${isAtTail || !isChanged ? '' : ' so far'}`}
      {leftCount > 0 &&
        ` · the view keeps the last ${formatCount(VIEW_MESSAGES_MAX)}; ${formatCount(leftCount)} have left it`}
      {isPaused && (
        <button type="button" onClick={() => void deck.more()}>
          Search on
        </button>
      )}
    </p>
  );
}
