import type { Registry } from 'prom-client';
import { Counter, Gauge } from 'prom-client';
import { METRICS_TOPICS_MAX } from '../limits.ts';
import type { Topic } from '../log/topic.ts';
import type { FiguresSource } from './broker-figures.ts';
import type { Busiest } from './busiest.ts';
import { busiest } from './busiest.ts';

/** What stands for the topics beyond those that are told one by one; no topic has such a name. */
const OTHERS = '(others)';

/** A figure of a topic. */
interface TopicFigure {
  readonly name: string;
  readonly help: string;
  readonly valueOf: (topic: Topic) => number;
}

/** They only grow while the topic is there. */
const COUNTERS: readonly TopicFigure[] = [
  {
    name: 'topic_messages_in_total',
    help: 'Messages ever stored in the topic',
    valueOf: ({ sequence }) => Number(sequence),
  },
  {
    name: 'topic_bytes_in_total',
    help: 'Bytes of these',
    valueOf: ({ bytes }) => Number(bytes),
  },
  {
    name: 'topic_messages_out_total',
    help: 'Messages of the topic handed to readers and workers since the broker started',
    valueOf: ({ read }) => read.messageCount,
  },
  {
    name: 'topic_bytes_out_total',
    help: 'Bytes of these',
    valueOf: ({ read }) => read.byteCount,
  },
];

const GAUGES: readonly TopicFigure[] = [
  {
    name: 'topic_messages',
    help: 'Messages that the topic has',
    valueOf: ({ retainedMessages }) => Number(retainedMessages),
  },
  {
    name: 'topic_bytes',
    help: 'Bytes of these',
    valueOf: ({ retainedBytes }) => Number(retainedBytes),
  },
  {
    name: 'topic_subscribers',
    help: 'Readers of the topic that are connected',
    valueOf: ({ subscriberCount }) => subscriberCount,
  },
];

/**
 * Adds figures by topic: of the topics with the most messages one by one, up to a limit; what the others have, together. A
 * name for each of a hundred thousand topics would be more than Prometheus should have.
 */
export function addTopicFigures(registry: Registry, { log }: FiguresSource): void {
  const labelNames = ['topic'] as const;
  // Metrics are collected in the order in which they were added: the first looks, for all.
  let seen: Busiest = { named: [], others: [] };
  const look = () => {
    seen = busiest(log.topics.all(), METRICS_TOPICS_MAX);
  };
  for (const [index, { name, help, valueOf }] of COUNTERS.entries()) {
    registry.registerMetric(
      new Counter({
        name: `playhead_${name}`,
        help,
        labelNames,
        registers: [],
        collect() {
          if (index === 0) look();
          this.reset();
          // Not of the others: a sum that topics come to and go from is no counter.
          for (const topic of seen.named) this.inc({ topic: topic.name }, valueOf(topic));
        },
      }),
    );
  }
  for (const { name, help, valueOf } of GAUGES) {
    registry.registerMetric(
      new Gauge({
        name: `playhead_${name}`,
        help,
        labelNames,
        registers: [],
        collect() {
          this.reset();
          for (const [topic, value] of byTopic(seen, valueOf)) this.set({ topic }, value);
        },
      }),
    );
  }
}

function* byTopic(
  { named, others }: Busiest,
  valueOf: TopicFigure['valueOf'],
): Generator<readonly [string, number]> {
  for (const topic of named) yield [topic.name, valueOf(topic)];
  if (others.length > 0) yield [OTHERS, others.reduce((sum, topic) => sum + valueOf(topic), 0)];
}
