/** The time that a client goes by: lingering, leases, pauses between tries, time limits. */
export interface ClientClock {
  /** Milliseconds since some moment, by a clock that does not jump. */
  nowMs(): number;
  /**
   * Calls back once, after so long, unless the returned function is called before. `keepsAlive` says whether the
   * process must go on for it.
   */
  schedule(run: () => void, delayMs: number, keepsAlive?: boolean): () => void;
}

/** That of the machine. */
export const machineClock: ClientClock = {
  nowMs: () => performance.now(),
  schedule: (run, delayMs, keepsAlive = true) => {
    const timer = setTimeout(run, delayMs);
    if (!keepsAlive) timer.unref();
    return () => clearTimeout(timer);
  },
};
