package io.playhead.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.testng.ITestNGListener;
import org.testng.TestListenerAdapter;
import org.testng.TestNG;

@Timeout(30)
final class SourcePublisherTest {
  private final CountDownLatch closed = new CountDownLatch(1);
  private ExecutorService executor;

  @BeforeEach
  void start() {
    executor = Executors.newCachedThreadPool();
  }

  @AfterEach
  void stop() {
    executor.shutdownNow();
  }

  private SourcePublisher<Integer> count(long end) {
    return new SourcePublisher<>(new Count(end), Runnable::run, closed::countDown, executor);
  }

  @Test
  void itIsAFlowPublisherByTheRulesOfReactiveStreams() {
    TestListenerAdapter results = new TestListenerAdapter();
    TestNG rules = new TestNG(false);
    rules.setTestClasses(new Class<?>[] {SourcePublisherVerification.class});
    rules.addListener((ITestNGListener) results);
    rules.setVerbose(0);
    rules.run();
    assertEquals(
        List.of(),
        results.getFailedTests().stream()
            .map(test -> test.getName() + ": " + test.getThrowable())
            .toList());
    assertTrue(results.getPassedTests().size() > 20, results.getPassedTests()::toString);
  }

  @Test
  void nothingComesBeforeOnSubscribeHasReturned() throws Exception {
    CompletableFuture<Boolean> first = new CompletableFuture<>();
    CountDownLatch told = new CountDownLatch(1);
    Flow.Subscriber<Integer> subscriber =
        new Told() {
          private volatile boolean hasReturned;

          @Override
          public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(1);
            try {
              // The time in which a message would come that does not wait.
              assertFalse(told.await(100, TimeUnit.MILLISECONDS));
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
            hasReturned = true;
          }

          @Override
          public void onNext(Integer item) {
            told.countDown();
            first.complete(hasReturned);
          }
        };
    count(3).subscribe(subscriber);
    assertTrue(first.get());
  }

  @Test
  void aSubscriberThatThrowsIsToldAndTheSourceCloses() throws Exception {
    for (Throwable thrown : List.of(new Exception("full"), new AssertionError("no"))) {
      Told subscriber =
          new Told() {
            @Override
            public void onNext(Integer item) {
              if (thrown instanceof Error error) {
                throw error;
              }
              throw new IllegalStateException(thrown);
            }
          };
      SourcePublisherTest each = new SourcePublisherTest();
      each.executor = executor;
      each.count(3).subscribe(subscriber);
      Throwable told = subscriber.error.get();
      assertTrue(told == thrown || told.getCause() == thrown);
      each.closed.await();
    }
  }

  @Test
  void aSubscriberThatThrowsAtOnceHasCancelled() throws Exception {
    Told subscriber =
        new Told() {
          @Override
          public void onSubscribe(Flow.Subscription subscription) {
            throw new IllegalStateException("no room");
          }
        };
    assertThrows(IllegalStateException.class, () -> count(3).subscribe(subscriber));
    closed.await();
  }

  /** Counts up to a number. */
  static final class Count implements Source<Integer> {
    private final long end;
    private int next;

    Count(long end) {
      this.end = end;
    }

    @Override
    public Integer peek() {
      return isEnded() ? null : next;
    }

    @Override
    public Integer take() {
      return next++;
    }

    @Override
    public boolean isEnded() {
      return next >= end;
    }
  }

  /** Requests all and notes how it ends. */
  private static class Told implements Flow.Subscriber<Integer> {
    final CompletableFuture<Throwable> error = new CompletableFuture<>();

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Integer item) {}

    @Override
    public void onError(Throwable thrown) {
      error.complete(thrown);
    }

    @Override
    public void onComplete() {}
  }
}
