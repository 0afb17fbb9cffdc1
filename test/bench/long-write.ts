import { build } from 'hdr-histogram-js';
import type { Client, Publisher } from 'playhead-client';
import { connect } from 'playhead-client';
import { BrokerProcess } from './broker-process.ts';
import { Payloads, verifyTopic } from './verify.ts';
import type { Workload } from './workload.ts';

const TOPICS = 10;
const MESSAGE_BYTES = 1000;
const BATCH_MESSAGES = 250;
const BATCH_BYTES = MESSAGE_BYTES * BATCH_MESSAGES;
const GB = 1e9;

/** (e) Writing for long over several topics: whether it stays as fast as it begins, and whether a commit ever stalls. */
export const longWrite: Workload = {
  name: 'long-write',
  async run(settings) {
    const { isQuick, note } = settings;
    const totalBytes = isQuick ? 0.5 * GB : 10 * GB;
    const batchesEach = totalBytes / BATCH_BYTES / TOPICS;
    await using broker = await BrokerProcess.start(settings);
    await using client = connect(broker.address);
    const micros = build({ highestTrackableValue: 600_000_000 });
    const rates: number[] = [];
    let writtenBytes = 0;
    let markBytes = 0;
    let markMs = performance.now();
    const startMs = markMs;
    const onWritten = (latencyMs: number) => {
      micros.recordValue(Math.round(latencyMs * 1000));
      writtenBytes += BATCH_BYTES;
      if (writtenBytes - markBytes < GB && writtenBytes < totalBytes) return;
      const nowMs = performance.now();
      rates.push((writtenBytes - markBytes) / (nowMs - markMs) / 1000);
      note(`long-write: ${(writtenBytes / GB).toFixed(1)} GB of ${totalBytes / GB} GB`);
      markBytes = writtenBytes;
      markMs = nowMs;
    };
    const topics = Array.from({ length: TOPICS }, (_, i) => `long/${i}`);
    await Promise.all(
      topics.map((topic) => write(client.publisher(topic), batchesEach, onWritten)),
    );
    const seconds = (performance.now() - startMs) / 1000;
    await verify(client, topics, batchesEach * BATCH_MESSAGES, note);

    const ms = (percentile: number) => (micros.getValueAtPercentile(percentile) / 1000).toFixed(0);
    const amount = `${totalBytes / GB} GB over ${TOPICS} topics`;
    return [
      {
        what: `${amount}, ${BATCH_MESSAGES} × ${MESSAGE_BYTES} B a request`,
        value: writtenBytes / seconds / 1e6,
        unit: 'MB/s',
        goal: { atLeast: 150 },
        remark: `by GB: ${rates.map((rate) => rate.toFixed(0)).join(', ')}`,
      },
      {
        what: 'longest time to an acknowledgement',
        value: micros.maxValue / 1000,
        unit: 'ms',
        goal: { atMost: 200 },
        remark: `${ms(50)} ms (median), ${ms(99)} ms (99 %), ${ms(99.9)} ms (99.9 %)`,
      },
    ];
  },
};

/**
 * Two requests under way at a time: the broker always has the next one, and the time to an acknowledgement is that of
 * at most two commits and not of a queue.
 */
async function write(
  publisher: Publisher,
  batches: number,
  onWritten: (latencyMs: number) => void,
): Promise<void> {
  const payloads = new Payloads(MESSAGE_BYTES);
  let next = 0;
  const writeOneByOne = async () => {
    while (next < batches) {
      const messages = payloads.range(BATCH_MESSAGES, next * BATCH_MESSAGES);
      next += 1;
      const sentMs = performance.now();
      await publisher.publishBatch(messages);
      onWritten(performance.now() - sentMs);
    }
  };
  await Promise.all([writeOneByOne(), writeOneByOne()]);
}

async function verify(
  client: Client,
  topics: readonly string[],
  count: number,
  note: (text: string) => void,
): Promise<void> {
  for (const topic of topics) {
    note(`long-write: reading ${topic} back`);
    await verifyTopic(client, topic, new Payloads(MESSAGE_BYTES), count);
  }
}
