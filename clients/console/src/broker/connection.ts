import { signal } from '@preact/signals';
import { NS_PER_MS } from '../time/nanoseconds.ts';
import type { ServerInfo } from './types.ts';

/** Pauses between attempts while the broker is away. */
const RETRY_MS = [500, 1000, 2000, 4000, 5000];
/** An answer to whether it is there takes longer only if it is not. */
const ANSWER_MS = 5000;

/** Whether the broker answers. While it does not, everything rests but one attempt after another. */
class Connection {
  /** True once nothing came back. */
  readonly isAway = signal(false);
  /** Counts the returns of the broker: what depends on it begins anew. */
  readonly returns = signal(0);
  readonly server = signal<ServerInfo | undefined>(undefined);
  #clockOffsetNs = 0n;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting: (() => void)[] = [];

  /** What time it is for the broker. */
  nowNs(): bigint {
    return BigInt(Date.now()) * NS_PER_MS + this.#clockOffsetNs;
  }

  /** As {@link nowNs}, in milliseconds. */
  nowMs(): number {
    return Number(this.nowNs() / NS_PER_MS);
  }

  /** Asks the broker what it is. */
  async start(): Promise<void> {
    await this.#ask();
  }

  /** A request came to nothing. */
  noteAway(): void {
    if (this.isAway.value) return;
    this.isAway.value = true;
    this.#attempt = 0;
    this.#schedule();
  }

  tryNow(): void {
    clearTimeout(this.#timer);
    void this.#ask();
  }

  /** Resolves while the broker is there. */
  async back(): Promise<void> {
    if (this.isAway.value) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #schedule(): void {
    const pauseMs = RETRY_MS[Math.min(this.#attempt++, RETRY_MS.length - 1)];
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), pauseMs);
  }

  async #ask(): Promise<void> {
    try {
      const response = await fetch('/v1/server', { signal: AbortSignal.timeout(ANSWER_MS) });
      const info = (await response.json()) as ServerInfo;
      this.server.value = info;
      this.#clockOffsetNs = BigInt(info.clock_ns) - BigInt(Date.now()) * NS_PER_MS;
      this.#noteBack();
    } catch {
      this.isAway.value = true;
      this.#schedule();
    }
  }

  #noteBack(): void {
    if (!this.isAway.value) return;
    this.isAway.value = false;
    this.returns.value++;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

export const connection = new Connection();
