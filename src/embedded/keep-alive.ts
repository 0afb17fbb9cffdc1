const LONG_MS = 2 ** 30;

/** Keeps the process going while something is open, as an open socket would. */
export class KeepAlive {
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  add(): void {
    this.#count += 1;
    this.#timer ??= setInterval(() => {}, LONG_MS);
  }

  remove(): void {
    this.#count -= 1;
    if (this.#count > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
