import { useComputed, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { connection } from '../broker/connection.ts';
import { Deck } from '../deck/deck.ts';
import { Empty, ErrorText } from '../parts/notice.tsx';
import type { TapeView } from '../route.ts';
import { parseRoute, topicHref } from '../route.ts';
import type { TimeRange } from '../time/time-range.ts';
import { showing, spanOf } from '../time/time-range.ts';
import type { TapeSpan } from '../timeline/tape-span.ts';
import { Timeline } from '../timeline/timeline.tsx';
import { MessagePane } from './message-pane.tsx';
import { TopicHeader } from './topic-header.tsx';
import type { LiveTopic, ShownRange } from './topic-tape.ts';
import { useLiveTopic, useShownRange } from './topic-tape.ts';
import { Transport } from './transport.tsx';

interface TopicPageProps {
  readonly name: string;
  /** What the address said when the page was opened. */
  readonly view: TapeView;
}

/** A topic: its tape as a timeline, the playhead, and the messages at it. */
export function TopicPage({ name, view }: TopicPageProps) {
  const live = useLiveTopic(name);
  const { topic, span } = live;
  if (topic === undefined || span === undefined || live.isGone) {
    return (
      <main class="page">
        <header class="page-header">
          <h1 class="mono">{name}</h1>
        </header>
        <ErrorText error={live.error} />
        {live.isGone && (
          <Empty>
            <p>There is no such topic, or no more.</p>
            <p>
              <a href="#/topics">All topics</a>
            </p>
          </Empty>
        )}
      </main>
    );
  }
  return <Tape key={topic.created_timestamp_ns} live={live} span={span} view={view} name={name} />;
}

interface TapeProps extends TopicPageProps {
  readonly live: LiveTopic;
  readonly span: TapeSpan;
}

function Tape({ name, view, live, span }: TapeProps) {
  const deck = useDeck(name, view.atNs ?? span.firstNs);
  const shown = useShownRange(span, rangeOf(view));
  const [scrubbed, setScrubbed] = useState<bigint | undefined>(undefined);
  useAddress(name, deck, shown);
  useAddressChanges(view, deck, shown);
  useRangeThatFollows(deck, shown);
  useEffect(() => void deck.tapeChanged(), [live.version]);
  useRestingSeek(deck, scrubbed);
  const seek = (toNs: bigint) => {
    setScrubbed(undefined);
    deck.seek(toNs);
  };
  return (
    <main class="page page-tape">
      <TopicHeader live={live} deck={deck} shown={shown} />
      <ErrorText error={live.error} />
      <Transport
        deck={deck}
        span={span}
        seek={(toNs) => {
          if (!shown.isAll) shown.set(showing(shown.range, toNs));
          seek(toNs);
        }}
      />
      <Timeline
        topic={name}
        span={span}
        range={shown.range}
        setRange={shown.set}
        playheadNs={deck.playheadNs}
        scrub={(toNs) => {
          deck.scrub(toNs);
          setScrubbed(toNs);
        }}
        seek={seek}
        toggle={() => (deck.motion.peek() === 'stopped' ? deck.play() : deck.pause())}
        version={live.version}
      />
      <MessagePane deck={deck} />
    </main>
  );
}

function useDeck(name: string, atNs: bigint): Deck {
  const deck = useMemo(() => new Deck(name, atNs), [name]);
  useEffect(() => {
    deck.seek(atNs);
    return () => deck.dispose();
  }, [deck]);
  const returns = connection.returns.value;
  useEffect(() => deck.resume(), [returns]);
  return deck;
}

/** How long the playhead rests before a link to it is made: browsers refuse changes of the address that come too often. */
const ADDRESS_MS = 400;

/** Keeps playhead and range in the address, so that a link shows the same moment. */
function useAddress(name: string, deck: Deck, shown: ShownRange): void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef(shown);
  latest.current = shown;
  const write = () => {
    timer.current = undefined;
    const current = parseRoute(location.hash);
    // Somebody may just have left for another page.
    if (current.page !== 'topic' || current.topic !== name) return;
    const { range, isAll } = latest.current;
    const href = topicHref(name, {
      atNs: deck.playheadNs.peek(),
      fromNs: isAll ? undefined : range.fromNs,
      untilNs: isAll ? undefined : range.untilNs,
    });
    history.replaceState(null, '', href);
  };
  const schedule = () => {
    timer.current ??= setTimeout(write, ADDRESS_MS);
  };
  useSignalEffect(() => {
    if (deck.playheadNs.value > 0n) schedule();
  });
  useEffect(schedule, [shown.range]);
  useEffect(() => () => clearTimeout(timer.current), []);
}

/** A link to another moment of the same topic, or a step back. */
function useAddressChanges(view: TapeView, deck: Deck, shown: ShownRange): void {
  const isFirst = useRef(true);
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    shown.set(rangeOf(view) ?? 'all');
    if (view.atNs !== undefined) deck.seek(view.atNs);
  }, [view]);
}

/** While it plays, what is shown goes along with the playhead. */
function useRangeThatFollows(deck: Deck, shown: ShownRange): void {
  const latest = useRef(shown);
  latest.current = shown;
  const isMoving = useComputed(() => deck.motion.value !== 'stopped');
  useSignalEffect(() => {
    const playheadNs = deck.playheadNs.value;
    const { range, isAll, set, reach } = latest.current;
    if (!isMoving.value) return;
    if (isAll) {
      // With some room, so that a busy tail does not draw the whole tape anew with each message.
      if (playheadNs > range.untilNs) reach(playheadNs + spanOf(range) / 20n);
      return;
    }
    const moved = showing(range, playheadNs);
    if (moved !== range) set(moved);
  });
}

/** Where a dragged playhead rests for so long, its messages are shown before it is let go. */
const SCRUB_REST_MS = 150;

function useRestingSeek(deck: Deck, scrubbed: bigint | undefined): void {
  useEffect(() => {
    if (scrubbed === undefined) return;
    const timer = setTimeout(() => deck.seek(scrubbed), SCRUB_REST_MS);
    return () => clearTimeout(timer);
  }, [scrubbed]);
}

function rangeOf({ fromNs, untilNs }: TapeView): TimeRange | undefined {
  return fromNs === undefined || untilNs === undefined ? undefined : { fromNs, untilNs };
}
