import { styleText } from 'node:util';
import type { Client, ClientOptions } from 'playhead-client';
import { connect, parseDuration } from 'playhead-client';
import type { ExitCode, Failure } from './exit-code.ts';
import { usageError } from './exit-code.ts';
import { DataOutput } from './output.ts';
import { onEndSignals } from './signals.ts';

/** The options that every command takes. */
export interface GlobalOptions {
  readonly address: string;
  readonly timeout: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

const NS_PER_MS = 1_000_000n;
/** Above this a Node timer fires at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** How a command uses its connection. */
export interface ConnectOptions {
  /** A publish or a request gives up after the timeout; a reader that has begun waits for its broker for ever. */
  readonly waitsForEver?: boolean;
  /** What is under way is finished when the user interrupts. */
  readonly drains?: boolean;
}

/**
 * One run of one command: its options, its terminal, its connection. Data goes to standard output; all else to
 * standard error, for people as text, with `--json` as objects, one a line.
 */
export class Session {
  readonly out: DataOutput;
  readonly isJson: boolean;
  readonly timeoutMs: number;
  readonly #options: GlobalOptions;
  readonly #process: NodeJS.Process;
  readonly #interrupt = new AbortController();
  readonly #end = new AbortController();
  #client: Client | undefined;
  #interruption: ExitCode | undefined;

  constructor(options: GlobalOptions, process: NodeJS.Process) {
    this.#options = options;
    this.#process = process;
    this.isJson = options.json === true;
    this.timeoutMs = parseTimeout(options.timeout);
    this.out = new DataOutput(process.stdout);
    // Whoever asks twice does not want to wait.
    onEndSignals(process, (code) => {
      this.#interruption = code;
      this.#interrupt.abort();
    });
  }

  get stdin(): NodeJS.ReadStream {
    return this.#process.stdin;
  }

  get stderr(): NodeJS.WriteStream {
    return this.#process.stderr;
  }

  get stdout(): NodeJS.WriteStream {
    return this.#process.stdout;
  }

  get env(): NodeJS.ProcessEnv {
    return this.#process.env;
  }

  /** Aborts when the user or the system asks the command to end. */
  get interrupted(): AbortSignal {
    return this.#interrupt.signal;
  }

  /** The exit code of the signal that came, if one came. */
  get interruption(): ExitCode | undefined {
    return this.#interruption;
  }

  /** Whether somebody watches: remarks that a script has no use for are shown. */
  get isTalkative(): boolean {
    return this.#options.verbose === true || (this.stderr.isTTY && !this.isJson);
  }

  /** The client of this run; closed at its end. */
  connect({ waitsForEver = false, drains = false }: ConnectOptions = {}): Client {
    const options: ClientOptions = {
      requestTimeoutMs: this.timeoutMs,
      retry: waitsForEver ? {} : { giveUpAfterMs: this.timeoutMs },
      signal: drains ? this.#end.signal : AbortSignal.any([this.interrupted, this.#end.signal]),
      onRetry: ({ attempt, error: { message } }) => {
        if (attempt !== 1 || !(waitsForEver || this.isTalkative)) return;
        this.tell({ event: 'retry', message }, `playhead: ${message}; trying again`);
      },
    };
    try {
      this.#client = connect(this.#options.address, options);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw usageError(`--address: ${error.message}`, error);
    }
    return this.#client;
  }

  /** Closes the client: after a success by draining it, else at once. */
  async close(isSuccess: boolean): Promise<void> {
    if (!isSuccess) this.#end.abort();
    const closing = this.#client?.close();
    await (isSuccess ? closing : closing?.catch(() => undefined));
  }

  /** Writes the result of a command: the object with `--json`, else the text. */
  result(json: object, text: string): void {
    this.out.pushLine(this.isJson ? JSON.stringify(json) : text);
  }

  /** Tells on standard error what everybody should know. */
  tell(json: object, text: string): void {
    this.stderr.write(`${this.isJson ? JSON.stringify(json) : text}\n`);
  }

  /** Tells on standard error what helps whoever watches. */
  remark(json: object, text: string): void {
    if (this.isTalkative) this.tell(json, text);
  }

  fail(failure: Failure): void {
    writeFailure(this.#process, failure, this.isJson);
  }
}

/** Writes why the command failed: one line, or with JSON one object. */
export function writeFailure(
  { stderr, env }: NodeJS.Process,
  failure: Failure,
  isJson: boolean,
): void {
  const { exitCode, reason, message, metadata } = failure;
  if (isJson) {
    stderr.write(
      `${JSON.stringify({ error: { reason, message, exit_code: exitCode, metadata } })}\n`,
    );
    return;
  }
  stderr.write(`${style('red', 'playhead:', stderr, env)} ${message}\n`);
}

/** The text in a style if it goes to a terminal that may have one (https://no-color.org). */
export function style(
  format: Parameters<typeof styleText>[0],
  text: string,
  stream: NodeJS.WriteStream,
  env: NodeJS.ProcessEnv,
): string {
  const isPlain = !stream.isTTY || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return isPlain ? text : styleText(format, text);
}

function parseTimeout(text: string): number {
  let timeoutMs: number;
  try {
    timeoutMs = Number(parseDuration(text) / NS_PER_MS);
  } catch (error) {
    throw usageError(`--timeout ${error instanceof Error ? error.message : text}`, error);
  }
  if (timeoutMs >= 1 && timeoutMs <= MAX_TIMEOUT_MS) return timeoutMs;
  throw usageError(`--timeout ${text}: must be from 1ms to 24d`);
}
