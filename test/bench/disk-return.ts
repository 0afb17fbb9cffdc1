import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'playhead-client';
import { connect } from 'playhead-client';
import { diskUsageBytes } from '../support/disk-usage.ts';
import { BrokerProcess } from './broker-process.ts';
import { underLoad } from './disk-return-under-load.ts';
import { Payloads } from './verify.ts';
import { verifyTail } from './verify-tail.ts';
import type { Figure, Settings, Workload } from './workload.ts';

const MESSAGE_BYTES = 1000;
const MB = 1e6;
const SAMPLE_MS = 250;
const GIVE_UP_MS = 60_000;

/** (h) The disk under retention, and after a trim, while publishing goes on. */
export const diskReturn: Workload = {
  name: 'disk-return',
  async run(settings) {
    return [
      ...(await underRetention(settings)),
      ...(await afterTrim(settings)),
      ...(await underLoad(settings)),
    ];
  },
};

async function underRetention(settings: Settings): Promise<Figure[]> {
  const { isQuick, note } = settings;
  const publishedBytes = isQuick ? 300 * MB : 2000 * MB;
  const retainedBytes = publishedBytes / 10;
  const payloads = new Payloads(MESSAGE_BYTES);
  await using broker = await BrokerProcess.start(settings);
  await using client = connect(broker.address);
  note('disk-return: retention');
  await client.topics.create('retained', { maxBytes: retainedBytes });
  const samples = new DiskSamples(broker.dataDir);
  const count = publishedBytes / MESSAGE_BYTES;
  await client.publisher('retained').publishAll(payloads.range(count));
  await sleep(isQuick ? 1000 : 5000);
  const series = await samples.stop();
  await verifyTail(client, 'retained', payloads, count);
  return [
    {
      what: `${publishedBytes / MB} MB published, ${retainedBytes / MB} MB retained: most on the disk`,
      value: Math.max(...series),
      unit: 'MB',
      remark: `over time: ${thinned(series, 12).join(', ')} MB`,
    },
  ];
}

/** So many of them, evenly spaced, with the last one. */
function thinned(series: readonly number[], count: number): readonly number[] {
  const step = Math.max(1, Math.ceil(series.length / count));
  return series.filter((_, i) => (series.length - 1 - i) % step === 0);
}

async function afterTrim(settings: Settings): Promise<Figure[]> {
  const { isQuick, note } = settings;
  const publishedBytes = isQuick ? 200 * MB : 1000 * MB;
  const payloads = new Payloads(MESSAGE_BYTES);
  await using broker = await BrokerProcess.start(settings);
  await using client = connect(broker.address);
  note('disk-return: trim');
  const count = publishedBytes / MESSAGE_BYTES;
  const { lastTimestampNs = 0n } = await client
    .publisher('trimmed')
    .publishAll(payloads.range(count));
  const fullMb = (await diskUsageBytes(broker.dataDir)) / MB;

  const ended = new AbortController();
  const longestAck = keepPublishing(client, ended.signal);
  const startMs = performance.now();
  await client.topics.trim('trimmed', lastTimestampNs);
  let leftMb = fullMb;
  while (leftMb > fullMb / 2 && performance.now() - startMs < GIVE_UP_MS) {
    await sleep(SAMPLE_MS / 5);
    leftMb = (await diskUsageBytes(broker.dataDir)) / MB;
  }
  const seconds = (performance.now() - startMs) / 1000;
  ended.abort();
  const longestAckMs = await longestAck;
  await verifyTail(client, 'trimmed', payloads, count);
  const isBack = leftMb <= fullMb / 2;
  return [
    {
      what: `all but one message of ${publishedBytes / MB} MB trimmed: until half of the disk is back`,
      value: isBack ? seconds : Number.POSITIVE_INFINITY,
      unit: 's',
      remark: `${fullMb.toFixed(0)} MB, then ${leftMb.toFixed(0)} MB`,
    },
    { what: 'longest acknowledgement meanwhile', value: longestAckMs, unit: 'ms' },
  ];
}

/** What a directory takes on the disk, in MB, four times a second. */
class DiskSamples {
  readonly #ended = new AbortController();
  readonly #series: Promise<number[]>;

  constructor(directory: string) {
    this.#series = this.#sample(directory);
  }

  async stop(): Promise<readonly number[]> {
    this.#ended.abort();
    return await this.#series;
  }

  async #sample(directory: string): Promise<number[]> {
    const series: number[] = [];
    while (!this.#ended.signal.aborted) {
      await sleep(SAMPLE_MS);
      series.push(Math.round((await diskUsageBytes(directory)) / MB));
    }
    return series;
  }
}

/** Publishes one message after the other; answers with the longest time that one took. */
async function keepPublishing(client: Client, ended: AbortSignal): Promise<number> {
  const publisher = client.publisher('meanwhile');
  let longestMs = 0;
  while (!ended.aborted) {
    const sentMs = performance.now();
    await publisher.publish('x');
    longestMs = Math.max(longestMs, performance.now() - sentMs);
  }
  return longestMs;
}
