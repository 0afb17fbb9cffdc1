package io.playhead.client;

import java.time.Duration;
import java.util.List;

/** How long a message waits before it is delivered again. */
public sealed interface RedeliveryBackoff
    permits RedeliveryBackoff.Delays, RedeliveryBackoff.Exponential {
  /** It does not wait. */
  static RedeliveryBackoff none() {
    return new Delays(List.of());
  }

  /**
   * The delays before the second, third and so on delivery; the last one holds for all later ones.
   */
  static RedeliveryBackoff delays(Duration... delays) {
    return new Delays(List.of(delays));
  }

  /** A delay that doubles each time, up to one hour. */
  static Exponential exponential(Duration initial) {
    return new Exponential(initial, Duration.ZERO, 0);
  }

  /**
   * Delays one by one.
   *
   * @param delays before the second, third and so on delivery
   */
  record Delays(List<Duration> delays) implements RedeliveryBackoff {
    /** Copies. */
    public Delays {
      delays = List.copyOf(delays);
    }
  }

  /**
   * A delay that doubles.
   *
   * @param initial before the second delivery
   * @param max the longest; zero: one hour
   * @param jitter share of the delay by which it is shortened or lengthened at random; 0 to 1
   */
  record Exponential(Duration initial, Duration max, double jitter) implements RedeliveryBackoff {
    /** With another longest delay. */
    public Exponential withMax(Duration value) {
      return new Exponential(initial, value, jitter);
    }

    /** With chance. */
    public Exponential withJitter(double share) {
      return new Exponential(initial, max, share);
    }
  }
}
