package io.playhead.client;

import java.util.OptionalLong;

/**
 * What was asked for next is gone, by trim or by retention.
 *
 * @param topic name of the topic
 * @param firstTimestampNs of the first message that is left, nanoseconds since 1970, UTC; empty if
 *     nothing is left
 */
public record Trimmed(String topic, OptionalLong firstTimestampNs) implements SubscriptionEvent {
  static Trimmed ofWire(dev.playhead.v1.Trimmed wire) {
    return new Trimmed(wire.getTopic(), Wire.timestamp(wire.getFirstTimestampNs()));
  }
}
