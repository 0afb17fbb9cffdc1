package io.playhead.client;

import java.time.Duration;
import java.util.Objects;

/**
 * What is pulled. Immutable.
 *
 * @param maxMessages at most so many; 1 by default, at most 10 000
 * @param maxBytes at most so many bytes, but at least one message; 0: 1 MiB
 * @param maxWait wait so long for the first message, at most 60 s; zero by default
 * @param lease how long the lease is; zero: as the subscription says
 */
public record PullOptions(int maxMessages, int maxBytes, Duration maxWait, Duration lease) {
  private static final PullOptions DEFAULTS = new PullOptions(1, 0, Duration.ZERO, Duration.ZERO);

  /** Checks. */
  public PullOptions {
    Objects.requireNonNull(maxWait, "maxWait");
    Objects.requireNonNull(lease, "lease");
  }

  /** One message, if there is one. */
  public static PullOptions defaults() {
    return DEFAULTS;
  }

  /** With so many messages. */
  public PullOptions withMaxMessages(int messages) {
    return new PullOptions(messages, maxBytes, maxWait, lease);
  }

  /** With so many bytes. */
  public PullOptions withMaxBytes(int bytes) {
    return new PullOptions(maxMessages, bytes, maxWait, lease);
  }

  /** With a time to wait. */
  public PullOptions withMaxWait(Duration value) {
    return new PullOptions(maxMessages, maxBytes, value, lease);
  }

  /** With another lease. */
  public PullOptions withLease(Duration value) {
    return new PullOptions(maxMessages, maxBytes, maxWait, value);
  }
}
