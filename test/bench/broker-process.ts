import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Settings } from './workload.ts';

const CLI_PATH = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Runs in the broker before anything else: answers each message with what memory the process has, after a collection. */
const MEMORY_PROBE = `data:text/javascript,${encodeURIComponent(`
process.on('message', () => {
  const residentBytes = process.memoryUsage.rss();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  process.send({ residentBytes, liveBytes: heapUsed + external });
});
process.channel.unref();
`)}`;

/** Memory of a broker. */
export interface Memory {
  /** What the process takes of the machine: VmRSS of /proc/PID/status. */
  readonly residentBytes: number;
  /** What it still uses after a garbage collection, buffers included. */
  readonly liveBytes: number;
}

/** Where it listens, as it says itself. */
interface Addresses {
  readonly grpc_address: string;
  readonly http_address: string;
}

/** The built broker in a process of its own, gone at the end of the block; so is its data unless the caller owns it. */
export class BrokerProcess implements AsyncDisposable {
  readonly address: string;
  readonly httpAddress: string;
  readonly dataDir: string;
  /** From the start of the process to the line that says where it listens. */
  readonly readyMs: number;
  readonly #child: ChildProcess;
  readonly #directory: string;
  #isOwner = true;

  private constructor(
    child: ChildProcess,
    addresses: Addresses,
    directory: string,
    readyMs: number,
  ) {
    this.#child = child;
    this.address = addresses.grpc_address;
    this.httpAddress = addresses.http_address;
    this.#directory = directory;
    this.dataDir = dataDirIn(directory);
    this.readyMs = readyMs;
  }

  /** Keeps its data in `directory`, which outlives it, or else in a directory of its own. `more` are flags besides. */
  static async start(
    { dir, durability }: Settings,
    directory?: DataDirectory,
    more: readonly string[] = [],
  ): Promise<BrokerProcess> {
    const own = directory?.path ?? (await mkdtemp(join(dir, 'playhead-bench-')));
    const node = ['--expose-gc', '--import', MEMORY_PROBE, CLI_PATH];
    const serve = ['serve', '--json', '--log-level', 'warn', '--grpc-address', '127.0.0.1:0'];
    const http = ['--http-address', '127.0.0.1:0'];
    const flags = ['--durability', durability, '--data-dir', dataDirIn(own), ...more];
    const startMs = performance.now();
    const child = spawn(process.execPath, [...node, ...serve, ...http, ...flags], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    if (child.stdout === null) throw new TypeError('the broker has no standard output');
    for await (const line of createInterface(child.stdout)) {
      const readyMs = performance.now() - startMs;
      const addresses: Addresses = JSON.parse(line);
      const broker = new BrokerProcess(child, addresses, own, readyMs);
      broker.#isOwner = directory === undefined;
      return broker;
    }
    if (directory === undefined) await rm(own, { recursive: true, force: true });
    throw new Error('the broker ended before it listened; was it built?');
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async memory(): Promise<Memory> {
    const answered = once(this.#child, 'message');
    this.#child.send('memory');
    const [memory]: Memory[] = await answered;
    if (memory === undefined) throw new Error('the broker did not say what memory it has');
    return memory;
  }

  /** Resident memory after a collection, too: what is only garbage is not counted. */
  async settledMemory(): Promise<Memory> {
    await this.memory();
    return await this.memory();
  }

  /** Ends the process: cleanly, or as a crash would. Its data stays until the end of the block. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'close');
    this.#child.kill(signal);
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGTERM');
    if (this.#isOwner) await rm(this.#directory, { recursive: true, force: true });
  }
}

/** A place for data that outlives one process of the broker; gone at the end of the block. */
export class DataDirectory implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** What a broker gets. */
  get dataDir(): string {
    return dataDirIn(this.path);
  }

  static async create({ dir }: Settings): Promise<DataDirectory> {
    return new DataDirectory(await mkdtemp(join(dir, 'playhead-bench-')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

function dataDirIn(directory: string): string {
  return join(directory, 'data');
}
