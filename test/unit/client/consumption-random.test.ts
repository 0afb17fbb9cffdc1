import { afterEach, expect, it } from 'vitest';
import type { Delivery } from '../../../clients/node/src/index.ts';
import { startWork } from '../../support/fake-work-setup.ts';
import { Random } from '../../support/random.ts';

const MESSAGES = 600;

let expiring: NodeJS.Timeout | undefined;
afterEach(() => clearInterval(expiring));

it.each([1, 2, 3, 4])(
  'Consumption settles everything and gives back what credit it used, whatever happens (%i)',
  async (seed) => {
    await using setup = await startWork();
    const { fake, consume } = setup;
    const random = new Random(seed);
    fake.leaseMs = 30;
    fake.maxLeaseMessages = 7;
    fake.publish(...Array.from({ length: MESSAGES }, (_, index) => `m${index}`));
    // What nobody settles is delivered again, as by a broker whose leases run out.
    expiring = setInterval(() => fake.expire(), 40);
    const consumption = consume({ maxInFlight: 40 });
    const kept: Delivery[] = [];
    let count = 0;
    for await (const delivery of consumption) {
      kept.push(delivery);
      count += 1;
      expect(fake.worker.creditMessages).toBeLessThanOrEqual(40);
      if (count % 150 === 149) fake.worker.cut();
      if (count % 100 === 99) fake.expire();
      if (count === 400) fake.close('done');
      if (random.next() < 0.4) continue;
      for (const each of kept.splice(0).sort(() => random.next() - 0.5)) {
        if (random.next() < 0.02) continue;
        if (random.next() < 0.05) void each.extend('1s');
        if (random.next() < 0.1) void each.nack({ delay: 0 });
        else void each.ack();
      }
    }
    expect(consumption.ended).toMatchObject({ type: 'drained' });
    expect(fake.acknowledged).toHaveLength(MESSAGES);
  },
  20_000,
);
