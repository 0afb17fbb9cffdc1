package io.playhead.client;

import java.time.Duration;
import java.time.Instant;

/** Time in the units of the wire. */
final class Clock {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private Clock() {}

  /** Milliseconds that only ever go forward; they mean nothing outside of this process. */
  static long nowMs() {
    return System.nanoTime() / 1_000_000;
  }

  /**
   * Nanoseconds since 1970. Throws an IllegalArgumentException for what 64 bits do not hold: years
   * before 1677 or after 2262.
   */
  static long toNs(Instant instant) {
    try {
      return Math.addExact(
          Math.multiplyExact(instant.getEpochSecond(), NANOS_PER_SECOND), instant.getNano());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(instant + " does not fit into 64 bits of nanoseconds", e);
    }
  }

  static Instant toInstant(long timestampNs) {
    return Instant.ofEpochSecond(0, timestampNs);
  }

  static long toNs(Duration duration) {
    try {
      return duration.toNanos();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(duration + " does not fit into 64 bits of nanoseconds", e);
    }
  }

  /** Whole milliseconds; what is shorter than one but not nothing is one. */
  static long toMs(Duration duration) {
    long ms = duration.toMillis();
    return ms == 0 && !duration.isZero() ? 1 : ms;
  }

  /** As {@link #toMs}, to wait so long: what is beyond all clocks is for ever. */
  static long toWaitMs(String name, Duration duration) {
    Duration forEver = Duration.ofMillis(Subscription.FOR_EVER_MS);
    return Checks.notNegative(name, duration).compareTo(forEver) > 0
        ? Subscription.FOR_EVER_MS
        : toMs(duration);
  }
}
