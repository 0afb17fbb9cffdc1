import { useState } from 'preact/hooks';
import { connection } from '../broker/connection.ts';
import { isGone, textOf } from '../broker/errors.ts';
import { deleteSubscription, getSubscription } from '../broker/subscriptions-api.ts';
import type { Subscription } from '../broker/types.ts';
import { usePoll } from '../broker/use-poll.ts';
import { counted, formatCount, formatLag } from '../format/numbers.ts';
import { ConfirmDialog } from '../parts/confirm-dialog.tsx';
import { Figure } from '../parts/figure.tsx';
import { Empty, ErrorText } from '../parts/notice.tsx';
import { Plot } from '../parts/plot.tsx';
import { GRID_LENGTHS } from '../parts/plot-grid.ts';
import { topicHref } from '../route.ts';
import { DeadLetters } from './dead-letters.tsx';
import { lagHistory } from './lag-history.ts';
import { SeekPanel } from './seek-panel.tsx';

const REFRESH_MS = 2000;
const PLOT_MS = 600_000;

interface SubscriptionPageProps {
  readonly topic: string;
  readonly name: string;
}

/** A subscription: how far behind it is, where it stands on the tape, and what it could not deliver. */
export function SubscriptionPage({ topic, name }: SubscriptionPageProps) {
  const [subscription, setSubscription] = useState<Subscription | undefined>(undefined);
  const [failure, setFailure] = useState<unknown>(undefined);
  const take = (fresh: Subscription) => {
    lagHistory.note([fresh], connection.nowMs());
    setSubscription(fresh);
  };
  usePoll(
    async (signal) => {
      try {
        take(await getSubscription(topic, name, signal));
        setFailure(undefined);
      } catch (error) {
        if (!signal.aborted) setFailure(error);
        throw error;
      }
    },
    REFRESH_MS,
    [topic, name],
  );
  return (
    <main class="page page-subscription">
      <header class="page-header">
        <nav aria-label="Path">
          <a href="#/subscriptions" class="dim">
            Subscriptions
          </a>
          <span class="dim" aria-hidden="true">
            {' / '}
          </span>
          <a href={topicHref(topic)} class="mono">
            {topic}
          </a>
          <span class="dim" aria-hidden="true">
            {' / '}
          </span>
        </nav>
        <h1 class="mono">{name}</h1>
        {subscription !== undefined && !isGone(failure) && (
          <DeleteButton subscription={subscription} />
        )}
      </header>
      {isGone(failure) ? (
        <Empty>
          <p>There is no such subscription, or no more.</p>
        </Empty>
      ) : (
        <ErrorText error={failure === undefined ? undefined : textOf(failure)} />
      )}
      {subscription !== undefined && !isGone(failure) && (
        <>
          <SubscriptionFigures subscription={subscription} />
          <LagPlot topic={topic} name={name} />
          <SeekPanel subscription={subscription} onSought={take} />
          <DeadLetters subscription={subscription} />
        </>
      )}
    </main>
  );
}

function SubscriptionFigures({ subscription }: { readonly subscription: Subscription }) {
  const { config } = subscription;
  const attempts = config.max_attempts === undefined ? '' : `at most ${config.max_attempts} each`;
  return (
    <dl class="figures">
      <Figure label="Backlog">{formatCount(subscription.pending_count)}</Figure>
      <Figure label="In flight" title={`at most ${config.max_in_flight ?? 'unknown'}`}>
        {formatCount(subscription.in_flight_count)}
      </Figure>
      <Figure label="Waiting for another attempt">{formatCount(subscription.waiting_count)}</Figure>
      <Figure label="Oldest">
        {subscription.pending_count === 0 ? '–' : formatLag(subscription.lag_seconds)}
      </Figure>
      <Figure label="Further attempts" title={attempts}>
        {formatCount(subscription.redelivered_count)}
      </Figure>
      <Figure label="Acknowledged">{formatCount(subscription.acknowledged_count)}</Figure>
      <Figure label="Dead letters" isBad={subscription.dead_lettered_count > 0}>
        {formatCount(subscription.dead_lettered_count)}
      </Figure>
      <Figure label="Workers">{formatCount(subscription.worker_count)}</Figure>
      <Figure label="Mode">
        {config.mode ?? '–'}
        <span class="dim">
          {' '}
          · {config.max_attempts} attempts · lease {formatLag((config.lease_ms ?? 0) / 1000)}
        </span>
      </Figure>
    </dl>
  );
}

function LagPlot({ topic, name }: SubscriptionPageProps) {
  const samples = lagHistory.of(topic, name);
  const timesMs = samples.map(({ timeMs }) => timeMs);
  return (
    <section aria-label="Over time">
      <h2>Over time</h2>
      <div class="plots">
        <Plot
          title="Backlog"
          timesMs={timesMs}
          windowMs={PLOT_MS}
          format={formatCount}
          lines={[
            { label: 'pending', values: samples.map(({ pending }) => pending) },
            { label: 'in flight', values: samples.map(({ inFlight }) => inFlight) },
          ]}
        />
        <Plot
          title="Lag"
          timesMs={timesMs}
          windowMs={PLOT_MS}
          format={formatLag}
          grid={GRID_LENGTHS}
          lines={[{ label: 'oldest', values: samples.map(({ lagSeconds }) => lagSeconds) }]}
        />
      </div>
    </section>
  );
}

function DeleteButton({ subscription }: { readonly subscription: Subscription }) {
  const [isAsked, setAsked] = useState(false);
  const { topic, subscription: name } = subscription;
  return (
    <div class="button-row actions">
      <button type="button" class="danger-quiet" onClick={() => setAsked(true)}>
        Delete…
      </button>
      {isAsked && (
        <ConfirmDialog
          title="Delete the subscription"
          name={name}
          noun="subscription"
          label="Delete it"
          onClose={() => setAsked(false)}
          onConfirm={async () => {
            await deleteSubscription(topic, name);
            location.hash = '#/subscriptions';
          }}
        >
          <p>
            What it has not delivered yet, <b>{counted(subscription.pending_count, 'message')}</b>,
            will not be delivered by it. The messages stay on the tape.
          </p>
        </ConfirmDialog>
      )}
    </div>
  );
}
