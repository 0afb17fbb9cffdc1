import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The command line as it was built. */
export const CLI_PATH = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** What a command line left behind. */
export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output before it was taken for text. */
  readonly bytes: Buffer;
}

export interface CliOptions {
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

/** A command line that runs. */
export class CliProcess implements AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  readonly #closed: Promise<unknown>;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [CLI_PATH, ...args], {
      // Nothing of the surroundings, which may have settings for a broker of their own.
      env: {
        PATH: process.env['PATH'],
        HOME: tmpdir(),
        PLAYHEAD_HTTP_ADDRESS: '127.0.0.1:0',
        ...env,
      },
    });
    this.#closed = once(this.child, 'close');
    this.child.stdout.on('data', (chunk: Buffer) => this.#stdout.push(chunk));
    this.child.stderr.on('data', (chunk: Buffer) => this.#stderr.push(chunk));
    // A command may end without reading its input.
    this.child.stdin.on('error', () => undefined);
  }

  get stdout(): string {
    return Buffer.concat(this.#stdout).toString();
  }

  get stderr(): string {
    return Buffer.concat(this.#stderr).toString();
  }

  /** Waits until standard output or standard error has this text. */
  async sees(name: 'stdout' | 'stderr', text: string | RegExp): Promise<void> {
    const isThere = () =>
      typeof text === 'string' ? this[name].includes(text) : text.test(this[name]);
    while (!isThere()) {
      const more = await Promise.race([
        once(this.child[name], 'data'),
        this.#closed.then(() => undefined),
      ]);
      if (more === undefined && !isThere()) {
        throw new Error(`ended without ${String(text)} on ${name}: ${this.stdout}\n${this.stderr}`);
      }
    }
  }

  async exit(): Promise<CliResult> {
    await this.#closed;
    const bytes = Buffer.concat(this.#stdout);
    return { exitCode: this.child.exitCode, stdout: this.stdout, stderr: this.stderr, bytes };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#closed;
  }
}

/** A broker in a process and, unless told otherwise, a data directory of its own. */
export class CliBroker implements AsyncDisposable {
  readonly process: CliProcess;
  readonly address: string;
  readonly dataDir: string;
  readonly #directory: string;

  constructor(process: CliProcess, address: string, directory: string, dataDir: string) {
    this.process = process;
    this.address = address;
    this.dataDir = dataDir;
    this.#directory = directory;
  }

  static async start(args: readonly string[] = []): Promise<CliBroker> {
    const directory = await mkdtemp(join(tmpdir(), 'playhead-cli-'));
    const dataDir = join(directory, 'data');
    const process = new CliProcess([
      'serve',
      '--json',
      '--grpc-address',
      '127.0.0.1:0',
      '--data-dir',
      dataDir,
      '--log-level',
      'warn',
      ...args,
    ]);
    await process.sees('stdout', '\n');
    const { grpc_address: address }: { grpc_address: string } = JSON.parse(process.stdout);
    return new CliBroker(process, address, directory, dataDir);
  }

  /** Starts a command line for this broker. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): CliProcess {
    return new CliProcess(args, { PLAYHEAD_ADDRESS: this.address, ...env });
  }

  /** Runs a command line for this broker to its end. */
  async run(args: readonly string[], { stdin = '', env }: CliOptions = {}): Promise<CliResult> {
    const command = this.start(args, env);
    command.child.stdin.end(stdin);
    return await command.exit();
  }

  /** As {@link run}, but anything except exit code 0 is an error. Answers standard output. */
  async ok(args: readonly string[], options: CliOptions = {}): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(args, options);
    if (exitCode !== 0)
      throw new Error(`playhead ${args.join(' ')} ended with ${exitCode}: ${stderr}`);
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process[Symbol.asyncDispose]();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Runs a command line without a broker to its end. */
export async function runCli(
  args: readonly string[],
  { stdin = '', env }: CliOptions = {},
): Promise<CliResult> {
  const command = new CliProcess(args, env);
  command.child.stdin.end(stdin);
  return await command.exit();
}
