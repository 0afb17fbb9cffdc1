import { setTimeout as sleep } from 'node:timers/promises';

/** What is sent when. */
export interface Pace {
  readonly perSecond: number;
  /** Without it, until it is stopped. */
  readonly count?: number;
  /** Looks at the clock at every turn of the event loop; otherwise at every millisecond, which costs less. */
  readonly isPrecise?: boolean;
  /** Sends one; resolves when it is acknowledged. */
  readonly send: (index: number) => Promise<unknown>;
  /** Told of each, once it is acknowledged: how long after the time at which it was to be sent. */
  readonly onAcknowledged?: (latencyMs: number) => void;
}

/**
 * Sends at a steady rate that no answer holds up. Times count from when a message was to be sent, so that what waited
 * behind a stall counts with it.
 */
export class OpenLoop {
  /** When the first was to be sent, as performance.now() has it. */
  readonly startMs = performance.now();
  readonly #pace: Pace;
  readonly #answers = new Set<Promise<void>>();
  readonly #sending: Promise<void>;
  #isStopped = false;
  #sent = 0;
  #failure: { readonly error: unknown } | undefined;

  /** Begins at once. */
  constructor(pace: Pace) {
    this.#pace = pace;
    this.#sending = this.#run();
  }

  /** Number of messages sent so far. */
  get sent(): number {
    return this.#sent;
  }

  /** Resolves with the number of messages once all are sent and acknowledged. Rejects with the first error. */
  async finish(): Promise<number> {
    await this.#sending;
    await Promise.all(this.#answers);
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#sent;
  }

  /** Sends no more, and finishes. */
  stop(): Promise<number> {
    this.#isStopped = true;
    return this.finish();
  }

  async #run(): Promise<void> {
    const { perSecond, count = Number.POSITIVE_INFINITY, isPrecise = false } = this.#pace;
    const { startMs } = this;
    while (this.#sent < count && !this.#isStopped && this.#failure === undefined) {
      const due = Math.floor(((performance.now() - startMs) / 1000) * perSecond) + 1;
      while (this.#sent < Math.min(due, count)) {
        this.#send(startMs + (1000 * this.#sent) / perSecond);
      }
      await (isPrecise ? turn() : sleep(1));
    }
  }

  #send(dueMs: number): void {
    const { send, onAcknowledged } = this.#pace;
    const answer = send(this.#sent).then(
      () => {
        this.#answers.delete(answer);
        onAcknowledged?.(performance.now() - dueMs);
      },
      (error: unknown) => {
        this.#failure ??= { error };
      },
    );
    this.#answers.add(answer);
    this.#sent += 1;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
