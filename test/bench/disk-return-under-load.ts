import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'hdr-histogram-js';
import type { Client } from 'playhead-client';
import { connect, PlayheadError } from 'playhead-client';
import { diskUsageBytes } from '../support/disk-usage.ts';
import { BrokerProcess } from './broker-process.ts';
import { concurrently } from './concurrent.ts';
import { OpenLoop } from './open-loop.ts';
import { Payloads, verifyTopic } from './verify.ts';
import { verifyTail } from './verify-tail.ts';
import type { Figure, Settings } from './workload.ts';
import { VerificationError } from './workload.ts';

const MESSAGE_BYTES = 1000;
const BATCH_MESSAGES = 500;
const REQUESTS_UNDER_WAY = 4;
const MB = 1e6;
/** One batch of so many goes to the topic that is deleted: its frames lie between the others. */
const DELETED_EVERY = 10;
const PUBLISHED_PER_SECOND = 5000;
const SAMPLE_MS = 250;
const GOAL_PERCENT = 90;

/** Half of a topic is trimmed and another is deleted while small messages are published at a steady rate. */
export async function underLoad(settings: Settings): Promise<Figure[]> {
  const { isQuick, note } = settings;
  const tapeBytes = isQuick ? 100 * MB : 5000 * MB;
  const waitMs = isQuick ? 2000 : 60_000;
  const payloads = new Payloads(MESSAGE_BYTES);
  await using broker = await BrokerProcess.start(settings);
  await using client = connect(broker.address);
  note(`disk-return: under load, writing ${tapeBytes / MB} MB`);
  const tape = await writeTape(client, payloads, tapeBytes / MESSAGE_BYTES);

  const fullBytes = await diskUsageBytes(broker.dataDir);
  const goneBytes = (fullBytes * tape.goneMessages) / (tape.kept + tape.goneMessages);
  const micros = build({ highestTrackableValue: 600_000_000 });
  const publisher = client.publisher('meanwhile');
  const load = new OpenLoop({
    perSecond: PUBLISHED_PER_SECOND,
    send: (index) => publisher.publish(payloads.at(index)),
    onAcknowledged: (latencyMs) => micros.recordValue(Math.round(1000 * latencyMs)),
  });
  const startMs = performance.now();
  await client.topics.trim('half', tape.halfNs);
  await client.topics.delete('deleted');
  note('disk-return: under load, trimmed and deleted');
  let best = 0;
  let goalMs: number | undefined;
  while (performance.now() - startMs < waitMs) {
    await sleep(SAMPLE_MS);
    const grownBytes = load.sent * MESSAGE_BYTES;
    const backBytes = fullBytes + grownBytes - (await diskUsageBytes(broker.dataDir));
    best = Math.max(best, (100 * backBytes) / goneBytes);
    if (best >= GOAL_PERCENT) goalMs ??= performance.now() - startMs;
  }
  await verifyTopic(client, 'meanwhile', payloads, await load.stop());
  const { messageCount } = await client.topics.get('half');
  if (messageCount !== tape.kept) {
    throw new VerificationError(`half: ${messageCount} messages are left, not ${tape.kept}`);
  }
  await verifyTail(client, 'half', payloads, tape.halfTotal);
  await verifyDeleted(client);

  const ms = (percentile: number) => micros.getValueAtPercentile(percentile) / 1000;
  const what = `${(goneBytes / MB).toFixed(0)} of ${(fullBytes / MB).toFixed(0)} MB trimmed and deleted at ${(PUBLISHED_PER_SECOND * MESSAGE_BYTES) / MB} MB/s`;
  return [
    {
      what: `${what}: back within ${waitMs / 1000} s`,
      value: best,
      unit: '%',
      goal: { atLeast: GOAL_PERCENT },
      remark:
        goalMs === undefined
          ? `${GOAL_PERCENT} % never`
          : `${GOAL_PERCENT} % after ${(goalMs / 1000).toFixed(1)} s`,
    },
    {
      what: `${MESSAGE_BYTES} B acknowledged meanwhile, 99 %`,
      value: ms(99),
      unit: 'ms',
      goal: { atMost: 25 },
      remark: `${ms(50).toFixed(1)} ms (median), ${ms(99.9).toFixed(1)} ms (99.9 %)`,
    },
    { what: 'longest of these', value: micros.maxValue / 1000, unit: 'ms', goal: { atMost: 200 } },
  ];
}

/** What was written, and what of it goes. */
interface Tape {
  /** The first message of `half` that stays. */
  readonly halfNs: bigint;
  /** Messages ever published to `half`. */
  readonly halfTotal: number;
  readonly kept: number;
  readonly goneMessages: number;
}

async function writeTape(client: Client, payloads: Payloads, count: number): Promise<Tape> {
  const half = client.publisher('half');
  const deleted = client.publisher('deleted');
  const batches = Math.floor(count / BATCH_MESSAGES / DELETED_EVERY) * DELETED_EVERY;
  const middle = batches / 2;
  let halfBatches = 0;
  let trimmedBatches = 0;
  let halfNs = 0n;
  await concurrently(batches, REQUESTS_UNDER_WAY, async (batch) => {
    if (batch % DELETED_EVERY === 0) {
      await deleted.publishBatch(payloads.range(BATCH_MESSAGES));
      return;
    }
    const messages = payloads.range(BATCH_MESSAGES, halfBatches * BATCH_MESSAGES);
    halfBatches += 1;
    if (batch < middle) trimmedBatches += 1;
    const { lastTimestampNs } = await half.publishBatch(messages);
    if (batch < middle && lastTimestampNs >= halfNs) halfNs = lastTimestampNs + 1n;
  });
  const halfTotal = halfBatches * BATCH_MESSAGES;
  const kept = (halfBatches - trimmedBatches) * BATCH_MESSAGES;
  return { halfNs, halfTotal, kept, goneMessages: batches * BATCH_MESSAGES - kept };
}

async function verifyDeleted(client: Client): Promise<void> {
  try {
    await client.topics.get('deleted');
  } catch (error) {
    if (error instanceof PlayheadError && error.reason === 'TOPIC_NOT_FOUND') return;
    throw error;
  }
  throw new VerificationError('deleted: the topic is still there');
}
