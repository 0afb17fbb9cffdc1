package io.playhead.client;

import java.time.Duration;

/** What a consumption meets between deliveries. */
public sealed interface ConsumptionEvent
    permits ConsumptionEvent.Started,
        ConsumptionEvent.Disconnected,
        ConsumptionEvent.Sought,
        ConsumptionEnd {
  /**
   * The broker has taken the worker: first, after each lost connection, and when it gets its turn.
   *
   * @param isActive false while another worker has an exclusive subscription
   * @param lease how long leases are
   * @param maxInFlight as it was asked for, or the broker's limit if that is less
   * @param maxBytes as it was asked for, or the broker's limit if that is less
   */
  record Started(boolean isActive, Duration lease, int maxInFlight, int maxBytes)
      implements ConsumptionEvent {}

  /**
   * The connection was lost, and is tried again: deliveries from before are void.
   *
   * @param error why
   */
  record Disconnected(PlayheadException error) implements ConsumptionEvent {}

  /**
   * The subscription was moved: deliveries from before are void.
   *
   * @param timestampNs from this timestamp on it delivers now; nanoseconds since 1970, UTC
   */
  record Sought(long timestampNs) implements ConsumptionEvent {}
}
