import type { Registry } from 'prom-client';
import { Counter, Gauge } from 'prom-client';
import { METRICS_SUBSCRIPTIONS_MAX } from '../limits.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { Subscriptions } from '../subscription/subscriptions.ts';
import type { FiguresSource } from './broker-figures.ts';

/** A figure of a subscription; each at a cost that does not grow with its backlog. */
interface SubscriptionFigure {
  readonly name: string;
  readonly help: string;
  readonly valueOf: (subscription: Subscription) => number | Promise<number>;
}

const GAUGES: readonly SubscriptionFigure[] = [
  {
    name: 'backlog_messages',
    help: 'Messages that are not acknowledged',
    valueOf: pendingOf,
  },
  {
    name: 'in_flight_messages',
    help: 'Messages that workers have and have not settled',
    valueOf: ({ state }) => state.leases.messageCount,
  },
  {
    name: 'lag_messages',
    help: 'Messages that no worker has: not delivered yet, or waiting for a further delivery',
    valueOf: (each) => Math.max(0, pendingOf(each) - each.state.leases.messageCount),
  },
  {
    name: 'lag_seconds',
    help: 'Age of the oldest message that is not acknowledged',
    valueOf: async (each) => {
      const { oldestPendingNs } = await each.stat();
      if (oldestPendingNs === undefined) return 0;
      return Math.max(0, Number((each.context.clock.nowNs() - oldestPendingNs) / 1000n) / 1e6);
    },
  },
  {
    name: 'workers',
    help: 'Workers that are connected',
    valueOf: ({ workers }) => workers.size,
  },
];

const COUNTERS: readonly SubscriptionFigure[] = [
  {
    name: 'acknowledged_total',
    help: 'Messages acknowledged',
    valueOf: ({ state }) => Number(state.acknowledgedCount),
  },
  {
    name: 'redelivered_total',
    help: 'Deliveries beyond the first',
    valueOf: ({ state }) => Number(state.redeliveredCount),
  },
  {
    name: 'dead_lettered_total',
    help: 'Messages that went to the dead-letter topic',
    valueOf: ({ state }) => Number(state.deadLetteredCount),
  },
  {
    name: 'dropped_total',
    help: 'Messages dropped by the limit of the backlog',
    valueOf: ({ state }) => Number(state.droppedCount),
  },
];

/** Adds figures by subscription, up to a limit, of those that were created first. */
export function addSubscriptionFigures(registry: Registry, { subscriptions }: FiguresSource): void {
  const labelNames = ['topic', 'subscription'] as const;
  for (const { name, help, valueOf } of GAUGES) {
    registry.registerMetric(
      new Gauge({
        name: `playhead_subscription_${name}`,
        help,
        labelNames,
        registers: [],
        async collect() {
          const values = await valuesOf(subscriptions, valueOf);
          this.reset();
          for (const [labels, value] of values) this.set(labels, value);
        },
      }),
    );
  }
  for (const { name, help, valueOf } of COUNTERS) {
    registry.registerMetric(
      new Counter({
        name: `playhead_subscription_${name}`,
        help,
        labelNames,
        registers: [],
        async collect() {
          const values = await valuesOf(subscriptions, valueOf);
          this.reset();
          for (const [labels, value] of values) this.inc(labels, value);
        },
      }),
    );
  }
}

/** All values at once: who asks meanwhile must not find half of them, or add to them. */
async function valuesOf(
  subscriptions: Subscriptions,
  valueOf: SubscriptionFigure['valueOf'],
): Promise<[{ topic: string; subscription: string }, number][]> {
  const values: [{ topic: string; subscription: string }, number][] = [];
  for (const each of [...subscriptions.all()].slice(0, METRICS_SUBSCRIPTIONS_MAX)) {
    values.push([{ topic: each.topic.name, subscription: each.name }, await valueOf(each)]);
  }
  return values;
}

function pendingOf({ state, topic }: Subscription): number {
  return Number(state.pendingCount(topic.span));
}
