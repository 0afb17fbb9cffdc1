package io.playhead.client;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A list of messages that is made to be closed: the topic {@code chan/<name>}. Any number of
 * readers get all of it. Any thread may use it.
 *
 * <p>To close the channel for good is {@link #seal}. {@link #close} only ends the work of this
 * object, as that of every resource: a block that an exception leaves does not declare the channel
 * complete.
 */
public final class Channel implements AutoCloseable {
  static final String TOPIC_PREFIX = "chan/";

  private final String name;
  private final String topic;
  private final Topics topics;
  private final Reading reading;
  private final Publisher publisher;

  /** Of two threads that seal, one waits for what the other does. */
  private final Object sealing = new Object();

  private final Object lock = new Object();

  // Guarded by the lock.
  private final Checksum checksum = new Checksum();
  private long messageCount;
  private long lastTimestampNs;
  private Closed sealed;

  /** Begins to read a topic. */
  @FunctionalInterface
  interface Reading {
    Subscription begin(String topic, SubscribeOptions options, Position defaultFrom);
  }

  Channel(
      Connection connection,
      String name,
      Topics topics,
      Reading reading,
      Consumer<Channel> onClosed) {
    this.name = name;
    this.topics = topics;
    this.reading = reading;
    topic = TOPIC_PREFIX + name;
    publisher =
        new Publisher(
            connection,
            topic,
            PublisherOptions.defaults(),
            this::sumUp,
            closed -> onClosed.accept(this));
  }

  /** Name of the channel. */
  public String name() {
    return name;
  }

  /** Name of its topic. */
  public String topic() {
    return topic;
  }

  /** As {@link Publisher#publish(String)}. */
  public CompletableFuture<Long> publish(String value) {
    Objects.requireNonNull(value, "value");
    return publish(NewMessage.of(value));
  }

  /** As {@link Publisher#publish(byte[])}. */
  public CompletableFuture<Long> publish(byte[] value) {
    Objects.requireNonNull(value, "value");
    return publish(NewMessage.of(value));
  }

  /** As {@link Publisher#publish(NewMessage)}. CHANNEL_CLOSED once the channel is closed. */
  public CompletableFuture<Long> publish(NewMessage message) {
    Objects.requireNonNull(message, "message");
    return publishEach(List.of(message)).get(0);
  }

  /** As {@link Publisher#publishEach}. */
  public List<CompletableFuture<Long>> publishEach(Collection<NewMessage> messages) {
    synchronized (lock) {
      if (sealed != null) {
        return publisher.refuseEach(messages, closedError());
      }
    }
    return publisher.publishEach(messages);
  }

  /** As {@link Publisher#publishAll}. */
  public PublishedAll publishAll(Iterable<NewMessage> messages) {
    Objects.requireNonNull(messages, "messages");
    synchronized (lock) {
      if (sealed != null) {
        throw closedError();
      }
    }
    return publisher.publishAll(messages);
  }

  /** As {@link Publisher#flush}. */
  public CompletableFuture<Void> flush() {
    return publisher.flush();
  }

  /**
   * MD5 over the values that this object has published and that are stored; 32 hexadecimal digits.
   */
  public String checksum() {
    synchronized (lock) {
      return checksum.hex();
    }
  }

  /** As {@link #seal(List, String)}, without last messages. */
  public Closed seal(String reason) {
    return seal(List.of(), reason);
  }

  /**
   * Waits for what was published, then closes the channel for all its writers, durably. Throws what
   * {@link #flush} fails with, and then has closed nothing; called again, it does. The last
   * messages are stored in the same step: no reader sees them without the end. Closing again is no
   * error and answers as the first time. The checksum goes along if this object was the only
   * writer. The reason is for readers, at most 1024 bytes. Blocks.
   */
  public Closed seal(List<NewMessage> last, String reason) {
    List<NewMessage> messages = Checks.elements("last", last);
    Objects.requireNonNull(reason, "reason");
    synchronized (sealing) {
      synchronized (lock) {
        if (sealed != null) {
          return sealed;
        }
      }
      Futures.await(publisher.flush(), "close " + topic);
      Closed closed = sealVerified(messages, reason);
      if (closed == null) {
        PublishBatch batch = batchOf(messages);
        batch.closeWith(reason, new byte[0]);
        closed = publisher.publishClosing(batch);
      }
      synchronized (lock) {
        sealed = closed;
      }
      publisher.close();
      return closed;
    }
  }

  /** Reads from the first message to the close marker. */
  public Subscription subscribe() {
    return subscribe(SubscribeOptions.defaults());
  }

  /** Reads, from the first message on unless told otherwise. */
  public Subscription subscribe(SubscribeOptions options) {
    Objects.requireNonNull(options, "options");
    return reading.begin(topic, options, Position.earliest());
  }

  /** TOPIC_NOT_FOUND if nobody has written to the channel. */
  public TopicInfo info() {
    return topics.get(topic);
  }

  /**
   * Waits for what was published, and ends. The channel stays open for others, and for another
   * object of its name.
   */
  @Override
  public void close() {
    publisher.close();
  }

  /** As {@link #close()}, and waits no longer than this, as {@link Publisher#close(Duration)}. */
  public void close(Duration timeout) {
    publisher.close(timeout);
  }

  void beginFlush() {
    publisher.beginFlush();
  }

  void closeWithin(long timeoutMs) {
    publisher.closeWithin(timeoutMs);
  }

  /**
   * Closes with the checksum; null, and nothing done, if others have written too: a checksum over a
   * part of the messages would tell every reader that something is wrong.
   */
  private Closed sealVerified(List<NewMessage> last, String reason) {
    long storedCount = countStored();
    PublishBatch batch = batchOf(last);
    synchronized (lock) {
      if (storedCount != messageCount) {
        return null;
      }
      List<ByteString> values = last.stream().map(message -> message.wire().getValue()).toList();
      batch.closeWith(reason, checksum.digest(values));
      // Whoever writes from here on is noticed by the broker.
      batch.expect(lastTimestampNs);
    }
    try {
      return publisher.publishClosing(batch);
    } catch (PlayheadException e) {
      if (e.reason() != Reason.CONFLICT) {
        throw e;
      }
      if ("0".equals(e.metadata().get("last_timestamp_ns"))) {
        throw Errors.topicDeleted(topic);
      }
      return null;
    }
  }

  private long countStored() {
    try {
      return topics.get(topic).messageCount();
    } catch (PlayheadException e) {
      if (e.reason() != Reason.TOPIC_NOT_FOUND) {
        throw e;
      }
      synchronized (lock) {
        if (messageCount > 0) {
          // To close what somebody has deleted would make an empty channel of that name.
          throw Errors.topicDeleted(topic);
        }
      }
      return 0;
    }
  }

  private static PublishBatch batchOf(List<NewMessage> messages) {
    PublishBatch batch = new PublishBatch();
    messages.forEach(message -> batch.add(message, 0));
    return batch;
  }

  private PlayheadException closedError() {
    return new PlayheadException(
        Reason.CHANNEL_CLOSED,
        "channel " + name + " is closed",
        Map.of("topic", topic, "closed_timestamp_ns", Long.toString(sealed.timestampNs())),
        null);
  }

  private void sumUp(PublishBatch batch, PublishAck ack) {
    synchronized (lock) {
      messageCount += batch.count();
      if (batch.count() > 0) {
        lastTimestampNs = ack.lastTimestampNs();
      }
      batch.messages().forEach(message -> checksum.update(message.getValue()));
    }
  }
}
