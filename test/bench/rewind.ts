import type { Histogram } from 'hdr-histogram-js';
import { build } from 'hdr-histogram-js';
import type { Client } from 'playhead-client';
import { connect } from 'playhead-client';
import { BrokerProcess } from './broker-process.ts';
import { concurrently } from './concurrent.ts';
import { Payloads, verifyTopic } from './verify.ts';
import type { Figure, Workload } from './workload.ts';
import { VerificationError } from './workload.ts';

const TOPIC = 'tape';
const MESSAGE_BYTES = 100;
const BATCH_MESSAGES = 2000;
const REQUESTS_UNDER_WAY = 8;
const WARM_UP = 100;
/** HTTP/2 cuts a connection that cancels calls for long; each subscription is cancelled behind its first message. */
const SUBSCRIPTIONS_PER_CONNECTION = 250;

/** Rewinding to a time in the middle of a long topic: how long until its message is there. */
export const rewind: Workload = {
  name: 'rewind',
  async run(settings) {
    const { isQuick, note } = settings;
    const count = isQuick ? 500_000 : 10_000_000;
    const subscriptions = isQuick ? 250 : 1000;
    const payloads = new Payloads(MESSAGE_BYTES);
    await using broker = await BrokerProcess.start(settings);
    await using writer = connect(broker.address);
    note(`rewind: publishing ${count.toLocaleString('en')} messages`);
    const firstTimestampsNs = await fill(writer, payloads, count);
    note('rewind: reading them back');
    await verifyTopic(writer, TOPIC, payloads, count);

    const random = () => {
      const index = Math.floor(Math.random() * count);
      const firstNs = firstTimestampsNs[Math.floor(index / BATCH_MESSAGES)] ?? 0n;
      return { timestampNs: firstNs + BigInt(index % BATCH_MESSAGES), value: payloads.at(index) };
    };
    const amount = `${subscriptions} times into ${count.toLocaleString('en')} × ${MESSAGE_BYTES} B`;
    const measure = async (limit?: number) => {
      note(`rewind: subscribing ${limit === undefined ? 'to read on' : `for ${limit}`}`);
      return await measured(broker.address, subscriptions, (client) =>
        latencyMs(client, random(), limit),
      );
    };
    note('rewind: a call that does nothing');
    const call = await measured(broker.address, subscriptions, callMs);
    return [
      ...figures('limit: a unary call that does nothing, GetServerInfo', call).map((figure) => ({
        what: figure.what,
        value: figure.value,
        unit: figure.unit,
        isLimit: true,
      })),
      ...figures(`${amount}, to read on`, await measure()),
      ...figures(`${amount}, for one message (limit: 1)`, await measure(1)),
    ];
  },
};

function figures(what: string, micros: Histogram): Figure[] {
  const ms = (percentile: number) => micros.getValueAtPercentile(percentile) / 1000;
  return [
    { what: `${what}: median`, value: ms(50), unit: 'ms' },
    {
      what: 'the same, 99 %',
      value: ms(99),
      unit: 'ms',
      goal: { atMost: 2 },
      remark: `${ms(99.9).toFixed(1)} ms (99.9 %), ${(micros.maxValue / 1000).toFixed(1)} ms (longest)`,
    },
  ];
}

async function callMs(client: Client): Promise<number> {
  const startMs = performance.now();
  await client.serverInfo();
  return performance.now() - startMs;
}

/** One after the other, over connections that are warm. */
async function measured(
  address: string,
  subscriptions: number,
  run: (client: Client) => Promise<number>,
): Promise<Histogram> {
  const micros = build({ highestTrackableValue: 60_000_000 });
  for (let done = 0; done < subscriptions; done += SUBSCRIPTIONS_PER_CONNECTION) {
    await using client = connect(address);
    for (let i = 0; i < WARM_UP; i++) await run(client);
    for (let i = 0; i < SUBSCRIPTIONS_PER_CONNECTION; i++) {
      micros.recordValue(Math.round(1000 * (await run(client))));
    }
  }
  return micros;
}

/** Answers with the timestamp of the first message of each batch; those behind it follow by one nanosecond each. */
async function fill(client: Client, payloads: Payloads, count: number): Promise<readonly bigint[]> {
  const firstTimestampsNs: bigint[] = [];
  const publisher = client.publisher(TOPIC);
  await concurrently(count / BATCH_MESSAGES, REQUESTS_UNDER_WAY, async (batch) => {
    const messages = payloads.range(BATCH_MESSAGES, batch * BATCH_MESSAGES);
    const { firstTimestampNs, lastTimestampNs } = await publisher.publishBatch(messages);
    if (lastTimestampNs - firstTimestampNs !== BigInt(BATCH_MESSAGES - 1)) {
      throw new VerificationError(`${TOPIC}: the timestamps of a batch are not consecutive`);
    }
    firstTimestampsNs[batch] = firstTimestampNs;
  });
  return firstTimestampsNs;
}

/** From subscribing to the first message, which must be this one. */
async function latencyMs(
  client: Client,
  { timestampNs, value }: { readonly timestampNs: bigint; readonly value: Buffer },
  limit: number | undefined,
): Promise<number> {
  const startMs = performance.now();
  for await (const message of client.subscribe(TOPIC, { from: timestampNs, limit })) {
    const elapsedMs = performance.now() - startMs;
    if (message.timestampNs !== timestampNs || !message.value.equals(value)) {
      throw new VerificationError(`${TOPIC}: from ${timestampNs} came ${message.timestampNs}`);
    }
    return elapsedMs;
  }
  throw new VerificationError(`${TOPIC}: from ${timestampNs} came nothing`);
}
