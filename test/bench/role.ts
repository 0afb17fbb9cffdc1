import { fork } from 'node:child_process';
import { on } from 'node:events';

/**
 * A part of a workload in a process of its own, so that it does not share a thread with what it is measured against.
 * `name` is a file of this directory, which gets the arguments and reports by messages.
 */
export class Role<Report> implements AsyncDisposable {
  readonly #child;
  readonly #reports: AsyncIterator<unknown[]>;

  /** `flags` are those of Node. */
  constructor(
    role: string | { readonly name: string; readonly flags: readonly string[] },
    ...args: readonly string[]
  ) {
    const { name, flags } = typeof role === 'string' ? { name: role, flags: [] } : role;
    const execArgv = [...process.execArgv, ...flags];
    this.#child = fork(new URL(`./${name}.ts`, import.meta.url), args, { execArgv });
    this.#reports = on(this.#child, 'message', { close: ['exit'] });
  }

  /** What it reports next. */
  async report(): Promise<Report> {
    const { value, done } = await this.#reports.next();
    if (done === true) throw new Error('a part of the benchmark ended without a report');
    return value[0] as Report;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#reports.return?.();
  }
}

/** Reports to whoever started this process. */
export function report(value: object): void {
  process.send?.(value);
}
