import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { bus } from './bus.ts';
import { catchUp } from './catch-up.ts';
import { compare } from './compare.ts';
import { consoleView } from './console.ts';
import { PEERS } from './contestants/peers.ts';
import { diskReturn } from './disk-return.ts';
import { embedded } from './embedded.ts';
import { fanOut } from './fan-out.ts';
import { follow } from './follow.ts';
import { gophermq } from './gophermq.ts';
import { growth } from './growth.ts';
import { http } from './http.ts';
import { idleSubscribers } from './idle-subscribers.ts';
import { inFlight } from './in-flight.ts';
import { languageClients } from './language-clients.ts';
import { limits } from './limits.ts';
import { longWrite } from './long-write.ts';
import { manyTopics } from './many-topics.ts';
import { metrics } from './metrics.ts';
import { drawPlot } from './plot.ts';
import { publish } from './publish.ts';
import type { Outcome } from './report.ts';
import { environment, formatTable } from './report.ts';
import { rewind } from './rewind.ts';
import { schedules } from './schedules.ts';
import { seaweedfs } from './seaweedfs.ts';
import { single } from './single.ts';
import { stalledReader } from './stalled-reader.ts';
import { startUp } from './start-up.ts';
import { workLatency } from './work-latency.ts';
import { workQueue } from './work-queue.ts';
import type { Settings, Workload } from './workload.ts';

const WORKLOADS: readonly Workload[] = [
  limits,
  compare,
  publish,
  catchUp,
  follow,
  single,
  longWrite,
  idleSubscribers,
  stalledReader,
  diskReturn,
  fanOut,
  rewind,
  manyTopics,
  startUp,
  growth,
  metrics,
  consoleView,
  workQueue,
  workLatency,
  inFlight,
  schedules,
  http,
  embedded,
  bus,
  gophermq,
  languageClients,
  seaweedfs,
];

const HELP = `npm run bench -- [options]

  --quick             small amounts: under two minutes, to see that it works
  --only NAME         one workload; again for more: ${WORKLOADS.map(({ name }) => name).join(', ')}
  --peer NAME         only this peer; again for more; none for no peer: ${PEERS.join(', ')}
  --durability MODE   fsync (the default) or os
  --dir DIRECTORY     where the brokers keep their data; the temporary directory by default
  --json FILE         writes the figures to a file, too
  --plot FILE         draws the comparison, as SVG`;

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    peer: { type: 'string', multiple: true, default: [...PEERS] },
    durability: { type: 'string', default: 'fsync' },
    dir: { type: 'string', default: tmpdir() },
    json: { type: 'string' },
    plot: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** Figures, or why there are none: what is lost, doubled or out of order has no speed. */
async function outcomeOf(workload: Workload, settings: Settings): Promise<Outcome> {
  const outcome = { workload: workload.name, durability: settings.durability };
  try {
    return { ...outcome, figures: await workload.run(settings) };
  } catch (error) {
    return { ...outcome, figures: [], failure: String(error) };
  }
}

function chosen(names: readonly string[]): readonly Workload[] {
  for (const name of names) {
    if (WORKLOADS.every((workload) => workload.name !== name)) {
      throw new TypeError(`there is no workload "${name}"\n\n${HELP}`);
    }
  }
  return names.length === 0 ? WORKLOADS : WORKLOADS.filter(({ name }) => names.includes(name));
}

function chosenPeers(names: readonly string[]): readonly string[] {
  if (names.includes('none')) return [];
  const unknown = names.find((name) => PEERS.every((peer) => peer !== name));
  if (unknown !== undefined) throw new TypeError(`there is no peer "${unknown}"\n\n${HELP}`);
  return names;
}

async function main(): Promise<void> {
  const { quick, only, peer, durability, dir, json, plot } = flags;
  if (durability !== 'fsync' && durability !== 'os') {
    throw new TypeError(`--durability is fsync or os, not "${durability}"`);
  }
  const note = (text: string) => process.stderr.write(`${text}\n`);
  const settings: Settings = { isQuick: quick, durability, dir, peers: chosenPeers(peer), note };
  const place = environment();
  const outcomes: Outcome[] = [];
  for (const workload of chosen(only)) outcomes.push(await outcomeOf(workload, settings));
  console.log(`\n${formatTable(place, outcomes)}`);
  if (json !== undefined) {
    await writeFile(json, `${JSON.stringify({ environment: place, outcomes }, undefined, 2)}\n`);
  }
  if (plot !== undefined) {
    const { time, node, cpuCount, cpu } = place;
    const caption = `${time.slice(0, 10)}, ${cpuCount} × ${cpu}, Node ${node}`;
    await writeFile(plot, drawPlot(outcomes, caption));
  }
  if (outcomes.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
}

if (flags.help) console.log(HELP);
else await main();
