import type { BenchClient, Contestant, Mode, Server } from './contestants/contestant.ts';
import { loadPeer } from './contestants/peers.ts';
import { playhead } from './contestants/playhead.ts';
import type { Measure } from './measures.ts';
import { Round } from './measures.ts';
import { usageOf } from './usage.ts';
import type { Settings } from './workload.ts';
import { secondsOf } from './workload.ts';

/** One run of a measure with the client that did best. */
export interface Result {
  readonly client: string;
  readonly value: number;
  /** Of server and client together. */
  readonly cpuSecondsPerMillion: number;
  readonly peakBytes: number;
  readonly remark?: string;
}

/** A contestant in one of its modes, and what has been measured of it. */
export class Entrant {
  readonly contestant: Contestant;
  readonly mode: Mode;
  readonly #results = new Map<Measure, Result[]>();
  readonly #failures = new Map<Measure, string>();
  #version = '';
  #setup = '';

  constructor(contestant: Contestant, mode: Mode) {
    this.contestant = contestant;
    this.mode = mode;
  }

  /** Such as `NATS JetStream, strict`. */
  get title(): string {
    const { name } = this.mode;
    return name === 'default' ? this.contestant.name : `${this.contestant.name}, ${name}`;
  }

  /** Versions and settings, for the foot of a table. Empty before the first run. */
  get description(): string {
    return `${this.title}: ${this.#version}; ${this.mode.durability}; ${this.#setup}`;
  }

  results(measure: Measure): readonly Result[] {
    return this.#results.get(measure) ?? [];
  }

  /** Why a measure has no result. */
  failureOf(measure: Measure): string | undefined {
    return this.#failures.get(measure);
  }

  /** Starts the server, measures everything once, and ends it. */
  async run(measures: readonly Measure[], settings: Settings): Promise<void> {
    const round = new Round(
      settings.isQuick ? { seconds: 0.3, latencySeconds: 0.5 } : { seconds: 2, latencySeconds: 3 },
    );
    await using server = await this.contestant.start(this.mode, settings);
    this.#version = server.version;
    this.#setup = server.setup;
    for (const measure of measures) await this.#measure(measure, server, round);
  }

  async #measure(measure: Measure, server: Server, round: Round): Promise<void> {
    let best: Result | undefined;
    for (const client of server.clients) {
      try {
        const result = await runOnce(measure, server, client, round);
        const isBetter =
          best === undefined ||
          (result !== undefined &&
            (measure.unit === 'ms' ? result.value < best.value : result.value > best.value));
        if (isBetter) best = result;
      } catch (error) {
        // Lost, doubled or out of order has no figure; the others have.
        this.#failures.set(measure, `${client.name}: ${String(error)}`);
        this.#results.delete(measure);
        return;
      }
    }
    if (best === undefined || this.#failures.has(measure)) return;
    this.#results.set(measure, [...this.results(measure), best]);
  }
}

async function runOnce(
  measure: Measure,
  server: Server,
  client: BenchClient,
  round: Round,
): Promise<Result | undefined> {
  let cpuSeconds = 0;
  const result = await measure.run(client, round, async (run) => {
    const before = usageOf(server.pids);
    const seconds = await secondsOf(run);
    cpuSeconds += usageOf(server.pids).cpuSeconds - before.cpuSeconds;
    return seconds;
  });
  if (result === undefined) return undefined;
  return {
    client: client.name,
    value: result.value,
    cpuSecondsPerMillion: (1e6 * cpuSeconds) / result.messages,
    peakBytes: usageOf(server.pids).peakBytes,
    ...(result.remark !== undefined && { remark: result.remark }),
  };
}

/** playhead, and each peer that was asked for, in each of their modes. What is missing is told with its remedy. */
export async function entrantsOf(peerIds: readonly string[]): Promise<{
  readonly entrants: readonly Entrant[];
  readonly missing: readonly { readonly id: string; readonly install: string }[];
}> {
  const peers = await Promise.all(peerIds.map((id) => loadPeer(id)));
  const found = peers.flatMap((each) => ('peer' in each ? [each.peer] : []));
  const missing = peers.filter((each) => 'install' in each);
  const entrants = [playhead, ...found].flatMap((contestant) =>
    contestant.modes.map((mode) => new Entrant(contestant, mode)),
  );
  return { entrants, missing };
}
