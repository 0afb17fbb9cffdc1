package io.playhead.client;

import java.util.HexFormat;
import java.util.Optional;

/**
 * The close marker: the topic is complete. Ends a subscription, unless it is of a glob.
 *
 * @param topic name of the topic
 * @param timestampNs place of the marker on the tape, behind the last message; nanoseconds since
 *     1970, UTC
 * @param messageCount number of messages ever appended, by all writers, trimmed ones included
 * @param reason why, as the writer gave it; empty if it gave none
 * @param checksum MD5 over the values, as the writer gave it; 32 hexadecimal digits
 */
public record Closed(
    String topic, long timestampNs, long messageCount, String reason, Optional<String> checksum)
    implements SubscriptionEvent {
  static Closed ofWire(dev.playhead.v1.Closed wire) {
    Optional<String> checksum =
        wire.getChecksum().isEmpty()
            ? Optional.empty()
            : Optional.of(HexFormat.of().formatHex(wire.getChecksum().toByteArray()));
    return new Closed(
        wire.getTopic(), wire.getTimestampNs(), wire.getMessageCount(), wire.getReason(), checksum);
  }
}
