import { EXIT, type ExitCode } from './exit-code.ts';

/**
 * One key press may arrive twice: a terminal signals its whole foreground group, and npm passes on to its child what it
 * got there itself. Nobody presses a key again so soon.
 */
const SAME_SIGNAL_MS = 500;

/** Calls `onFirst` at the first signal that asks the process to end, and ends it at once at a real second one. */
export function onEndSignals(process: NodeJS.Process, onFirst: (code: ExitCode) => void): void {
  let first: { readonly code: ExitCode; readonly ms: number } | undefined;
  const take = (code: ExitCode): void => {
    const ms = performance.now();
    if (first === undefined) {
      first = { code, ms };
      onFirst(code);
    } else if (code !== first.code || ms - first.ms > SAME_SIGNAL_MS) {
      process.exit(code);
    }
  };
  process.on('SIGINT', () => take(EXIT.interrupted));
  process.on('SIGTERM', () => take(EXIT.terminated));
}
