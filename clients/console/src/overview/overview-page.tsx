import { useMemo } from 'preact/hooks';
import { connection } from '../broker/connection.ts';
import {
  formatBytes,
  formatCount,
  formatRate,
  formatSeconds,
  formatShort,
} from '../format/numbers.ts';
import { HISTORY_MS } from '../metrics/history.ts';
import { recorder } from '../metrics/recorder.ts';
import type { Sample, SampleField } from '../metrics/sample.ts';
import { Figure } from '../parts/figure.tsx';
import { ErrorText } from '../parts/notice.tsx';
import { Plot } from '../parts/plot.tsx';
import { GRID_BYTES, GRID_NUMBERS } from '../parts/plot-grid.ts';

/** How the broker is, now and in the last hour. */
export function OverviewPage() {
  // Read for the changes that it counts: the history itself is no signal.
  const changes = recorder.changes.value;
  const { samples } = recorder.history;
  const server = connection.server.value;
  return (
    <main class="page page-overview">
      <header class="page-header">
        <h1>Overview</h1>
        {server !== undefined && (
          <p class="dim">
            playhead {server.version} · {DURABILITY[server.durability] ?? server.durability}
          </p>
        )}
      </header>
      <ErrorText error={recorder.error.value} />
      <OverviewFigures sample={samples.at(-1)} />
      <OverviewPlots samples={samples} changes={changes} />
    </main>
  );
}

const DURABILITY: Readonly<Record<string, string>> = {
  fsync: 'acknowledges after fsync',
  os: 'acknowledges before fsync',
  memory: 'keeps everything in memory',
};

function OverviewFigures({ sample }: { readonly sample: Sample | undefined }) {
  const show = (field: SampleField, format: (value: number) => string) => {
    const value = sample?.[field];
    return typeof value === 'number' ? format(value) : '–';
  };
  const pair = (a: SampleField, b: SampleField) =>
    `${show(a, formatSeconds)} / ${show(b, formatSeconds)}`;
  return (
    <dl class="figures figures-large">
      <Figure label="Publish rate">
        {show('messagesIn', formatRate)} <small>{show('bytesIn', perSecond)}</small>
      </Figure>
      <Figure label="Deliver rate">
        {show('messagesOut', formatRate)} <small>{show('bytesOut', perSecond)}</small>
      </Figure>
      <Figure label="Publish latency, p50 / p99">{pair('publishP50', 'publishP99')}</Figure>
      <Figure label="fsync, p50 / p99">{pair('fsyncP50', 'fsyncP99')}</Figure>
      <Figure label="Delivery latency, p50 / p99">{pair('deliveryP50', 'deliveryP99')}</Figure>
      <Figure label="Tape on disk">
        {show('tape', formatBytes)} <small>{show('diskFree', formatBytes)} free</small>
      </Figure>
      <Figure label="Memory">{show('memory', formatBytes)}</Figure>
      <Figure label="Event-loop delay, p99">{show('loopDelay', formatSeconds)}</Figure>
      <Figure label="Topics">{show('topics', formatCount)}</Figure>
      <Figure label="Subscriptions">{show('subscriptions', formatCount)}</Figure>
      <Figure label="Open streams">{show('streams', formatCount)}</Figure>
      <Figure label="Storage errors" isBad={(sample?.storageErrors ?? 0) > 0}>
        {show('storageErrors', formatCount)}
      </Figure>
    </dl>
  );
}

function perSecond(bytes: number): string {
  return `${formatBytes(bytes)}/s`;
}

interface PlotSpec {
  readonly title: string;
  readonly format: (value: number) => string;
  readonly grid?: readonly number[];
  readonly lines: readonly (readonly [label: string, field: SampleField])[];
}

const PLOTS: readonly PlotSpec[] = [
  {
    title: 'Messages a second',
    format: formatShort,
    lines: [
      ['published', 'messagesIn'],
      ['delivered', 'messagesOut'],
    ],
  },
  {
    title: 'Bytes a second',
    format: formatBytes,
    grid: GRID_BYTES,
    lines: [
      ['published', 'bytesIn'],
      ['delivered', 'bytesOut'],
    ],
  },
  {
    title: 'Publish latency',
    format: formatSeconds,
    lines: [
      ['p50', 'publishP50'],
      ['p99', 'publishP99'],
    ],
  },
  {
    title: 'fsync',
    format: formatSeconds,
    lines: [
      ['p50', 'fsyncP50'],
      ['p99', 'fsyncP99'],
    ],
  },
  {
    title: 'Delivery latency',
    format: formatSeconds,
    lines: [
      ['p50', 'deliveryP50'],
      ['p99', 'deliveryP99'],
    ],
  },
  { title: 'Event-loop delay', format: formatSeconds, lines: [['p99', 'loopDelay']] },
  { title: 'Memory', format: formatBytes, grid: GRID_BYTES, lines: [['resident', 'memory']] },
  { title: 'Tape on disk', format: formatBytes, grid: GRID_BYTES, lines: [['tape', 'tape']] },
];

interface OverviewPlotsProps {
  readonly samples: readonly Sample[];
  readonly changes: number;
}

function OverviewPlots({ samples, changes }: OverviewPlotsProps) {
  const { timesMs, values } = useMemo(
    () => ({
      timesMs: samples.map(({ timeMs }) => timeMs),
      values: (field: SampleField) => samples.map((sample) => sample[field]),
    }),
    [changes],
  );
  return (
    <section aria-label="The last hour">
      <h2>The last hour</h2>
      <div class="plots">
        {PLOTS.map(({ title, format, lines, grid = GRID_NUMBERS }) => (
          <Plot
            key={title}
            title={title}
            timesMs={timesMs}
            windowMs={HISTORY_MS}
            format={format}
            grid={grid}
            lines={lines.map(([label, field]) => ({ label, values: values(field) }))}
          />
        ))}
      </div>
    </section>
  );
}
