// A report that is due every night at three, by the clock of Berlin, and a reminder in a moment. What is due is an
// ordinary message: whoever consumes the topic does the work, once, however many workers there are.
import assert from 'node:assert/strict';
import { connect } from 'playhead-client';

const address = process.argv[2] ?? process.env['PLAYHEAD_ADDRESS'] ?? '127.0.0.1:17777';
await using client = connect(address);

const topic = `examples/reports-${process.pid}`;
const reports = client.subscription(topic, 'reports');
await reports.create({ createTopic: true });

const nightly = await client.schedules.create(
  topic,
  { value: 'sales of the day', headers: { by: 'nightly' } },
  { id: `${topic}/nightly`, cron: '0 3 * * *', timeZone: 'Europe/Berlin' },
);
const due = new Date(Number(nightly.dueTimestampNs / 1_000_000n));
const berlin = due.toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin', timeStyle: 'short' });
console.log(`due next at ${berlin} in Berlin`);
assert.equal(berlin, '03:00');

await client.schedules.create(topic, 'tea is ready', { delay: '200ms' });

// Nobody wants to wait for the night to see whether it works.
await client.schedules.run(nightly.id);

let left = 2;
for await (const delivery of reports.consume()) {
  console.log(`got: ${delivery.message.text}`);
  await delivery.ack();
  left--;
  if (left === 0) break;
}

const { runCount, dueTimestampNs } = await client.schedules.get(nightly.id);
console.log(`run ${runCount} time, and goes on`);
assert.equal(dueTimestampNs, nightly.dueTimestampNs);

await client.schedules.cancel(nightly.id);
await client.topics.delete(topic);
