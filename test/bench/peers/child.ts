import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const HOST = '127.0.0.1';
const POLL_MS = 50;
const START_TIMEOUT_MS = 60_000;
const END_TIMEOUT_MS = 15_000;
/** A process that nobody waits for stays in its group, though killed, until the system has cleared it away. */
const KILL_TIMEOUT_MS = 2_000;
const MAX_LOG_CHARACTERS = 8_192;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** The process groups and the directories that the end of this process takes along, however it comes. */
const groups = new Set<number>();
const directories = new Set<string>();

/** How a server is started, and when it is up. */
export interface ChildOptions {
  /** For messages, such as `nats-server`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** In addition to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Asked again and again until it is true. A rejection counts as false. */
  readonly isUp: () => Promise<boolean>;
  /** 60,000 by default. */
  readonly startTimeoutMs?: number;
  /** What asks it to end, SIGTERM by default. Whatever does not end within 15 s is killed. */
  readonly endSignal?: NodeJS.Signals;
}

/**
 * A server in a process group of its own. The end of the block ends the whole group, and so does the end of this
 * process, except by SIGKILL.
 */
export class Child implements AsyncDisposable {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #options: ChildOptions;
  #log = '';
  #ending: Promise<void> | undefined;

  private constructor(child: ChildProcess, pid: number, options: ChildOptions) {
    this.#child = child;
    this.pid = pid;
    this.#options = options;
    groups.add(pid);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log = (this.#log + text).slice(-MAX_LOG_CHARACTERS);
      });
    }
  }

  /** Resolves when the server is up. Throws with the end of its output if it is not in time, or ended; nothing is left then. */
  static async start(options: ChildOptions): Promise<Child> {
    endWithThisProcess();
    const spawned = spawn(options.command, options.args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
    });
    await once(spawned, 'spawn');
    if (spawned.pid === undefined) throw new Error(`${options.name} has no process`);
    const child = new Child(spawned, spawned.pid, options);
    try {
      await child.#untilUp();
    } catch (error) {
      await child[Symbol.asyncDispose]();
      throw error;
    }
    return child;
  }

  /** The end of what it wrote to standard output and standard error. */
  get log(): string {
    return this.#log;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #untilUp(): Promise<void> {
    const { name, isUp, startTimeoutMs = START_TIMEOUT_MS } = this.#options;
    const deadlineMs = performance.now() + startTimeoutMs;
    while (!(await isUp().catch(() => false))) {
      if (this.#hasEnded) throw new Error(`${name} ended before it was up:\n${this.#log}`);
      if (performance.now() > deadlineMs) {
        throw new Error(`${name} was not up after ${startTimeoutMs} ms:\n${this.#log}`);
      }
      await delay(POLL_MS);
    }
  }

  async #end(): Promise<void> {
    signalGroup(this.pid, this.#options.endSignal ?? 'SIGTERM');
    if (!(await hasGroupEnded(this.pid, END_TIMEOUT_MS))) {
      signalGroup(this.pid, 'SIGKILL');
      await hasGroupEnded(this.pid, KILL_TIMEOUT_MS);
    }
    groups.delete(this.pid);
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

/** A directory that is gone at the end of the block, or of this process. */
export class TemporaryDirectory implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
    directories.add(path);
  }

  /** Below `parent`, with a name that begins with `prefix`. */
  static async make(parent: string, prefix: string): Promise<TemporaryDirectory> {
    endWithThisProcess();
    return new TemporaryDirectory(await mkdtemp(join(parent, prefix)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 3 });
    directories.delete(this.path);
  }
}

/** What is opened is pushed here at once; the end of the block closes it in the opposite order, also after a failure. */
export class Closing implements AsyncDisposable {
  readonly #opened: AsyncDisposable[] = [];

  /** Returns what it was given. */
  push<T extends AsyncDisposable>(opened: T): T {
    this.#opened.push(opened);
    return opened;
  }

  /** Closes all, then throws the first error that came up. */
  async [Symbol.asyncDispose](): Promise<void> {
    const errors: unknown[] = [];
    for (let opened = this.#opened.pop(); opened !== undefined; opened = this.#opened.pop()) {
      try {
        await opened[Symbol.asyncDispose]();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

/** Runs `open` and closes what it pushed if it throws; otherwise the caller closes. */
export async function openAll<T>(open: (closing: Closing) => Promise<T>): Promise<T> {
  const closing = new Closing();
  try {
    return await open(closing);
  } catch (error) {
    await closing[Symbol.asyncDispose]();
    throw error;
  }
}

/** Ports of 127.0.0.1 that nobody listens on, each a different one. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, HOST);
    await once(server, 'listening');
    ports.push((server.address() as AddressInfo).port);
  }
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** Whether somebody listens on this port of 127.0.0.1. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST);
    const answer = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}

/** The path of a program in PATH or in one of these directories. */
export async function findProgram(
  name: string,
  elsewhere: readonly string[] = [],
): Promise<string | undefined> {
  for (const directory of [...(process.env['PATH'] ?? '').split(delimiter), ...elsewhere]) {
    if (directory === '') continue;
    const path = join(directory, name);
    const isExecutable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isExecutable) return path;
  }
  return undefined;
}

/** What a program that ends by itself writes to standard output, trimmed. Throws if it fails. */
export async function outputOf(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(command, [...args], {
    ...options,
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  return stdout.trim();
}

/** The processes of a group, such as that of a {@link Child}, whose `pid` it is called by. */
export async function pidsOfGroup(group: number): Promise<readonly number[]> {
  const output = await outputOf('ps', ['-A', '-o', 'pgid=,pid=']);
  return output
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([pgid, pid]) => (pgid === group && pid !== undefined ? [pid] : []));
}

let isArmed = false;

function endWithThisProcess(): void {
  if (isArmed) return;
  isArmed = true;
  process.on('exit', endEverything);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      endEverything();
      process.kill(process.pid, signal);
    });
  }
}

function endEverything(): void {
  for (const group of groups) signalGroup(group, 'SIGKILL');
  for (const path of directories) {
    rmSync(path, { recursive: true, force: true, maxRetries: 3, retryDelay: POLL_MS });
  }
}

function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    // The group has ended.
    return false;
  }
}

async function hasGroupEnded(group: number, timeoutMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + timeoutMs;
  while (signalGroup(group, 0)) {
    if (performance.now() > deadlineMs) return false;
    await delay(POLL_MS);
  }
  return true;
}
