import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmbeddedBroker } from '../../../src/index.ts';
import { ManualClock, open } from '../../../src/index.ts';
import type { Case } from './case.ts';
import { ABILITIES } from './case.ts';
import type { Driver } from './driver.ts';
import { NodeDriver } from './node/node-driver.ts';
import type { Form, Stage } from './stage.ts';

/** There is no wire to cut, to fail or to encrypt, clients end with their broker, and the client is that of Node. */
const LACKING: readonly string[] = ['proxy', 'restart', 'faults', 'tls', 'keepsErrors'];

/** A broker in this process, on disk, or in memory with a clock that only the case drives. */
export function embeddedForm(where: 'disk' | 'memory'): Form {
  return {
    name: where === 'disk' ? 'embedded, on disk' : 'embedded, in memory',
    abilities: new Set(ABILITIES.filter((each) => !LACKING.includes(each))),
    stage: (testCase) => EmbeddedStage.set(testCase, where),
  };
}

class EmbeddedStage implements Stage {
  readonly driver: Driver;
  readonly variables = { address: 'in-process', direct: 'in-process' };
  readonly #broker: EmbeddedBroker;
  readonly #clock: ManualClock | undefined;
  readonly #directory: string | undefined;

  private constructor(broker: EmbeddedBroker, clock?: ManualClock, directory?: string) {
    this.#broker = broker;
    this.#clock = clock;
    this.#directory = directory;
    this.driver = new NodeDriver((_, { tls: _tls, ...options }) => broker.client(options));
  }

  static async set({ broker: settings }: Case, where: 'disk' | 'memory'): Promise<EmbeddedStage> {
    if (where === 'memory') {
      const clock = new ManualClock();
      return new EmbeddedStage(await open({ memory: true, clock, ...settings }), clock);
    }
    const directory = await mkdtemp(join(tmpdir(), 'playhead-conformance-'));
    const broker = await open({ dataDir: join(directory, 'data'), ...settings });
    return new EmbeddedStage(broker, undefined, directory);
  }

  async wait(ms: number): Promise<void> {
    if (this.#clock !== undefined) return this.#clock.advanceAsync(ms);
    await new Promise((resolve) => {
      setTimeout(resolve, ms);
    });
  }

  broker(action: string): Promise<void> {
    throw new TypeError(`a broker in this process cannot ${action}`);
  }

  proxy(): Promise<void> {
    throw new TypeError('a broker in this process has no wire');
  }

  fault(): void {
    throw new TypeError('a broker in this process has no wire');
  }

  readonly leftFaults = [];

  diagnosis(): string {
    return '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.driver.close();
    await this.#broker.close();
    if (this.#directory !== undefined) await rm(this.#directory, { recursive: true });
  }
}
