const WINDOW_SECONDS = 60;

/** A rate averaged over about a minute: what was counted fades exponentially, so that two numbers are enough. */
export class RateMeter {
  #count = 0;
  #atNs = 0n;

  add(count: number, nowNs: bigint): void {
    this.#count = this.#faded(nowNs) + count;
    this.#atNs = nowNs;
  }

  perSecond(nowNs: bigint): number {
    return this.#faded(nowNs) / WINDOW_SECONDS;
  }

  #faded(nowNs: bigint): number {
    const seconds = Number(nowNs - this.#atNs) / 1e9;
    return this.#count * Math.exp(-Math.max(seconds, 0) / WINDOW_SECONDS);
  }
}
