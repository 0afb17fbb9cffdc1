import type { Client, DurableSubscription } from 'playhead-client';
import type { BrokerProcess, Memory } from './broker-process.ts';
import { DataDirectory } from './broker-process.ts';
import { within } from './broker-session.ts';
import { OnceEach } from './once-each.ts';
import { Payloads } from './verify.ts';
import type { Figure, Settings, Workload } from './workload.ts';
import { median, VerificationError } from './workload.ts';

const TOPIC = 'in-flight';
const SUBSCRIPTION = 'workers';
const MESSAGE_BYTES = 100;
const PULL_BYTES = 4_000_000;
const LEASE = '24h';
const MEMORY_GOAL_MB = 300;
const RESTART_GOAL_S = 1;

/** Many messages that workers have and have not settled: memory of the broker, and how much longer a restart takes. */
export const inFlight: Workload = {
  name: 'in-flight',
  async run(settings) {
    const { isQuick } = settings;
    const inBatches: Manner = { pullMessages: 10_000, underWay: 2 };
    // As workers that have one message each would: as many leases as messages.
    const oneByOne: Manner = { pullMessages: 1, underWay: 128 };
    return [
      ...(await measure(settings, isQuick ? 50_000 : 1_000_000, inBatches, isQuick ? 1 : 3)),
      ...(await measure(settings, isQuick ? 1000 : 1_000_000, oneByOne, 1)),
    ];
  },
};

/** How messages are leased. */
interface Manner {
  /** At one time, and so with one lease. */
  readonly pullMessages: number;
  readonly underWay: number;
}

interface Cost {
  readonly before: Memory;
  readonly after: Memory;
  /** From the start of the process until a message was delivered. */
  readonly restartSeconds: number;
  readonly restartSecondsWithout: number;
}

async function measure(
  settings: Settings,
  count: number,
  manner: Manner,
  runs: number,
): Promise<Figure[]> {
  const how = `leased ${manner.pullMessages.toLocaleString('en')} at a time`;
  const what = `${count.toLocaleString('en')} in flight, ${how}`;
  const costs: Cost[] = [];
  for (let run = 0; run < runs; run++) {
    settings.note(`in-flight: ${how}, run ${run + 1} of ${runs}`);
    costs.push(await costOf(settings, count, manner));
  }
  const figure = (of: (cost: Cost) => number): Pick<Figure, 'value' | 'runs'> => {
    const values = costs.map(of);
    return { value: median(values), runs: values };
  };
  const megabytes = (key: keyof Memory) =>
    figure(({ before, after }) => (after[key] - before[key]) / 1e6);
  const goal = { atMost: MEMORY_GOAL_MB };
  const withThem = median(costs.map(({ restartSeconds }) => restartSeconds));
  const without = median(costs.map(({ restartSecondsWithout }) => restartSecondsWithout));
  return [
    { ...megabytes('residentBytes'), what: `${what}: resident memory`, unit: 'MB', goal },
    { ...megabytes('liveBytes'), what: `${what}: live memory`, unit: 'MB', goal },
    {
      ...figure((cost) => cost.restartSeconds - cost.restartSecondsWithout),
      what: `${what}: a restart after SIGKILL takes longer by`,
      unit: 's',
      goal: { atMost: RESTART_GOAL_S },
      remark: `${withThem.toFixed(2)} s until the next message is delivered, ${without.toFixed(2)} s without`,
    },
  ];
}

async function costOf(settings: Settings, count: number, manner: Manner): Promise<Cost> {
  await using directory = await DataDirectory.create(settings);
  // The first one and the last one show that the subscription can be used after a restart.
  const once = new OnceEach(new Payloads(MESSAGE_BYTES), TOPIC, count + 1);
  await within(settings, directory, 'SIGTERM', async (_, client) => {
    const subscription = client.subscription(TOPIC, SUBSCRIPTION);
    await subscription.create({ from: 'earliest', maxInFlight: count, createTopic: true });
    await client.publisher(TOPIC).publishAll(new Payloads(MESSAGE_BYTES).range(count + 1));
  });
  await within(settings, directory, 'SIGKILL', async () => undefined);

  let restartSecondsWithout = Number.NaN;
  const memory: { before?: Memory; after?: Memory } = {};
  await within(settings, directory, 'SIGKILL', async (broker, client) => {
    restartSecondsWithout = await secondsUntilUsed(broker, client, once, (delivery) =>
      delivery.ack(),
    );
    memory.before = await broker.settledMemory();
    await lease(client.subscription(TOPIC, SUBSCRIPTION), count - 1, manner, once);
    memory.after = await broker.settledMemory();
  });

  let restartSeconds = Number.NaN;
  await within(settings, directory, 'SIGTERM', async (broker, client) => {
    restartSeconds = await secondsUntilUsed(broker, client, once);
    once.finish();
    const { inFlightCount, redeliveredCount } = await client
      .subscription(TOPIC, SUBSCRIPTION)
      .info();
    if (inFlightCount !== count || redeliveredCount !== 0) {
      throw new VerificationError(
        `after the restart ${inFlightCount} of ${count} messages are in flight, ${redeliveredCount} again`,
      );
    }
  });
  const { before, after } = memory;
  if (before === undefined || after === undefined) throw new Error('the memory was not measured');
  return { before, after, restartSeconds, restartSecondsWithout };
}

type Pulled = Awaited<ReturnType<DurableSubscription['pull']>>[number];

/** From the start of the process until the next message was delivered. */
async function secondsUntilUsed(
  broker: BrokerProcess,
  client: Client,
  once: OnceEach,
  settle?: (delivery: Pulled) => Promise<void>,
): Promise<number> {
  const listeningMs = performance.now();
  const subscription = client.subscription(TOPIC, SUBSCRIPTION);
  const [delivery] = await subscription.pull({ lease: LEASE });
  const seconds = (broker.readyMs + performance.now() - listeningMs) / 1000;
  if (delivery === undefined) throw new VerificationError(`${TOPIC}: nothing is delivered`);
  once.takeValue(delivery.message.value);
  await settle?.(delivery);
  return seconds;
}

async function lease(
  subscription: DurableSubscription,
  count: number,
  { pullMessages, underWay }: Manner,
  once: OnceEach,
): Promise<void> {
  let open = count;
  const pullAll = async () => {
    while (open > 0) {
      const wanted = Math.min(pullMessages, open);
      open -= wanted;
      const options = { max: wanted, maxBytes: PULL_BYTES, lease: LEASE };
      const deliveries = await subscription.pull(options);
      if (deliveries.length === 0) throw new VerificationError(`${TOPIC}: ${open} are missing`);
      for (const { message } of deliveries) once.takeValue(message.value);
      open += wanted - deliveries.length;
    }
  };
  await Promise.all(Array.from({ length: underWay }, pullAll));
}
