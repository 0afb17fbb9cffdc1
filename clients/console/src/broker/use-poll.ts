import { useEffect, useRef } from 'preact/hooks';
import { connection } from './connection.ts';
import { isAborted } from './errors.ts';

/** What somebody scrolls past is not asked for. */
const SETTLE_MS = 100;

/**
 * Calls `ask` at once and then again after each pause, as long as the page can be seen and the broker is there. What
 * changes in `inputs` begins anew, and what was asked before is given up.
 */
export function usePoll(
  ask: (signal: AbortSignal) => Promise<void>,
  pauseMs: number,
  inputs: readonly unknown[],
): void {
  const latest = useRef(ask);
  latest.current = ask;
  const isFirst = useRef(true);
  const returns = connection.returns.value;
  useEffect(() => {
    const aborter = new AbortController();
    const begin = () =>
      void keepAsking((signal) => latest.current(signal), pauseMs, aborter.signal);
    const timer = setTimeout(begin, isFirst.current ? 0 : SETTLE_MS);
    isFirst.current = false;
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
  }, [...inputs, pauseMs, returns]);
}

/** Asks until it is told to stop. Errors are the business of who asks; here they only mean: later again. */
export async function keepAsking(
  ask: (signal: AbortSignal) => Promise<void>,
  pauseMs: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await visible(signal);
    await connection.back();
    if (signal.aborted) return;
    try {
      await ask(signal);
    } catch (error) {
      if (isAborted(error)) return;
    }
    await rest(pauseMs, signal);
  }
}

/** Resolves while somebody can see the page. */
async function visible(signal: AbortSignal): Promise<void> {
  while (document.hidden && !signal.aborted) {
    await new Promise<void>((resolve) => {
      document.addEventListener('visibilitychange', () => resolve(), { once: true, signal });
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

async function rest(pauseMs: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, pauseMs);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
