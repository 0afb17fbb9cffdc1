package io.playhead.client;

/**
 * What the broker stored of one request.
 *
 * @param firstTimestampNs of the first message; the others follow by one nanosecond each.
 *     Nanoseconds since 1970, UTC
 * @param lastTimestampNs of the last message
 * @param isDuplicate whether an earlier try had been stored: the timestamps are those of the first
 *     time
 */
public record PublishAck(long firstTimestampNs, long lastTimestampNs, boolean isDuplicate) {
  static PublishAck ofWire(dev.playhead.v1.PublishAck wire) {
    return new PublishAck(
        wire.getFirstTimestampNs(), wire.getLastTimestampNs(), wire.getDuplicate());
  }
}
