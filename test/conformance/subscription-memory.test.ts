import { describe, expect, test } from 'vitest';
import { ack } from '../support/consumer.ts';
import { SubscriptionCaller } from '../support/subscription-caller.ts';
import { MeasuredBroker } from './measured-broker.ts';
import { eventually, subscribed } from './subscription-support.ts';
import { isExternal } from './support.ts';

const MB = 1_000_000;

describe.skipIf(isExternal)('the memory of a broker with workers', () => {
  test('holds no more than the credit in bytes for one that never reads', async () => {
    await using broker = await MeasuredBroker.start();
    using caller = SubscriptionCaller.connect(broker.address);
    const topic = await subscribed(caller, [], { maxInFlight: 1_000_000 });
    const values = Array.from({ length: 1000 }, () => 'x'.repeat(1000));
    for (let i = 0; i < 100; i++) await caller.publish(topic, ...values);
    const before = await broker.memory();
    using stalled = SubscriptionCaller.connect(broker.address);
    using worker = stalled.consume();
    worker.pause();
    worker.start(topic, 's');
    await eventually(async () => (await caller.get(topic, 's')).inFlightCount > 0n);
    // It asks for more and more.
    for (let i = 0; i < 100; i++) {
      worker.send({ creditMessages: 100_000, creditBytes: 1 << 24 });
      await caller.get(topic, 's');
    }
    const { inFlightCount } = await caller.get(topic, 's');
    expect(inFlightCount).toBeLessThan(40_000n);
    const after = await broker.memory();
    expect(after.live - before.live).toBeLessThan(60 * MB);
  }, 120_000);

  test('is bounded for one that settles and never reads a result', async () => {
    await using broker = await MeasuredBroker.start();
    using caller = SubscriptionCaller.connect(broker.address);
    const topic = await subscribed(caller, ['a']);
    using stalled = SubscriptionCaller.connect(broker.address);
    using worker = await stalled.worker(topic, 's');
    worker.pause();
    const before = await broker.memory();
    const none = ack({ receipt: 1n, timestampNs: 1_790_000_000_000_000_000n });
    const request = { settlements: Array.from({ length: 2000 }, () => none) };
    let sentCount = 0;
    // Until the broker takes no more.
    for (let quietCount = 0; quietCount < 50 && sentCount < 300; ) {
      if (worker.unsentCount < 2) {
        worker.send(request);
        sentCount++;
        quietCount = 0;
      } else quietCount++;
      await caller.get(topic, 's');
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
    expect(sentCount).toBeLessThan(300);
    const after = await broker.memory();
    expect(after.live - before.live).toBeLessThan(150 * MB);
    // It goes on when it reads.
    worker.resume();
    await worker.untilResults(sentCount * 2000);
  }, 120_000);
});
