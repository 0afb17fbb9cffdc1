// Two workers share the pages of a channel and end by themselves: the channel is closed, and every page is done.
import assert from 'node:assert/strict';
import { connect } from 'playhead-client';

const PAGES = 1000;

const address = process.argv[2] ?? process.env['PLAYHEAD_ADDRESS'] ?? '127.0.0.1:17777';
await using client = connect(address);

const name = `examples/pages-${process.pid}`;
const channel = client.channel(name);
const printing = client.subscription(channel.topic, 'printing');
await printing.create({ from: 'earliest', createTopic: true });

const printed: string[] = [];
const workers = [work(), work()];

const pages = Array.from({ length: PAGES }, (_, index) => `page ${index + 1}`);
await channel.publishAll(pages);
await channel.close({ reason: 'the end of the book' });

const reasons = await Promise.all(workers);
assert.deepEqual(printed.toSorted(), pages.toSorted());
console.log(`${printed.length} pages, each printed once`);
for (const reason of reasons) console.log(`a worker has ended: ${reason}`);

await client.deleteChannel(name);

/** Resolves, when nothing is left and nothing will come, with the words of who closed the channel. */
async function work(): Promise<string> {
  const consumption = printing.consume({ maxInFlight: 10 });
  for await (const delivery of consumption) {
    printed.push(delivery.message.text);
    await delivery.ack();
  }
  const { ended } = consumption;
  assert(ended?.type === 'drained');
  return ended.reason;
}
