/** The close marker of a topic: it is complete. */
export interface CloseMarker {
  readonly timestampNs: bigint;
  /** Messages ever appended to the topic. */
  readonly messageCount: bigint;
  readonly reason: string;
  /** The writer's checksum; empty if it gave none. */
  readonly checksum: Buffer;
}

/**
 * Encodes the body of a close frame; timestamp and message count are in the frame's header.
 *
 * ```
 *  1  length of the checksum   …  checksum   …  reason, UTF-8
 * ```
 */
export function encodeCloseMarker(marker: Pick<CloseMarker, 'reason' | 'checksum'>): Buffer {
  return Buffer.concat([
    Buffer.from([marker.checksum.length]),
    marker.checksum,
    Buffer.from(marker.reason),
  ]);
}

export function decodeCloseMarker(
  body: Buffer,
  timestampNs: bigint,
  messageCount: bigint,
): CloseMarker {
  const reasonAt = 1 + (body[0] ?? 0);
  return {
    timestampNs,
    messageCount,
    checksum: body.subarray(1, reasonAt),
    reason: body.toString('utf8', reasonAt),
  };
}
