import { access } from 'node:fs/promises';
import type { BenchClient, Contestant, NamedClient } from './contestant.ts';
import type { WorkClient } from './work-client.ts';

/** The peers as logs, by the name of their file in `peers/`. */
const LOG_PEERS: readonly string[] = ['nats', 'redis', 'rabbitmq', 'kafka'];
/** The peers as work queues: the file in `peers/` of each. */
const WORK_PEERS: ReadonlyMap<string, string> = new Map([
  ['nats', 'nats-work'],
  ['bullmq', 'bullmq'],
]);

/** All peers, for `--peer`. */
export const PEERS: readonly string[] = [...new Set([...LOG_PEERS, ...WORK_PEERS.keys()])];

/** A peer that can be started, or the command that installs what is missing. */
export type PeerOrCommand<C extends NamedClient> =
  | { readonly id: string; readonly peer: Contestant<C> }
  | { readonly id: string; readonly install: string };

/** Those of these peers that are logs. */
export function loadLogPeers(ids: readonly string[]): Promise<PeerOrCommand<BenchClient>[]> {
  const chosen = ids.filter((id) => LOG_PEERS.includes(id));
  return Promise.all(chosen.map((id) => loadPeer<BenchClient>(id, id)));
}

/** Those of these peers that are work queues. */
export function loadWorkPeers(ids: readonly string[]): Promise<PeerOrCommand<WorkClient>[]> {
  const chosen = [...WORK_PEERS].filter(([id]) => ids.includes(id));
  return Promise.all(chosen.map(([id, file]) => loadPeer<WorkClient>(id, file)));
}

/**
 * Loads a peer. Its client libraries are in a package of their own, which is not installed with the rest; so it is
 * loaded by a path that is put together, where type checks and bundlers do not follow.
 */
async function loadPeer<C extends NamedClient>(
  id: string,
  name: string,
): Promise<PeerOrCommand<C>> {
  const file = new URL(`../peers/${name}.ts`, import.meta.url);
  await access(file);
  const { contestant: peer }: { contestant: Contestant<C> } = await import(file.href);
  const install = await peer.missing();
  return install === undefined ? { id, peer } : { id, install };
}
