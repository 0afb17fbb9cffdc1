/** Something that waits for messages, and can be told to end. */
export interface OpenReader {
  close(): void;
}

/** What is open, so that a shut-down can end it. */
export class OpenReaders {
  readonly #open = new Set<OpenReader>();
  #isClosed = false;

  get size(): number {
    return this.#open.size;
  }

  /** Adds a reader; the answer removes it again. */
  add(reader: OpenReader): () => void {
    this.#open.add(reader);
    if (this.#isClosed) reader.close();
    return () => {
      this.#open.delete(reader);
    };
  }

  /** Ends all, and whatever is added later. */
  close(): void {
    this.#isClosed = true;
    for (const reader of this.#open) reader.close();
  }
}
