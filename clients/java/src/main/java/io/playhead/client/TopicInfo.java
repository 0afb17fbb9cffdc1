package io.playhead.client;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * A topic as it was at the time of the answer. Timestamps are nanoseconds since 1970, UTC.
 *
 * @param topic name
 * @param config settings, all of them set
 * @param createdTimestampNs when it was created
 * @param firstTimestampNs of the first retained message
 * @param lastTimestampNs of the last message ever appended
 * @param messageCount number of retained messages
 * @param byteCount size of the retained messages as stored
 * @param messagesPerSecond messages appended, averaged over about a minute
 * @param bytesPerSecond bytes appended, averaged over about a minute
 * @param closed set if the topic is closed
 * @param subscriberCount number of subscriptions that are open now
 */
public record TopicInfo(
    String topic,
    TopicConfig config,
    long createdTimestampNs,
    OptionalLong firstTimestampNs,
    OptionalLong lastTimestampNs,
    long messageCount,
    long byteCount,
    double messagesPerSecond,
    double bytesPerSecond,
    Optional<Closed> closed,
    int subscriberCount) {
  static TopicInfo ofWire(dev.playhead.v1.Topic wire) {
    return new TopicInfo(
        wire.getTopic(),
        TopicConfig.ofWire(wire.getConfig()),
        wire.getCreatedTimestampNs(),
        Wire.timestamp(wire.getFirstTimestampNs()),
        Wire.timestamp(wire.getLastTimestampNs()),
        wire.getMessageCount(),
        wire.getByteCount(),
        wire.getMessagesPerSecond(),
        wire.getBytesPerSecond(),
        wire.hasClosed() ? Optional.of(Closed.ofWire(wire.getClosed())) : Optional.empty(),
        wire.getSubscriberCount());
  }
}
