import { build } from 'hdr-histogram-js';
import { connect } from 'playhead-client';
import { BrokerProcess } from './broker-process.ts';
import { GrpcPeer } from './grpc-peer.ts';
import { Payloads, verifyTopic } from './verify.ts';
import type { Workload } from './workload.ts';
import { medianOf, secondsOf } from './workload.ts';

const MESSAGE_BYTES = 100;
const IN_FLIGHT = 1000;

/** (d) One message per request on a stream, beside what grpc-js makes of an echo on the same machine. */
export const single: Workload = {
  name: 'single',
  async run(settings) {
    const { isQuick, note } = settings;
    const count = isQuick ? 50_000 : 300_000;
    const runs = isQuick ? 2 : 5;
    const payloads = new Payloads(MESSAGE_BYTES);
    await using broker = await BrokerProcess.start(settings);
    await using client = connect(broker.address);
    await using peer = await GrpcPeer.start();
    const latencyMicros = build({ highestTrackableValue: 60_000_000 });
    const measured = await medianOf(runs, async (index) => {
      note(`single: playhead, run ${index + 1} of ${runs}`);
      const topic = `single/${index}`;
      await using publisher = client.publisher(topic, { maxBatchBytes: 1, maxInFlight: IN_FLIGHT });
      const seconds = await secondsOf(() =>
        windowed(count, async (i) => {
          const sentMs = performance.now();
          await publisher.publish(payloads.at(i));
          latencyMicros.recordValue(Math.round((performance.now() - sentMs) * 1000));
        }),
      );
      await verifyTopic(client, topic, payloads, count);
      return count / seconds;
    });
    const echo = await medianOf(runs, async (index) => {
      note(`single: grpc-js, run ${index + 1} of ${runs}`);
      return count / (await secondsOf(() => peer.echo(payloads, count, IN_FLIGHT)));
    });
    const percentileMs = (percentile: number) =>
      (latencyMicros.getValueAtPercentile(percentile) / 1000).toFixed(1);
    const amount = `${count.toLocaleString('en')} × ${MESSAGE_BYTES} B, one per request, ${IN_FLIGHT} in flight`;
    return [
      {
        ...measured,
        what: amount,
        unit: 'messages/s',
        remark: `acknowledged after ${percentileMs(50)} ms (median), ${percentileMs(99)} ms (99 %)`,
      },
      {
        ...echo,
        what: 'the same through a bare grpc-js echo stream',
        unit: 'messages/s',
        isLimit: true,
      },
      {
        what: 'playhead of the bare echo',
        value: (100 * measured.value) / echo.value,
        unit: '%',
        goal: { atLeast: 50 },
      },
    ];
  },
};

/** Keeps so many under way until all are done. */
async function windowed(count: number, run: (index: number) => Promise<void>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let begun = 0;
    let done = 0;
    const onDone = () => {
      done += 1;
      if (done === count) resolve();
      else fill();
    };
    const fill = () => {
      while (begun < count && begun - done < IN_FLIGHT) run(begun++).then(onDone, reject);
    };
    fill();
  });
}
