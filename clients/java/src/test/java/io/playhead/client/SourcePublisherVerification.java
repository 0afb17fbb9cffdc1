package io.playhead.client;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;

/** The rules of Reactive Streams, which TestNG runs. It takes one subscriber, which they allow. */
public final class SourcePublisherVerification extends FlowPublisherVerification<Integer> {
  private static final long TIMEOUT_MS = 500;
  private static final long NOTHING_COMES_MS = 50;
  private static final ExecutorService EXECUTOR =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            return thread;
          });

  /** For TestNG. */
  public SourcePublisherVerification() {
    super(new TestEnvironment(TIMEOUT_MS, NOTHING_COMES_MS));
  }

  @Override
  public Flow.Publisher<Integer> createFlowPublisher(long elements) {
    return publisher(new SourcePublisherTest.Count(elements));
  }

  @Override
  public Flow.Publisher<Integer> createFailedFlowPublisher() {
    return publisher(
        new Source<>() {
          @Override
          public Integer peek() {
            throw new IllegalStateException("it has failed");
          }

          @Override
          public Integer take() {
            throw new IllegalStateException("it has failed");
          }

          @Override
          public boolean isEnded() {
            return false;
          }
        });
  }

  private static SourcePublisher<Integer> publisher(Source<Integer> source) {
    return new SourcePublisher<>(source, Runnable::run, () -> {}, EXECUTOR);
  }
}
