import type { Closed as WireClosed } from 'playhead-proto';

/** The close marker: the topic is complete. */
export interface Closed {
  readonly topic: string;
  /** Place of the marker on the tape, behind the last message; nanoseconds since 1970, UTC. */
  readonly timestampNs: bigint;
  /** Number of messages ever appended to the topic, by all its writers, trimmed ones included. */
  readonly messageCount: number;
  /** Why, as the writer gave it. Empty if it gave none. */
  readonly reason: string;
  /** MD5 over the values, as the writer gave it; 32 hexadecimal digits. Undefined if it gave none. */
  readonly checksum: string | undefined;
}

export function fromWireClosed(closed: WireClosed): Closed {
  return {
    topic: closed.topic,
    timestampNs: closed.timestampNs,
    messageCount: Number(closed.messageCount),
    reason: closed.reason,
    checksum:
      closed.checksum.length === 0 ? undefined : Buffer.from(closed.checksum).toString('hex'),
  };
}
