import type { Contestant, Mode, Server } from '../contestants/contestant.ts';
import type { WorkClient } from '../contestants/work-client.ts';
import type { Settings } from '../workload.ts';
import { BULLMQ_LIBRARY, BullmqClient, REDIS_LIBRARY } from './bullmq-client.ts';
import type { Closing } from './child.ts';
import { openAll } from './child.ts';
import { areInstalled, describePackage, INSTALL_PACKAGES } from './packages.ts';
import { missingRedis, contestant as redis, startRedis } from './redis.ts';

/** Ways to run the worker: which is best depends on the machine. */
const MANNERS = [
  { concurrency: 200, isPipelined: true },
  { concurrency: 500, isPipelined: true },
  { concurrency: 500, isPipelined: false },
] as const;

/** BullMQ on a single Redis server. */
export const contestant: Contestant<WorkClient> = {
  name: 'BullMQ',
  id: 'bullmq',
  modes: redis.modes,
  async missing() {
    const commands = [...(await missingRedis())];
    if (!(await areInstalled([BULLMQ_LIBRARY, REDIS_LIBRARY]))) commands.push(INSTALL_PACKAGES);
    return commands.length === 0 ? undefined : commands.join(' && ');
  },
  start: (mode, settings) => openAll((closing) => startServer(mode, settings, closing)),
};

async function startServer(
  mode: Mode,
  settings: Settings,
  closing: Closing,
): Promise<Server<WorkClient>> {
  const { pid, port } = await startRedis(mode, settings, closing);
  const libraries = await Promise.all([BULLMQ_LIBRARY, REDIS_LIBRARY].map(describePackage));
  return {
    version: libraries.join(', '),
    setup:
      'appendonly yes, save off; addBulk, one Worker, removeOnComplete, no ' +
      'lock renewal and no stalled check; values as strings',
    pids: [pid],
    clients: MANNERS.map((manner) => new BullmqClient(port, manner)),
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}
