import { availableParallelism, cpus, loadavg, release, type } from 'node:os';
import type { Figure, Unit } from './workload.ts';

/** The figures of one workload, or why there are none. */
export interface Outcome {
  readonly workload: string;
  /** When the broker acknowledged. */
  readonly durability: 'fsync' | 'os';
  readonly figures: readonly Figure[];
  readonly failure?: string;
}

/** Where figures come from. */
export interface Environment {
  readonly node: string;
  readonly system: string;
  readonly cpu: string;
  readonly cpuCount: number;
  /** Of the last minute before the run: what else the machine did. */
  readonly loadBefore: number;
  readonly time: string;
}

export function environment(): Environment {
  return {
    node: process.version,
    system: `${type()} ${release()}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cpuCount: availableParallelism(),
    loadBefore: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    time: new Date().toISOString(),
  };
}

/** One line for each figure, with its remark below. */
export function formatTable(place: Environment, outcomes: readonly Outcome[]): string {
  const rows = outcomes.flatMap(({ workload, durability, figures }) =>
    figures.map((figure) => ({
      cells: [
        workload,
        figure.what,
        formatValue(figure.value, figure.unit),
        formatGoal(figure),
        figure.isLimit === true ? '' : (figure.durability ?? durability),
      ],
      remark: [figure.remark ?? '', formatRuns(figure)].filter((text) => text !== '').join('; '),
    })),
  );
  const header = ['workload', 'what', 'figure', 'goal', 'durability'];
  const widths = header.map((title, i) =>
    Math.max(title.length, ...rows.map(({ cells }) => cells[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === 2 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const { node, system, cpu, cpuCount, loadBefore, time } = place;
  const indent = ' '.repeat((widths[0] ?? 0) + 2);
  return [
    `${time}, Node ${node}, ${system}, ${cpuCount} × ${cpu}, load before ${loadBefore}`,
    '',
    line(header),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.flatMap(({ cells, remark }) =>
      remark === '' ? [line(cells)] : [line(cells), `${indent}  ${remark}`],
    ),
    ...outcomes.flatMap(({ workload, failure }) =>
      failure === undefined ? [] : [`${workload}: NO FIGURE: ${failure}`],
    ),
  ].join('\n');
}

function formatValue(value: number, unit: Unit): string {
  if (unit === 'messages/s') {
    return value >= 1e6 ? `${(value / 1e6).toFixed(2)} M/s` : `${Math.round(value / 1000)} k/s`;
  }
  const digits = Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0;
  return `${value.toFixed(digits)} ${unit}`;
}

function formatGoal({ value, unit, goal }: Figure): string {
  if (goal === undefined) return '';
  const isLower = 'atLeast' in goal;
  const bound = isLower ? goal.atLeast : goal.atMost;
  const isMet = isLower ? value >= bound : value <= bound;
  return `${isLower ? '≥' : '≤'} ${formatValue(bound, unit)}  ${isMet ? 'met' : 'missed'}`;
}

function formatRuns({ runs, unit }: Figure): string {
  if (runs === undefined || runs.length < 2) return '';
  return `median of ${runs.map((run) => formatValue(run, unit)).join(', ')}`;
}
