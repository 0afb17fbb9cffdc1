package io.playhead.client;

import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Hands a source to one subscriber, as it requests. */
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
    if (isTaken.getAndSet(true)) {
      subscriber.onSubscribe(new Refused());
      subscriber.onError(new IllegalStateException("it is read already"));
      return;
    }
    Demand demand = new Demand(subscriber);
    subscriber.onSubscribe(demand);
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
    private final Flow.Subscriber<? super T> subscriber;
    private final AtomicLong requested = new AtomicLong();
    private final AtomicInteger signals = new AtomicInteger();
    private volatile boolean isOver;
    private volatile boolean isMisused;

    Demand(Flow.Subscriber<? super T> subscriber) {
      this.subscriber = subscriber;
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
      isOver = true;
      close.run();
    }

    void signal() {
      if (!isOver && signals.getAndIncrement() == 0) {
        executor.execute(this::drain);
      }
    }

    private void drain() {
      int seen = signals.get();
      do {
        try {
          handOut();
        } catch (RuntimeException e) {
          end(() -> subscriber.onError(e));
        }
        seen = signals.addAndGet(-seen);
      } while (seen != 0);
    }

    private void handOut() {
      if (isMisused) {
        end(() -> subscriber.onError(new IllegalArgumentException("request of less than 1")));
        close.run();
      }
      while (!isOver) {
        T next = source.peek();
        if (next == null) {
          if (source.isEnded()) {
            end(subscriber::onComplete);
          }
          return;
        }
        if (requested.get() == 0) {
          return;
        }
        if (requested.get() != Long.MAX_VALUE) {
          requested.decrementAndGet();
        }
        subscriber.onNext(source.take());
      }
    }

    private void end(Runnable tell) {
      if (!isOver) {
        isOver = true;
        tell.run();
      }
    }
  }
}
