import { useState } from 'preact/hooks';
import { textOf } from '../broker/errors.ts';

/** Something that a button does: whether it is under way, and why it failed. */
export interface Action {
  readonly isRunning: boolean;
  readonly error: string | undefined;
  readonly run: (work: () => Promise<void>) => void;
}

export function useAction(): Action {
  const [isRunning, setRunning] = useState(false);
  const [error, setError] = useState<string | undefined>(undefined);
  const run = (work: () => Promise<void>) => {
    if (isRunning) return;
    setRunning(true);
    setError(undefined);
    work()
      .catch((thrown: unknown) => setError(textOf(thrown)))
      .finally(() => setRunning(false));
  };
  return { isRunning, error, run };
}
