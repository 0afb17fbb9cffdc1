import { build } from 'hdr-histogram-js';
import type { BenchClient, NamedClient } from './contestants/contestant.ts';
import { followAt } from './latency.ts';
import type { Unit } from './workload.ts';
import { secondsOf } from './workload.ts';

const KIB = 1024;
const TOPICS = 8;
const WARM_UP_BYTES = 4_000_000;
const WARM_UP_MESSAGES = 20_000;
const MAX_MESSAGES = 1_000_000;
/** So that a slow peer still publishes what a figure can be made of. */
const MIN_MESSAGES = 100;

/** How long each part of a round is to take. */
export interface Pace {
  readonly seconds: number;
  readonly latencySeconds: number;
}

/** What one run of a measure gave. */
export interface RunResult {
  readonly value: number;
  readonly messages: number;
  readonly remark?: string;
}

/** Seconds that the part of a run takes which counts; its CPU time is noted. */
export type Stopwatch = (run: () => Promise<void>) => Promise<number>;

/** One thing that is measured of every contestant with every client. */
export interface Measure<C extends NamedClient = BenchClient> {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  /** Set if the rate is compared with limits in bytes. */
  readonly messageBytes?: number;
  readonly limit?: 'publish' | 'read';
  /** Throws a VerificationError for what was lost, doubled or changed. Undefined: it does not apply. */
  run(client: C, round: Round, clock: Stopwatch): Promise<RunResult | undefined>;
}

/** What earlier measures of the same round have left for later ones. */
export class Round {
  readonly pace: Pace;
  /** Messages that a topic holds. */
  readonly counts = new Map<string, number>();
  /** Messages a second, by client and size. */
  readonly rates = new Map<string, number>();

  constructor(pace: Pace) {
    this.pace = pace;
  }
}

export const MEASURES: readonly Measure[] = [
  publishing('publish-100', '100 B, one publisher', 100),
  reading('read-100', 'catch up, 100 B', 100),
  publishing('publish-1k', '1 KiB, one publisher', KIB),
  reading('read-1k', 'catch up, 1 KiB', KIB),
  publishing('publish-100k', '100 KiB, one publisher', 100 * KIB),
  publishingToMany(),
  following(1000),
  following(10_000),
  following(100_000),
];

function publishing(id: string, title: string, messageBytes: number): Measure {
  return {
    id,
    title: `publish ${title}`,
    unit: 'messages/s',
    messageBytes,
    limit: 'publish',
    async run(client, round, clock) {
      const topic = topicOf(client, messageBytes);
      const count = await countFor(messageBytes, round, (few) =>
        secondsOf(() => client.publish(`${topic}-warm`, messageBytes, few)),
      );
      const seconds = await clock(() => client.publish(topic, messageBytes, count));
      // What is lost has no speed: the whole topic is read back before the figure counts.
      await client.read(topic, messageBytes, count);
      round.counts.set(topic, count);
      round.rates.set(topic, count / seconds);
      return { value: count / seconds, messages: count };
    },
  };
}

function reading(id: string, title: string, messageBytes: number): Measure {
  return {
    id,
    title,
    unit: 'messages/s',
    messageBytes,
    limit: 'read',
    async run(client, round, clock) {
      const topic = topicOf(client, messageBytes);
      const count = round.counts.get(topic);
      if (count === undefined) return undefined;
      const seconds = await clock(() => client.read(topic, messageBytes, count));
      return { value: count / seconds, messages: count };
    },
  };
}

function publishingToMany(): Measure {
  const messageBytes = 100;
  return {
    id: 'publish-8',
    title: `publish 100 B, ${TOPICS} publishers on ${TOPICS} topics`,
    unit: 'messages/s',
    messageBytes,
    limit: 'publish',
    async run(client, round, clock) {
      const rate = round.rates.get(topicOf(client, messageBytes));
      if (rate === undefined) return undefined;
      const count = Math.ceil(Math.min(MAX_MESSAGES, rate * round.pace.seconds) / TOPICS);
      const topics = Array.from({ length: TOPICS }, (_, i) => `${idOf(client)}-many-${i}`);
      const all = (run: (topic: string) => Promise<void>) => Promise.all(topics.map(run));
      const seconds = await clock(async () => {
        await all((topic) => client.publish(topic, messageBytes, count));
      });
      await all((topic) => client.read(topic, messageBytes, count));
      return { value: (TOPICS * count) / seconds, messages: TOPICS * count };
    },
  };
}

function following(perSecond: number): Measure {
  return {
    id: `latency-${perSecond}`,
    title: `publish to subscriber, ${perSecond.toLocaleString('en')}/s, 100 B, median`,
    unit: 'ms',
    async run(client, round, clock) {
      const rate = round.rates.get(topicOf(client, 100)) ?? 0;
      // A rate that it cannot keep has no latency, only a queue.
      if (rate < 1.3 * perSecond) return undefined;
      const { latencySeconds } = round.pace;
      const topic = `${idOf(client)}-latency-${perSecond}`;
      const micros = build({ highestTrackableValue: 60_000_000 });
      await clock(() => followAt(client, topic, { perSecond, seconds: latencySeconds }, micros));
      const ms = (percentile: number) =>
        (micros.getValueAtPercentile(percentile) / 1000).toFixed(2);
      return {
        value: micros.getValueAtPercentile(50) / 1000,
        messages: micros.totalCount,
        remark: `99 %: ${ms(99)} ms, 99.9 %: ${ms(99.9)} ms, longest ${(micros.maxValue / 1000).toFixed(1)} ms`,
      };
    },
  };
}

/** So many messages that a run takes about as long as it should, found by the seconds of a few. Warms up, too. */
export async function countFor(
  messageBytes: number,
  { pace }: Round,
  run: (few: number) => Promise<number>,
  few = Math.min(WARM_UP_MESSAGES, Math.ceil(WARM_UP_BYTES / messageBytes)),
): Promise<number> {
  const seconds = await run(few);
  const wanted = Math.round((few / seconds) * pace.seconds);
  return Math.min(MAX_MESSAGES, Math.max(MIN_MESSAGES, wanted));
}

function topicOf(client: BenchClient, messageBytes: number): string {
  return `${idOf(client)}-${messageBytes}`;
}

/** Its name as part of a topic. */
export function idOf({ name }: NamedClient): string {
  return name.replaceAll(/[^a-z0-9]+/gi, '-').replace(/^-/, '');
}
