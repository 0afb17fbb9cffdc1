import { Broker, type BrokerOptions } from '../../src/broker.ts';
import { ManualClock } from '../../src/manual-clock.ts';
import { copyOf } from './data-copy.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A broker on a disk, without a server, that can be crashed and restarted. */
export class CrashedBroker implements AsyncDisposable {
  readonly clock: ManualClock;
  readonly #options: BrokerOptions;
  #directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  #broker: Broker;

  private constructor(
    options: BrokerOptions,
    clock: ManualClock,
    directory: Awaited<ReturnType<typeof temporaryDirectory>>,
    broker: Broker,
  ) {
    this.#options = options;
    this.clock = clock;
    this.#directory = directory;
    this.#broker = broker;
  }

  static async start(options: BrokerOptions = {}): Promise<CrashedBroker> {
    const clock = new ManualClock();
    const directory = await temporaryDirectory();
    const all = { durability: 'os', clock, ...options } as const;
    const broker = await Broker.open({ ...all, dataDir: directory.path });
    return new CrashedBroker(all, clock, directory, broker);
  }

  get log(): Broker['log'] {
    return this.#broker.log;
  }

  get dataDir(): string {
    return this.#directory.path;
  }

  async restart(): Promise<void> {
    await this.#broker.close();
    this.#broker = await Broker.open({ ...this.#options, dataDir: this.dataDir });
  }

  /** Goes on with the files as they are now, as after a SIGKILL. `damage` may change them before. */
  async crash(damage?: (dataDir: string) => Promise<void>): Promise<void> {
    const copy = await copyOf(this.dataDir);
    await this[Symbol.asyncDispose]();
    this.#directory = copy;
    await damage?.(copy.path);
    this.#broker = await Broker.open({ ...this.#options, dataDir: copy.path });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker.close();
    await this.#directory[Symbol.asyncDispose]();
  }
}
