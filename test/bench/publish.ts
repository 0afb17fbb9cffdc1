import type { Client, Publisher } from 'playhead-client';
import { connect } from 'playhead-client';
import { BrokerProcess } from './broker-process.ts';
import { Payloads, verifyTopic } from './verify.ts';
import type { Figure, Workload } from './workload.ts';
import { medianOf, secondsOf } from './workload.ts';

const MESSAGE_BYTES = 100;
const GOAL_PER_SECOND = 400_000;

/** (a) Publishing small messages through the public client, both ways that it has. */
export const publish: Workload = {
  name: 'publish',
  async run(settings) {
    const { isQuick, note } = settings;
    const count = isQuick ? 200_000 : 1_000_000;
    const runs = isQuick ? 2 : 5;
    const payloads = new Payloads(MESSAGE_BYTES);
    await using broker = await BrokerProcess.start(settings);
    await using client = connect(broker.address);
    const measure = async (what: string, run: (publisher: Publisher) => Promise<void>) => {
      await publishTo(client, `warm-up/${what}`, run);
      return await medianOf(runs, async (index) => {
        note(`publish: ${what}, run ${index + 1} of ${runs}`);
        const topic = `${what}/${index}`;
        const seconds = await publishTo(client, topic, run);
        await verifyTopic(client, topic, payloads, count);
        await client.topics.delete(topic);
        return count / seconds;
      });
    };

    const all = await measure('publishAll', async (publisher) => {
      await publisher.publishAll(payloads.range(count));
    });
    const each = await measure('publish', async (publisher) => {
      for (const value of payloads.range(count)) {
        if (!publisher.hasRoom) await publisher.ready();
        void publisher.publish(value);
      }
      await publisher.flush();
    });
    const amount = `${count.toLocaleString('en')} × ${MESSAGE_BYTES} B`;
    const figure = { unit: 'messages/s', goal: { atLeast: GOAL_PER_SECOND } } as const;
    return [
      { ...figure, ...all, what: `${amount}, publishAll()` },
      { ...figure, ...each, what: `${amount}, publish(), a promise for each` },
    ] satisfies Figure[];
  },
};

/** Seconds from the first message to the last acknowledgement. */
async function publishTo(
  client: Client,
  topic: string,
  run: (publisher: Publisher) => Promise<void>,
): Promise<number> {
  await using publisher = client.publisher(topic);
  return await secondsOf(() => run(publisher));
}
