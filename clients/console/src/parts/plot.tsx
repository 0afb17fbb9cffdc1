import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { GRID_CLOCK, GRID_NUMBERS } from './plot-grid.ts';

/** A line of a plot. */
export interface PlotLine {
  readonly label: string;
  readonly values: readonly (number | null)[];
}

export interface PlotProps {
  readonly title: string;
  /** Milliseconds since 1970 of each value. */
  readonly timesMs: readonly number[];
  readonly lines: readonly PlotLine[];
  readonly format: (value: number) => string;
  /** The most of the past that is shown. */
  readonly windowMs: number;
  /** Distances at which lines of the grid may stand. */
  readonly grid?: readonly number[];
}

/** Of a past that has just begun so much is shown, else it would be a dot. */
const WINDOW_MIN_MS = 120_000;

const HEIGHT = 150;
const COLOURS = ['--plot-1', '--plot-2'];

/** Lines over time. Under the pointer the values of that moment, else the newest. */
export function Plot(props: PlotProps) {
  const { title, timesMs, lines, format, windowMs, grid = GRID_NUMBERS } = props;
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const [index, setIndex] = useState<number | undefined>(undefined);
  const labels = lines.map(({ label }) => label).join();
  const scheme = useColourScheme();
  const formatting = useRef(format);
  formatting.current = format;
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const shape = { labels: labels.split(','), grid };
    const options = optionsOf(element, shape, (value) => formatting.current(value));
    options.hooks = { setCursor: [(self) => setIndex(self.cursor.idx ?? undefined)] };
    const made = new uPlot(options, [[], ...options.series.slice(1).map(() => [])], element);
    plot.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [labels, scheme]);
  useEffect(() => {
    const last = timesMs.at(-1) ?? Date.now();
    plot.current?.setData(
      [timesMs.map((ms) => ms / 1000), ...lines.map(({ values }) => [...values])],
      false,
    );
    const past = Math.min(windowMs, Math.max(WINDOW_MIN_MS, last - (timesMs[0] ?? last)));
    plot.current?.setScale('x', { min: (last - past) / 1000, max: last / 1000 });
  }, [timesMs, timesMs.length, timesMs.at(-1), lines, scheme]);
  return (
    <figure class="plot">
      <figcaption>
        <h3>{title}</h3>
        <PlotLegend lines={lines} index={index} format={format} />
      </figcaption>
      <div ref={frame} class="plot-frame" role="img" aria-label={summaryOf(title, lines, format)} />
    </figure>
  );
}

function PlotLegend({
  lines,
  index,
  format,
}: Pick<PlotProps, 'lines' | 'format'> & { readonly index: number | undefined }) {
  return (
    <ul class="plot-legend">
      {lines.map(({ label, values }, place) => {
        const value = index === undefined ? lastOf(values) : values[index];
        return (
          <li key={label} class={`plot-line-${place + 1}`}>
            {label} <b>{typeof value === 'number' ? format(value) : '–'}</b>
          </li>
        );
      })}
    </ul>
  );
}

function optionsOf(
  element: HTMLElement,
  { labels, grid }: { readonly labels: readonly string[]; readonly grid: readonly number[] },
  format: (value: number) => string,
): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--text-dim'),
    font: '11px system-ui, sans-serif',
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: Math.max(100, element.clientWidth),
    height: HEIGHT,
    legend: { show: false },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    scales: {
      x: { auto: false },
      y: { range: (_self, _min, max) => [0, max > 0 ? max * 1.1 : 1] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        space: 70,
        incrs: [...GRID_CLOCK],
        values: (_self, seconds) => seconds.map(clockOf),
      },
      {
        ...axis,
        size: 64,
        space: 32,
        incrs: [...grid],
        values: (_self, values) => values.map(format),
      },
    ],
    series: [
      {},
      ...labels.map((label, place) => ({
        label,
        stroke: colour(COLOURS[place] ?? '--plot-1'),
        width: 1.5,
        // Two moments are a line; of one there is a dot.
        points: { size: 4, show: true, filter: dots },
        ...(place === 0 && { fill: colour('--plot-fill') }),
      })),
    ],
  };
}

/** Moments without a neighbour, of which there is no line. */
function dots(self: uPlot, series: number): number[] {
  const values = self.data[series] ?? [];
  const isThere = (index: number) => typeof values[index] === 'number';
  return Array.from(values.keys()).filter(
    (index) => isThere(index) && !isThere(index - 1) && !isThere(index + 1),
  );
}

/** In UTC, as all times of the console are. */
function clockOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(11, 16);
}

/** What the picture says, for those who do not see it. */
function summaryOf(
  title: string,
  lines: readonly PlotLine[],
  format: (value: number) => string,
): string {
  const parts = lines.map(({ label, values }) => {
    const last = lastOf(values);
    const numbers = values.filter((value) => value !== null);
    if (last === undefined || numbers.length === 0) return `${label}: nothing yet`;
    const most = numbers.reduce((a, b) => Math.max(a, b), 0);
    return `${label}: ${format(last)}, at most ${format(most)}`;
  });
  return `${title}. ${parts.join('; ')}`;
}

function lastOf(values: readonly (number | null)[]): number | undefined {
  return values.at(-1) ?? undefined;
}

/** Changes with the colours of the system, which a canvas does not take over by itself. */
function useColourScheme(): boolean {
  const [isDark, setDark] = useState(() => matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const change = () => setDark(query.matches);
    query.addEventListener('change', change);
    return () => query.removeEventListener('change', change);
  }, []);
  return isDark;
}
