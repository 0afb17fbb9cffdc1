import type { Client } from 'playhead-client';
import { connect } from 'playhead-client';
import { DataDirectory } from './broker-process.ts';
import type { MeteredBrokerReport } from './metered-broker.ts';
import { Role } from './role.ts';
import { usageOf } from './usage.ts';
import { Payloads, verifyTopic } from './verify.ts';
import type { Figure, Settings, Workload } from './workload.ts';
import { median } from './workload.ts';

const MESSAGE_BYTES = 100;
const SCRAPE_MS = 1000;
/** Of the rate without figures. */
const GOAL_PERCENT = 97;

type Manner = 'counted' | 'silent';

/** What it costs to count what happens, and to be asked for it every second: brokers with and without, in turns. */
export const metrics: Workload = {
  name: 'metrics',
  async run(settings) {
    const runs = settings.isQuick ? 1 : 9;
    const rates: Record<Manner, number[]> = { counted: [], silent: [] };
    const cpuSeconds: Record<Manner, number[]> = { counted: [], silent: [] };
    for (let run = 0; run < runs; run++) {
      settings.note(`metrics: run ${run + 1} of ${runs}`);
      // Whoever is first has the colder disk.
      const order: readonly Manner[] =
        run % 2 === 0 ? ['counted', 'silent'] : ['silent', 'counted'];
      for (const manner of order) {
        const { rate, cpuSecondsPerMillion } = await measure(settings, manner);
        rates[manner].push(rate);
        cpuSeconds[manner].push(cpuSecondsPerMillion);
      }
    }
    const ratio = (of: Record<Manner, number[]>) => (100 * median(of.counted)) / median(of.silent);
    return [
      {
        what: 'publish 100 B, publishAll(): with figures that are scraped each second, of the rate without',
        value: ratio(rates),
        unit: '%',
        goal: { atLeast: GOAL_PERCENT },
        remark: `medians of ${told(rates.counted)} and of ${told(rates.silent)} k/s`,
      },
      {
        what: "the same, the broker's CPU time",
        value: ratio(cpuSeconds),
        unit: '%',
        remark: `${median(cpuSeconds.counted).toFixed(2)} and ${median(cpuSeconds.silent).toFixed(2)} s for a million`,
      },
    ] satisfies Figure[];
  },
};

async function measure(
  settings: Settings,
  manner: Manner,
): Promise<{ rate: number; cpuSecondsPerMillion: number }> {
  const count = settings.isQuick ? 200_000 : 1_000_000;
  const payloads = new Payloads(MESSAGE_BYTES);
  await using directory = await DataDirectory.create(settings);
  await using role = new Role<MeteredBrokerReport>('metered-broker', directory.dataDir, manner);
  const { grpcAddress, httpAddress, pid } = await role.report();
  await using client = connect(grpcAddress);
  await publishAll(client, 'warm-up', payloads, count / 5);
  const scrape = async () => {
    await (await fetch(`http://${httpAddress}/metrics`)).text();
  };
  // What serves it is loaded at the first request.
  if (manner === 'counted') await scrape();
  const scraping = manner === 'counted' ? setInterval(() => void scrape(), SCRAPE_MS) : undefined;
  const before = brokerSeconds(pid);
  const seconds = await publishAll(client, 'measured', payloads, count);
  const cpuSeconds = brokerSeconds(pid) - before;
  clearInterval(scraping);
  await verifyTopic(client, 'measured', payloads, count);
  return { rate: count / seconds, cpuSecondsPerMillion: (1e6 * cpuSeconds) / count };
}

async function publishAll(
  client: Client,
  topic: string,
  payloads: Payloads,
  count: number,
): Promise<number> {
  await using publisher = client.publisher(topic);
  const startMs = performance.now();
  await publisher.publishAll(payloads.range(count));
  return (performance.now() - startMs) / 1000;
}

/** CPU time of the broker alone. */
function brokerSeconds(pid: number): number {
  return usageOf([pid]).cpuSeconds - usageOf([]).cpuSeconds;
}

function told(rates: readonly number[]): string {
  return rates.map((rate) => Math.round(rate / 1000)).join(', ');
}
