import { loadLogPeers } from './contestants/peers.ts';
import { playhead } from './contestants/playhead.ts';
import type { Entrant } from './entrant.ts';
import { entrantsOf, runInTurns } from './entrant.ts';
import { figuresOf, ownValue, ratios } from './entrant-figures.ts';
import { grpcStream, levelSync } from './limits.ts';
import type { Measure } from './measures.ts';
import { MEASURES } from './measures.ts';
import type { Figure, Workload } from './workload.ts';

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
    const entrants = entrantsOf(playhead, await loadLogPeers(settings.peers), (text) =>
      settings.note(`compare: ${text}`),
    );
    const limits = {
      level: await levelSync(settings),
      up: await grpcStream(settings, 'sink'),
      down: await grpcStream(settings, 'flood'),
    };
    await runInTurns('compare', entrants, MEASURES, settings);
    return [
      ...Object.values(limits).map((figure) => ({ ...figure, isLimit: true })),
      ...MEASURES.flatMap((measure) =>
        figuresOf(measure, entrants, {
          isDescribed: measure.id === 'publish-100',
          isPlotted: PLOTTED.has(measure.id),
        }),
      ),
      ...MEASURES.flatMap((measure) => ratios(measure, entrants, GOALS[measure.id])),
      ...MEASURES.flatMap((measure) => shareOfLimit(measure, entrants, limits)),
    ];
  },
};

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
