import type { Histogram } from 'hdr-histogram-js';
import type { BenchClient } from './contestants/contestant.ts';
import { OpenLoop } from './open-loop.ts';
import { Payloads, Sequence } from './verify.ts';
import { VerificationError } from './workload.ts';

const DEFAULT_BYTES = 100;
const PATIENCE_MS = 60_000;

/** So many messages a second, for so long. */
export interface Load {
  readonly perSecond: number;
  readonly seconds: number;
  /** 100 by default. */
  readonly messageBytes?: number;
}

/**
 * Records in `micros` the time between the moment in which a message was due and its arrival at a subscriber, at a
 * constant rate. Open loop: the rate does not wait for answers, and a message that went out late counts from when it
 * was due, so that a stall is seen by all that it delayed (coordinated omission). The first second is left out.
 */
export async function followAt(
  client: Pick<BenchClient, 'send' | 'follow'>,
  topic: string,
  { perSecond, seconds, messageBytes = DEFAULT_BYTES }: Load,
  micros: Histogram,
): Promise<void> {
  const count = Math.round(perSecond * (seconds + 1));
  const payloads = new Payloads(messageBytes);
  const arrivals = new Arrivals(topic, messageBytes, count);
  await using _follower = await client.follow(topic, (value) => arrivals.take(value));
  const loop = new OpenLoop({
    perSecond,
    count,
    isPrecise: true,
    send: (index) => client.send(topic, Buffer.from(payloads.at(index))),
  });
  arrivals.onArrival = (index) => {
    if (index < perSecond) return;
    const dueMs = loop.startMs + (1000 * index) / perSecond;
    micros.recordValue(Math.max(1, Math.round((performance.now() - dueMs) * 1000)));
  };
  await loop.finish();
  await arrivals.all();
}

/** What comes to a subscriber: all of it, once and in order. */
class Arrivals {
  readonly #topic: string;
  readonly #count: number;
  readonly #sequence: Sequence;
  readonly #outcome: Promise<void>;
  #resolve: () => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #taken = 0;
  onArrival: (index: number) => void = () => undefined;

  constructor(topic: string, messageBytes: number, count: number) {
    this.#topic = topic;
    this.#count = count;
    this.#sequence = new Sequence(new Payloads(messageBytes), topic);
    this.#outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // It may fail before anybody waits for it.
    this.#outcome.catch(() => undefined);
  }

  take(value: Buffer): void {
    try {
      this.#sequence.takeValue(value);
    } catch (error) {
      this.#reject(error);
    }
    this.onArrival(this.#taken);
    this.#taken += 1;
    if (this.#taken === this.#count) this.#resolve();
  }

  /** Resolves when everything has come; rejects if something else came, or not everything in time. */
  async all(): Promise<void> {
    const timer = setTimeout(() => {
      const text = `${this.#topic}: of ${this.#count} messages ${this.#taken} came`;
      this.#reject(new VerificationError(text));
    }, PATIENCE_MS);
    try {
      await this.#outcome;
    } finally {
      clearTimeout(timer);
    }
  }
}
