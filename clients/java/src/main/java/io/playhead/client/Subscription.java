package io.playhead.client;

import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Reads one topic, or all topics of a glob. Begins at once, keeps up to about 4 MiB that nobody has
 * taken yet, and after a lost connection goes on behind the last message, for as long as it takes
 * unless told otherwise. It is read once, in one of four ways: as messages, as {@link #events},
 * through a {@link Flow.Publisher}, or with {@link #poll}. One thread reads at a time; the other
 * methods may be called by any.
 */
public final class Subscription implements Iterable<Message>, AutoCloseable {
  static final long FOR_EVER_MS = Long.MAX_VALUE / 4;

  private final String topic;
  private final boolean isGlob;
  private final boolean isWhole;
  private final SubscribeFeed feed;
  private final EventReader reader;
  private final Connection connection;
  private final AtomicBoolean isTaken = new AtomicBoolean();

  Subscription(
      Connection connection,
      String topic,
      SubscribeOptions options,
      Position defaultFrom,
      Consumer<Subscription> onEnded) {
    Position from = options.from().orElse(defaultFrom);
    this.connection = connection;
    this.topic = topic;
    isGlob = topic.contains("*");
    isWhole = !isGlob && from.isBeginning();
    feed = new SubscribeFeed(connection, topic, options, from, () -> onEnded.accept(this));
    reader = new EventReader(feed, isGlob, isWhole && topic.startsWith(Channel.TOPIC_PREFIX));
  }

  void begin() {
    feed.begin();
  }

  /** What was subscribed to. */
  public String topic() {
    return topic;
  }

  /**
   * Waits until the broker has taken the subscription: what is published from then on is not
   * missed. Throws the error with which it ended before.
   */
  public SubscriptionStart started() {
    try {
      return feed.awaitStart();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Errors.cancelled("subscribe to " + topic, e);
    }
  }

  /**
   * Messages only, as they come. Ends at the close marker, the limit, until, or {@link #close}.
   * Throws a PlayheadException, TOPIC_DELETED among its reasons.
   */
  @Override
  public Iterator<Message> iterator() {
    claim();
    return new BlockingIterator<>(reader.messages(), this::await);
  }

  /**
   * Messages and what happens between them, as they come. A deleted topic is an event here, and no
   * error.
   */
  public Iterable<SubscriptionEvent> events() {
    claim();
    return () -> new BlockingIterator<>(reader, this::await);
  }

  /** As the messages of {@link #iterator}, for one subscriber, as fast as it requests them. */
  public Flow.Publisher<Message> messagePublisher() {
    claim();
    return publisher(reader.messages());
  }

  /** As {@link #events}, for one subscriber, as fast as it requests them. */
  public Flow.Publisher<SubscriptionEvent> eventPublisher() {
    claim();
    return publisher(reader);
  }

  /**
   * What is next, messages and events, waited for so long. Empty if nothing came, or at the end:
   * see {@link #isEnded}. Throws the error that the subscription ended with.
   */
  public Optional<SubscriptionEvent> poll(Duration timeout) {
    long timeoutMs = Clock.toWaitMs("timeout", timeout);
    isTaken.set(true);
    SubscriptionEvent event = reader.peek();
    if (event == null && timeoutMs > 0) {
      await(timeoutMs);
      event = reader.peek();
    }
    return event == null ? Optional.empty() : Optional.of(reader.take());
  }

  /** Whether everything is handed out and nothing will come any more. */
  public boolean isEnded() {
    return reader.isEnded();
  }

  /** The close marker, once it has been reached. Not for a glob. */
  public Optional<Closed> closed() {
    return reader.closed();
  }

  /** Number of messages handed out. */
  public long messageCount() {
    return reader.messageCount();
  }

  /** Timestamp of the last message handed out. */
  public OptionalLong lastTimestampNs() {
    return reader.lastTimestampNs();
  }

  /**
   * MD5 over the values received, 32 hexadecimal digits. Only of a channel that is read from its
   * beginning.
   */
  public Optional<String> checksum() {
    return reader.checksum();
  }

  /**
   * Whether all messages ever written to the topic were handed out. Empty before the close marker,
   * and if only a part was asked for.
   */
  public Optional<Boolean> isComplete() {
    return isWhole
        ? closed().map(closed -> closed.messageCount() == messageCount())
        : Optional.empty();
  }

  /** Whether, besides, the checksum is the writer's. Empty if there is none on either side. */
  public Optional<Boolean> isVerified() {
    Optional<String> expected = closed().flatMap(Closed::checksum);
    Optional<String> actual = checksum();
    return expected.isEmpty() || actual.isEmpty()
        ? Optional.empty()
        : isComplete().map(isComplete -> isComplete && expected.equals(actual));
  }

  /**
   * Ends the subscription, and whoever reads it, without an error. What nobody has taken is
   * dropped.
   */
  @Override
  public void close() {
    feed.close();
  }

  private void claim() {
    if (isTaken.getAndSet(true)) {
      throw new IllegalStateException("the subscription to " + topic + " is read already");
    }
  }

  private void await(long timeoutMs) {
    try {
      feed.await(timeoutMs);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Errors.cancelled("reading " + topic, e);
    }
  }

  private <T> Flow.Publisher<T> publisher(Source<T> source) {
    return new SourcePublisher<>(source, feed::listen, this::close, connection.executor());
  }
}
