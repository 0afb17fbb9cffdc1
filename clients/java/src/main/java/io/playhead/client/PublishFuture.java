package io.playhead.client;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * The outcome of a publish, or of a flush. It notes whether somebody has looked at it, or is sure
 * to: an error that nobody looks at is told by the next flush. Who gave up waiting, because of an
 * interrupt or a timeout, has not looked.
 */
final class PublishFuture<T> extends CompletableFuture<T> {
  private final Consumer<PublishFuture<?>> onLook;
  private volatile boolean isLookedAt;

  /** What keeps the error meanwhile; guarded by {@link UnreportedErrors}. */
  UnreportedErrors.Failure failure;

  /** `onLook` is called in the thread that looks, at least once. */
  PublishFuture(Consumer<PublishFuture<?>> onLook) {
    this.onLook = onLook;
  }

  boolean isLookedAt() {
    // allOf and anyOf, and who waits in get, ask for no dependent: they can be seen only in here.
    return isLookedAt || getNumberOfDependents() > 0;
  }

  /** Fails. Runs what users have attached, and so in no lock. */
  void fail(PlayheadException error) {
    if (getNumberOfDependents() > 0) {
      look();
    }
    completeExceptionally(error);
  }

  @Override
  public T get() throws InterruptedException, ExecutionException {
    try {
      T value = super.get();
      look();
      return value;
    } catch (ExecutionException | CancellationException e) {
      look();
      throw e;
    }
  }

  @Override
  public T get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      T value = super.get(timeout, unit);
      look();
      return value;
    } catch (ExecutionException | CancellationException e) {
      look();
      throw e;
    }
  }

  @Override
  public T join() {
    try {
      return super.join();
    } finally {
      look();
    }
  }

  @Override
  public T getNow(T valueIfAbsent) {
    if (isDone()) {
      look();
    }
    return super.getNow(valueIfAbsent);
  }

  @Override
  public boolean isCompletedExceptionally() {
    boolean hasFailed = super.isCompletedExceptionally();
    if (hasFailed) {
      look();
    }
    return hasFailed;
  }

  /** What every method that makes a dependent calls, but for the two below. */
  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    look();
    return new CompletableFuture<>();
  }

  @Override
  public CompletionStage<T> minimalCompletionStage() {
    look();
    return super.minimalCompletionStage();
  }

  /** How thenCompose, thenCombine and their like come to the future of another. */
  @Override
  public CompletableFuture<T> toCompletableFuture() {
    look();
    return this;
  }

  private void look() {
    if (!isLookedAt) {
      isLookedAt = true;
      onLook.accept(this);
    }
  }
}
