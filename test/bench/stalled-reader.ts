import type { Client } from 'playhead-client';
import { connect } from 'playhead-client';
import type { Memory } from './broker-process.ts';
import { BrokerProcess } from './broker-process.ts';
import { Payloads, verifyTopic } from './verify.ts';
import type { Figure, Settings, Workload } from './workload.ts';

const MESSAGE_BYTES = 1000;
const TOPIC = 'stalled';
const MB = 1e6;

/** (g) What a reader costs the broker that stops reading while much is published. */
export const stalledReader: Workload = {
  name: 'stalled-reader',
  async run(settings) {
    const count = (settings.isQuick ? 50 * MB : 500 * MB) / MESSAGE_BYTES;
    const without = await measure(settings, count, false);
    const stalled = await measure(settings, count, true);
    const what = `a reader that stops reading while ${(count * MESSAGE_BYTES) / MB} MB are published`;
    return [
      {
        what: `${what}: live memory`,
        value: (stalled.during.liveBytes - stalled.after.liveBytes) / MB,
        unit: 'MB',
        goal: { atMost: 1 },
        remark: 'freed when it leaves',
      },
      {
        what: `${what}: resident memory`,
        value: (stalled.during.residentBytes - without.during.residentBytes) / MB,
        unit: 'MB',
        remark:
          `${(stalled.during.residentBytes / MB).toFixed(0)} MB, and ` +
          `${(without.during.residentBytes / MB).toFixed(0)} MB in a run without the reader`,
      },
    ] satisfies Figure[];
  },
};

/** Memory of a broker at the end of the publishing, and once the reader has left. */
async function measure(
  settings: Settings,
  count: number,
  hasReader: boolean,
): Promise<{ readonly during: Memory; readonly after: Memory }> {
  settings.note(`stalled-reader: ${hasReader ? 'with' : 'without'} the reader`);
  const payloads = new Payloads(MESSAGE_BYTES);
  await using broker = await BrokerProcess.start(settings);
  await using client = connect(broker.address);
  const reading = connect(broker.address);
  if (hasReader) await stopReading(reading);
  await client.publisher(TOPIC).publishAll(payloads.range(count));
  // The first collection lets go of what the second one frees.
  await broker.memory();
  const during = await broker.memory();
  await reading.close();
  await verifyTopic(client, TOPIC, payloads, count);
  await broker.memory();
  return { during, after: await broker.memory() };
}

/** Subscribes, and from then on takes nothing from the socket once the little that the client keeps is full. */
async function stopReading(client: Client): Promise<void> {
  await client.topics.create(TOPIC);
  const subscription = client.subscribe(TOPIC, { from: 'earliest' });
  await subscription.started();
}
