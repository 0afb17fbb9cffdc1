import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { connection } from '../broker/connection.ts';
import { isGone, textOf } from '../broker/errors.ts';
import { listSubscriptions } from '../broker/subscriptions-api.ts';
import { getTopic, readMessages } from '../broker/topics-api.ts';
import type { Subscription, Topic } from '../broker/types.ts';
import { usePoll } from '../broker/use-poll.ts';
import { laterOf, timestampOf } from '../time/nanoseconds.ts';
import type { TimeRange } from '../time/time-range.ts';
import { isSameRange } from '../time/time-range.ts';
import type { TapeSpan } from '../timeline/tape-span.ts';
import { tapeSpan, wholeTape } from '../timeline/tape-span.ts';

/** A topic is asked for this often while it is looked at. */
const REFRESH_MS = 2000;

/** A topic as it is now. */
export interface LiveTopic {
  readonly topic: Topic | undefined;
  readonly subscriptions: readonly Subscription[];
  readonly span: TapeSpan | undefined;
  readonly error: string | undefined;
  readonly isGone: boolean;
  /** Changes when the tape has. */
  readonly version: string;
  /** Asks now. */
  readonly refresh: () => void;
}

export function useLiveTopic(name: string): LiveTopic {
  const [topic, setTopic] = useState<Topic | undefined>(undefined);
  const [subscriptions, setSubscriptions] = useState<readonly Subscription[]>([]);
  const [failure, setFailure] = useState<unknown>(undefined);
  const [asked, setAsked] = useState(0);
  const trimmedNs = useTrimmed(topic);
  usePoll(
    async (signal) => {
      try {
        setTopic(await getTopic(name, signal));
        setFailure(undefined);
        setSubscriptions((await listSubscriptions({ glob: name }, signal)).subscriptions);
      } catch (error) {
        if (!signal.aborted) setFailure(error);
        throw error;
      }
    },
    REFRESH_MS,
    [name, asked],
  );
  const span = useMemo(
    () => (topic === undefined ? undefined : tapeSpan(topic, trimmedNs)),
    [topic?.first_timestamp_ns, topic?.last_timestamp_ns, topic?.closed?.timestamp_ns, trimmedNs],
  );
  return {
    topic,
    subscriptions,
    span,
    error: failure === undefined || connection.isAway.value ? undefined : textOf(failure),
    isGone: isGone(failure),
    version: `${topic?.state} ${topic?.message_count} ${topic?.first_timestamp_ns} ${topic?.last_timestamp_ns}`,
    refresh: () => setAsked((count) => count + 1),
  };
}

/** Where the tape is trimmed: the broker tells it to who reads what was there before. */
function useTrimmed(topic: Topic | undefined): bigint | undefined {
  const [trimmedNs, setTrimmed] = useState<bigint | undefined>(undefined);
  const name = topic?.topic;
  const createdNs = timestampOf(topic?.created_timestamp_ns);
  useEffect(() => {
    if (name === undefined || createdNs === undefined) return;
    const aborter = new AbortController();
    readMessages(name, { from: createdNs, limit: 1 }, aborter.signal).then(
      ({ trimmed }) => setTrimmed(timestampOf(trimmed?.first_timestamp_ns)),
      () => {},
    );
    return () => aborter.abort();
  }, [name, topic?.created_timestamp_ns, topic?.first_timestamp_ns]);
  return trimmedNs;
}

export interface ShownRange {
  readonly range: TimeRange;
  readonly set: (range: TimeRange | 'all') => void;
  /** True if all of the tape is shown, also what comes. */
  readonly isAll: boolean;
  /** The tape is known to reach so far, before the broker is asked again. */
  readonly reach: (untilNs: bigint) => void;
}

/** What part of the tape is shown: all of it, also as it grows, until somebody zooms. */
export function useShownRange(
  span: TapeSpan | undefined,
  initial: TimeRange | undefined,
): ShownRange {
  const [chosen, setChosen] = useState<TimeRange | undefined>(initial);
  const [reachedNs, setReached] = useState(0n);
  const kept = useRef<TimeRange>({ fromNs: 0n, untilNs: 1n });
  const whole =
    span === undefined ? undefined : wholeTape({ ...span, endNs: laterOf(span.endNs, reachedNs) });
  const wanted = chosen ?? whole;
  // The same object as long as it is the same range: what is drawn by it is not drawn again.
  if (wanted !== undefined && !isSameRange(wanted, kept.current)) kept.current = wanted;
  return {
    range: kept.current,
    set: (range) => setChosen(range === 'all' ? undefined : range),
    isAll: chosen === undefined,
    reach: setReached,
  };
}
