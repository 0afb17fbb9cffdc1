package io.playhead.client;

import java.util.Objects;
import java.util.function.Consumer;

/**
 * How a worker consumes. Immutable.
 *
 * @param maxInFlight most deliveries that are here and not settled; 1000 by default. Some 10 000
 *     are fastest
 * @param maxBytes most bytes of them, which the last one may exceed; 32 MiB by default
 * @param worker name of the worker, for people; at most 255 bytes
 * @param onEvent told, in order and in a thread of the client, of what happens besides deliveries
 */
public record ConsumeOptions(
    int maxInFlight, int maxBytes, String worker, Consumer<ConsumptionEvent> onEvent) {
  private static final ConsumeOptions DEFAULTS =
      new ConsumeOptions(1000, 32 * 1024 * 1024, "", event -> {});

  /** Checks. */
  public ConsumeOptions {
    Checks.positive("maxInFlight", maxInFlight);
    Checks.positive("maxBytes", maxBytes);
    Objects.requireNonNull(worker, "worker");
    Objects.requireNonNull(onEvent, "onEvent");
  }

  /** What is usual. */
  public static ConsumeOptions defaults() {
    return DEFAULTS;
  }

  /** With so many deliveries. */
  public ConsumeOptions withMaxInFlight(int deliveries) {
    return new ConsumeOptions(deliveries, maxBytes, worker, onEvent);
  }

  /** With so many bytes. */
  public ConsumeOptions withMaxBytes(int bytes) {
    return new ConsumeOptions(maxInFlight, bytes, worker, onEvent);
  }

  /** With a name. */
  public ConsumeOptions withWorker(String name) {
    return new ConsumeOptions(maxInFlight, maxBytes, name, onEvent);
  }

  /** With somebody who is told. It may block, but not wait for later events. */
  public ConsumeOptions withOnEvent(Consumer<ConsumptionEvent> value) {
    return new ConsumeOptions(maxInFlight, maxBytes, worker, value);
  }
}
