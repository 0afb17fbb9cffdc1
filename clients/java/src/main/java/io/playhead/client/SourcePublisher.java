package io.playhead.client;

import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Hands a source to one subscriber, as it requests, in threads of the executor. */
final class SourcePublisher<T> implements Flow.Publisher<T> {
  private final Source<T> source;
  private final Consumer<Runnable> listen;
  private final Runnable close;
  private final Executor executor;
  private final AtomicBoolean isTaken = new AtomicBoolean();

  /** `listen` takes who is told when there may be something; `close` ends the source. */
  SourcePublisher(Source<T> source, Consumer<Runnable> listen, Runnable close, Executor executor) {
    this.source = source;
    this.listen = listen;
    this.close = close;
    this.executor = executor;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super T> subscriber) {
    Objects.requireNonNull(subscriber, "subscriber");
    if (isTaken.getAndSet(true)) {
      subscriber.onSubscribe(new Refused());
      subscriber.onError(new IllegalStateException("it is read already"));
      return;
    }
    Demand demand = new Demand(subscriber);
    try {
      subscriber.onSubscribe(demand);
    } catch (Throwable e) {
      demand.cancel();
      throw e;
    }
    demand.begin();
    listen.accept(demand::signal);
  }

  private static final class Refused implements Flow.Subscription {
    @Override
    public void request(long n) {}

    @Override
    public void cancel() {}
  }

  /** What the subscriber still wants. Only one thread at a time tells it something. */
  private final class Demand implements Flow.Subscription {
    private final AtomicLong requested = new AtomicLong();

    /** What is to be looked at. The first is onSubscribe, behind which everything else comes. */
    private final AtomicInteger signals = new AtomicInteger(1);

    /** Null once it is over: the source may be kept for long, and is not to keep the subscriber. */
    private volatile Flow.Subscriber<? super T> subscriber;

    private volatile boolean isMisused;

    Demand(Flow.Subscriber<? super T> subscriber) {
      this.subscriber = subscriber;
    }

    /** Tells what there is, now that the subscriber has been given this. */
    void begin() {
      executor.execute(this::drain);
    }

    @Override
    public void request(long n) {
      if (n < 1) {
        isMisused = true;
      } else {
        requested.accumulateAndGet(n, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
      }
      signal();
    }

    @Override
    public void cancel() {
      if (subscriber != null) {
        subscriber = null;
        // Not here: to close may wait for the broker.
        executor.execute(close);
      }
    }

    void signal() {
      if (subscriber != null && signals.getAndIncrement() == 0) {
        executor.execute(this::drain);
      }
    }

    private void drain() {
      int seen = signals.get();
      do {
        try {
          handOut();
        } catch (Throwable e) {
          // The source has failed, or the subscriber has: either way nothing more can be told.
          fail(e);
        }
        seen = signals.addAndGet(-seen);
      } while (seen != 0);
    }

    private void handOut() {
      if (isMisused && subscriber != null) {
        fail(new IllegalArgumentException("request of less than 1"));
      }
      for (var told = subscriber; told != null; told = subscriber) {
        T next = source.peek();
        if (next == null) {
          if (source.isEnded()) {
            subscriber = null;
            told.onComplete();
          }
          return;
        }
        if (requested.get() == 0) {
          return;
        }
        if (requested.get() != Long.MAX_VALUE) {
          requested.decrementAndGet();
        }
        told.onNext(source.take());
      }
    }

    private void fail(Throwable error) {
      Flow.Subscriber<? super T> told = subscriber;
      cancel();
      if (told == null) {
        uncaught(error);
        return;
      }
      try {
        told.onError(error);
      } catch (Throwable e) {
        uncaught(e);
      }
    }

    /** There is nobody else to tell. */
    private void uncaught(Throwable error) {
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, error);
    }
  }
}
