import { BrokerServiceService } from 'playhead-proto';
import type { Connection } from './connection.ts';
import type { Ago } from './position.ts';

/** The timestamp that a time stands for now, by the broker's clock and not by this machine's. */
export async function resolveTime(
  connection: Connection,
  time: bigint | Ago,
  signal: AbortSignal | undefined,
): Promise<bigint> {
  if (typeof time === 'bigint') return time;
  const { clockNs } = await connection.request(
    BrokerServiceService.getServerInfo,
    {},
    "ask for the broker's clock",
    signal,
  );
  return clockNs > time.agoNs ? clockNs - time.agoNs : 0n;
}
