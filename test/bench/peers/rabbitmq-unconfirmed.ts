/** Who waits for a message to be confirmed. */
export interface Answer {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** The messages of a publisher that are under way: their number, and who waits for which. */
export class Unconfirmed {
  readonly #max: number;
  readonly #answers = new Map<bigint, Answer>();
  #count = 0;
  #failure: { readonly reason: unknown } | undefined;
  #waiting: (Answer & { readonly atMost: number }) | undefined;

  constructor(max: number) {
    this.#max = max;
  }

  /** Whether to wait before the next message. */
  get isFull(): boolean {
    return this.#count >= this.#max;
  }

  add(id: bigint, answer?: Answer): void {
    if (this.#failure !== undefined) {
      answer?.reject(this.#failure.reason);
      return;
    }
    this.#count += 1;
    if (answer !== undefined) this.#answers.set(id, answer);
  }

  confirm(ids: readonly bigint[]): void {
    this.#count -= ids.length;
    if (this.#answers.size > 0) {
      for (const id of ids) {
        this.#answers.get(id)?.resolve();
        this.#answers.delete(id);
      }
    }
    if (this.#waiting === undefined || this.#count > this.#waiting.atMost) return;
    this.#waiting.resolve();
    this.#waiting = undefined;
  }

  /** Everything that waits, and everything that will, is rejected. */
  readonly fail = (reason: unknown): void => {
    this.#failure ??= { reason };
    this.#waiting?.reject(reason);
    this.#waiting = undefined;
    for (const answer of this.#answers.values()) answer.reject(reason);
    this.#answers.clear();
  };

  /** Resolves when half of what may be under way is confirmed. One caller at a time. */
  untilHalf(): Promise<void> {
    return this.#until(this.#max >> 1);
  }

  /** Resolves when all is confirmed. One caller at a time. */
  untilNone(): Promise<void> {
    return this.#until(0);
  }

  #until(atMost: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) reject(this.#failure.reason);
      else if (this.#count <= atMost) resolve();
      else this.#waiting = { atMost, resolve, reject };
    });
  }
}
