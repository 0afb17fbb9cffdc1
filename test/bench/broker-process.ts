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

/** The built broker in a process and a data directory of its own, both gone at the end of the block. */
export class BrokerProcess implements AsyncDisposable {
  readonly address: string;
  readonly dataDir: string;
  readonly #child: ChildProcess;
  readonly #directory: string;

  private constructor(child: ChildProcess, address: string, directory: string) {
    this.#child = child;
    this.address = address;
    this.#directory = directory;
    this.dataDir = dataDirIn(directory);
  }

  static async start({ dir, durability }: Settings): Promise<BrokerProcess> {
    const directory = await mkdtemp(join(dir, 'playhead-bench-'));
    const node = ['--expose-gc', '--import', MEMORY_PROBE, CLI_PATH];
    const serve = ['serve', '--json', '--log-level', 'warn', '--grpc-address', '127.0.0.1:0'];
    const flags = ['--durability', durability, '--data-dir', dataDirIn(directory)];
    const child = spawn(process.execPath, [...node, ...serve, ...flags], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    if (child.stdout === null) throw new TypeError('the broker has no standard output');
    for await (const line of createInterface(child.stdout)) {
      const { grpc_address: address }: { grpc_address: string } = JSON.parse(line);
      return new BrokerProcess(child, address, directory);
    }
    throw new Error('the broker ended before it listened; was it built?');
  }

  async memory(): Promise<Memory> {
    const answered = once(this.#child, 'message');
    this.#child.send('memory');
    const [memory]: Memory[] = await answered;
    if (memory === undefined) throw new Error('the broker did not say what memory it has');
    return memory;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) {
      const ended = once(this.#child, 'close');
      this.#child.kill('SIGTERM');
      await ended;
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}

function dataDirIn(directory: string): string {
  return join(directory, 'data');
}
