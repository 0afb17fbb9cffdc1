/** Lets one waiter sleep until something has happened. A wake before the wait is not lost. */
export class Wakeup {
  #resolve: (() => void) | undefined;
  #isPending = false;

  wake(): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    if (resolve === undefined) this.#isPending = true;
    else resolve();
  }

  /** Resolves at the next wake, or at once if there was one since the last wait. */
  wait(): Promise<void> {
    if (this.#isPending) {
      this.#isPending = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }
}

/** Those who want to be woken. */
export class Followers {
  readonly #wakeups = new Set<Wakeup>();

  get size(): number {
    return this.#wakeups.size;
  }

  add(wakeup: Wakeup): void {
    this.#wakeups.add(wakeup);
  }

  remove(wakeup: Wakeup): void {
    this.#wakeups.delete(wakeup);
  }

  wakeAll(): void {
    for (const wakeup of this.#wakeups) wakeup.wake();
  }
}
