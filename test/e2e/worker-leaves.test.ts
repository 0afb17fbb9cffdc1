import { setImmediate } from 'node:timers/promises';
import { connect, Worker } from 'playhead-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ServedBroker } from '../../src/serve.ts';
import { serve } from '../../src/serve.ts';

let served: ServedBroker;

beforeAll(async () => {
  served = await serve({ grpcAddress: '127.0.0.1:0' });
});

afterAll(() => served.close());

it('gives back uncounted what a loop that is left has not handed out', async () => {
  await using client = connect(served.grpcAddress);
  const subscription = client.subscription('left', 's');
  await subscription.create({ from: 'earliest', createTopic: true, maxAttempts: 2 });
  await client.publisher('left').publishAll(Array.from({ length: 50 }, (_, i) => `${i}`));
  const attempts: number[] = [];
  for (let round = 0; round < 5; round++) {
    for await (const delivery of subscription.consume()) {
      attempts.push(delivery.attempt);
      await delivery.ack();
      break;
    }
  }
  expect(attempts).toEqual([1, 1, 1, 1, 1]);
  const info = await subscription.info();
  expect([info.acknowledgedCount, info.deadLetteredCount, info.pendingCount]).toEqual([5, 0, 45]);
});

it('gives back uncounted what a worker that is stopped has not begun', async () => {
  await using client = connect(served.grpcAddress);
  const subscription = client.subscription('stopped', 's');
  await subscription.create({ from: 'earliest', createTopic: true, maxAttempts: 1 });
  await client.publisher('stopped').publishAll(['1', '2', '3', '4', '5', '6']);
  const seen: string[] = [];
  const worker = new Worker(
    subscription,
    async ({ message }) => {
      seen.push(message.text);
      if (seen.length === 2) void worker.stop();
      await setImmediate();
    },
    { concurrency: 1, maxInFlight: 6 },
  );
  await worker.run();
  const info = await subscription.info();
  expect(info.acknowledgedCount).toBe(seen.length);
  expect(info.deadLetteredCount).toBe(0);
  expect(info.pendingCount).toBe(6 - seen.length);
});
