import { setMaxListeners } from 'node:events';

/** Calls back once, when the first of the signals fires, or at once. Returns what stops that. */
export function onAbort(
  signals: readonly (AbortSignal | undefined)[],
  callback: (signal: AbortSignal) => void,
): () => void {
  const stops: (() => void)[] = [];
  const stop = () => {
    for (const each of stops) each();
  };
  for (const signal of signals) {
    if (signal === undefined) continue;
    if (signal.aborted) {
      stop();
      callback(signal);
      return () => {};
    }
    // One signal for a hundred subscriptions is no leak: each takes its listener away when it ends.
    setMaxListeners(0, signal);
    const listener = () => {
      stop();
      callback(signal);
    };
    signal.addEventListener('abort', listener, { once: true });
    stops.push(() => signal.removeEventListener('abort', listener));
  }
  return stop;
}
