import { access } from 'node:fs/promises';
import type { Contestant } from './contestant.ts';

/** The peers, by the name of their file in `peers/`. */
export const PEERS = ['nats', 'redis', 'rabbitmq', 'kafka'] as const;

/** A peer that can be started, or the command that installs what is missing. */
export type PeerOrCommand =
  | { readonly id: string; readonly peer: Contestant }
  | { readonly id: string; readonly install: string };

/**
 * Loads a peer. Its client libraries are in a package of their own, which is not installed with the rest; so it is
 * loaded by a path that is put together, where type checks and bundlers do not follow.
 */
export async function loadPeer(id: string): Promise<PeerOrCommand> {
  const file = new URL(`../peers/${id}.ts`, import.meta.url);
  await access(file);
  const { contestant: peer }: { contestant: Contestant } = await import(file.href);
  const install = await peer.missing();
  return install === undefined ? { id, peer } : { id, install };
}
