import type { Command } from 'commander';
import type { ExitCode } from './exit-code.ts';
import type { Session } from './session.ts';

/** Runs the action of a command in a session of its own. */
export type RunCommand = (
  command: Command,
  action: (session: Session) => Promise<ExitCode>,
) => Promise<void>;
