package io.playhead.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * A broker, or the first of several addresses that answers. Connects at the first use. Any thread
 * may use it. Close it: that flushes what was published.
 */
public final class PlayheadClient implements AutoCloseable {
  private final Connection connection;
  private final Topics topics;
  private final Subscriptions subscriptions;

  // Guarded by this.
  private final Map<String, Channel> channels = new HashMap<>();

  /** What is open; closed with the client in this order: readers last. */
  private final Set<Consumption> consumptions = new LinkedHashSet<>();

  private final Set<Puller> pullers = new LinkedHashSet<>();
  private final Set<Publisher> publishers = new LinkedHashSet<>();
  private final Set<Subscription> readers = new LinkedHashSet<>();
  private boolean isClosed;

  PlayheadClient(ClientSettings settings) {
    connection = new Connection(settings);
    topics = new Topics(connection);
    subscriptions = new Subscriptions(connection);
  }

  /**
   * A client of the broker at an address, such as {@code 127.0.0.1:17777}, without TLS. Several,
   * parted by commas, are tried in turn while one is away.
   */
  public static PlayheadClient connect(String addresses) {
    Objects.requireNonNull(addresses, "addresses");
    return builder().addresses(addresses).build();
  }

  /** For what is not as usual. */
  public static ClientBuilder builder() {
    return new ClientBuilder();
  }

  /** The addresses, completed. */
  public List<String> addresses() {
    return connection.settings().addresses();
  }

  /** Creates, describes, trims, closes and deletes topics. */
  public Topics topics() {
    return topics;
  }

  /** Lists the durable subscriptions of the broker. */
  public Subscriptions subscriptions() {
    return subscriptions;
  }

  /** What the broker says of itself. */
  public ServerInfo serverInfo() {
    return ServerInfo.get(connection, "ask the broker about itself");
  }

  /**
   * The channel of this name. Until it is sealed, closed or deleted here, every call answers with
   * the same object, so that what this client writes is summed up together.
   */
  public synchronized Channel channel(String name) {
    Objects.requireNonNull(name, "name");
    checkOpen();
    return channels.computeIfAbsent(
        name, key -> new Channel(connection, key, topics, this::read, this::forgetChannel));
  }

  /** Deletes a channel; its readers end with TOPIC_DELETED, and the name is free again. */
  public void deleteChannel(String name) {
    Objects.requireNonNull(name, "name");
    topics.delete(Channel.TOPIC_PREFIX + name);
    synchronized (this) {
      channels.remove(name);
    }
  }

  /** As {@link #publisher(String, PublisherOptions)}, with a random name and what is usual. */
  public Publisher publisher(String topic) {
    return publisher(topic, PublisherOptions.defaults());
  }

  /** Publishes to a topic, which the first message creates. */
  public synchronized Publisher publisher(String topic, PublisherOptions options) {
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(options, "options");
    checkOpen();
    Publisher publisher =
        new Publisher(
            connection, topic, options, (batch, ack) -> {}, closed -> forget(publishers, closed));
    publishers.add(publisher);
    return publisher;
  }

  /** Begins to read a topic, or the topics of a glob, from latest on. */
  public Subscription subscribe(String topicOrGlob) {
    return subscribe(topicOrGlob, SubscribeOptions.defaults());
  }

  /** Begins to read a topic, or the topics of a glob, from latest on unless told otherwise. */
  public Subscription subscribe(String topicOrGlob, SubscribeOptions options) {
    Objects.requireNonNull(topicOrGlob, "topicOrGlob");
    Objects.requireNonNull(options, "options");
    return read(topicOrGlob, options, Position.latest());
  }

  /** As {@link #read(String, ReadOptions)}, the first page. */
  public Page read(String topicOrGlob) {
    return read(topicOrGlob, ReadOptions.defaults());
  }

  /** Reads what is there now, up to a bound. TOPIC_NOT_FOUND if there is no such topic. */
  public Page read(String topicOrGlob, ReadOptions options) {
    Objects.requireNonNull(topicOrGlob, "topicOrGlob");
    Objects.requireNonNull(options, "options");
    return Page.read(connection, topicOrGlob, options);
  }

  /** The durable subscription of this name, whether it exists or not: nothing is requested. */
  public DurableSubscription subscription(String topic, String name) {
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(name, "name");
    return new DurableSubscription(connection, topic, name, new WorkerRegistry());
  }

  /**
   * Sends what workers have settled, flushes all publishers, ends all subscriptions, disconnects.
   * Blocks as long as publishers try: up to two minutes, or {@code giveUpAfter}, while the broker
   * is away. Throws, when all is closed, the first error of what was still to be flushed, or that
   * nobody has looked at. Interrupted, it closes at once: what is not stored fails with
   * CLIENT_CLOSED.
   */
  @Override
  public void close() {
    closeWithin(Subscription.FOR_EVER_MS);
  }

  /**
   * As {@link #close()}, and waits no longer than this in all: what is not stored then fails with
   * CLIENT_CLOSED, though it may be stored yet, and DEADLINE_EXCEEDED is thrown. Zero does not wait
   * at all.
   */
  public void close(Duration timeout) {
    closeWithin(Clock.toWaitMs("timeout", timeout));
  }

  private void closeWithin(long timeoutMs) {
    long untilMs = Clock.nowMs() + timeoutMs;
    List<LongConsumer> open = new ArrayList<>();
    synchronized (this) {
      if (isClosed) {
        return;
      }
      isClosed = true;
      // All of them use the time, and not only the first that is closed.
      publishers.forEach(Publisher::beginFlush);
      channels.values().forEach(Channel::beginFlush);
      consumptions.forEach(each -> open.add(each::closeWithin));
      pullers.forEach(each -> open.add(each::closeWithin));
      publishers.forEach(each -> open.add(each::closeWithin));
      channels.values().forEach(each -> open.add(each::closeWithin));
      readers.forEach(each -> open.add(leftMs -> each.close()));
    }
    RuntimeException first = null;
    for (LongConsumer each : open) {
      try {
        each.accept(Math.max(untilMs - Clock.nowMs(), 0));
      } catch (RuntimeException e) {
        first = first == null ? e : first;
      }
    }
    connection.close(Math.max(untilMs - Clock.nowMs(), 0));
    if (first != null) {
      throw first;
    }
  }

  private Subscription read(String topic, SubscribeOptions options, Position defaultFrom) {
    Subscription subscription =
        new Subscription(connection, topic, options, defaultFrom, ended -> forget(readers, ended));
    remember(readers, subscription);
    subscription.begin();
    return subscription;
  }

  private void checkOpen() {
    if (isClosed) {
      throw Errors.closed("the client");
    }
  }

  private synchronized void forgetChannel(Channel channel) {
    channels.remove(channel.name(), channel);
  }

  private synchronized <T> void forget(Set<T> set, T each) {
    set.remove(each);
  }

  private synchronized <T> void remember(Set<T> set, T each) {
    checkOpen();
    set.add(each);
  }

  /** What works for durable subscriptions. */
  private final class WorkerRegistry implements DurableSubscription.Registry {
    @Override
    public void opened(Consumption consumption) {
      remember(consumptions, consumption);
    }

    @Override
    public void ended(Consumption consumption) {
      forget(consumptions, consumption);
    }

    @Override
    public void busy(Puller puller) {
      remember(pullers, puller);
    }

    @Override
    public void idle(Puller puller) {
      forget(pullers, puller);
    }
  }
}
