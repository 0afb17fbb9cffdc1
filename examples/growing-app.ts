// One shop that grows, in three stages, and whose handlers stay as they are: a bus within the process; the same bus
// bridged to an embedded broker, so that events outlive the process; and bridged to a broker elsewhere, which many
// processes share. Says what it has handled, and of the last two stages what a process that comes later finds.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, connect, open } from 'playhead';
import { type Bus, createBus } from 'playhead/bus';

const address = process.argv[2] ?? process.env['PLAYHEAD_ADDRESS'] ?? '127.0.0.1:17777';

interface Order {
  readonly amount: number;
}

/** The shop: takes orders, charges them, and adds up what was charged. */
class Shop {
  readonly bus: Bus = createBus();
  total = 0;

  constructor(prefix: string) {
    this.bus.registerTopics(`${prefix}.order.created`, `${prefix}.order.charged`);
    this.bus.registerHandler('charge', {
      matcher: /order\.created$/,
      handle: ({ data }, context) => this.bus.emit(`${prefix}.order.charged`, data, context),
    });
    this.bus.registerHandler<Order>('ledger', {
      matcher: /order\.charged$/,
      async: true,
      handle: ({ data }) => {
        this.total += data.amount;
      },
    });
  }
}

async function trade(shop: Shop, prefix: string): Promise<void> {
  for (const amount of [5, 7, 30]) await shop.bus.emit(`${prefix}.order.created`, { amount });
  await shop.bus.flush();
  assert.equal(shop.total, 42);
}

/** A program that comes later, and knows of the orders only what is on the tape. */
async function bookkeeping(client: Client, prefix: string): Promise<number> {
  const shop = new Shop(prefix);
  const bridge = await shop.bus.bridge(client, {
    subscribe: `${prefix}.order.*`,
    from: 'earliest',
    until: 'now',
    // The orders are charged already.
    handlerKeys: ['ledger'],
  });
  await bridge.ended();
  await shop.bus.flush();
  return shop.total;
}

const alone = new Shop('shop');
await trade(alone, 'shop');
console.log(`bus: ${alone.total}`);

const directory = await mkdtemp(join(tmpdir(), 'playhead-shop-'));
const dataDir = join(directory, 'data');
{
  await using broker = await open({ dataDir });
  const shop = new Shop('shop');
  await shop.bus.bridge(broker, { publish: '**.order.*' });
  await trade(shop, 'shop');
}
{
  await using broker = await open({ dataDir });
  console.log(`bridged, after a restart: ${await bookkeeping(broker, 'shop')}`);
}
await rm(directory, { recursive: true });

const prefix = `shop-${process.pid}`;
await using client = connect(address);
const shop = new Shop(prefix);
await shop.bus.bridge(client, { publish: `${prefix}.order.*` });
await trade(shop, prefix);
console.log(`a broker, and another process: ${await bookkeeping(client, prefix)}`);
await shop.bus.close();
