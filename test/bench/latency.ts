import type { Histogram } from 'hdr-histogram-js';
import type { BenchClient } from './contestants/contestant.ts';
import { Payloads, Sequence } from './verify.ts';
import { VerificationError } from './workload.ts';

const MESSAGE_BYTES = 100;
const PATIENCE_MS = 60_000;

/** So many messages a second, for so long. */
export interface Load {
  readonly perSecond: number;
  readonly seconds: number;
}

/**
 * Records in `micros` the time between the moment in which a message was due and its arrival at a subscriber, at a
 * constant rate. Open loop: the rate does not wait for answers, and a message that went out late counts from when it
 * was due, so that a stall is seen by all that it delayed (coordinated omission). The first second is left out.
 */
export async function followAt(
  client: BenchClient,
  topic: string,
  load: Load,
  micros: Histogram,
): Promise<void> {
  const run = new OpenLoop(topic, load, micros);
  await using _follower = await client.follow(topic, (value) => run.received(value));
  await run.send((value) => client.send(topic, value));
}

/** One run at a constant rate. */
class OpenLoop {
  readonly #topic: string;
  readonly #periodMs: number;
  readonly #warmUpCount: number;
  readonly #count: number;
  readonly #micros: Histogram;
  readonly #payloads = new Payloads(MESSAGE_BYTES);
  readonly #sequence: Sequence;
  #startMs = 0;
  #receivedCount = 0;
  #acknowledgedCount = 0;
  #failure: Error | undefined;

  constructor(topic: string, { perSecond, seconds }: Load, micros: Histogram) {
    this.#topic = topic;
    this.#periodMs = 1000 / perSecond;
    this.#warmUpCount = perSecond;
    this.#count = Math.round(perSecond * (seconds + 1));
    this.#micros = micros;
    this.#sequence = new Sequence(this.#payloads, topic);
  }

  received(value: Buffer): void {
    try {
      this.#sequence.takeValue(value);
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
    }
    const dueMs = this.#startMs + this.#receivedCount * this.#periodMs;
    if (this.#receivedCount >= this.#warmUpCount) {
      this.#micros.recordValue(Math.max(1, Math.round((performance.now() - dueMs) * 1000)));
    }
    this.#receivedCount += 1;
  }

  /** Sends each message when it is due, whatever became of those before; resolves when all have arrived. */
  async send(send: (value: Buffer) => Promise<void>): Promise<void> {
    this.#startMs = performance.now();
    const endMs = this.#startMs + this.#count * this.#periodMs + PATIENCE_MS;
    for (let index = 0; !this.#isDone() && performance.now() < endMs; ) {
      const elapsedMs = performance.now() - this.#startMs;
      const due = Math.min(this.#count, Math.floor(elapsedMs / this.#periodMs) + 1);
      for (; index < due; index++) {
        send(Buffer.from(this.#payloads.at(index))).then(
          () => {
            this.#acknowledgedCount += 1;
          },
          (error: unknown) => {
            this.#failure ??= error instanceof Error ? error : new Error(String(error));
          },
        );
      }
      // Timers are too coarse for this.
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#isDone()) {
      throw new VerificationError(
        `${this.#topic}: of ${this.#count} messages ${this.#receivedCount} came, ${this.#acknowledgedCount} were acknowledged`,
      );
    }
  }

  #isDone(): boolean {
    if (this.#failure !== undefined) return true;
    return this.#receivedCount >= this.#count && this.#acknowledgedCount >= this.#count;
  }
}
