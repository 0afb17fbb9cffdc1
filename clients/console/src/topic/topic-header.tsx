import { useState } from 'preact/hooks';
import { connection } from '../broker/connection.ts';
import type { Subscription } from '../broker/types.ts';
import type { Deck } from '../deck/deck.ts';
import { formatBytes, formatCount, formatLag, formatRate } from '../format/numbers.ts';
import { curlFrom } from '../message/curl.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Figure } from '../parts/figure.tsx';
import { Ago } from '../parts/time.tsx';
import { subscriptionHref } from '../route.ts';
import { timestampOf } from '../time/nanoseconds.ts';
import { StatePill } from '../topics/topic-row.tsx';
import { DownloadDialog } from './download-dialog.tsx';
import { CloseDialog, DeleteDialog, TrimDialog } from './ending-dialogs.tsx';
import { PublishDialog } from './publish-dialog.tsx';
import type { LiveTopic, ShownRange } from './topic-tape.ts';

interface TopicHeaderProps {
  readonly live: LiveTopic;
  readonly deck: Deck;
  readonly shown: ShownRange;
}

/** What the topic is, and what can be done with it. */
export function TopicHeader({ live, deck, shown }: TopicHeaderProps) {
  const { topic, subscriptions } = live;
  if (topic === undefined) return null;
  const nowNs = connection.nowNs();
  return (
    <header class="topic-header">
      <div class="page-header">
        <nav aria-label="Path">
          <a href="#/topics" class="dim">
            Topics
          </a>
          <span class="dim" aria-hidden="true">
            {' / '}
          </span>
        </nav>
        <h1 class="mono">{topic.topic}</h1>
        <StatePill state={topic.state} />
        <TopicActions live={live} deck={deck} shown={shown} />
      </div>
      <dl class="figures">
        <Figure label="Messages">{formatCount(topic.message_count)}</Figure>
        <Figure label="Size">{formatBytes(topic.byte_count)}</Figure>
        <Figure label="Rate">{formatRate(topic.messages_per_second)}</Figure>
        <Figure label="First">
          <Ago ns={timestampOf(topic.first_timestamp_ns)} nowNs={nowNs} />
        </Figure>
        <Figure label="Last">
          <Ago ns={timestampOf(topic.last_timestamp_ns)} nowNs={nowNs} />
        </Figure>
        <Figure label="Subscriptions">
          {subscriptions.length === 0 ? (
            <span class="dim">none</span>
          ) : (
            <SubscriptionLinks subscriptions={subscriptions} />
          )}
        </Figure>
      </dl>
    </header>
  );
}

function SubscriptionLinks({ subscriptions }: { readonly subscriptions: readonly Subscription[] }) {
  return (
    <span class="subscription-links">
      {subscriptions.map((each) => (
        <a key={each.subscription} href={subscriptionHref(each.topic, each.subscription)}>
          {each.subscription}{' '}
          <span class="dim">
            {each.pending_count === 0
              ? 'up to date'
              : `${formatCount(each.pending_count)} · ${formatLag(each.lag_seconds)}`}
          </span>
        </a>
      ))}
    </span>
  );
}

type Asked = 'publish' | 'download' | 'close' | 'trim' | 'delete';

function TopicActions({ live, deck, shown }: TopicHeaderProps) {
  const [asked, setAsked] = useState<Asked | undefined>(undefined);
  const { topic } = live;
  if (topic === undefined) return null;
  const isOpen = topic.state === 'open';
  return (
    <div class="button-row actions">
      {isOpen && (
        <button type="button" class="primary" onClick={() => setAsked('publish')}>
          Publish
        </button>
      )}
      <button type="button" onClick={() => setAsked('download')}>
        Download
      </button>
      <CopyButton
        label="Copy as curl"
        text={() => curlFrom(location.origin, topic.topic, deck.playheadNs.peek())}
      />
      {isOpen && (
        <button type="button" onClick={() => setAsked('close')}>
          Close…
        </button>
      )}
      <button type="button" onClick={() => setAsked('trim')}>
        Trim…
      </button>
      <button type="button" class="danger-quiet" onClick={() => setAsked('delete')}>
        Delete…
      </button>
      {asked !== undefined && (
        <AskedDialog
          asked={asked}
          live={live}
          deck={deck}
          shown={shown}
          onClose={() => setAsked(undefined)}
        />
      )}
    </div>
  );
}

interface AskedDialogProps extends TopicHeaderProps {
  readonly asked: Asked;
  readonly onClose: () => void;
}

function AskedDialog({ asked, live, deck, shown, onClose }: AskedDialogProps) {
  const { topic, refresh } = live;
  // What is asked about does not change while somebody reads the question.
  const [beforeNs] = useState(() => deck.playheadNs.peek());
  if (topic === undefined) return null;
  const ending = { topic, onClose, onDone: refresh };
  switch (asked) {
    case 'publish':
      return <PublishDialog topic={topic.topic} onClose={onClose} onPublished={refresh} />;
    case 'download':
      return <DownloadDialog topic={topic} deck={deck} range={shown.range} onClose={onClose} />;
    case 'close':
      return <CloseDialog {...ending} />;
    case 'trim':
      return <TrimDialog {...ending} beforeNs={beforeNs} />;
    case 'delete':
      return (
        <DeleteDialog
          {...ending}
          onDone={() => {
            location.hash = '#/topics';
          }}
        />
      );
  }
}
