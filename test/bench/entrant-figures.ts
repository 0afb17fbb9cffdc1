import type { NamedClient } from './contestants/contestant.ts';
import type { Entrant } from './entrant.ts';
import type { Measure } from './measures.ts';
import type { Figure } from './workload.ts';
import { median } from './workload.ts';

/** What a figure of an entrant has besides its value. */
export interface FigureOptions {
  /** Whether versions and settings are told. */
  readonly isDescribed: boolean;
  readonly isPlotted?: boolean;
  /** Of playhead with fsync. */
  readonly goal?: NonNullable<Figure['goal']>;
}

/** What has been measured of each entrant that the measure applies to. */
export function figuresOf<C extends NamedClient>(
  measure: Measure<C>,
  entrants: readonly Entrant<C>[],
  options: FigureOptions,
): Figure[] {
  const figures = entrants.map((entrant) => figureOf(measure, entrant, options));
  return figures.filter((figure) => figure !== undefined);
}

function figureOf<C extends NamedClient>(
  measure: Measure<C>,
  entrant: Entrant<C>,
  { isDescribed, isPlotted = false, goal }: FigureOptions,
): Figure | undefined {
  const results = entrant.results(measure);
  if (results.length === 0) {
    const failure = entrant.failureOf(measure);
    if (failure === undefined) return undefined;
    const what = `${measure.title}: ${entrant.title}: NO FIGURE: ${failure}`;
    return { what, value: Number.NaN, unit: measure.unit };
  }
  const value = median(results.map((result) => result.value));
  const cpu = median(results.map(({ cpuSecondsPerMillion }) => cpuSecondsPerMillion));
  const peak = Math.max(...results.map(({ peakBytes }) => peakBytes)) / 1e6;
  const remarks = [
    results.find((result) => result.value === value)?.client ?? '',
    `${cpu.toFixed(2)} s CPU for a million`,
    `${peak.toFixed(0)} MB at most`,
    ...(isDescribed ? [entrant.description] : []),
    ...results.flatMap(({ remark }) => (remark === undefined ? [] : [remark])).slice(0, 1),
  ];
  return {
    what: `${measure.title}: ${entrant.title}`,
    value,
    unit: measure.unit,
    runs: results.map((result) => result.value),
    remark: remarks.join('; '),
    durability: entrant.mode.durability,
    ...(goal !== undefined && isOwn(entrant) && { goal }),
    ...(isPlotted && {
      plot: {
        group: `${measure.title} (messages per second)`,
        label: `${entrant.title} (${entrant.mode.durability})`,
      },
    }),
  };
}

/** How often as fast as each peer playhead is, with fsync. Goals are by peer, for its usual configuration. */
export function ratios<C extends NamedClient>(
  measure: Measure<C>,
  entrants: readonly Entrant<C>[],
  goals: Readonly<Record<string, number>> = {},
): Figure[] {
  const own = ownValue(measure, entrants);
  if (own === undefined) return [];
  return entrants.flatMap((entrant) => {
    const values = entrant.results(measure).map(({ value }) => value);
    if (entrant.contestant.id === 'playhead' || values.length === 0) return [];
    const isRate = measure.unit === 'messages/s';
    const ratio = isRate ? own / median(values) : median(values) / own;
    const goal = goals[entrant.contestant.id];
    return [
      {
        what: `${measure.title}: playhead is better than ${entrant.title} by`,
        value: ratio,
        unit: '×' as const,
        ...(goal !== undefined && entrant.mode.name === 'default' && { goal: { atLeast: goal } }),
      },
    ];
  });
}

/** The median of playhead with fsync. */
export function ownValue<C extends NamedClient>(
  measure: Measure<C>,
  entrants: readonly Entrant<C>[],
): number | undefined {
  const own = entrants.find(isOwn);
  const values = own?.results(measure).map(({ value }) => value) ?? [];
  return values.length === 0 ? undefined : median(values);
}

function isOwn<C extends NamedClient>({ contestant, mode }: Entrant<C>): boolean {
  return contestant.id === 'playhead' && mode.name === 'default';
}
