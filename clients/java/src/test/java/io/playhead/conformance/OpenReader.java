package io.playhead.conformance;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.playhead.client.CaughtUp;
import io.playhead.client.Closed;
import io.playhead.client.Deleted;
import io.playhead.client.Message;
import io.playhead.client.PlayheadException;
import io.playhead.client.Subscription;
import io.playhead.client.SubscriptionEvent;
import io.playhead.client.Trimmed;
import java.util.Iterator;

/** A subscription that is read, item by item, to its end. */
final class OpenReader {
  private final Subscription subscription;
  private final Iterator<SubscriptionEvent> events;
  private boolean hasEnded;

  OpenReader(Subscription subscription) {
    this.subscription = subscription;
    events = subscription.events().iterator();
  }

  JsonObject started() {
    return Answers.of(
        "fromTimestampNs", Answers.timestamp(subscription.started().fromTimestampNs()));
  }

  /** Waits until there are so many, or the end. */
  synchronized JsonObject next(int count, boolean withCaughtUp) {
    JsonArray items = new JsonArray();
    while (items.size() < count && !hasEnded) {
      JsonObject item = take();
      if (withCaughtUp || !item.has("caughtUp")) {
        items.add(item);
      }
    }
    return Answers.of("items", items);
  }

  JsonObject verify() {
    JsonObject fields = new JsonObject();
    fields.addProperty("messageCount", subscription.messageCount());
    subscription.checksum().ifPresent(value -> fields.addProperty("checksum", value));
    subscription.isComplete().ifPresent(value -> fields.addProperty("isComplete", value));
    subscription.isVerified().ifPresent(value -> fields.addProperty("isVerified", value));
    return fields;
  }

  void close() {
    subscription.close();
  }

  private JsonObject take() {
    try {
      if (events.hasNext()) {
        return item(events.next());
      }
      hasEnded = true;
      return Answers.of("end", Answers.empty());
    } catch (PlayheadException e) {
      hasEnded = true;
      return Answers.of("end", Answers.of("error", Driver.error(e)));
    }
  }

  private static JsonObject item(SubscriptionEvent event) {
    if (event instanceof Message message) {
      return Answers.of("message", Answers.message(message));
    }
    if (event instanceof CaughtUp caughtUp) {
      return Answers.of(
          "caughtUp", Answers.of("nextTimestampNs", Answers.timestamp(caughtUp.nextTimestampNs())));
    }
    if (event instanceof Trimmed trimmed) {
      return Answers.of("trimmed", Answers.trimmed(trimmed));
    }
    if (event instanceof Closed closed) {
      return Answers.of("closed", Answers.closed(closed));
    }
    JsonObject topic = new JsonObject();
    topic.addProperty("topic", ((Deleted) event).topic());
    return Answers.of("deleted", topic);
  }
}
