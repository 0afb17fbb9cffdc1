package io.playhead.client;

import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Pauses between tries: doubling, half of each random, so that many clients of a broker that
 * restarts do not come back in step. The first tries, one for each further address, follow without
 * a pause. Guarded by its owner.
 */
final class Backoff {
  /** Of an operation that never gives up. */
  static final long FOR_EVER_MS = Long.MAX_VALUE;

  private static final int MAX_DOUBLINGS = 30;

  private final long initialMs;
  private final long maxMs;
  private final long giveUpAfterMs;
  private final LongSupplier nowMs;
  private final DoubleSupplier random;
  private int failures;
  private long sinceMs;

  Backoff(long initialMs, long maxMs, long giveUpAfterMs) {
    this(
        initialMs,
        maxMs,
        giveUpAfterMs,
        Clock::nowMs,
        () -> ThreadLocalRandom.current().nextDouble());
  }

  Backoff(
      long initialMs, long maxMs, long giveUpAfterMs, LongSupplier nowMs, DoubleSupplier random) {
    this.initialMs = initialMs;
    this.maxMs = maxMs;
    this.giveUpAfterMs = giveUpAfterMs;
    this.nowMs = nowMs;
    this.random = random;
  }

  /** Number of failures since the last success. */
  int failures() {
    return failures;
  }

  /**
   * Counts a failure. Answers with how long to wait before the next try, or nothing when it is time
   * to give up. Each of the addresses is tried once before the first pause.
   */
  OptionalLong fail(int addresses) {
    long now = nowMs.getAsLong();
    if (failures == 0) {
      sinceMs = now;
    }
    failures += 1;
    if (failures < addresses) {
      return OptionalLong.of(0);
    }
    long leftMs = giveUpAfterMs - (now - sinceMs);
    if (leftMs <= 0) {
      return OptionalLong.empty();
    }
    int doublings = Math.min(failures - addresses, MAX_DOUBLINGS);
    double fullMs = Math.min(initialMs * Math.pow(2, doublings), (double) maxMs);
    // The last try is made at the end of the time, not given up before it.
    return OptionalLong.of(Math.min((long) (fullMs * (0.5 + random.getAsDouble() / 2)), leftMs));
  }

  /** The next failure is a first one again. */
  void succeed() {
    failures = 0;
  }
}
