package io.playhead.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;

/**
 * A worker of a durable subscription. Connects at once, has no more than {@code maxInFlight}
 * deliveries that are not settled, and after a lost connection goes on, for as long as it takes
 * unless told otherwise; what was delivered before is void then. Several threads may take
 * deliveries, with {@link #poll}.
 */
public final class Consumption implements Iterable<Delivery>, AutoCloseable {
  private final Connection connection;
  private final String topic;
  private final String subscription;
  private final ConsumeFeed feed;
  private final Source<Delivery> source = new FeedSource();

  Consumption(
      Connection connection,
      String topic,
      String subscription,
      ConsumeOptions options,
      Consumer<Consumption> onEnded) {
    this.connection = connection;
    this.topic = topic;
    this.subscription = subscription;
    feed = new ConsumeFeed(connection, topic, subscription, options, () -> onEnded.accept(this));
  }

  void begin() {
    feed.begin();
  }

  /** Name of the topic. */
  public String topic() {
    return topic;
  }

  /** Name of the subscription. */
  public String subscription() {
    return subscription;
  }

  /** Waits until the broker has taken the worker for the first time. Throws if it ends before. */
  public void started() {
    try {
      feed.awaitStart();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Errors.cancelled(feed.operation(), e);
    }
    if (feed.leaseMs() == 0) {
      throwEnd();
      throw Errors.closed(feed.operation());
    }
  }

  /**
   * One delivery after the other. Ends when the topic is drained, or with {@link #close}. Throws a
   * PlayheadException, SUBSCRIPTION_DELETED and TOPIC_DELETED among its reasons.
   */
  @Override
  public Iterator<Delivery> iterator() {
    return new BlockingIterator<>(source, this::await);
  }

  /** As {@link #iterator}, for one subscriber, as fast as it requests them. */
  public Flow.Publisher<Delivery> publisher() {
    return new SourcePublisher<>(source, feed::listen, this::close, connection.executor());
  }

  /**
   * The next delivery, waited for so long. Empty if none came, or at the end: see {@link #ended}.
   * Throws as {@link #iterator}.
   */
  public Optional<Delivery> poll(Duration timeout) {
    long untilMs = Clock.nowMs() + Clock.toWaitMs("timeout", timeout);
    while (true) {
      Delivery delivery = source.peek() == null ? null : source.take();
      long leftMs = untilMs - Clock.nowMs();
      if (delivery != null || leftMs <= 0 || source.isEnded()) {
        return Optional.ofNullable(delivery);
      }
      await(leftMs);
    }
  }

  /**
   * As many deliveries as are here, at most so many, waited for so long: the fastest way, with
   * {@link #ackAll}.
   */
  public List<Delivery> pollBatch(int max, Duration timeout) {
    List<Delivery> batch = new ArrayList<>();
    Optional<Delivery> next = poll(timeout);
    while (next.isPresent()) {
      batch.add(next.get());
      next = batch.size() < max ? Optional.ofNullable(feed.take()) : Optional.empty();
    }
    return batch;
  }

  /**
   * Acknowledges what of these is not settled, consecutive ones as one range. Completes once all
   * are on disk; fails, when all is answered, with the first error.
   */
  public CompletableFuture<Void> ackAll(Collection<Delivery> deliveries) {
    return feed.settlements().acknowledge(Checks.elements("deliveries", deliveries));
  }

  /** Why it is over, once it is. */
  public Optional<ConsumptionEnd> ended() {
    return Optional.ofNullable(feed.end());
  }

  /** False while another worker has an exclusive subscription, and while there is no connection. */
  public boolean isActive() {
    return feed.isActive();
  }

  /** How long leases are, as the broker said last; empty before it has. */
  public Optional<Duration> lease() {
    long leaseMs = feed.leaseMs();
    return leaseMs == 0 ? Optional.empty() : Optional.of(Duration.ofMillis(leaseMs));
  }

  /**
   * Sends what was settled, waits for the results, and ends. The leases that are left are given
   * back.
   */
  @Override
  public void close() {
    closeWithin(Subscription.FOR_EVER_MS);
  }

  void closeWithin(long timeoutMs) {
    try {
      feed.close(timeoutMs);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Errors.cancelled("closing " + feed.operation(), e);
    }
  }

  private void await(long timeoutMs) {
    try {
      feed.await(timeoutMs);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Errors.cancelled(feed.operation(), e);
    }
  }

  /** Throws what it ended with, if that is no good end. */
  private void throwEnd() {
    ConsumptionEnd end = feed.end();
    if (end instanceof ConsumptionEnd.Failed failed) {
      throw failed.error().here();
    }
    if (end instanceof ConsumptionEnd.SubscriptionDeleted deleted) {
      if (deleted.isTopicDeleted()) {
        throw Errors.topicDeleted(topic);
      }
      throw new PlayheadException(
          Reason.SUBSCRIPTION_DELETED,
          "subscription " + subscription + " of " + topic + " was deleted",
          Map.of("topic", topic, "subscription", subscription),
          null);
    }
  }

  private final class FeedSource implements Source<Delivery> {
    @Override
    public Delivery peek() {
      Delivery delivery = feed.peek();
      if (delivery == null) {
        throwEnd();
      }
      return delivery;
    }

    @Override
    public Delivery take() {
      return feed.take();
    }

    @Override
    public boolean isEnded() {
      return feed.end() != null;
    }
  }
}
