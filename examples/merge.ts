// Follows all topics of a shop as one stream in the one order in which things happened, those that are created while it
// runs included.
import assert from 'node:assert/strict';
import { connect } from 'playhead-client';

const address = process.argv[2] ?? process.env['PLAYHEAD_ADDRESS'] ?? '127.0.0.1:17777';
await using client = connect(address);

const shop = `examples/shop-${process.pid}`;
const happened: string[] = [];
await happens('orders', 'Ada orders a lamp');
await happens('payments', 'Ada pays');

const story = client.subscribe(`${shop}/**`, { from: 'earliest', limit: 6 });
await story.started();

await happens('orders', 'Ben orders a chair');
await happens('parcels/north', 'the lamp is on its way'); // A topic that did not exist when the story began.
await happens('payments', 'Ben pays');
await happens('parcels/south', 'the chair is on its way');

const told: string[] = [];
let lastTimestampNs = 0n;
for await (const { topic, text, timestampNs } of story) {
  const line = `${topic.slice(shop.length + 1)}: ${text}`;
  console.log(line);
  told.push(line);
  assert(timestampNs > lastTimestampNs, 'timestamps increase over all topics');
  lastTimestampNs = timestampNs;
}
assert.deepEqual(told, happened);

for await (const { topic } of client.topics.list(`${shop}/**`)) await client.topics.delete(topic);

async function happens(topic: string, what: string): Promise<void> {
  await client.publisher(`${shop}/${topic}`).publish(what);
  happened.push(`${topic}: ${what}`);
}
