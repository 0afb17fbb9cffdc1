import { loadWorkPeers } from './contestants/peers.ts';
import { playheadWork } from './contestants/playhead-work.ts';
import type { WorkClient } from './contestants/work-client.ts';
import { entrantsOf, runInTurns } from './entrant.ts';
import { figuresOf, ratios } from './entrant-figures.ts';
import type { Measure } from './measures.ts';
import { countFor, idOf } from './measures.ts';
import type { Workload } from './workload.ts';
import { secondsOf } from './workload.ts';

const MESSAGE_BYTES = 1024;
const GOAL_PER_SECOND = 300_000;
/** What playhead is to be of a peer in its usual configuration. */
const GOALS = { nats: 2.5, bullmq: 10 };

/** One worker process takes and acknowledges what was put before: playhead and other queues in turns. */
export const workQueue: Workload = {
  name: 'work-queue',
  async run(settings) {
    const entrants = entrantsOf(playheadWork, await loadWorkPeers(settings.peers), (text) =>
      settings.note(`work-queue: ${text}`),
    );
    await runInTurns('work-queue', entrants, [consuming], settings);
    return [
      ...figuresOf(consuming, entrants, {
        isDescribed: true,
        goal: { atLeast: GOAL_PER_SECOND },
      }),
      ...ratios(consuming, entrants, GOALS),
    ];
  },
};

const consuming: Measure<WorkClient> = {
  id: 'work-queue',
  title: 'consume and acknowledge 1 KiB, one worker',
  unit: 'messages/s',
  messageBytes: MESSAGE_BYTES,
  async run(client, round, clock) {
    const queue = `${idOf(client)}-work`;
    const warmUp = (name: string) => async (few: number) => {
      await client.fill(name, MESSAGE_BYTES, few);
      return await secondsOf(() => client.work(name, MESSAGE_BYTES, few));
    };
    const roughly = await countFor(MESSAGE_BYTES, round, warmUp(`${queue}-few`));
    // What is not compiled yet tells little, so the amount is found a second time by more.
    const count = await countFor(MESSAGE_BYTES, round, warmUp(`${queue}-more`), roughly);
    await client.fill(queue, MESSAGE_BYTES, count);
    const seconds = await clock(() => client.work(queue, MESSAGE_BYTES, count));
    await client.verifyDone(queue, count);
    return { value: count / seconds, messages: count };
  },
};
