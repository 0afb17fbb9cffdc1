import type { Client } from 'playhead-client';
import { connect } from 'playhead-client';
import { BrokerProcess } from './broker-process.ts';
import { concurrently } from './concurrent.ts';
import { Payloads, Sequence, verifyTopic } from './verify.ts';
import type { Figure, Settings, Workload } from './workload.ts';
import { median, secondsOf } from './workload.ts';

const MESSAGE_BYTES = 100;
const FILLING_BYTES = 1000;
const FILLING_MESSAGES = 1000;
const REQUESTS_UNDER_WAY = 4;
const GB = 1e9;
/** Of the rate with little: growth costs no more than 15 %. */
const GOAL_PERCENT = 85;

/** Whether a message costs the same with much on the tape as with little. */
export const growth: Workload = {
  name: 'growth',
  async run(settings) {
    return [await publishing(settings), await catchingUp(settings)];
  },
};

/** The same publishing into both in turns, so that what else the machine does falls on both. */
async function publishing(settings: Settings): Promise<Figure> {
  const { isQuick, note } = settings;
  const fillBytes = isQuick ? 0.05 * GB : 20 * GB;
  const count = isQuick ? 100_000 : 1_000_000;
  const runs = isQuick ? 1 : 5;
  const payloads = new Payloads(MESSAGE_BYTES);
  await using empty = await BrokerProcess.start(settings);
  await using full = await BrokerProcess.start(settings);
  await using emptyClient = connect(empty.address);
  await using fullClient = connect(full.address);
  note(`growth: filling a tape with ${fillBytes / GB} GB`);
  await fill(fullClient, fillBytes);
  const publishTo = async (client: Client, topic: string) => {
    const seconds = await secondsOf(async () => {
      await client.publisher(topic).publishAll(payloads.range(count));
    });
    await verifyTopic(client, topic, payloads, count);
    return count / seconds;
  };
  await publishTo(emptyClient, 'warm-up');
  await publishTo(fullClient, 'warm-up');
  const emptyRates: number[] = [];
  const fullRates: number[] = [];
  for (let run = 0; run < runs; run++) {
    note(`growth: publishing, run ${run + 1} of ${runs}`);
    emptyRates.push(await publishTo(emptyClient, `run/${run}`));
    fullRates.push(await publishTo(fullClient, `run/${run}`));
  }
  note('growth: reading the filling back');
  const filling = fillBytes / FILLING_BYTES;
  await verifyTopic(fullClient, 'filling', new Payloads(FILLING_BYTES), filling);
  return share(
    `publishing ${count.toLocaleString('en')} × ${MESSAGE_BYTES} B onto ${fillBytes / GB} GB, of the rate onto none`,
    emptyRates,
    fullRates,
  );
}

async function fill(client: Client, bytes: number): Promise<void> {
  const payloads = new Payloads(FILLING_BYTES);
  const publisher = client.publisher('filling');
  const batches = bytes / FILLING_BYTES / FILLING_MESSAGES;
  await concurrently(batches, REQUESTS_UNDER_WAY, async (batch) => {
    await publisher.publishBatch(payloads.range(FILLING_MESSAGES, batch * FILLING_MESSAGES));
  });
}

/** A short topic, several times, and a long one, both behind each other on one tape. */
async function catchingUp(settings: Settings): Promise<Figure> {
  const { isQuick, note } = settings;
  const few = 100_000;
  const many = isQuick ? 500_000 : 10_000_000;
  const repeats = isQuick ? 3 : 20;
  const runs = isQuick ? 1 : 5;
  const payloads = new Payloads(MESSAGE_BYTES);
  await using broker = await BrokerProcess.start(settings);
  await using client = connect(broker.address);
  note('growth: publishing what is caught up with');
  await client.publisher('few').publishAll(payloads.range(few));
  await client.publisher('many').publishAll(payloads.range(many));
  await verifyTopic(client, 'few', payloads, few);
  await verifyTopic(client, 'many', payloads, many);
  const catchUp = async (topic: string, count: number) => {
    const sequence = new Sequence(payloads, topic);
    const subscription = client.subscribe(topic, { from: 'earliest', follow: false });
    for await (const batch of subscription.batches()) sequence.take(batch);
    sequence.finish(count);
  };
  const fewRates: number[] = [];
  const manyRates: number[] = [];
  for (let run = 0; run < runs; run++) {
    note(`growth: catching up, run ${run + 1} of ${runs}`);
    const fewSeconds = await secondsOf(async () => {
      for (let i = 0; i < repeats; i++) await catchUp('few', few);
    });
    fewRates.push((repeats * few) / fewSeconds);
    manyRates.push(many / (await secondsOf(() => catchUp('many', many))));
  }
  return share(
    `catching up with ${many.toLocaleString('en')} messages, of the rate with ${few.toLocaleString('en')}`,
    fewRates,
    manyRates,
  );
}

function share(what: string, little: readonly number[], much: readonly number[]): Figure {
  const rates = (values: readonly number[]) =>
    values.map((rate) => Math.round(rate / 1000).toLocaleString('en')).join(', ');
  return {
    what,
    value: (100 * median(much)) / median(little),
    unit: '%',
    goal: { atLeast: GOAL_PERCENT },
    remark: `medians of ${rates(much)} k/s and of ${rates(little)} k/s`,
  };
}
