import { build } from 'hdr-histogram-js';
import type { Client, DurableSubscription } from 'playhead-client';
import { connect } from 'playhead-client';
import { BrokerProcess } from './broker-process.ts';
import { followAt } from './latency.ts';
import type { Figure, Workload } from './workload.ts';
import { median, VerificationError } from './workload.ts';

const MESSAGE_BYTES = 1024;
const PER_SECOND = 1000;
const SUBSCRIPTION = 'workers';
const GOAL_MS = 5;

/** From when a message was due to be published until a worker that waits has it. */
export const workLatency: Workload = {
  name: 'work-latency',
  async run(settings) {
    const { isQuick, note } = settings;
    const runs = isQuick ? 1 : 5;
    const seconds = isQuick ? 1 : 10;
    const found: Latency[] = [];
    await using broker = await BrokerProcess.start(settings);
    await using client = connect(broker.address);
    for (let run = 0; run < runs; run++) {
      note(`work-latency: run ${run + 1} of ${runs}`);
      found.push(await latencyOf(client, `work-latency/${run}`, seconds));
    }
    const figure = (key: keyof Latency, label: string): Figure => {
      const values = found.map((each) => each[key]);
      return {
        what: `publish to a waiting worker, ${PER_SECOND}/s, ${MESSAGE_BYTES} B, acknowledged: ${label}`,
        value: median(values),
        runs: values,
        unit: 'ms',
      };
    };
    return [
      figure('p50', 'median'),
      { ...figure('p99', '99 %'), goal: { atMost: GOAL_MS } },
      figure('p999', '99.9 %'),
      figure('longest', 'longest'),
    ];
  },
};

/** Milliseconds. */
interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly longest: number;
}

async function latencyOf(client: Client, topic: string, seconds: number): Promise<Latency> {
  const subscription = client.subscription(topic, SUBSCRIPTION);
  await subscription.create({ createTopic: true });
  await using publisher = client.publisher(topic);
  const micros = build({ highestTrackableValue: 60_000_000 });
  const load = { perSecond: PER_SECOND, seconds, messageBytes: MESSAGE_BYTES };
  const ends = {
    send: async (_: string, value: Buffer) => {
      await publisher.publish(value);
    },
    follow: (_: string, onValue: (value: Buffer) => void) => work(subscription, onValue),
  };
  await followAt(ends, topic, load, micros);
  const { pendingCount, redeliveredCount } = await subscription.info();
  if (pendingCount > 0 || redeliveredCount > 0) {
    throw new VerificationError(
      `${topic}: ${pendingCount} messages are left, ${redeliveredCount} were delivered again`,
    );
  }
  const ms = (percentile: number) => micros.getValueAtPercentile(percentile) / 1000;
  return { p50: ms(50), p99: ms(99), p999: ms(99.9), longest: micros.maxValue / 1000 };
}

/** Connects a worker that acknowledges each message when it has it. */
async function work(
  subscription: DurableSubscription,
  onValue: (value: Buffer) => void,
): Promise<AsyncDisposable> {
  const consumption = subscription.consume();
  await consumption.started();
  const working = (async () => {
    for await (const delivery of consumption) {
      onValue(delivery.message.value);
      void delivery.ack();
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      await consumption.close();
      await working;
      if (consumption.settleErrorCount > 0) {
        throw new VerificationError(
          `${subscription.topic}: ${consumption.settleErrorCount} were not acknowledged`,
        );
      }
    },
  };
}
