// Publishes 1,000,000 messages of 1 KiB, or as many as the second argument says, and reads them back.
import { connect } from 'playhead-client';

const address = process.argv[2] ?? process.env['PLAYHEAD_ADDRESS'] ?? '127.0.0.1:17777';
const count = Number(process.argv[3] ?? 1_000_000);
await using client = connect(address);

const topic = `examples/load-${process.pid}`;
const value = Buffer.alloc(1024, 'playhead ');
const { durability } = await client.serverInfo();

const published = await timed(async () => {
  const result = await client.publisher(topic).publishAll(messages());
  return result.count;
});
console.log(`published ${published} (durability ${durability})`);

const read = await timed(async () => {
  let seen = 0;
  for await (const batch of client.subscribe(topic, { from: 'earliest', limit: count }).batches()) {
    seen += batch.length;
  }
  return seen;
});
console.log(`read back ${read}`);

const { messageCount } = await client.topics.get(topic);
if (messageCount !== count) {
  console.error(`the broker has ${messageCount} messages, not ${count}`);
  process.exitCode = 1;
}
await client.topics.delete(topic);

function* messages(): Generator<Buffer> {
  for (let i = 0; i < count; i++) yield value;
}

/** Runs it and says how fast it was. */
async function timed(run: () => Promise<number>): Promise<string> {
  const startMs = performance.now();
  const done = await run();
  const seconds = (performance.now() - startMs) / 1000;
  const perSecond = Math.round(done / seconds);
  const mbPerSecond = (done * value.length) / seconds / 1e6;
  return `${done} messages in ${seconds.toFixed(2)} s: ${mbPerSecond.toFixed(1)} MB/s, ${perSecond} messages/s`;
}
