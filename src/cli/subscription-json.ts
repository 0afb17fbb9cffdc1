import type { SubscriptionConfig, SubscriptionInfo } from 'playhead-client';
import { formatTimestamp } from 'playhead-client';
import { formatCount, formatDuration } from './progress.ts';
import { alignedPairs, type Column, formatOptionalTimestamp } from './table.ts';

const MS_PER_SECOND = 1000;

/** A subscription as an object of JSON: timestamps are texts, since they are longer than a number is exact. */
export function subscriptionToJson(info: SubscriptionInfo): object {
  const { config } = info;
  return {
    topic: info.topic,
    subscription: info.subscription,
    pending_count: info.pendingCount,
    in_flight_count: info.inFlightCount,
    waiting_count: info.waitingCount,
    redelivered_count: info.redeliveredCount,
    dead_lettered_count: info.deadLetteredCount,
    acknowledged_count: info.acknowledgedCount,
    oldest_pending_timestamp_ns: info.oldestPendingTimestampNs?.toString() ?? null,
    lag_seconds: info.lagSeconds,
    worker_count: info.workerCount,
    is_drained: info.isDrained,
    cursor_timestamp_ns: info.cursorTimestampNs?.toString() ?? null,
    created_timestamp_ns: String(info.createdTimestampNs),
    config: {
      mode: dashed(config.mode),
      lease_ms: config.leaseMs,
      max_attempts: config.maxAttempts,
      max_in_flight: config.maxInFlight,
      backoff: backoffToJson(config.backoff),
      idle_expiry_ms: config.idleExpiryMs,
      dead_letter_topic: config.deadLetterTopic,
      max_pending: config.maxPending,
      backlog_policy: dashed(config.backlogPolicy),
    },
  };
}

/** For people: a line a value. */
export function describeSubscription(info: SubscriptionInfo): string {
  const { config } = info;
  const limit = (value: number, text: string) => (value === 0 ? 'none' : text);
  return alignedPairs([
    ['topic', info.topic],
    ['subscription', info.subscription],
    ['state', info.isDrained ? 'drained: the topic is closed and consumed' : 'open'],
    ['pending', formatCount(info.pendingCount)],
    ['in flight', formatCount(info.inFlightCount)],
    ['waiting', formatCount(info.waitingCount)],
    ['redelivered', formatCount(info.redeliveredCount)],
    ['dead letters', formatCount(info.deadLetteredCount)],
    ['acknowledged', formatCount(info.acknowledgedCount)],
    ['oldest pending', formatOptionalTimestamp(info.oldestPendingTimestampNs)],
    ['lag', formatLag(info)],
    ['workers', formatCount(info.workerCount)],
    ['cursor', formatOptionalTimestamp(info.cursorTimestampNs)],
    ['created', formatTimestamp(info.createdTimestampNs)],
    ['mode', dashed(config.mode)],
    ['lease', formatDuration(config.leaseMs)],
    ['max attempts', formatCount(config.maxAttempts)],
    ['max in flight', formatCount(config.maxInFlight)],
    ['backoff', describeBackoff(config.backoff)],
    ['idle expiry', limit(config.idleExpiryMs, formatDuration(config.idleExpiryMs))],
    ['dead-letter topic', config.deadLetterTopic],
    ['max pending', limit(config.maxPending, formatCount(config.maxPending))],
    ['backlog policy', dashed(config.backlogPolicy)],
  ]);
}

/** What a list shows of a subscription. */
export const subscriptionColumns: readonly Column<SubscriptionInfo>[] = [
  { title: 'TOPIC', isCut: true, cell: ({ topic }) => topic },
  { title: 'SUBSCRIPTION', isCut: true, cell: ({ subscription }) => subscription },
  { title: 'MODE', cell: ({ config }) => dashed(config.mode) },
  { title: 'PENDING', isNumber: true, cell: ({ pendingCount }) => String(pendingCount) },
  { title: 'IN FLIGHT', isNumber: true, cell: ({ inFlightCount }) => String(inFlightCount) },
  { title: 'WAITING', isNumber: true, cell: ({ waitingCount }) => String(waitingCount) },
  {
    title: 'REDELIVERED',
    isNumber: true,
    cell: ({ redeliveredCount }) => String(redeliveredCount),
  },
  { title: 'DEAD', isNumber: true, cell: ({ deadLetteredCount }) => String(deadLetteredCount) },
  { title: 'WORKERS', isNumber: true, cell: ({ workerCount }) => String(workerCount) },
  { title: 'LAG', isNumber: true, cell: formatLag },
];

function formatLag({ lagSeconds }: SubscriptionInfo): string {
  return formatDuration(Math.round(lagSeconds * MS_PER_SECOND));
}

function backoffToJson(backoff: SubscriptionConfig['backoff']): object | null {
  if (backoff === undefined) return null;
  if ('delaysMs' in backoff) return { delays_ms: backoff.delaysMs };
  const { initialMs, maxMs, jitter } = backoff;
  return { initial_ms: initialMs, max_ms: maxMs, jitter };
}

function describeBackoff(backoff: SubscriptionConfig['backoff']): string {
  if (backoff === undefined) return 'none';
  if ('delaysMs' in backoff) return backoff.delaysMs.map(formatDuration).join(',');
  const { initialMs, maxMs, jitter } = backoff;
  const limit = maxMs === 0 ? '' : ` up to ${formatDuration(maxMs)}`;
  return `${formatDuration(initialMs)}, doubling${limit}, jitter ${jitter}`;
}

/** As the options spell it. */
function dashed(name: string): string {
  return name.replaceAll('_', '-');
}
