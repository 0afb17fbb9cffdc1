package io.playhead.client;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Hands out what a feed brings, and keeps count of it. */
final class EventReader implements Source<SubscriptionEvent> {
  private final SubscribeFeed feed;
  private final boolean isGlob;
  private final Checksum checksum;
  private Iterator<SubscriptionEvent> batch = Collections.emptyIterator();
  private SubscriptionEvent head;
  private long messageCount;
  private Message last;
  private Closed closed;

  /** `isSummed`: whether a checksum is kept. */
  EventReader(SubscribeFeed feed, boolean isGlob, boolean isSummed) {
    this.feed = feed;
    this.isGlob = isGlob;
    checksum = isSummed ? new Checksum() : null;
  }

  @Override
  public synchronized SubscriptionEvent peek() {
    if (feed.isAbandoned()) {
      batch = Collections.emptyIterator();
      head = null;
    }
    while (head == null) {
      if (batch.hasNext()) {
        head = batch.next();
        break;
      }
      List<SubscriptionEvent> next = feed.poll();
      if (next == null) {
        if (feed.isOver()) {
          feed.throwError();
        }
        return null;
      }
      batch = next.iterator();
    }
    return head;
  }

  @Override
  public synchronized SubscriptionEvent take() {
    SubscriptionEvent event = head;
    head = null;
    if (event instanceof Message message) {
      messageCount += 1;
      last = message;
      if (checksum != null) {
        checksum.update(message.valueBytes());
      }
    } else if (event instanceof Closed marker && !isGlob) {
      closed = marker;
    }
    return event;
  }

  @Override
  public synchronized boolean isEnded() {
    return head == null && !batch.hasNext() && feed.isOver();
  }

  /** The messages alone. Throws TOPIC_DELETED where the events would tell of it. */
  Source<Message> messages() {
    return new Source<>() {
      @Override
      public Message peek() {
        return peekMessage();
      }

      @Override
      public Message take() {
        return (Message) EventReader.this.take();
      }

      @Override
      public boolean isEnded() {
        return EventReader.this.isEnded();
      }
    };
  }

  synchronized Optional<Closed> closed() {
    return Optional.ofNullable(closed);
  }

  synchronized long messageCount() {
    return messageCount;
  }

  synchronized OptionalLong lastTimestampNs() {
    return last == null ? OptionalLong.empty() : OptionalLong.of(last.timestampNs());
  }

  synchronized Optional<String> checksum() {
    return Optional.ofNullable(checksum).map(Checksum::hex);
  }

  private synchronized Message peekMessage() {
    while (true) {
      SubscriptionEvent event = peek();
      if (event == null) {
        return null;
      }
      if (event instanceof Message message) {
        return message;
      }
      take();
      if (event instanceof Deleted deleted && !isGlob) {
        feed.close();
        throw Errors.topicDeleted(deleted.topic());
      }
    }
  }
}
