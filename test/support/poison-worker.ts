import { ack } from './consumer.ts';
import { SubscriptionCaller } from './subscription-caller.ts';

// A worker process that a message of the value `poison` kills as it comes: `poison-worker.ts ADDRESS TOPIC SUBSCRIPTION`.
// It ends when the topic is drained.
const [address = '', topic = '', subscription = ''] = process.argv.slice(2);
using caller = SubscriptionCaller.connect(address);
const consumer = caller.consume();
consumer.onDelivered = (delivered) => {
  if (delivered.value === 'poison') process.kill(process.pid, 'SIGKILL');
  consumer.send({
    settlements: [ack(delivered)],
    creditMessages: 1,
    creditBytes: delivered.message.value.length + 64,
  });
};
consumer.start(topic, subscription, { creditMessages: 200 });
await consumer.untilEnded();
