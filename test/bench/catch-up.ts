import { connect } from 'playhead-client';
import { BrokerProcess } from './broker-process.ts';
import { Payloads, Sequence, verifyTopic } from './verify.ts';
import type { Workload } from './workload.ts';
import { medianOf, secondsOf } from './workload.ts';

const MESSAGE_BYTES = 100;

/** (b) Reading what is there, from the first message on. */
export const catchUp: Workload = {
  name: 'catch-up',
  async run(settings) {
    const { isQuick, note } = settings;
    const count = isQuick ? 400_000 : 2_000_000;
    const runs = isQuick ? 2 : 5;
    const payloads = new Payloads(MESSAGE_BYTES);
    await using broker = await BrokerProcess.start(settings);
    await using client = connect(broker.address);
    await client.publisher('tape').publishAll(payloads.range(count));
    await verifyTopic(client, 'tape', payloads, count);

    const amount = `${count.toLocaleString('en')} × ${MESSAGE_BYTES} B`;
    const subscribe = () => client.subscribe('tape', { from: 'earliest', follow: false });
    const batches = await medianOf(runs, async (index) => {
      note(`catch-up: batches, run ${index + 1} of ${runs}`);
      const sequence = new Sequence(payloads, 'tape');
      const seconds = await secondsOf(async () => {
        for await (const batch of subscribe().batches()) sequence.take(batch);
      });
      sequence.finish(count);
      return count / seconds;
    });
    const messages = await medianOf(runs, async (index) => {
      note(`catch-up: messages, run ${index + 1} of ${runs}`);
      const sequence = new Sequence(payloads, 'tape');
      const seconds = await secondsOf(async () => {
        for await (const message of subscribe()) sequence.take([message]);
      });
      sequence.finish(count);
      return count / seconds;
    });
    const figure = { unit: 'messages/s', goal: { atLeast: 1_500_000 } } as const;
    return [
      { ...figure, ...batches, what: `${amount}, batches()` },
      { ...figure, ...messages, what: `${amount}, for await, message by message` },
    ];
  },
};
