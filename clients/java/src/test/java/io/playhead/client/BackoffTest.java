package io.playhead.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class BackoffTest {
  private final AtomicLong nowMs = new AtomicLong();

  private Backoff backoff(long giveUpAfterMs, double random) {
    return new Backoff(100, 1000, giveUpAfterMs, nowMs::get, () -> random);
  }

  @Test
  void pausesDoubleUpToTheLongest() {
    Backoff backoff = backoff(Backoff.FOR_EVER_MS, 1);
    long[] pausesMs = new long[6];
    for (int i = 0; i < pausesMs.length; i++) {
      pausesMs[i] = backoff.fail(1).getAsLong();
    }
    assertArrayEquals(new long[] {100, 200, 400, 800, 1000, 1000}, pausesMs);
  }

  @Test
  void halfOfAPauseIsRandom() {
    assertEquals(OptionalLong.of(50), backoff(Backoff.FOR_EVER_MS, 0).fail(1));
  }

  @Test
  void eachAddressIsTriedOnceBeforeTheFirstPause() {
    Backoff backoff = backoff(Backoff.FOR_EVER_MS, 1);
    assertEquals(OptionalLong.of(0), backoff.fail(3));
    assertEquals(OptionalLong.of(0), backoff.fail(3));
    assertEquals(OptionalLong.of(100), backoff.fail(3));
  }

  @Test
  void theLastTryIsMadeAtTheEndOfTheTime() {
    Backoff backoff = backoff(150, 1);
    assertEquals(OptionalLong.of(100), backoff.fail(1));
    nowMs.set(100);
    assertEquals(OptionalLong.of(50), backoff.fail(1));
    nowMs.set(150);
    assertEquals(OptionalLong.empty(), backoff.fail(1));
  }

  @Test
  void aSuccessForgetsTheFailures() {
    Backoff backoff = backoff(Backoff.FOR_EVER_MS, 1);
    backoff.fail(1);
    backoff.succeed();
    assertEquals(OptionalLong.of(100), backoff.fail(1));
  }
}
