// A worker that does not always succeed. What fails is tried again after a while; what fails too often, or makes no
// sense, becomes a dead letter; once the cause is mended, the dead letters are redriven.
import assert from 'node:assert/strict';
import { connect, type Delivery, Worker } from 'playhead-client';

const address = process.argv[2] ?? process.env['PLAYHEAD_ADDRESS'] ?? '127.0.0.1:17777';
await using client = connect(address);

const topic = `examples/orders-${process.pid}`;
const deadLetterTopic = `${topic}-dead`;
const billing = client.subscription(topic, 'billing');
await billing.create({
  createTopic: true,
  maxAttempts: 3,
  backoff: ['20ms', '100ms'],
  deadLetterTopic,
});

const catalogue = new Set(['lamp', 'chair', 'table']);
const soldOut = new Set(['table']);
const billed: string[] = [];

await using worker = new Worker(billing, bill, { concurrency: 2 });
const finished = worker.run();

const orders = client.publisher(topic);
await orders.publishBatch(['lamp', 'table', 'unicorn', 'chair']);

// A dead letter is a message of an ordinary topic, which can be read, rewound and followed.
for await (const letter of client.subscribe(deadLetterTopic, { from: 'earliest', limit: 2 })) {
  const reason = letter.header('playhead-dead-letter-reason')?.toString();
  const attempts = letter.header('playhead-dead-letter-attempts')?.toString();
  console.log(`dead letter: ${letter.text}, ${reason}, deliveries: ${attempts}`);
}

// The shop has bought in. What lies there is published to where it came from, and begins anew.
catalogue.add('unicorn');
soldOut.clear();
console.log(`redriven: ${await billing.redrive()}`);

// The worker ends when everything in a closed topic is settled.
await client.topics.close(topic, { reason: 'end of business' });
console.log(`the worker is ${await finished}`);

assert.deepEqual(billed.toSorted(), ['chair', 'lamp', 'table', 'unicorn']);
const { deadLetteredCount, pendingCount } = await billing.info();
assert.deepEqual({ deadLetteredCount, pendingCount }, { deadLetteredCount: 2, pendingCount: 0 });

await client.topics.delete(topic);
await client.topics.delete(deadLetterTopic);

/** Resolves: acknowledged. Rejects: tried again, three times in all. */
async function bill(delivery: Delivery): Promise<void> {
  const { message, attempt } = delivery;
  const what = message.text;
  if (!catalogue.has(what)) {
    // Another attempt would be in vain.
    await delivery.terminate('not in the catalogue');
    return;
  }
  if (soldOut.has(what)) throw new Error(`${what} is sold out`);
  billed.push(what);
  console.log(`billed: ${what}, attempt ${attempt}`);
}
