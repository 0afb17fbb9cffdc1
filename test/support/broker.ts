import { join } from 'node:path';
import type { Client, ClientOptions } from 'playhead-client';
import { connect } from 'playhead-client';
import type { BrokerOptions } from '../../src/broker.ts';
import type { ServedBroker } from '../../src/serve.ts';
import { serve } from '../../src/serve.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** How a test wants its broker. `address` is a port of its own unless told otherwise. */
export interface TestBrokerOptions extends Omit<BrokerOptions, 'dataDir'> {
  readonly address?: string;
}

type Directory = Awaited<ReturnType<typeof temporaryDirectory>>;

/**
 * A broker in this process behind a real socket, with a data directory that is gone at the end of the block:
 * `await using broker = await TestBroker.start()`.
 */
export class TestBroker implements AsyncDisposable {
  readonly dataDir: string;
  readonly #directory: Directory;
  readonly #options: TestBrokerOptions;
  #served: ServedBroker;

  private constructor(directory: Directory, options: TestBrokerOptions, served: ServedBroker) {
    this.#directory = directory;
    this.dataDir = dataDirIn(directory);
    this.#options = options;
    this.#served = served;
  }

  static async start(options: TestBrokerOptions = {}): Promise<TestBroker> {
    const directory = await temporaryDirectory();
    const grpcAddress = options.address ?? '127.0.0.1:0';
    const served = await serve({ ...options, dataDir: dataDirIn(directory), grpcAddress });
    return new TestBroker(directory, options, served);
  }

  get address(): string {
    return this.#served.grpcAddress;
  }

  /** The broker itself, for what cannot be seen from outside. */
  get broker(): ServedBroker['broker'] {
    return this.#served.broker;
  }

  connect(options?: ClientOptions): Client {
    return connect(this.address, options);
  }

  /** Ends the broker as a signal does; what it has stored stays. */
  async stop(): Promise<void> {
    await this.#served.close();
  }

  /** Starts the broker again with its data and on its port, stopping it before if need be. */
  async restart(): Promise<void> {
    await this.stop();
    const { dataDir, address: grpcAddress } = this;
    this.#served = await serve({ ...this.#options, dataDir, grpcAddress });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#directory[Symbol.asyncDispose]();
  }
}

function dataDirIn(directory: Directory): string {
  return join(directory.path, 'data');
}
