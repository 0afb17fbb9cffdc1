import { BrokerServiceService, Durability } from 'playhead-proto';
import type { Connection } from './connection.ts';

/** What a broker says of itself. */
export interface ServerInfo {
  readonly version: string;
  /** When a publish is acknowledged: on disk, once the operating system has it, or once the broker has. */
  readonly durability: 'fsync' | 'os' | 'memory' | 'unknown';
  /** Largest message, as the length of its protobuf encoding, where the topic does not set its own. */
  readonly maxMessageBytes: number;
  readonly maxRequestBytes: number;
  /** The broker's clock; nanoseconds since 1970, UTC. */
  readonly clockNs: bigint;
  /** Timestamp of the last message of all topics. */
  readonly lastTimestampNs: bigint | undefined;
}

export async function getServerInfo(
  connection: Connection,
  signal: AbortSignal | undefined,
): Promise<ServerInfo> {
  const info = await connection.request(
    BrokerServiceService.getServerInfo,
    {},
    'ask the broker about itself',
    signal,
  );
  return {
    version: info.version,
    durability: durabilityName(info.durability),
    maxMessageBytes: info.maxMessageBytes,
    maxRequestBytes: info.maxRequestBytes,
    clockNs: info.clockNs,
    lastTimestampNs: info.lastTimestampNs === 0n ? undefined : info.lastTimestampNs,
  };
}

function durabilityName(durability: Durability): ServerInfo['durability'] {
  switch (durability) {
    case Durability.FSYNC:
      return 'fsync';
    case Durability.OS:
      return 'os';
    case Durability.MEMORY:
      return 'memory';
    default:
      return 'unknown';
  }
}
