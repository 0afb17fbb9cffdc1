package io.playhead.client;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How a publisher works. Immutable.
 *
 * @param name name of the producer, 1 to 255 bytes, for one program at a time: after a restart its
 *     publishes go on behind the last one that was stored. Without a name a random one makes
 *     retries safe while the publisher lives
 * @param linger how long a message waits for others to go out with; by default only while a request
 *     is under way
 * @param maxBatchBytes a request is sent when it has this size; 256 KiB by default
 * @param maxInFlight requests under way; 32 by default
 * @param maxBufferedBytes what is kept in memory, sent or not, until it is acknowledged; 64 MiB by
 *     default
 */
public record PublisherOptions(
    Optional<String> name,
    Duration linger,
    int maxBatchBytes,
    int maxInFlight,
    long maxBufferedBytes) {
  /** With fewer in flight the broker's disk waits for requests. */
  private static final int DEFAULT_IN_FLIGHT = 32;

  private static final PublisherOptions DEFAULTS =
      new PublisherOptions(
          Optional.empty(), Duration.ZERO, 256 * 1024, DEFAULT_IN_FLIGHT, 64L * 1024 * 1024);

  /** Checks. */
  public PublisherOptions {
    Objects.requireNonNull(name, "name");
    if (name.isPresent() && name.get().isEmpty()) {
      throw new IllegalArgumentException("the name of a publisher must not be empty");
    }
    Checks.notNegative("linger", linger);
    Checks.positive("maxBatchBytes", maxBatchBytes);
    Checks.positive("maxInFlight", maxInFlight);
    Checks.positive("maxBufferedBytes", maxBufferedBytes);
  }

  /** What is usual. */
  public static PublisherOptions defaults() {
    return DEFAULTS;
  }

  /** With a name of the producer. */
  public PublisherOptions withName(String value) {
    return new PublisherOptions(
        Optional.of(Objects.requireNonNull(value, "name")),
        linger,
        maxBatchBytes,
        maxInFlight,
        maxBufferedBytes);
  }

  /** With a time to wait for more. */
  public PublisherOptions withLinger(Duration value) {
    return new PublisherOptions(name, value, maxBatchBytes, maxInFlight, maxBufferedBytes);
  }

  /** With another size of requests. */
  public PublisherOptions withMaxBatchBytes(int bytes) {
    return new PublisherOptions(name, linger, bytes, maxInFlight, maxBufferedBytes);
  }

  /**
   * With so many requests under way. A broker knows no more than the last 1024 of a producer after
   * a lost connection.
   */
  public PublisherOptions withMaxInFlight(int requests) {
    return new PublisherOptions(name, linger, maxBatchBytes, requests, maxBufferedBytes);
  }

  /** With so much memory. */
  public PublisherOptions withMaxBufferedBytes(long bytes) {
    return new PublisherOptions(name, linger, maxBatchBytes, maxInFlight, bytes);
  }
}
