import type { Language } from '../conformance/suite/language.ts';
import { findLanguages, missingTool, run } from '../conformance/suite/language.ts';
import { BrokerProcess } from './broker-process.ts';
import type { Figure, Settings, Workload } from './workload.ts';
import { median } from './workload.ts';

/** What is measured of a client, by the words with which its own program reports it. */
interface Goal {
  readonly says: string;
  readonly what: string;
  readonly atLeast: number;
}

/** How a client's own benchmark is run, in its directory. */
const BENCHMARKS: Readonly<
  Record<string, { command: (address: string) => readonly string[]; goals: readonly Goal[] }>
> = {
  Go: {
    command: (address) => ['go', 'run', './bench', '-address', address],
    goals: [
      { says: 'publish, acknowledged', what: 'publish 100 B with acks', atLeast: 500_000 },
      { says: 'subscribe, range', what: 'read 100 B', atLeast: 1_000_000 },
    ],
  },
  Python: {
    command: (address) => ['.venv/bin/python', 'bench/throughput.py', address],
    goals: [
      { says: 'threads: publish_all', what: 'publish 100 B with acks', atLeast: 60_000 },
      { says: 'threads: read, each value looked at', what: 'read 100 B', atLeast: 150_000 },
    ],
  },
};

/** The clients in other languages, each by its own program, as far as their tools are here. */
export const languageClients: Workload = {
  name: 'clients',
  async run(settings) {
    const figures: Figure[] = [];
    for (const language of await findLanguages()) {
      const benchmark = BENCHMARKS[language.language];
      if (benchmark === undefined) continue;
      const missing = await missingTool(language);
      if (missing !== undefined) {
        settings.note(`clients: ${language.language} is left out: no ${missing}`);
        continue;
      }
      for (const command of language.build) await succeed(command, language.directory);
      const outputs = await outputsOf(language, benchmark.command, settings);
      for (const goal of benchmark.goals) figures.push(figureOf(language, goal, outputs));
    }
    return figures;
  },
};

async function outputsOf(
  { language, directory }: Language,
  commandFor: (address: string) => readonly string[],
  settings: Settings,
): Promise<readonly string[]> {
  const runs = settings.isQuick ? 1 : 3;
  await using broker = await BrokerProcess.start(settings);
  const outputs: string[] = [];
  for (let index = 0; index < runs; index++) {
    settings.note(`clients: ${language}, run ${index + 1} of ${runs}`);
    outputs.push(await succeed(commandFor(broker.address), directory));
  }
  return outputs;
}

async function succeed(command: readonly string[], directory: string): Promise<string> {
  const { exitCode, output } = await run(command, directory);
  if (exitCode !== 0) throw new Error(`${command.join(' ')} failed: ${output}`);
  return output;
}

function figureOf({ language }: Language, goal: Goal, outputs: readonly string[]): Figure {
  const runs = outputs.map((output) => rateIn(output, goal.says));
  return {
    what: `${language}: ${goal.what}`,
    value: median(runs),
    unit: 'messages/s',
    goal: { atLeast: goal.atLeast },
    runs,
  };
}

/** The rate that a program says of something, such as `publish  700,000 messages/s`. */
function rateIn(output: string, says: string): number {
  const line = output.split('\n').find((each) => each.startsWith(says)) ?? '';
  const rate = /([\d,.]+) messages\/s/.exec(line)?.[1];
  if (rate === undefined) throw new Error(`there is no rate of "${says}" in ${output}`);
  return Number(rate.replaceAll(',', ''));
}
