package io.playhead.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What became of publishes whose futures nobody has looked at, until a flush tells of it. Publishes
 * have numbers, in the order in which they were handed over: a flush that somebody looks at has
 * told of all that came before it. Any thread may use it.
 */
final class UnreportedErrors {
  /** Bounds what is kept for a flush that may never come. Of later errors only the number is. */
  static final int MAX_ERRORS = 16;

  /** An error, and how many futures failed with it, or behind the last that is kept, unseen. */
  static final class Failure {
    private final PlayheadException error;
    private long number;
    private long unseenCount;

    private Failure(PlayheadException error) {
      this.error = error;
    }
  }

  private final List<Failure> failures = new ArrayList<>();
  private long toldNumber;

  /** A future whose error is kept here until somebody looks at it. */
  <T> PublishFuture<T> createFuture() {
    return new PublishFuture<>(this::forget);
  }

  /** The publish of this number will fail its future with this error. */
  synchronized void report(long number, PublishFuture<?> future, PlayheadException error) {
    if (number <= toldNumber || future.isLookedAt()) {
      return;
    }
    Failure failure = failureFor(error);
    failure.number = Math.max(failure.number, number);
    failure.unseenCount += 1;
    future.failure = failure;
  }

  /**
   * Completes when all of these have, which are those up to a number that are not settled. Fails
   * with the first error that is kept, or else with the first of theirs.
   */
  CompletableFuture<Void> flush(long number, List<CompletableFuture<PublishAck>> outcomes) {
    PlayheadException kept = first();
    PublishFuture<Void> flushed = new PublishFuture<>(future -> tell(number));
    var unused =
        Futures.all(outcomes)
            .whenComplete(
                (done, error) -> {
                  if (kept != null) {
                    flushed.fail(kept);
                  } else if (error != null) {
                    flushed.fail(Futures.errorOf(error));
                  } else {
                    flushed.complete(null);
                  }
                });
    return flushed;
  }

  /** Somebody was told that not all up to this number was stored, or that it was. */
  synchronized void tell(long number) {
    toldNumber = Math.max(toldNumber, number);
    failures.removeIf(failure -> failure.number <= number);
  }

  private synchronized PlayheadException first() {
    return failures.isEmpty() ? null : failures.get(0).error;
  }

  private synchronized void forget(PublishFuture<?> future) {
    Failure failure = future.failure;
    future.failure = null;
    if (failure != null) {
      failure.unseenCount -= 1;
      if (failure.unseenCount == 0) {
        failures.remove(failure);
      }
    }
  }

  private Failure failureFor(PlayheadException error) {
    for (Failure failure : failures) {
      // The futures of one request have one.
      if (failure.error == error) {
        return failure;
      }
    }
    if (failures.size() < MAX_ERRORS) {
      failures.add(new Failure(error));
    }
    return failures.get(failures.size() - 1);
  }
}
