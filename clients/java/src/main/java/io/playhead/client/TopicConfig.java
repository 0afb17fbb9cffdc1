package io.playhead.client;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Settings of a topic. In a create, what is empty is the default; in an update, it stays as it is.
 * Immutable.
 *
 * @param maxAge messages older than this are trimmed; zero, the default: kept for ever
 * @param maxBytes the oldest messages over this size are trimmed; 0, the default: no limit
 * @param maxMessages the oldest messages over this number are trimmed; 0, the default: no limit
 * @param maxMessageBytes largest message, as the length of its encoding; 0, the default: the
 *     broker's limit
 * @param trimConsumed trim what every subscription of the topic has acknowledged; false by default
 */
public record TopicConfig(
    Optional<Duration> maxAge,
    OptionalLong maxBytes,
    OptionalLong maxMessages,
    OptionalInt maxMessageBytes,
    Optional<Boolean> trimConsumed) {
  private static final TopicConfig UNSET =
      new TopicConfig(
          Optional.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalInt.empty(),
          Optional.empty());

  /** Checks. */
  public TopicConfig {
    Objects.requireNonNull(maxAge, "maxAge");
    Objects.requireNonNull(maxBytes, "maxBytes");
    Objects.requireNonNull(maxMessages, "maxMessages");
    Objects.requireNonNull(maxMessageBytes, "maxMessageBytes");
    Objects.requireNonNull(trimConsumed, "trimConsumed");
  }

  /** Nothing is set. */
  public static TopicConfig unset() {
    return UNSET;
  }

  /** With another age. */
  public TopicConfig withMaxAge(Duration value) {
    return new TopicConfig(
        Optional.of(Checks.notNegative("maxAge", value)),
        maxBytes,
        maxMessages,
        maxMessageBytes,
        trimConsumed);
  }

  /** With another size. */
  public TopicConfig withMaxBytes(long bytes) {
    return new TopicConfig(
        maxAge, OptionalLong.of(bytes), maxMessages, maxMessageBytes, trimConsumed);
  }

  /** With another number. */
  public TopicConfig withMaxMessages(long messages) {
    return new TopicConfig(
        maxAge, maxBytes, OptionalLong.of(messages), maxMessageBytes, trimConsumed);
  }

  /** With another limit of messages. */
  public TopicConfig withMaxMessageBytes(int bytes) {
    return new TopicConfig(maxAge, maxBytes, maxMessages, OptionalInt.of(bytes), trimConsumed);
  }

  /** With trimming of what is consumed, or without. */
  public TopicConfig withTrimConsumed(boolean value) {
    return new TopicConfig(maxAge, maxBytes, maxMessages, maxMessageBytes, Optional.of(value));
  }

  dev.playhead.v1.TopicConfig toWire() {
    dev.playhead.v1.TopicConfig.Builder wire = dev.playhead.v1.TopicConfig.newBuilder();
    maxAge.ifPresent(value -> wire.setMaxAgeMs(Clock.toMs(value)));
    maxBytes.ifPresent(wire::setMaxBytes);
    maxMessages.ifPresent(wire::setMaxMessages);
    maxMessageBytes.ifPresent(wire::setMaxMessageBytes);
    trimConsumed.ifPresent(wire::setTrimConsumed);
    return wire.build();
  }

  /** All of it is set. */
  static TopicConfig ofWire(dev.playhead.v1.TopicConfig wire) {
    return new TopicConfig(
        Optional.of(Duration.ofMillis(wire.getMaxAgeMs())),
        OptionalLong.of(wire.getMaxBytes()),
        OptionalLong.of(wire.getMaxMessages()),
        OptionalInt.of(wire.getMaxMessageBytes()),
        Optional.of(wire.getTrimConsumed()));
  }
}
