import type { Contestant, Mode, Server } from '../contestants/contestant.ts';
import type { WorkClient } from '../contestants/work-client.ts';
import type { Settings } from '../workload.ts';
import { BULLMQ_LIBRARY, BullmqClient, REDIS_LIBRARY } from './bullmq-client.ts';
import type { Closing } from './child.ts';
import { openAll } from './child.ts';
import { areInstalled, describePackage, INSTALL_PACKAGES } from './packages.ts';
import { missingRedis, contestant as redis, startRedis } from './redis.ts';

/** Jobs that the worker runs at one time: which is best depends on the machine. */
const CONCURRENCY = [100, 1000] as const;

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
      'appendonly yes, save off; addBulk, one Worker with auto-pipelining, removeOnComplete, no ' +
      'lock renewal and no stalled check; values as strings',
    pids: [pid],
    clients: CONCURRENCY.map((concurrency) => new BullmqClient(port, concurrency)),
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}
