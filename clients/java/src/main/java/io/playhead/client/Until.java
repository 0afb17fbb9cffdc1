package io.playhead.client;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/** Where reading ends. */
public sealed interface Until permits Until.Now, Until.Timestamp, Until.Ago {
  /** Behind what is there when the reading begins. */
  static Until now() {
    return new Now();
  }

  /** Before this time; nanoseconds since 1970, UTC. A time in the future is waited for. */
  static Until timestampNs(long timestampNs) {
    return new Timestamp(timestampNs);
  }

  /** Before this time. A time in the future is waited for. */
  static Until at(Instant time) {
    Objects.requireNonNull(time, "time");
    return new Timestamp(Clock.toNs(time));
  }

  /** Before the time so long ago, by the broker's clock. */
  static Until ago(Duration duration) {
    return new Ago(duration);
  }

  /** Behind what is there. */
  record Now() implements Until {}

  /**
   * Before a time.
   *
   * @param timestampNs nanoseconds since 1970, UTC
   */
  record Timestamp(long timestampNs) implements Until {}

  /**
   * Before a time that counts back from the broker's clock.
   *
   * @param duration how far
   */
  record Ago(Duration duration) implements Until {
    /** Checks. */
    public Ago {
      Objects.requireNonNull(duration, "duration");
    }
  }
}
