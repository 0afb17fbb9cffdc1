import { connect } from 'playhead-client';
import { BrokerProcess } from './broker-process.ts';
import type { FollowerReport } from './follower.ts';
import { Role } from './role.ts';
import { Payloads, verifyTopic } from './verify.ts';
import type { Workload } from './workload.ts';
import { median, medianOf, VerificationError } from './workload.ts';

const MESSAGE_BYTES = 100;

/** (c) A reader at the tail, in a process of its own, while one publisher goes as fast as it can. */
export const follow: Workload = {
  name: 'follow',
  async run(settings) {
    const { isQuick, note } = settings;
    const count = isQuick ? 200_000 : 1_000_000;
    const runs = isQuick ? 2 : 5;
    const payloads = new Payloads(MESSAGE_BYTES);
    await using broker = await BrokerProcess.start(settings);
    await using client = connect(broker.address);
    const publishRates: number[] = [];
    const lateMs: number[] = [];
    const longestLagsMs: number[] = [];
    const rate = await medianOf(runs, async (index) => {
      note(`follow: run ${index + 1} of ${runs}`);
      const topic = `follow/${index}`;
      const args = [broker.address, topic, String(count), String(MESSAGE_BYTES)];
      await using follower = new Role<FollowerReport>('follower', ...args);
      await follower.report();
      const startMs = Date.now();
      await client.publisher(topic).publishAll(payloads.range(count));
      const endMs = Date.now();
      const { error, lastMs, longestLagMs } = await follower.report();
      if (error !== undefined) throw new VerificationError(error);
      await verifyTopic(client, topic, payloads, count);
      publishRates.push((1000 * count) / (endMs - startMs));
      lateMs.push(lastMs - endMs);
      longestLagsMs.push(longestLagMs);
      return (1000 * count) / (lastMs - startMs);
    });
    const publishRate = median(publishRates);
    return [
      {
        ...rate,
        what: `${count.toLocaleString('en')} × ${MESSAGE_BYTES} B, received while they are published`,
        unit: 'messages/s',
        goal: { atLeast: 0.95 * publishRate },
        remark:
          `published at ${Math.round(publishRate / 1000)} k/s; the last one ${Math.round(median(lateMs))} ms ` +
          `behind its ack, none more than ${Math.round(median(longestLagsMs))} ms behind its timestamp`,
      },
    ];
  },
};
