package io.playhead.client;

import java.util.Objects;
import java.util.Optional;

/**
 * How a durable subscription is made. Immutable.
 *
 * @param from where to begin; latest by default. Of no effect if the subscription exists
 * @param config settings
 * @param createTopic make a topic that does not exist
 */
public record CreateSubscriptionOptions(
    Optional<Position> from, SubscriptionConfig config, boolean createTopic) {
  private static final CreateSubscriptionOptions DEFAULTS =
      new CreateSubscriptionOptions(Optional.empty(), SubscriptionConfig.unset(), false);

  /** Checks. */
  public CreateSubscriptionOptions {
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(config, "config");
  }

  /** What is usual. */
  public static CreateSubscriptionOptions defaults() {
    return DEFAULTS;
  }

  /** From a position on. */
  public static CreateSubscriptionOptions from(Position from) {
    return DEFAULTS.withFrom(from);
  }

  /** With another beginning. */
  public CreateSubscriptionOptions withFrom(Position value) {
    return new CreateSubscriptionOptions(
        Optional.of(Objects.requireNonNull(value, "from")), config, createTopic);
  }

  /** With settings. */
  public CreateSubscriptionOptions withConfig(SubscriptionConfig value) {
    return new CreateSubscriptionOptions(from, value, createTopic);
  }

  /** With the topic, or without. */
  public CreateSubscriptionOptions withCreateTopic(boolean value) {
    return new CreateSubscriptionOptions(from, config, value);
  }
}
