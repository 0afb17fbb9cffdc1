// Publishes ten readings and plays them back from different moments.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, formatTimestamp, type SubscribeOptions } from 'playhead-client';

const address = process.argv[2] ?? process.env['PLAYHEAD_ADDRESS'] ?? '127.0.0.1:17777';
await using client = connect(address);

const topic = `examples/rewind-${process.pid}`;
const publisher = client.publisher(topic);
const timestamps: bigint[] = [];
for (let i = 0; i < 10; i++) {
  timestamps.push(await publisher.publish({ key: 'sensor-1', value: `reading ${i}` }));
  await sleep(5);
}
const fourth = timestamps[4] ?? 0n;

await play('everything', { from: 'earliest' }, '0123456789');
await play('from an exact nanosecond', { from: fourth }, '456789');
await play('and up to one', { from: fourth, until: timestamps[7] ?? 0n }, '456');
await play('from a Date', { from: new Date(Number(fourth / 1_000_000n) + 1) }, '56789');
await play('from a time of day', { from: formatTimestamp(fourth) }, '456789');
await play('the last five minutes', { from: '-5m' }, '0123456789');
await play('the last three', { from: { last: 3 } }, '789');
await play('only two', { from: fourth, limit: 2 }, '45');

// Without an end, a subscription goes on with what is published from now on.
const following = client.subscribe(topic, { from: { last: 1 }, limit: 2 });
void publisher.publish('reading 10');
for await (const message of following) console.log(`live: ${message.text}`);

await client.topics.delete(topic);

async function play(what: string, range: SubscribeOptions, expected: string): Promise<void> {
  let played = '';
  for await (const message of client.subscribe(topic, { until: 'now', ...range })) {
    played += message.text.replace('reading ', '');
  }
  console.log(`${what}: ${played}`);
  assert.equal(played, expected);
}
