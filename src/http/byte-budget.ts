import { BrokerError } from '../errors.ts';

/** Bytes that requests hold in memory, all together, up to a limit. */
export class ByteBudget {
  readonly #limitBytes: number;
  readonly #what: string;
  #heldBytes = 0;

  /** `what` is held, for the error. */
  constructor(limitBytes: number, what: string) {
    this.#limitBytes = limitBytes;
    this.#what = what;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Throws OVERLOADED, and takes nothing, if it would be more than the limit. */
  take(bytes: number): void {
    if (this.#heldBytes + bytes > this.#limitBytes) {
      const message = `${this.#what}: ${this.#limitBytes} bytes are held for requests, which is the limit; send again a little later`;
      throw new BrokerError('OVERLOADED', message, { limit_bytes: `${this.#limitBytes}` });
    }
    this.#heldBytes += bytes;
  }

  give(bytes: number): void {
    this.#heldBytes -= bytes;
  }

  /** For one who holds now more, now less. */
  share(): BudgetShare {
    return new BudgetShare(this);
  }
}

/** What one request holds of a budget; to be given back in any case. */
export class BudgetShare {
  readonly #budget: ByteBudget;
  #bytes = 0;

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  /** Holds so many bytes more. Throws OVERLOADED, and holds what it had. */
  add(bytes: number): void {
    this.#budget.take(bytes);
    this.#bytes += bytes;
  }

  /** Holds so many bytes instead. Throws OVERLOADED, and holds what it had. */
  set(bytes: number): void {
    this.add(bytes - this.#bytes);
  }

  giveBack(): void {
    this.#budget.give(this.#bytes);
    this.#bytes = 0;
  }
}
