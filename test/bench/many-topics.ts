import { build } from 'hdr-histogram-js';
import type { Client, Subscription } from 'playhead-client';
import { connect } from 'playhead-client';
import type { Memory } from './broker-process.ts';
import { BrokerProcess, DataDirectory } from './broker-process.ts';
import { TopicSet } from './topic-set.ts';
import type { Figure, Settings, Workload } from './workload.ts';
import { secondsOf, VerificationError } from './workload.ts';

const KB = 1000;
const SUBSCRIPTIONS_PER_CONNECTION = 500;
/** For a message that never comes. */
const PATIENCE_MS = 300_000;

/** Many topics, then many subscribers that wait for messages of them: time, and memory of the broker. */
export const manyTopics: Workload = {
  name: 'many-topics',
  async run(settings) {
    const topics = new TopicSet(settings.isQuick ? 3000 : 100_000);
    await using directory = await DataDirectory.create(settings);
    const figures = await fill(settings, topics, directory);
    return [...figures, ...(await subscribe(settings, topics, directory))];
  },
};

async function fill(
  settings: Settings,
  topics: TopicSet,
  directory: DataDirectory,
): Promise<Figure[]> {
  await using broker = await BrokerProcess.start(settings, directory);
  await using client = connect(broker.address);
  await client.topics.create('warm-up');
  await client.topics.delete('warm-up');
  const empty = await broker.settledMemory();
  const created = await create(settings, topics, client);
  const full = await broker.settledMemory();
  const published = await publish(settings, topics, client);
  const used = await broker.settledMemory();
  const amount = topics.count.toLocaleString('en');
  return [
    ...created,
    ...memoryFigures(`${amount} topics: memory of one`, empty, full, topics.count, 10),
    ...published,
    ...memoryFigures('the same with a message each', empty, used, topics.count, 10),
  ];
}

async function create(
  { isQuick, note }: Settings,
  topics: TopicSet,
  client: Client,
): Promise<Figure[]> {
  const sample = isQuick ? 200 : 1000;
  const amount = topics.count.toLocaleString('en');
  const first = topics.count - sample;
  note(`many-topics: creating ${amount}`);
  const createSeconds = await secondsOf(() => topics.create(client, 0, first));
  const micros = build({ highestTrackableValue: 60_000_000 });
  await topics.createEach(client, first, (latencyMs) => {
    micros.recordValue(Math.round(latencyMs * 1000));
  });
  const listSeconds = await secondsOf(() => topics.verifyList(client));
  const ms = (percentile: number) => micros.getValueAtPercentile(percentile) / 1000;
  return [
    {
      what: `the last ${sample} of ${amount} topics created one at a time: 99 %`,
      value: ms(99),
      unit: 'ms',
      goal: { atMost: 5 },
      remark:
        `${ms(50).toFixed(2)} ms (median), ${(micros.maxValue / 1000).toFixed(1)} ms (longest); ` +
        `those before, 64 under way: ${Math.round(first / createSeconds).toLocaleString('en')}/s`,
    },
    { what: `${amount} topics listed`, value: listSeconds, unit: 's' },
  ];
}

async function publish({ note }: Settings, topics: TopicSet, client: Client): Promise<Figure[]> {
  note('many-topics: publishing to each');
  const seconds = await secondsOf(() => topics.publish(client, 1));
  const { size } = await topics.verifyMessages(client);
  if (size !== topics.count) {
    throw new VerificationError(`${size} of ${topics.count} topics have their message`);
  }
  return [
    {
      what: 'one message to each, by a publisher of its own',
      value: size / seconds,
      unit: 'messages/s',
      remark: `${seconds.toFixed(1)} s`,
    },
  ];
}

/** On a broker that has just begun: what the one before has let go of, but not given back, is not counted. */
async function subscribe(
  settings: Settings,
  topics: TopicSet,
  directory: DataDirectory,
): Promise<Figure[]> {
  const subscribers = settings.isQuick ? 500 : 10_000;
  const step = topics.count / subscribers;
  await using broker = await BrokerProcess.start(settings, directory);
  await using client = connect(broker.address);
  const before = await broker.settledMemory();
  const clients = Array.from(
    { length: Math.ceil(subscribers / SUBSCRIPTIONS_PER_CONNECTION) },
    () => connect(broker.address),
  );
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const subscriptions = clients.flatMap((each, i) => {
      const first = i * SUBSCRIPTIONS_PER_CONNECTION;
      const length = Math.min(SUBSCRIPTIONS_PER_CONNECTION, subscribers - first);
      return Array.from({ length }, (_, j) =>
        each.subscribe(topics.nameOf((first + j) * step), { limit: 1, signal }),
      );
    });
    await Promise.all(subscriptions.map((subscription) => subscription.started()));
    settings.note(`many-topics: ${subscriptions.length} subscribers are waiting`);
    const waiting = await broker.settledMemory();

    // They were alive: each gets what is published now.
    const reads = subscriptions.map((subscription, i) => readOne(subscription, topics, i * step));
    await Promise.all([topics.publish(client, step), ...reads]);
    const what = `${subscribers.toLocaleString('en')} idle subscribers over them: memory of one`;
    return memoryFigures(what, before, waiting, subscribers, 100);
  } finally {
    for (const each of clients) await each.close();
  }
}

async function readOne(subscription: Subscription, topics: TopicSet, index: number): Promise<void> {
  let received = 0;
  for await (const { value } of subscription) {
    if (!topics.isValueOf(index, value)) {
      throw new VerificationError(`${subscription.topic}: not what was published to it`);
    }
    received += 1;
  }
  if (received !== 1) throw new VerificationError(`${subscription.topic}: nothing came`);
}

function memoryFigures(
  what: string,
  before: Memory,
  after: Memory,
  count: number,
  goalKb: number,
): Figure[] {
  const kilobytes = (key: keyof Memory) => (after[key] - before[key]) / count / KB;
  const megabytes = ({ residentBytes }: Memory) => `${(residentBytes / 1e6).toFixed(0)} MB`;
  const goal = { atMost: goalKb };
  return [
    {
      what: `${what}, resident`,
      value: kilobytes('residentBytes'),
      unit: 'KB',
      goal,
      remark: `${megabytes(before)} before, ${megabytes(after)} with all`,
    },
    { what: `${what}, live`, value: kilobytes('liveBytes'), unit: 'KB', goal },
  ];
}
