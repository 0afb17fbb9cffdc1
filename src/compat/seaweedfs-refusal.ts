import type { Clock } from '../clock.ts';
import type { BrokerError } from '../errors.ts';
import { SEAWEEDFS_REFUSAL_MS } from '../limits.ts';
import type { DuplexCall } from '../service/call.ts';
import { PUBLISH_STARTED } from './seaweedfs-codec.ts';

/** What of a call a refusal needs. */
export type RefusableCall = Pick<DuplexCall, 'write'>;

/**
 * How a publisher is refused that was told to begin. The Go client has a receive under way from then on, and `Close`
 * begins another one: the end of a stream, which is one event, reaches whichever of them came first, and the other waits
 * for ever. So there is an empty response before the error, one event for each. This holds if both wait by then, or only
 * the first, and not if the second comes between the two events: that is why the refusal waits, for a moment, for a close
 * that may be under way.
 */
export class Refusal {
  readonly #call: RefusableCall;
  readonly #clock: Clock;
  readonly #refuse: (error: BrokerError) => void;
  #error: BrokerError | undefined;
  #cancelTimer: (() => void) | undefined;
  /** Whether there is nothing to wait for. */
  #isReleased = false;

  constructor(call: RefusableCall, clock: Clock, refuse: (error: BrokerError) => void) {
    this.#call = call;
    this.#clock = clock;
    this.#refuse = refuse;
  }

  /** Tells the client why, in a moment or as soon as it is released. To be called once. */
  begin(error: BrokerError): void {
    this.#error = error;
    if (this.#isReleased) this.#tell();
    else this.#cancelTimer = this.#clock.schedule(() => this.#tell(), SEAWEEDFS_REFUSAL_MS);
  }

  /** The client has asked for its close, or will not: what is to be told is told at once. Idempotent. */
  release(): void {
    this.#isReleased = true;
    this.#tell();
  }

  /** There is nobody to be told any more. */
  cancel(): void {
    this.#cancelTimer?.();
    this.#error = undefined;
  }

  #tell(): void {
    const error = this.#error;
    if (error === undefined) return;
    this.cancel();
    // With the error, what is not sent yet would be lost.
    this.#call.write(PUBLISH_STARTED, () => this.#refuse(error));
  }
}
