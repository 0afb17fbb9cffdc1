package io.playhead.client;

import io.grpc.Context;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The addresses of a broker, of which one at a time is in use, and the threads of a client: a
 * timer, and a pool that runs what gRPC and this package call back. Nothing of ours blocks in it
 * but single requests.
 */
final class Connection {
  private static final long CLOSE_TIMEOUT_MS = 1000;
  private static final AtomicInteger THREAD_COUNT = new AtomicInteger();

  private final ClientSettings settings;
  private final ExecutorService executor = Executors.newCachedThreadPool(daemons("playhead"));
  private final ScheduledThreadPoolExecutor timer;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Set<Endpoint> retired = new HashSet<>();
  private Endpoint current;
  private int addressIndex;

  Connection(ClientSettings settings) {
    this.settings = settings;
    // What is due after the close is not wanted any more.
    timer =
        new ScheduledThreadPoolExecutor(
            1, daemons("playhead-timer"), new ThreadPoolExecutor.DiscardPolicy());
    timer.setRemoveOnCancelPolicy(true);
    current = new Endpoint(settings.addresses().get(0), settings, executor);
  }

  ClientSettings settings() {
    return settings;
  }

  /** Runs what users are told, and what blocks. */
  Executor executor() {
    return executor;
  }

  boolean isClosed() {
    return closed.getCount() == 0;
  }

  /** The address in use. */
  synchronized Endpoint endpoint() {
    return current;
  }

  Backoff createBackoff(long defaultGiveUpAfterMs) {
    return new Backoff(
        settings.initialBackoffMs(),
        settings.maxBackoffMs(),
        settings.giveUpAfterMs().orElse(defaultGiveUpAfterMs));
  }

  /** Runs a task later, in a thread in which it must not block. */
  ScheduledFuture<?> schedule(Runnable task, long delayMs) {
    return timer.schedule(task, delayMs, TimeUnit.MILLISECONDS);
  }

  /** Counts a failed try. Answers with the pause before the next, or nothing to give up. */
  OptionalLong retryDelay(
      Backoff backoff, PlayheadException error, Endpoint endpoint, String operation) {
    boolean isElsewhereBetter =
        error.reason() == Reason.UNREACHABLE || error.reason() == Reason.SHUTTING_DOWN;
    if (isElsewhereBetter) {
      leave(endpoint);
    }
    if (isClosed()) {
      // The timer has stopped: nothing would come of another try.
      return OptionalLong.empty();
    }
    OptionalLong delayMs = backoff.fail(isElsewhereBetter ? settings.addresses().size() : 1);
    if (delayMs.isPresent()) {
      Duration delay = Duration.ofMillis(delayMs.getAsLong());
      RetryEvent event = new RetryEvent(error, operation, backoff.failures(), delay);
      // Not here: whoever lost the connection holds its lock.
      executor.execute(() -> settings.onRetry().accept(event));
    }
    return delayMs;
  }

  /**
   * Makes one request and repeats it while its failures are retryable, within the request timeout
   * in all.
   */
  <Q, R> R request(MethodDescriptor<Q, R> method, Q request, String operation) {
    return request(method, request, operation, Terms.of(0));
  }

  /** As {@link #request}, for a request that asks the broker to wait so long besides. */
  <Q, R> R requestWaiting(MethodDescriptor<Q, R> method, Q request, String operation, long waitMs) {
    return request(method, request, operation, Terms.of(waitMs));
  }

  /**
   * As {@link #request}, where this refusal of a repeated one means that an earlier try, whose
   * answer was lost, did it.
   */
  <Q, R> R requestOnce(
      MethodDescriptor<Q, R> method, Q request, String operation, Reason doneBefore, R answer) {
    return request(method, request, operation, new Terms<>(0, doneBefore, answer));
  }

  /** Disconnects. What still waits for an answer is cut off after a second, or this time. */
  void close(long timeoutMs) {
    closed.countDown();
    Set<Endpoint> endpoints;
    synchronized (this) {
      endpoints = new HashSet<>(retired);
      endpoints.add(current);
    }
    long untilMs = Clock.nowMs() + Math.min(CLOSE_TIMEOUT_MS, timeoutMs);
    for (Endpoint endpoint : endpoints) {
      try {
        endpoint.close(Math.max(untilMs - Clock.nowMs(), 0));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        untilMs = 0;
      }
    }
    timer.shutdownNow();
  }

  /** Several operations notice one outage: only the first of them turns to the next address. */
  private synchronized void leave(Endpoint endpoint) {
    if (endpoint != current || isClosed()) {
      return;
    }
    endpoint.retire();
    retired.removeIf(Endpoint::isTerminated);
    retired.add(endpoint);
    addressIndex = (addressIndex + 1) % settings.addresses().size();
    current = new Endpoint(settings.addresses().get(addressIndex), settings, executor);
  }

  private <Q, R> R request(
      MethodDescriptor<Q, R> method, Q request, String operation, Terms<R> terms) {
    long timeoutMs = settings.requestTimeoutMs() + terms.waitMs();
    long deadlineMs = Clock.nowMs() + timeoutMs;
    Backoff backoff = createBackoff(timeoutMs);
    boolean mayBeDone = false;
    while (true) {
      checkGoingOn(operation);
      Endpoint endpoint = endpoint();
      UnaryCall<Q, R> call = new UnaryCall<>(this, endpoint, method, operation);
      try {
        return call.run(request, deadlineMs - Clock.nowMs());
      } catch (PlayheadException error) {
        if (mayBeDone && error.reason() == terms.doneBefore()) {
          return terms.answer();
        }
        mayBeDone |= call.hasBeenSent();
        checkGoingOn(operation);
        if (!error.isRetryable() || error.reason() == Reason.DEADLINE_EXCEEDED) {
          throw error;
        }
        OptionalLong delayMs = retryDelay(backoff, error, endpoint, operation);
        if (delayMs.isEmpty() || Clock.nowMs() + delayMs.getAsLong() >= deadlineMs) {
          throw error;
        }
        pause(delayMs.getAsLong(), operation);
      }
    }
  }

  /** Throws if the client was closed, or the gRPC context of the caller was cancelled. */
  private void checkGoingOn(String operation) {
    if (isClosed()) {
      throw Errors.closed("the client");
    }
    Context context = Context.current();
    if (!context.isCancelled()) {
      return;
    }
    if (context.getDeadline() != null && context.getDeadline().isExpired()) {
      throw new PlayheadException(
          Reason.DEADLINE_EXCEEDED, operation + ": the deadline of the context is over");
    }
    throw Errors.cancelled(operation, context.cancellationCause());
  }

  private void pause(long delayMs, String operation) {
    try {
      if (closed.await(delayMs, TimeUnit.MILLISECONDS)) {
        throw Errors.closed("the client");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Errors.cancelled(operation, e);
    }
  }

  private static ThreadFactory daemons(String name) {
    return task -> {
      Thread thread = new Thread(task, name + "-" + THREAD_COUNT.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /**
   * What is particular about a request.
   *
   * @param waitMs what the broker may take besides, because it was asked to wait
   * @param doneBefore null: no refusal counts as done
   */
  private record Terms<R>(long waitMs, Reason doneBefore, R answer) {
    static <R> Terms<R> of(long waitMs) {
      return new Terms<>(waitMs, null, null);
    }
  }
}
