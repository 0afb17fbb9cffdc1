import { connection } from '../broker/connection.ts';
import type { Subscription, Topic } from '../broker/types.ts';
import { formatBytes, formatCount, formatLag, formatRate } from '../format/numbers.ts';
import { Sparkline } from '../parts/sparkline.tsx';
import { Ago } from '../parts/time.tsx';
import { topicHref } from '../route.ts';
import { timestampOf } from '../time/nanoseconds.ts';
import { topicList } from './topic-list.ts';

export function TopicRowHeader() {
  return (
    <div role="rowgroup" class="rows-header">
      <div role="row" class="row topic-row" aria-rowindex={1}>
        <span role="columnheader">Topic</span>
        <span role="columnheader">Rate</span>
        <span role="columnheader" class="number">
          Messages
        </span>
        <span role="columnheader" class="number wide-only">
          Bytes
        </span>
        <span role="columnheader" class="number wide-only">
          First
        </span>
        <span role="columnheader" class="number">
          Last
        </span>
        <span role="columnheader" class="wide-only">
          Subscriptions
        </span>
      </div>
    </div>
  );
}

interface TopicRowProps {
  readonly topic: Topic;
  readonly index: number;
  readonly top: number;
}

/** A topic in the list. */
export function TopicRow({ topic, index, top }: TopicRowProps) {
  const nowNs = connection.nowNs();
  return (
    <div
      role="row"
      class="row topic-row"
      aria-rowindex={index + 2}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="cell" class="topic-name">
        <a href={topicHref(topic.topic)}>{topic.topic}</a>
        {topic.state === 'closed' && <StatePill state="closed" />}
      </span>
      <span role="cell" class="topic-rate">
        <Sparkline rates={topicList.ratesOf(topic.topic)} />
        <span class="rate">{formatRate(topic.messages_per_second)}</span>
      </span>
      <span role="cell" class="number">
        {formatCount(topic.message_count)}
        <span class="phone-only">{topic.message_count === 1 ? ' message' : ' messages'}</span>
      </span>
      <span role="cell" class="number wide-only">
        {formatBytes(topic.byte_count)}
      </span>
      <span role="cell" class="number wide-only">
        <Ago ns={timestampOf(topic.first_timestamp_ns)} nowNs={nowNs} />
      </span>
      <span role="cell" class="number">
        <Ago ns={timestampOf(topic.last_timestamp_ns)} nowNs={nowNs} />
      </span>
      <span role="cell" class="wide-only">
        <SubscriptionsCell subscriptions={topicList.subscriptions.value.get(topic.topic) ?? []} />
      </span>
    </div>
  );
}

export function StatePill({ state }: { readonly state: 'open' | 'closed' }) {
  return <span class={`pill pill-${state}`}>{state}</span>;
}

/** How many, and how far the one that is furthest behind is. */
function SubscriptionsCell({ subscriptions }: { readonly subscriptions: readonly Subscription[] }) {
  if (subscriptions.length === 0) return <span class="dim">–</span>;
  const lag = Math.max(...subscriptions.map((each) => each.lag_seconds));
  const pending = subscriptions.reduce((sum, each) => sum + each.pending_count, 0);
  const names = subscriptions.map(
    (each) => `${each.subscription}: ${formatCount(each.pending_count)} pending`,
  );
  return (
    <span title={names.join('\n')}>
      {subscriptions.length}
      <span class={pending === 0 ? 'dim' : 'lag'}>
        {pending === 0 ? ' · up to date' : ` · lag ${formatLag(lag)}`}
      </span>
    </span>
  );
}
