import { readFile } from 'node:fs/promises';
import { connect } from 'playhead-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { serve } from '../../src/serve.ts';
import { parseExposition, type ScrapedMetric } from '../support/exposition.ts';
import { labelsShown, namesIn } from '../support/promql.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const DOCS = new URL('../../docs/', import.meta.url);

/** What Prometheus adds to all that it scrapes. */
const LABELS_OF_SCRAPE = ['instance', 'job'];
/** What it makes itself. */
const METRICS_OF_SCRAPE = ['up'];

const dashboardSchema = z.object({
  schemaVersion: z.int().min(39),
  templating: z.object({
    list: z.array(
      z.object({ name: z.string(), type: z.string(), definition: z.string().optional() }),
    ),
  }),
  panels: z.array(
    z.object({
      id: z.int(),
      type: z.string(),
      title: z.string(),
      gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
      targets: z
        .array(z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string() }))
        .optional(),
    }),
  ),
});

const alertsSchema = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Playhead[A-Za-z]+$/),
          expr: z.string(),
          for: z.string().regex(/^\d+[smh]$/),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.strictObject({ summary: z.string(), description: z.string() }),
        }),
      ),
    }),
  ),
});

const scrapeSchema = z.object({
  scrape_configs: z.array(z.object({ job_name: z.string() })),
  rule_files: z.array(z.string()),
});

interface Expression {
  readonly where: string;
  readonly text: string;
  /** What shows its result. */
  readonly shownIn: string;
}

const read = (path: string) => readFile(new URL(path, DOCS), 'utf8');

let dashboard: z.infer<typeof dashboardSchema>;
let alerts: z.infer<typeof alertsSchema>;
let scraped: Map<string, ScrapedMetric>;

beforeAll(async () => {
  dashboard = dashboardSchema.parse(JSON.parse(await read('grafana/playhead.json')));
  alerts = alertsSchema.parse(parse(await read('prometheus/playhead-alerts.yml')));
  scraped = parseExposition(await scrape());
});

let directory: Awaited<ReturnType<typeof temporaryDirectory>> | undefined;
afterAll(() => directory?.[Symbol.asyncDispose]());

/** The figures of a broker that has been used in every way that figures tell of. */
async function scrape(): Promise<string> {
  directory = await temporaryDirectory();
  const served = await serve({
    dataDir: directory.path,
    grpcAddress: '127.0.0.1:0',
    httpAddress: '127.0.0.1:0',
  });
  try {
    await using client = connect(served.grpcAddress);
    await client.publisher('orders').publishAll(['a', 'b', 'c']);
    const billing = client.subscription('orders', 'billing');
    await billing.create({ from: 'earliest' });
    const following = client.subscribe('orders', { from: 'earliest' });
    await following[Symbol.asyncIterator]().next();
    for (const delivery of await billing.pull({ max: 3 })) await delivery.ack();
    const url = `http://${served.httpAddress}/metrics`;
    // What the process does is watched from the first time on.
    await (await fetch(url)).text();
    return await (await fetch(url)).text();
  } finally {
    await served.close();
  }
}

function expressionsOfDashboard(): Expression[] {
  return dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr, legendFormat }) => ({
      where: `${title} ${refId}`,
      text: expr,
      shownIn: legendFormat,
    })),
  );
}

function expressionsOfAlerts(): Expression[] {
  return alerts.groups.flatMap(({ rules }) =>
    rules.map(({ alert, expr, annotations }) => ({
      where: alert,
      text: expr,
      shownIn: `${annotations.summary} ${annotations.description}`,
    })),
  );
}

