import type { Client, DurableSubscription } from 'playhead-client';
import { Payloads, Sequence } from '../verify.ts';
import { VerificationError } from '../workload.ts';
import type { Contestant } from './contestant.ts';
import { playhead, startPlayhead } from './playhead.ts';
import type { WorkClient } from './work-client.ts';

const SUBSCRIPTION = 'workers';
const MAX_IN_FLIGHT = 10_000;

/** A topic with one shared subscription that forgets what is consumed, as a queue is. */
export const playheadWork: Contestant<WorkClient> = {
  ...playhead,
  start: (mode, settings) =>
    startPlayhead(
      mode,
      settings,
      `one shared subscription, trimConsumed, batches() and ackAll() with maxInFlight ${MAX_IN_FLIGHT}`,
      (client) => new PlayheadWorkClient(client),
    ),
};

class PlayheadWorkClient implements WorkClient {
  readonly name = 'playhead-client';
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async fill(queue: string, messageBytes: number, count: number): Promise<void> {
    await this.#client.topics.create(queue, { trimConsumed: true });
    await this.#subscriptionOf(queue).create({ from: 'earliest', maxInFlight: MAX_IN_FLIGHT });
    await using publisher = this.#client.publisher(queue);
    await publisher.publishAll(new Payloads(messageBytes).range(count));
  }

  async work(queue: string, messageBytes: number, count: number): Promise<void> {
    const sequence = new Sequence(new Payloads(messageBytes), queue);
    const consumption = this.#subscriptionOf(queue).consume({ maxInFlight: MAX_IN_FLIGHT });
    let taken = 0;
    let acknowledged = 0;
    let failure: unknown;
    for await (const batch of consumption.batches()) {
      for (const { message } of batch) sequence.takeValue(message.value);
      taken += batch.length;
      consumption.ackAll(batch).then(
        () => {
          acknowledged += batch.length;
        },
        (error: unknown) => {
          failure ??= error;
        },
      );
      // The end of the loop waits for what is not answered.
      if (taken >= count) break;
    }
    if (failure !== undefined) throw failure;
    sequence.finish(count);
    if (acknowledged !== count) {
      throw new VerificationError(`${queue}: ${acknowledged} of ${count} were acknowledged`);
    }
  }

  async verifyDone(queue: string, count: number): Promise<void> {
    const info = await this.#subscriptionOf(queue).info();
    const { acknowledgedCount, pendingCount, redeliveredCount } = info;
    if (acknowledgedCount === count && pendingCount === 0 && redeliveredCount === 0) return;
    throw new VerificationError(
      `${queue}: of ${count} messages ${acknowledgedCount} are acknowledged, ` +
        `${pendingCount} are left, ${redeliveredCount} were delivered again`,
    );
  }

  #subscriptionOf(queue: string): DurableSubscription {
    return this.#client.subscription(queue, SUBSCRIPTION);
  }
}
