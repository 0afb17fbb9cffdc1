import { build } from 'hdr-histogram-js';
import type { Client } from 'playhead-client';
import { connect } from 'playhead-client';
import { BrokerProcess } from './broker-process.ts';
import type { FanOutReport } from './fan-out-reader.ts';
import { OpenLoop } from './open-loop.ts';
import { Role } from './role.ts';
import { Payloads, verifyTopic } from './verify.ts';
import type { Figure, Settings, Workload } from './workload.ts';
import { medianOf, VerificationError } from './workload.ts';

const MESSAGE_BYTES = 100;
const READER_PROCESSES = 2;
const GOAL_PER_SECOND = 3_000_000;
const SPREAD_SUBSCRIBERS = 1000;
const SPREAD_PER_SECOND = 50;

/** Many subscribers of one topic: how many deliveries a second, and how long from the first of them to the last. */
export const fanOut: Workload = {
  name: 'fan-out',
  async run(settings) {
    await using broker = await BrokerProcess.start(settings);
    await using client = connect(broker.address);
    const place = { settings, address: broker.address, client };
    return [await deliveries(place, 100), await deliveries(place, 1000), await spread(place)];
  },
};

interface Place {
  readonly settings: Settings;
  readonly address: string;
  readonly client: Client;
}

async function deliveries(
  { settings: { isQuick, note }, address, client }: Place,
  subscribers: number,
): Promise<Figure> {
  const total = isQuick ? 500_000 : 10_000_000;
  const runs = isQuick ? 1 : 5;
  const count = total / subscribers;
  const payloads = new Payloads(MESSAGE_BYTES);
  const rate = await medianOf(runs, async (index) => {
    note(`fan-out: ${subscribers} subscribers, run ${index + 1} of ${runs}`);
    const topic = `fan-out/${subscribers}/${index}`;
    await using readers = await Readers.start(address, topic, subscribers, count);
    const startMs = nowMs();
    await client.publisher(topic).publishAll(payloads.range(count));
    const { lastMs } = await readers.report();
    await verifyTopic(client, topic, payloads, count);
    await client.topics.delete(topic);
    return (1000 * total) / (lastMs - startMs);
  });
  return {
    ...rate,
    what: `${count.toLocaleString('en')} × ${MESSAGE_BYTES} B to each of ${subscribers} subscribers: deliveries`,
    unit: 'messages/s',
    goal: { atLeast: GOAL_PER_SECOND },
  };
}

/** At a rate that leaves the broker time: how long the last subscriber waits longer than the first. */
async function spread({ settings: { isQuick, note }, address, client }: Place): Promise<Figure> {
  const warmUp = SPREAD_PER_SECOND / 2;
  const count = warmUp + SPREAD_PER_SECOND * (isQuick ? 1 : 20);
  const topic = 'fan-out/spread';
  const payloads = new Payloads(MESSAGE_BYTES);
  note(`fan-out: ${SPREAD_PER_SECOND} messages/s to ${SPREAD_SUBSCRIBERS} subscribers`);
  await using readers = await Readers.start(address, topic, SPREAD_SUBSCRIBERS, count, true);
  const publisher = client.publisher(topic);
  const sending = new OpenLoop({
    perSecond: SPREAD_PER_SECOND,
    count,
    send: (index) => publisher.publish(payloads.at(index)),
  });
  await sending.finish();
  const { firstArrivalsMs, lastArrivalsMs } = await readers.report();
  await verifyTopic(client, topic, payloads, count);
  const micros = build({ highestTrackableValue: 60_000_000 });
  for (let index = warmUp; index < count; index++) {
    const firstMs = firstArrivalsMs[index] ?? Number.NaN;
    const lastMs = lastArrivalsMs[index] ?? Number.NaN;
    micros.recordValue(Math.round(1000 * (lastMs - firstMs)));
  }
  const ms = (percentile: number) => micros.getValueAtPercentile(percentile) / 1000;
  return {
    what: `${SPREAD_PER_SECOND} messages/s to ${SPREAD_SUBSCRIBERS} subscribers: from the first that has it to the last, 99 %`,
    value: ms(99),
    unit: 'ms',
    goal: { atMost: 10 },
    remark: `${ms(50).toFixed(1)} ms (median), ${(micros.maxValue / 1000).toFixed(1)} ms (longest)`,
  };
}

/** The subscribers, parted among processes. */
class Readers implements AsyncDisposable {
  readonly #roles: readonly Role<FanOutReport>[];

  private constructor(roles: readonly Role<FanOutReport>[]) {
    this.#roles = roles;
  }

  /** Resolves once the broker has taken all subscriptions. */
  static async start(
    address: string,
    topic: string,
    subscribers: number,
    count: number,
    isTimed = false,
  ): Promise<Readers> {
    const each = [subscribers / READER_PROCESSES, count, MESSAGE_BYTES].map(String);
    const args = [address, topic, ...each, isTimed ? 'timed' : 'untimed'];
    const roles = Array.from(
      { length: READER_PROCESSES },
      () => new Role<FanOutReport>('fan-out-reader', ...args),
    );
    const readers = new Readers(roles);
    try {
      await Promise.all(roles.map((role) => role.report()));
      return readers;
    } catch (error) {
      await readers[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** When all of them have everything. */
  async report(): Promise<FanOutReport> {
    const reports = await Promise.all(this.#roles.map((role) => role.report()));
    const { error } = reports.find((report) => report.error !== undefined) ?? {};
    if (error !== undefined) throw new VerificationError(error);
    const [first] = reports;
    if (first === undefined) throw new RangeError('there is no reader');
    const arrivals = (key: 'firstArrivalsMs' | 'lastArrivalsMs', of: typeof Math.min) =>
      first[key].map((_, i) => of(...reports.map((report) => report[key][i] ?? Number.NaN)));
    return {
      lastMs: Math.max(...reports.map(({ lastMs }) => lastMs)),
      firstArrivalsMs: arrivals('firstArrivalsMs', Math.min),
      lastArrivalsMs: arrivals('lastArrivalsMs', Math.max),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#roles.map((role) => role[Symbol.asyncDispose]()));
  }
}

/** Of the clock that all processes of a machine share. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
