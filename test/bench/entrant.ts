import type {
  BenchClient,
  Contestant,
  Mode,
  NamedClient,
  Server,
} from './contestants/contestant.ts';
import type { PeerOrCommand } from './contestants/peers.ts';
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
export class Entrant<C extends NamedClient = BenchClient> {
  readonly contestant: Contestant<C>;
  readonly mode: Mode;
  readonly #results = new Map<Measure<C>, Result[]>();
  readonly #failures = new Map<Measure<C>, string>();
  #version = '';
  #setup = '';

  constructor(contestant: Contestant<C>, mode: Mode) {
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

  results(measure: Measure<C>): readonly Result[] {
    return this.#results.get(measure) ?? [];
  }

  /** Why a measure has no result. */
  failureOf(measure: Measure<C>): string | undefined {
    return this.#failures.get(measure);
  }

  /** Starts the server, measures everything once, and ends it. */
  async run(measures: readonly Measure<C>[], settings: Settings): Promise<void> {
    const round = new Round(
      settings.isQuick ? { seconds: 0.3, latencySeconds: 0.5 } : { seconds: 2, latencySeconds: 3 },
    );
    await using server = await this.contestant.start(this.mode, settings);
    this.#version = server.version;
    this.#setup = server.setup;
    for (const measure of measures) await this.#measure(measure, server, round);
  }

  async #measure(measure: Measure<C>, server: Server<C>, round: Round): Promise<void> {
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

async function runOnce<C extends NamedClient>(
  measure: Measure<C>,
  server: Server<C>,
  client: C,
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

/**
 * playhead, and each peer that is there, in each of their modes: they are to run in turns. What is missing is told with
 * its remedy.
 */
export function entrantsOf<C extends NamedClient>(
  own: Contestant<C>,
  peers: readonly PeerOrCommand<C>[],
  tell: (text: string) => void,
): readonly Entrant<C>[] {
  const found = peers.flatMap((each) => ('peer' in each ? [each.peer] : []));
  for (const each of peers) {
    if ('peer' in each) continue;
    tell(`${each.id} is not installed; this installs it: ${each.install}`);
  }
  return [own, ...found].flatMap((contestant) =>
    contestant.modes.map((mode) => new Entrant(contestant, mode)),
  );
}

/** So many rounds, in each of which every entrant has its turn. */
export async function runInTurns<C extends NamedClient>(
  name: string,
  entrants: readonly Entrant<C>[],
  measures: readonly Measure<C>[],
  settings: Settings,
): Promise<void> {
  const rounds = settings.isQuick ? 1 : 3;
  for (let round = 1; round <= rounds; round++) {
    for (const entrant of entrants) {
      settings.note(`${name}: ${entrant.title}, round ${round} of ${rounds}`);
      await entrant.run(measures, settings);
    }
  }
}
