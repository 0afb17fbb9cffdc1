import type { Entrant } from './entrant.ts';
import { entrantsOf } from './entrant.ts';
import { grpcStream, levelSync } from './limits.ts';
import type { Measure } from './measures.ts';
import { MEASURES } from './measures.ts';
import type { Figure, Workload } from './workload.ts';
import { median } from './workload.ts';

/** What playhead is to be of a peer in its usual configuration, by measure and peer. */
const GOALS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'publish-100': { nats: 15, redis: 4, kafka: 1, rabbitmq: 1 },
  'read-100': { nats: 6, redis: 4, kafka: 1 },
};
/** And of the smaller of the machine's own limits. */
const LIMIT_GOAL = 60;

/** Measures that are drawn. */
const PLOTTED: ReadonlySet<string> = new Set(['publish-100', 'publish-8', 'read-100']);

/** Publishing, reading and following: playhead and its peers in turns, and the machine's own limits in the same run. */
export const compare: Workload = {
  name: 'compare',
  async run(settings) {
    const { isQuick, note } = settings;
    const { entrants, missing } = await entrantsOf(settings.peers);
    for (const { id, install } of missing) {
      note(`compare: ${id} is not installed; this installs it: ${install}`);
    }
    const limits = {
      level: await levelSync(settings),
      up: await grpcStream(settings, 'sink'),
      down: await grpcStream(settings, 'flood'),
    };
    const rounds = isQuick ? 1 : 3;
    for (let round = 1; round <= rounds; round++) {
      for (const entrant of entrants) {
        note(`compare: ${entrant.title}, round ${round} of ${rounds}`);
        await entrant.run(MEASURES, settings);
      }
    }
    return [
      ...Object.values(limits).map((figure) => ({ ...figure, isLimit: true })),
      ...MEASURES.flatMap((measure) => entrants.map((entrant) => figureOf(measure, entrant))),
      ...MEASURES.flatMap((measure) => ratios(measure, entrants)),
      ...MEASURES.flatMap((measure) => shareOfLimit(measure, entrants, limits)),
    ].filter((figure) => figure !== undefined);
  },
};

function figureOf(measure: Measure, entrant: Entrant): Figure | undefined {
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
    ...(measure.id === 'publish-100' ? [entrant.description] : []),
    ...results.flatMap(({ remark }) => (remark === undefined ? [] : [remark])).slice(0, 1),
  ];
  return {
    what: `${measure.title}: ${entrant.title}`,
    value,
    unit: measure.unit,
    runs: results.map((result) => result.value),
    remark: remarks.join('; '),
    durability: entrant.mode.durability,
    ...(PLOTTED.has(measure.id) && {
      plot: {
        group: `${measure.title} (messages per second)`,
        label: `${entrant.title} (${entrant.mode.durability})`,
      },
    }),
  };
}

/** How often as fast as each peer playhead is, with fsync. */
function ratios(measure: Measure, entrants: readonly Entrant[]): Figure[] {
  const own = ownValue(measure, entrants);
  if (own === undefined) return [];
  return entrants.flatMap((entrant) => {
    const values = entrant.results(measure).map(({ value }) => value);
    if (entrant.contestant.id === 'playhead' || values.length === 0) return [];
    const isRate = measure.unit === 'messages/s';
    const ratio = isRate ? own / median(values) : median(values) / own;
    const goal = GOALS[measure.id]?.[entrant.contestant.id];
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

interface Limits {
  readonly level: Figure;
  readonly up: Figure;
  readonly down: Figure;
}

/** What of the smaller limit playhead reaches, in bytes of messages. */
function shareOfLimit(measure: Measure, entrants: readonly Entrant[], limits: Limits): Figure[] {
  const own = ownValue(measure, entrants);
  if (own === undefined || measure.messageBytes === undefined || measure.limit === undefined)
    return [];
  const bound =
    measure.limit === 'publish' ? Math.min(limits.level.value, limits.up.value) : limits.down.value;
  return [
    {
      what: `${measure.title}: playhead of ${bound.toFixed(0)} MB/s, the smaller limit`,
      value: (100 * own * measure.messageBytes) / 1e6 / bound,
      unit: '%',
      goal: { atLeast: LIMIT_GOAL },
    },
  ];
}

function ownValue(measure: Measure, entrants: readonly Entrant[]): number | undefined {
  const own = entrants.find(
    ({ contestant, mode }) => contestant.id === 'playhead' && mode.name === 'default',
  );
  const values = own?.results(measure).map(({ value }) => value) ?? [];
  return values.length === 0 ? undefined : median(values);
}
