import { useMemo, useState } from 'preact/hooks';
import { connection } from '../broker/connection.ts';
import { textOf } from '../broker/errors.ts';
import { listSubscriptions } from '../broker/subscriptions-api.ts';
import type { Subscription } from '../broker/types.ts';
import { usePoll } from '../broker/use-poll.ts';
import { counted, formatCount, formatLag } from '../format/numbers.ts';
import { Empty, ErrorText } from '../parts/notice.tsx';
import { SPARK_SAMPLES, Sparkline } from '../parts/sparkline.tsx';
import { useVirtualRows } from '../parts/use-virtual-rows.ts';
import { subscriptionHref } from '../route.ts';
import { lagHistory } from './lag-history.ts';

const ROW_HEIGHT = 40;
const REFRESH_MS = 2000;
/** Pages of a thousand that are shown; beyond, a search finds what is wanted. */
const PAGES_MAX = 20;
/** More than a page takes the broker longer to tell, and is asked for less often. */
const REFRESH_MANY_MS = 10_000;

/** All subscriptions of all topics, live. */
export function SubscriptionsPage() {
  const [all, setAll] = useState<readonly Subscription[] | undefined>(undefined);
  const [search, setSearch] = useState('');
  const [error, setError] = useState<string | undefined>(undefined);
  usePoll(
    async (signal) => {
      try {
        setAll(await loadAll(signal));
        setError(undefined);
      } catch (thrown) {
        if (!signal.aborted) setError(textOf(thrown));
        throw thrown;
      }
    },
    (all?.length ?? 0) > 1000 ? REFRESH_MANY_MS : REFRESH_MS,
    [],
  );
  const shown = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    return (all ?? []).filter((each) =>
      `${each.topic} ${each.subscription}`.toLowerCase().includes(wanted),
    );
  }, [all, search]);
  return (
    <main class="page page-list">
      <header class="page-header">
        <h1>Subscriptions</h1>
        <p class="dim" role="status">
          {counted(shown.length, 'subscription')}
        </p>
        <input
          type="search"
          class="search"
          placeholder="Search"
          aria-label="Search subscriptions by topic or name"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </header>
      <ErrorText error={error} />
      <SubscriptionTable shown={shown} />
      {all !== undefined && shown.length === 0 && (
        <Empty>
          <p>
            {search === ''
              ? 'No topic has a subscription. A worker makes one, or “playhead subscription create”.'
              : `No subscription has “${search}” in its name or topic.`}
          </p>
        </Empty>
      )}
    </main>
  );
}

async function loadAll(signal: AbortSignal): Promise<Subscription[]> {
  const all: Subscription[] = [];
  let after = '';
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = await listSubscriptions({ after }, signal);
    all.push(...answer.subscriptions);
    after = answer.next_page_token;
    if (after === '') break;
  }
  lagHistory.note(all, connection.nowMs());
  return all;
}

function SubscriptionTable({ shown }: { readonly shown: readonly Subscription[] }) {
  const rows = useVirtualRows(shown.length, ROW_HEIGHT);
  return (
    <div class="rows" role="table" aria-label="Subscriptions" aria-rowcount={shown.length + 1}>
      <div role="rowgroup" class="rows-header">
        <div role="row" class="row subscription-row" aria-rowindex={1}>
          <span role="columnheader">Subscription</span>
          <span role="columnheader" class="wide-only">
            Lag over time
          </span>
          <span role="columnheader" class="number">
            Backlog
          </span>
          <span role="columnheader" class="number wide-only">
            In flight
          </span>
          <span role="columnheader" class="number">
            Oldest
          </span>
          <span role="columnheader" class="number wide-only">
            Redelivered
          </span>
          <span role="columnheader" class="number wide-only">
            Dead letters
          </span>
          <span role="columnheader" class="number wide-only">
            Workers
          </span>
        </div>
      </div>
      <div class="rows-scroller" role="rowgroup" ref={rows.scroller}>
        <div
          class="rows-all"
          role="presentation"
          style={{ height: `${shown.length * ROW_HEIGHT}px` }}
        >
          {shown.slice(rows.first, rows.end).map((each, index) => (
            <SubscriptionRow
              key={`${each.topic} ${each.subscription}`}
              subscription={each}
              index={rows.first + index}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

interface SubscriptionRowProps {
  readonly subscription: Subscription;
  readonly index: number;
}

function SubscriptionRow({ subscription, index }: SubscriptionRowProps) {
  const { topic, subscription: name, pending_count: pending } = subscription;
  const lags = lagHistory.of(topic, name).slice(-SPARK_SAMPLES);
  return (
    <div
      role="row"
      class="row subscription-row"
      aria-rowindex={index + 2}
      style={{ transform: `translateY(${index * ROW_HEIGHT}px)` }}
    >
      <span role="cell" class="topic-name">
        <a href={subscriptionHref(topic, name)}>
          <span class="dim">{topic} / </span>
          {name}
        </a>
      </span>
      <span role="cell" class="wide-only">
        <Sparkline rates={lags.map(({ lagSeconds }) => lagSeconds)} />
      </span>
      <span role="cell" class="number">
        {formatCount(pending)}
      </span>
      <span role="cell" class="number wide-only">
        {formatCount(subscription.in_flight_count)}
      </span>
      <span role="cell" class="number">
        {pending === 0 ? <span class="dim">–</span> : formatLag(subscription.lag_seconds)}
      </span>
      <span role="cell" class="number wide-only">
        {formatCount(subscription.redelivered_count)}
      </span>
      <span
        role="cell"
        class={`number wide-only ${subscription.dead_lettered_count > 0 ? 'lag' : ''}`}
      >
        {formatCount(subscription.dead_lettered_count)}
      </span>
      <span role="cell" class="number wide-only">
        {formatCount(subscription.worker_count)}
      </span>
    </div>
  );
}
