package io.playhead.client;

import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What of a topic is read. Immutable.
 *
 * @param from where to begin; empty: latest for a topic, earliest for a channel
 * @param until where to end; empty: the subscription follows
 * @param limit end after so many messages
 */
public record SubscribeOptions(Optional<Position> from, Optional<Until> until, OptionalLong limit) {
  private static final SubscribeOptions DEFAULTS =
      new SubscribeOptions(Optional.empty(), Optional.empty(), OptionalLong.empty());

  /** Checks. */
  public SubscribeOptions {
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(until, "until");
    Objects.requireNonNull(limit, "limit");
  }

  /** Follows from where is usual. */
  public static SubscribeOptions defaults() {
    return DEFAULTS;
  }

  /** Follows from a position. */
  public static SubscribeOptions from(Position from) {
    return DEFAULTS.withFrom(from);
  }

  /** With another beginning. */
  public SubscribeOptions withFrom(Position value) {
    return new SubscribeOptions(Optional.of(Objects.requireNonNull(value, "from")), until, limit);
  }

  /** With an end. */
  public SubscribeOptions withUntil(Until value) {
    return new SubscribeOptions(from, Optional.of(Objects.requireNonNull(value, "until")), limit);
  }

  /** With an end after so many messages; at least 1. */
  public SubscribeOptions withLimit(long messages) {
    return new SubscribeOptions(from, until, OptionalLong.of(Checks.positive("limit", messages)));
  }
}
