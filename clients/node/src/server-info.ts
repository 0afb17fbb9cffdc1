/** What a broker says of itself. */
export interface ServerInfo {
  readonly version: string;
  /** When a publish is acknowledged: on disk, or once the operating system has it. */
  readonly durability: 'fsync' | 'os' | 'unknown';
  /** Largest message, as the length of its protobuf encoding, where the topic does not set its own. */
  readonly maxMessageBytes: number;
  readonly maxRequestBytes: number;
  /** The broker's clock; nanoseconds since 1970, UTC. */
  readonly clockNs: bigint;
  /** Timestamp of the last message of all topics. */
  readonly lastTimestampNs: bigint | undefined;
}
