import {
  type Client,
  type ClientOptions,
  type ConsumeOptions,
  type Consumption,
  connect,
  type Delivery,
} from '../../clients/node/src/index.ts';
import type { FakeSubscription } from './fake-subscription.ts';
import { FakeWorkBroker } from './fake-work-broker.ts';

/** A client of a fake broker, and what consumes its subscription. */
export interface WorkSetup extends AsyncDisposable {
  readonly broker: FakeWorkBroker;
  readonly fake: FakeSubscription;
  readonly client: Client;
  readonly consume: (options?: ConsumeOptions) => Consumption;
}

export async function startWork(options: ClientOptions = {}): Promise<WorkSetup> {
  const broker = await FakeWorkBroker.start();
  const client = connect(broker.address, {
    retry: { initialBackoffMs: 5, maxBackoffMs: 20 },
    ...options,
  });
  return {
    broker,
    fake: broker.subscription,
    client,
    consume: (consumeOptions) => client.subscription('orders', 'billing').consume(consumeOptions),
    [Symbol.asyncDispose]: async () => {
      await client.close();
      broker.stop();
    },
  };
}

/** The next deliveries. Reads the consumption, which can be done once. */
export async function takeDeliveries(consumption: Consumption, count: number): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  const iterator = consumption[Symbol.asyncIterator]();
  while (deliveries.length < count) {
    const { value } = await iterator.next();
    if (value === undefined) throw new Error(`ended after ${deliveries.length} deliveries`);
    deliveries.push(value);
  }
  return deliveries;
}

/** Text and attempt: of a delivery, what tells it apart. */
export function told(delivery: Delivery | undefined): [string | undefined, number | undefined] {
  return [delivery?.message.text, delivery?.attempt];
}
