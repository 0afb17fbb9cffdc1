/** Something that the test can hold up in the middle, and see that it has come there. */
export class Gate {
  #isOpen = true;
  #waiting: (() => void)[] = [];
  #arrived: (() => void) | undefined;

  /** Holds up what comes from now on. Resolves when something has come. */
  close(): Promise<void> {
    this.#isOpen = false;
    return new Promise((resolve) => {
      this.#arrived = resolve;
    });
  }

  /** Lets everything pass. */
  open(): void {
    this.#isOpen = true;
    for (const go of this.#waiting.splice(0)) go();
  }

  async pass(): Promise<void> {
    if (this.#isOpen) return;
    this.#arrived?.();
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
