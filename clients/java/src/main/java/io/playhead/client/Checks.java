package io.playhead.client;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** Refuses wrong arguments before they are sent. */
final class Checks {
  private Checks() {}

  static int positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be 1 or more, not " + value);
    }
    return value;
  }

  static long positive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be 1 or more, not " + value);
    }
    return value;
  }

  static Duration positive(String name, Duration value) {
    Objects.requireNonNull(value, name);
    positive(name + " in milliseconds", Clock.toMs(value));
    return value;
  }

  static Duration notNegative(String name, Duration value) {
    Objects.requireNonNull(value, name);
    if (value.isNegative()) {
      throw new IllegalArgumentException(name + " must be 0 or more, not " + value);
    }
    return value;
  }

  /** A copy, which does not change. Throws a NullPointerException if one of them is null. */
  static <T> List<T> elements(String name, Collection<? extends T> values) {
    Objects.requireNonNull(values, name);
    for (T value : values) {
      Objects.requireNonNull(value, "one of " + name);
    }
    return List.copyOf(values);
  }
}
