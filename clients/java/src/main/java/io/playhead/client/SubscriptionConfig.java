package io.playhead.client;

import dev.playhead.v1.Backoff;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Settings of a durable subscription. In a create, what is empty is the default; in an update, it
 * stays as it is. Immutable.
 *
 * @param mode to whom messages go; shared by default. Cannot be changed while there are workers
 * @param lease how long a delivery is the worker's own, unless it extends that; 1 ms to 7 days, 30
 *     s by default
 * @param maxAttempts deliveries of a message in all, 1 to 1000; 5 by default. Then it becomes a
 *     dead letter
 * @param maxInFlight most messages that are leased at one time, to all workers together; 10 000 by
 *     default
 * @param backoff before a redelivery; none by default
 * @param idleExpiry a subscription that nobody has used for so long is deleted; zero, the default:
 *     never
 * @param deadLetterTopic where dead letters go; {@code dead-letter/TOPIC/SUBSCRIPTION} by default
 * @param maxPending most messages that are not acknowledged; 0, the default: no limit
 * @param backlogPolicy what happens beyond that; refuse by default
 */
public record SubscriptionConfig(
    Optional<DeliveryMode> mode,
    Optional<Duration> lease,
    OptionalInt maxAttempts,
    OptionalInt maxInFlight,
    Optional<RedeliveryBackoff> backoff,
    Optional<Duration> idleExpiry,
    Optional<String> deadLetterTopic,
    OptionalLong maxPending,
    Optional<BacklogPolicy> backlogPolicy) {

  /** Checks. */
  public SubscriptionConfig {
    Objects.requireNonNull(mode, "mode");
    Objects.requireNonNull(lease, "lease");
    Objects.requireNonNull(maxAttempts, "maxAttempts");
    Objects.requireNonNull(maxInFlight, "maxInFlight");
    Objects.requireNonNull(backoff, "backoff");
    Objects.requireNonNull(idleExpiry, "idleExpiry");
    Objects.requireNonNull(deadLetterTopic, "deadLetterTopic");
    Objects.requireNonNull(maxPending, "maxPending");
    Objects.requireNonNull(backlogPolicy, "backlogPolicy");
  }

  /** Nothing is set. */
  public static SubscriptionConfig unset() {
    return builder().build();
  }

  /** Sets some of it. */
  public static Builder builder() {
    return new Builder();
  }

  dev.playhead.v1.SubscriptionConfig toWire() {
    dev.playhead.v1.SubscriptionConfig.Builder wire =
        dev.playhead.v1.SubscriptionConfig.newBuilder();
    mode.ifPresent(value -> wire.setDeliveryMode(value.wire()));
    lease.ifPresent(value -> wire.setLeaseMs(Clock.toMs(value)));
    maxAttempts.ifPresent(wire::setMaxAttempts);
    maxInFlight.ifPresent(wire::setMaxInFlight);
    backoff.ifPresent(value -> wire.setBackoff(encode(value)));
    idleExpiry.ifPresent(value -> wire.setIdleExpiryMs(Clock.toMs(value)));
    deadLetterTopic.ifPresent(wire::setDeadLetterTopic);
    maxPending.ifPresent(wire::setMaxPending);
    backlogPolicy.ifPresent(value -> wire.setBacklogPolicy(value.wire()));
    return wire.build();
  }

  /** All of it is set. */
  static SubscriptionConfig ofWire(dev.playhead.v1.SubscriptionConfig wire) {
    return builder()
        .mode(DeliveryMode.ofWire(wire.getDeliveryMode()))
        .lease(Duration.ofMillis(wire.getLeaseMs()))
        .maxAttempts(wire.getMaxAttempts())
        .maxInFlight(wire.getMaxInFlight())
        .backoff(decode(wire.getBackoff()))
        .idleExpiry(Duration.ofMillis(wire.getIdleExpiryMs()))
        .deadLetterTopic(wire.getDeadLetterTopic())
        .maxPending(wire.getMaxPending())
        .backlogPolicy(BacklogPolicy.ofWire(wire.getBacklogPolicy()))
        .build();
  }

  private static Backoff encode(RedeliveryBackoff backoff) {
    Backoff.Builder wire = Backoff.newBuilder();
    if (backoff instanceof RedeliveryBackoff.Delays list) {
      list.delays().forEach(delay -> wire.addDelaysMs(Clock.toMs(delay)));
    } else if (backoff instanceof RedeliveryBackoff.Exponential exponential) {
      wire.setInitialMs(Clock.toMs(exponential.initial()))
          .setMaxMs(Clock.toMs(exponential.max()))
          .setJitter(exponential.jitter());
    }
    return wire.build();
  }

  private static RedeliveryBackoff decode(Backoff wire) {
    // Without a first delay the others mean nothing.
    return wire.getInitialMs() == 0
        ? new RedeliveryBackoff.Delays(
            wire.getDelaysMsList().stream().map(Duration::ofMillis).toList())
        : new RedeliveryBackoff.Exponential(
            Duration.ofMillis(wire.getInitialMs()),
            Duration.ofMillis(wire.getMaxMs()),
            wire.getJitter());
  }

  /** Sets some of a configuration. For one thread. */
  public static final class Builder {
    private Optional<DeliveryMode> mode = Optional.empty();
    private Optional<Duration> lease = Optional.empty();
    private OptionalInt maxAttempts = OptionalInt.empty();
    private OptionalInt maxInFlight = OptionalInt.empty();
    private Optional<RedeliveryBackoff> backoff = Optional.empty();
    private Optional<Duration> idleExpiry = Optional.empty();
    private Optional<String> deadLetterTopic = Optional.empty();
    private OptionalLong maxPending = OptionalLong.empty();
    private Optional<BacklogPolicy> backlogPolicy = Optional.empty();

    private Builder() {}

    /** To whom messages go. */
    public Builder mode(DeliveryMode value) {
      mode = Optional.of(Objects.requireNonNull(value, "mode"));
      return this;
    }

    /** How long a delivery is the worker's own. */
    public Builder lease(Duration value) {
      lease = Optional.of(Objects.requireNonNull(value, "lease"));
      return this;
    }

    /** Deliveries of a message in all. */
    public Builder maxAttempts(int deliveries) {
      maxAttempts = OptionalInt.of(deliveries);
      return this;
    }

    /** Most messages that are leased at one time. */
    public Builder maxInFlight(int messages) {
      maxInFlight = OptionalInt.of(messages);
      return this;
    }

    /** Before a redelivery. */
    public Builder backoff(RedeliveryBackoff value) {
      backoff = Optional.of(Objects.requireNonNull(value, "backoff"));
      return this;
    }

    /** When a subscription that nobody uses is deleted. */
    public Builder idleExpiry(Duration value) {
      idleExpiry = Optional.of(Objects.requireNonNull(value, "idleExpiry"));
      return this;
    }

    /** Where dead letters go. */
    public Builder deadLetterTopic(String topic) {
      deadLetterTopic = Optional.of(Objects.requireNonNull(topic, "deadLetterTopic"));
      return this;
    }

    /** Most messages that are not acknowledged. */
    public Builder maxPending(long messages) {
      maxPending = OptionalLong.of(messages);
      return this;
    }

    /** What happens beyond that. */
    public Builder backlogPolicy(BacklogPolicy value) {
      backlogPolicy = Optional.of(Objects.requireNonNull(value, "backlogPolicy"));
      return this;
    }

    /** The configuration. */
    public SubscriptionConfig build() {
      return new SubscriptionConfig(
          mode,
          lease,
          maxAttempts,
          maxInFlight,
          backoff,
          idleExpiry,
          deadLetterTopic,
          maxPending,
          backlogPolicy);
    }
  }
}
