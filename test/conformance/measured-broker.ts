import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const CLI_PATH = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Answers each message with the memory that is in use after a collection, and with what the process takes. */
const PROBE = `data:text/javascript,${encodeURIComponent(`
process.on('message', () => {
  gc();
  gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send({ live: heapUsed + external, rss });
});
process.on('disconnect', () => process.exit(1));
process.channel.unref();
`)}`;

/** Where it listens, as it says itself. */
interface Addresses {
  readonly grpc_address: string;
  readonly http_address: string;
}

/** The broker as it was built, in a process of its own: only so can its memory be told from that of its clients. */
export class MeasuredBroker implements AsyncDisposable {
  readonly address: string;
  readonly httpAddress: string;
  readonly #child: ChildProcess;
  readonly #directory: string;

  private constructor(addresses: Addresses, child: ChildProcess, directory: string) {
    this.address = addresses.grpc_address;
    this.httpAddress = addresses.http_address;
    this.#child = child;
    this.#directory = directory;
  }

  static async start(): Promise<MeasuredBroker> {
    const directory = await mkdtemp(join(tmpdir(), 'playhead-memory-'));
    const flags = [
      '--data-dir',
      join(directory, 'data'),
      '--durability',
      'os',
      '--log-level',
      'warn',
    ];
    const child = spawn(
      process.execPath,
      [
        '--expose-gc',
        '--import',
        PROBE,
        CLI_PATH,
        'serve',
        '--json',
        '--grpc-address',
        '127.0.0.1:0',
        '--http-address',
        '127.0.0.1:0',
        ...flags,
      ],
      { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
    );
    if (child.stdout === null) throw new TypeError('the broker has no standard output');
    for await (const line of createInterface(child.stdout)) {
      const addresses: Addresses = JSON.parse(line);
      return new MeasuredBroker(addresses, child, directory);
    }
    throw new Error('the broker ended before it listened; was it built?');
  }

  async memory(): Promise<{ live: number; rss: number }> {
    const answered = once(this.#child, 'message');
    this.#child.send('memory');
    const [memory] = await answered;
    return memory;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
    await rm(this.#directory, { recursive: true, force: true });
  }
}
