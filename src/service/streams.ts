import type { Observer, StreamKind } from '../observer.ts';
import { silentObserver } from '../observer.ts';

/** A stream that is open, as far as a shut-down is concerned. */
export interface OpenStream {
  /** Asks the stream to tell its client and to end. */
  shutDown(): void;
}

/** The streams that are open, so that a shut-down can end them in-band. */
export class Streams {
  readonly #open = new Set<OpenStream>();
  readonly #observer: Observer;
  #isShuttingDown = false;
  #onEmpty: (() => void) | undefined;

  constructor(observer = silentObserver) {
    this.#observer = observer;
  }

  /** Adds a stream; the answer removes it again. */
  add(stream: OpenStream, kind: StreamKind): () => void {
    this.#open.add(stream);
    this.#observer.streamOpened(kind);
    if (this.#isShuttingDown) stream.shutDown();
    return () => {
      if (!this.#open.delete(stream)) return;
      this.#observer.streamClosed(kind);
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
