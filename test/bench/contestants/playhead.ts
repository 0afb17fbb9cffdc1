import type { Client, Publisher } from 'playhead-client';
import { connect } from 'playhead-client';
import { BrokerProcess } from '../broker-process.ts';
import { Payloads, Sequence } from '../verify.ts';
import type { Settings } from '../workload.ts';
import type { BenchClient, Contestant, Mode, NamedClient, Server } from './contestant.ts';

/** What all others are compared with. */
export const playhead: Contestant = {
  name: 'playhead',
  id: 'playhead',
  modes: [
    { name: 'default', durability: 'fsync before each acknowledgement' },
    { name: 'relaxed', durability: 'without fsync (--durability os)' },
  ],
  missing: () => Promise.resolve(undefined),
  start: (mode, settings) =>
    startPlayhead(mode, settings, 'as it comes', (client) => new PlayheadClient(client)),
};

/** A broker of its own, and what is to be done with its client. */
export async function startPlayhead<C extends NamedClient>(
  mode: Mode,
  settings: Settings,
  setup: string,
  clientOf: (client: Client) => C,
): Promise<Server<C>> {
  const durability = mode.name === 'default' ? 'fsync' : 'os';
  const broker = await BrokerProcess.start({ ...settings, durability });
  const client = connect(broker.address);
  const { version } = await client.serverInfo();
  return {
    version: `playhead ${version}`,
    setup,
    pids: [broker.pid],
    clients: [clientOf(client)],
    async [Symbol.asyncDispose]() {
      await client.close();
      await broker[Symbol.asyncDispose]();
    },
  };
}

class PlayheadClient implements BenchClient {
  readonly name = 'playhead-client';
  readonly #client: Client;
  readonly #publishers = new Map<string, Publisher>();

  constructor(client: Client) {
    this.#client = client;
  }

  async publish(topic: string, messageBytes: number, count: number): Promise<void> {
    const payloads = new Payloads(messageBytes);
    await using publisher = this.#client.publisher(topic);
    await publisher.publishAll(payloads.range(count));
  }

  async read(topic: string, messageBytes: number, count: number): Promise<void> {
    const sequence = new Sequence(new Payloads(messageBytes), topic);
    const stored = this.#client.subscribe(topic, { from: 'earliest', limit: count });
    for await (const batch of stored.batches()) sequence.take(batch);
    sequence.finish(count);
  }

  async send(topic: string, value: Buffer): Promise<void> {
    let publisher = this.#publishers.get(topic);
    if (publisher === undefined) {
      publisher = this.#client.publisher(topic);
      this.#publishers.set(topic, publisher);
    }
    await publisher.publish(value);
  }

  async follow(topic: string, onValue: (value: Buffer) => void): Promise<AsyncDisposable> {
    const subscription = this.#client.subscribe(topic);
    await subscription.started();
    const reading = (async () => {
      for await (const batch of subscription.batches()) {
        for (const { value } of batch) onValue(value);
      }
    })();
    return {
      async [Symbol.asyncDispose]() {
        await subscription.close();
        await reading;
      },
    };
  }
}
