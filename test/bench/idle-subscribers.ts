import type { Client, Subscription } from 'playhead-client';
import { connect } from 'playhead-client';
import type { Memory } from './broker-process.ts';
import { BrokerProcess } from './broker-process.ts';
import { Payloads, Sequence } from './verify.ts';
import type { Workload } from './workload.ts';

const SUBSCRIBERS = 1000;
const CLIENTS = 10;
const TOPICS = 20;
const MESSAGES = 10;
const MB = 1e6;

/** (f) What subscribers cost the broker that wait for messages which do not come. */
export const idleSubscribers: Workload = {
  name: 'idle-subscribers',
  async run(settings) {
    const { note } = settings;
    const payloads = new Payloads(100);
    await using broker = await BrokerProcess.start(settings);
    await using writer = connect(broker.address);
    const topics = Array.from({ length: TOPICS }, (_, i) => `idle/${i}`);
    for (const topic of topics) await writer.publisher(topic).publishAll(payloads.range(MESSAGES));
    await broker.memory();
    const before = await broker.memory();

    // For a message that never comes.
    const signal = AbortSignal.timeout(60_000);
    const clients = Array.from({ length: CLIENTS }, () => connect(broker.address));
    const subscriptions = topics.flatMap((topic, i) =>
      Array.from({ length: SUBSCRIBERS / TOPICS }, (_, j) =>
        clientOf(clients, i + j).subscribe(topic, { limit: MESSAGES, signal }),
      ),
    );
    await Promise.all(subscriptions.map((subscription) => subscription.started()));
    note(`idle-subscribers: ${subscriptions.length} are waiting`);
    const waiting = await broker.memory();

    // They were alive: each gets what is published now.
    const reads = subscriptions.map((subscription) => readAll(subscription, payloads));
    for (const topic of topics) await writer.publisher(topic).publishAll(payloads.range(MESSAGES));
    await Promise.all(reads);
    for (const client of clients) await client.close();

    const megabytes = (key: keyof Memory) => (waiting[key] - before[key]) / MB;
    const what = `${SUBSCRIBERS} idle subscribers on ${TOPICS} topics`;
    return [
      {
        what: `${what}: resident memory`,
        value: megabytes('residentBytes'),
        unit: 'MB',
        goal: { atMost: 100 },
        remark: `${(before.residentBytes / MB).toFixed(0)} MB before`,
      },
      { what: `${what}: live memory`, value: megabytes('liveBytes'), unit: 'MB' },
    ];
  },
};

function clientOf(clients: readonly Client[], index: number): Client {
  const client = clients[index % clients.length];
  if (client === undefined) throw new RangeError('no clients');
  return client;
}

async function readAll(subscription: Subscription, payloads: Payloads): Promise<void> {
  const sequence = new Sequence(payloads, subscription.topic);
  for await (const batch of subscription.batches()) sequence.takeExactly(batch);
  sequence.finish(MESSAGES);
}
