import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliProcess } from '../../support/cli.ts';
import type { BrokerSettings } from './case.ts';

interface Addresses {
  readonly grpc: string;
  readonly http: string;
}

const ANY_PORT: Addresses = { grpc: '127.0.0.1:0', http: '127.0.0.1:0' };

/** A broker as it is built, with a data directory that is gone at the end. Keeps its ports over restarts. */
export class BrokerProcess implements AsyncDisposable {
  readonly #directory: string;
  readonly #settings: BrokerSettings;
  #process: CliProcess | undefined;
  #addresses = ANY_PORT;
  #log = '';

  private constructor(directory: string, settings: BrokerSettings) {
    this.#directory = directory;
    this.#settings = settings;
  }

  static async start(settings: BrokerSettings = {}): Promise<BrokerProcess> {
    const directory = await mkdtemp(join(tmpdir(), 'playhead-conformance-'));
    const broker = new BrokerProcess(directory, settings);
    try {
      await broker.start();
    } catch (error) {
      await broker[Symbol.asyncDispose]();
      throw error;
    }
    return broker;
  }

  get addresses(): Addresses {
    return this.#addresses;
  }

  /** What it has complained of. */
  get log(): string {
    return this.#log + (this.#process?.stderr ?? '');
  }

  async start(): Promise<void> {
    if (this.#process !== undefined) return;
    const { autoCreateTopics, maxMessageBytes } = this.#settings;
    const process = new CliProcess([
      'serve',
      '--json',
      '--log-level',
      'warn',
      `--data-dir=${join(this.#directory, 'data')}`,
      `--grpc-address=${this.#addresses.grpc}`,
      `--http-address=${this.#addresses.http}`,
      ...(autoCreateTopics === false ? ['--no-auto-create-topics'] : []),
      ...(maxMessageBytes === undefined ? [] : ['--max-message-bytes', `${maxMessageBytes}`]),
    ]);
    this.#process = process;
    await process.sees('stdout', '\n');
    const { grpc_address: grpc, http_address: http } = JSON.parse(process.stdout) as Record<
      'grpc_address' | 'http_address',
      string
    >;
    this.#addresses = { grpc, http };
  }

  /** As a supervisor ends it, or a crash. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const process = this.#process;
    if (process === undefined) return;
    this.#process = undefined;
    process.child.kill(signal);
    const { stderr } = await process.exit();
    this.#log += stderr;
  }

  async control(action: string): Promise<void> {
    switch (action) {
      case 'start':
        return this.start();
      case 'stop':
        return this.end('SIGTERM');
      case 'kill':
        return this.end('SIGKILL');
      case 'restart':
        await this.end('SIGTERM');
        return this.start();
      case 'crash':
        await this.end('SIGKILL');
        return this.start();
      default:
        throw new TypeError(`a broker cannot ${action}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
    await rm(this.#directory, { recursive: true, force: true });
  }
}
