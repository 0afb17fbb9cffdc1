/** A request gives back no more at once than fits its fields. */
const MAX_INT32 = 2 ** 31 - 1;
/** So many times what may be held may wait for its result, before credit is held back. */
const UNCONFIRMED_FACTOR = 4;

/** Credit as a request has it. */
export interface CreditFields {
  readonly creditMessages: number;
  readonly creditBytes: number;
}

/**
 * What a worker gives back to the broker as it settles deliveries, so that it never holds more than it allows. While too
 * much of what it settled has no result yet, it gives back nothing: what waits for a slow disk stays bounded.
 */
export class Credit {
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  #messages = 0;
  #bytes = 0;
  #unconfirmed = 0;

  constructor(maxMessages: number, maxBytes: number) {
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
  }

  /** Whether there is something to give back, now. */
  get isDue(): boolean {
    const isConfirmed = this.#unconfirmed <= UNCONFIRMED_FACTOR * this.#maxMessages;
    return isConfirmed && (this.#messages > 0 || this.#bytes > 0);
  }

  /** All of it, for a new stream. */
  restart(): CreditFields {
    this.#messages = 0;
    this.#bytes = 0;
    this.#unconfirmed = 0;
    return { creditMessages: this.#maxMessages, creditBytes: this.#maxBytes };
  }

  giveBack(messages: number, bytes: number): void {
    this.#messages += messages;
    this.#bytes += bytes;
  }

  /** So many deliveries were settled and wait for their result. */
  expect(messages: number): void {
    this.#unconfirmed += messages;
  }

  confirm(messages: number): void {
    this.#unconfirmed -= messages;
  }

  /** What goes back with this request; undefined if nothing does. */
  take(): CreditFields | undefined {
    if (!this.isDue) return undefined;
    const creditMessages = this.#messages;
    const creditBytes = Math.min(this.#bytes, MAX_INT32);
    this.#messages = 0;
    this.#bytes -= creditBytes;
    return { creditMessages, creditBytes };
  }
}
