package io.playhead.client;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

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
    Objects.requireNonNull(delays, "delays");
    return new Delays(Arrays.asList(delays));
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
      delays = Checks.elements("delays", delays);
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
    /** Checks. */
    public Exponential {
      Objects.requireNonNull(initial, "initial");
      Objects.requireNonNull(max, "max");
    }

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
