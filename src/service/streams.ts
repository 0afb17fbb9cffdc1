/** A stream that is open, as far as a shut-down is concerned. */
export interface OpenStream {
  /** Asks the stream to tell its client and to end. */
  shutDown(): void;
}

/** The streams that are open, so that a shut-down can end them in-band. */
export class Streams {
  readonly #open = new Set<OpenStream>();
  #isShuttingDown = false;
  #onEmpty: (() => void) | undefined;

  /** Adds a stream; the answer removes it again. */
  add(stream: OpenStream): () => void {
    this.#open.add(stream);
    if (this.#isShuttingDown) stream.shutDown();
    return () => {
      this.#open.delete(stream);
      if (this.#open.size === 0) this.#onEmpty?.();
    };
  }

  /** Asks all streams to end; resolves when they have. */
  async shutDown(): Promise<void> {
    this.#isShuttingDown = true;
    for (const stream of this.#open) stream.shutDown();
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
  }
}