/** What expressions name and a broker does not have. */
function unknownIn(expressions: readonly Expression[]): string[] {
  const unknown: string[] = [];
  for (const { where, text, shownIn } of expressions) {
    const { metrics, groupedBy } = namesIn(text);
    const known = new Set(LABELS_OF_SCRAPE);
    for (const { name, labels } of metrics) {
      if (METRICS_OF_SCRAPE.includes(name)) continue;
      const metric = scraped.get(name);
      if (metric === undefined) {
        unknown.push(`${where}: ${name}`);
        continue;
      }
      for (const label of metric.labels) known.add(label);
      if (metric.sampleCount > 0) continue;
      if (name.startsWith('playhead_')) unknown.push(`${where}: ${name} has no samples`);
      // Of a process, nothing may have happened yet that has them, such as a garbage collection.
      for (const label of [...labels, ...groupedBy]) known.add(label);
    }
    // What is summed up has no other labels than those that it is grouped by.
    const kept = /\bby\s*\(/.test(text) ? new Set(groupedBy) : known;
    const selected = metrics.flatMap(({ labels }) => labels);
    for (const label of [...selected, ...groupedBy]) {
      if (!known.has(label)) unknown.push(`${where}: label ${label}`);
    }
    for (const label of labelsShown(shownIn)) {
      if (!kept.has(label)) unknown.push(`${where}: shows label ${label}`);
    }
  }
  return unknown;
}

describe('the dashboard', () => {
  it('asks for metrics and labels that a broker has', () => {
    const expressions = expressionsOfDashboard();
    expect(expressions.length).toBeGreaterThan(30);
    expect(unknownIn(expressions)).toEqual([]);
  });

  it('offers brokers, topics and subscriptions by labels that a broker has', () => {
    const queries = dashboard.templating.list.filter(({ type }) => type === 'query');
    expect(queries.map(({ name }) => name)).toEqual(['instance', 'topic', 'subscription']);
    for (const { name, definition = '' } of queries) {
      const [, expression = '', label = ''] =
        /^label_values\((.*), (\w+)\)$/.exec(definition) ?? [];
      expect(label).toBe(name);
      const shown = { where: name, text: expression, shownIn: `{{${label}}}` };
      expect(unknownIn([shown])).toEqual([]);
    }
  });

  it('uses no variable that it does not have', () => {
    const own = new Set(dashboard.templating.list.map(({ name }) => name));
    const text = JSON.stringify(dashboard.panels) + JSON.stringify(dashboard.templating);
    for (const [, name = ''] of text.matchAll(/\$\{?(?!__)(\w+)/g)) expect(own).toContain(name);
  });

  it('has a place of its own for each panel', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { gridPos } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken).not.toContain(`${x} ${y}`);
          taken.add(`${x} ${y}`);
        }
      }
    }
  });

  it('tells the series of a panel apart', () => {
    for (const { title, targets = [] } of dashboard.panels) {
      const legends = targets.map(({ legendFormat }) => legendFormat).filter(Boolean);
      expect([title, new Set(legends).size]).toEqual([title, legends.length]);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
  });
});

describe('the alert rules', () => {
  it('ask for metrics and labels that a broker has', () => {
    expect(unknownIn(expressionsOfAlerts())).toEqual([]);
  });

  it('are there for what has to be looked after, each once', () => {
    expect(expressionsOfAlerts().map(({ where }) => where)).toEqual([
      'PlayheadDown',
      'PlayheadNotWritable',
      'PlayheadDiskNearlyFull',
      'PlayheadStorageErrors',
      'PlayheadFsyncSlow',
      'PlayheadPublishSlow',
      'PlayheadEventLoopBlocked',
      'PlayheadSubscriptionLag',
      'PlayheadDeadLetters',
      'PlayheadBacklogGrows',
    ]);
  });

  it('are loaded by the configuration, which scrapes the job that they watch', async () => {
    const { scrape_configs: jobs, rule_files: files } = scrapeSchema.parse(
      parse(await read('prometheus/prometheus.yml')),
    );
    expect(jobs).toEqual([{ job_name: 'playhead' }]);
    expect(files).toEqual(['playhead-alerts.yml']);
  });
});

describe('what is looked for', () => {
  it('is found in expressions', () => {
    const text =
      'histogram_quantile(0.99, sum by (instance, le) (rate(a_bucket{job="x", kind=~"b"}[5m]))) / on (instance) b > 1e3 and c';
    expect(namesIn(text)).toEqual({
      metrics: [
        { name: 'a_bucket', labels: ['job', 'kind'] },
        { name: 'b', labels: [] },
        { name: 'c', labels: [] },
      ],
      groupedBy: ['instance', 'le', 'instance'],
    });
  });

  it('is missed if it is not there', () => {
    const expression = { where: 'it', shownIn: '{{topic}}' };
    expect(unknownIn([{ ...expression, text: 'rate(playhead_nothing[5m])' }])).toEqual([
      'it: playhead_nothing',
      'it: shows label topic',
    ]);
    expect(unknownIn([{ ...expression, text: 'playhead_topics{kind="x"}' }])).toEqual([
      'it: label kind',
      'it: shows label topic',
    ]);
  });
});
