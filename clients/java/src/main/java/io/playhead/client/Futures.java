package io.playhead.client;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waiting for futures of this package, which fail with PlayheadExceptions. */
final class Futures {
  private Futures() {}

  /**
   * Blocks. Throws the PlayheadException with which the future failed, or CANCELLED if the thread
   * is interrupted.
   */
  static <T> T await(CompletableFuture<T> future, String operation) {
    return await(future, operation, Subscription.FOR_EVER_MS);
  }

  /** As {@link #await(CompletableFuture, String)}, but DEADLINE_EXCEEDED after so long. */
  static <T> T await(CompletableFuture<T> future, String operation, long timeoutMs) {
    try {
      return future.get(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Errors.cancelled(operation, e);
    } catch (ExecutionException e) {
      throw errorOf(e.getCause()).here();
    } catch (TimeoutException e) {
      throw Errors.notInTime(operation, timeoutMs, e);
    }
  }

  /**
   * Completes when all of them have; fails with the error of the first, in their order, that
   * failed.
   */
  static <T> CompletableFuture<Void> all(List<CompletableFuture<T>> futures) {
    return CompletableFuture.allOf(futures.toArray(CompletableFuture<?>[]::new))
        .handle((done, error) -> error == null ? null : firstError(futures))
        .thenCompose(
            error ->
                error == null
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.failedFuture(error));
  }

  private static <T> PlayheadException firstError(List<CompletableFuture<T>> futures) {
    for (CompletableFuture<T> future : futures) {
      try {
        future.join();
      } catch (CompletionException e) {
        return errorOf(e);
      }
    }
    return null;
  }

  static PlayheadException errorOf(Throwable thrown) {
    Throwable error =
        thrown instanceof CompletionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    return error instanceof PlayheadException known
        ? known
        : new PlayheadException(Reason.INTERNAL, "an unexpected error: " + error, error);
  }
}
