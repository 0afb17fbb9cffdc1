import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { CHROMIUM } from '../browser/support/chromium.ts';
import { BrokerProcess, DataDirectory } from './broker-process.ts';
import { within } from './broker-session.ts';
import { Payloads } from './verify.ts';
import type { Figure, Settings, Workload } from './workload.ts';
import { median, VerificationError } from './workload.ts';

const MESSAGE_BYTES = 100;
const TOPIC = 'tape';
const GOAL_S = 1;
const BUCKETS = 200;

/** How soon a long tape is seen: its histogram alone, and the page in a browser, with what it loads. */
export const consoleView: Workload = {
  name: 'console',
  async run(settings) {
    const count = settings.isQuick ? 200_000 : 10_000_000;
    const runs = settings.isQuick ? 1 : 5;
    await using directory = await DataDirectory.create(settings);
    settings.note(`console: publishing ${count.toLocaleString('en')} messages`);
    await within(settings, directory, 'SIGTERM', async (_, client) => {
      await client.publisher(TOPIC).publishAll(new Payloads(MESSAGE_BYTES).range(count));
    });
    await using broker = await BrokerProcess.start(settings, directory);
    const amount = `a tape of ${count.toLocaleString('en')} × ${MESSAGE_BYTES} B`;
    const histogram = await repeat(runs, () => histogramSeconds(broker.httpAddress, count));
    const figure = { unit: 's', goal: { atMost: GOAL_S } } as const;
    return [
      {
        ...figure,
        what: `${amount}: its histogram of ${BUCKETS} counts`,
        value: median(histogram),
        runs: histogram,
      },
      ...(await firstViews(settings, broker.httpAddress, { amount, runs })),
    ] satisfies Figure[];
  },
};

/** In a browser, if there is one. */
async function firstViews(
  { note }: Settings,
  httpAddress: string,
  { amount, runs }: { readonly amount: string; readonly runs: number },
): Promise<Figure[]> {
  if (CHROMIUM === undefined) {
    note('console: there is no Chromium; apt-get install chromium');
    return [];
  }
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    const seconds = await repeat(runs, () => firstViewSeconds(browser, httpAddress));
    return [
      {
        what: `${amount}: first view of the console, from an empty page`,
        value: median(seconds),
        runs: seconds,
        unit: 's',
        goal: { atMost: GOAL_S },
      },
    ];
  } finally {
    await browser.close();
  }
}

async function histogramSeconds(httpAddress: string, count: number): Promise<number> {
  const url = `http://${httpAddress}/v1/topics/${TOPIC}/histogram?buckets=${BUCKETS}`;
  const startMs = performance.now();
  const { message_counts: counts } = (await (await fetch(url)).json()) as {
    message_counts: number[];
  };
  const seconds = (performance.now() - startMs) / 1000;
  const counted = counts.reduce((sum, each) => sum + each, 0);
  if (counted !== count) throw new VerificationError(`the histogram has ${counted} messages`);
  return seconds;
}

async function firstViewSeconds(browser: Browser, httpAddress: string): Promise<number> {
  const context = await browser.newContext();
  try {
    const page: Page = await context.newPage();
    const startMs = performance.now();
    await page.goto(`http://${httpAddress}/#/topics/${TOPIC}`);
    await page.locator('.message-row time').nth(5).waitFor();
    await page.locator('.timeline-bars:not([data-most="0"])').waitFor({ state: 'attached' });
    return (performance.now() - startMs) / 1000;
  } finally {
    await context.close();
  }
}

async function repeat(runs: number, measure: () => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let run = 0; run < runs; run++) values.push(await measure());
  return values;
}
