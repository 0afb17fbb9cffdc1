package io.playhead.conformance;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.playhead.client.Closed;
import io.playhead.client.Delivery;
import io.playhead.client.Header;
import io.playhead.client.Message;
import io.playhead.client.Page;
import io.playhead.client.RedeliveryBackoff;
import io.playhead.client.ServerInfo;
import io.playhead.client.SubscriptionConfig;
import io.playhead.client.SubscriptionInfo;
import io.playhead.client.TopicConfig;
import io.playhead.client.TopicInfo;
import io.playhead.client.Trimmed;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Function;

/** Writes what is in answers. */
final class Answers {
  private Answers() {}

  static JsonObject empty() {
    return new JsonObject();
  }

  /** An object with one field. */
  static JsonObject of(String name, JsonElement value) {
    JsonObject fields = new JsonObject();
    fields.add(name, value);
    return fields;
  }

  static <T> JsonArray list(Collection<T> items, Function<T, JsonElement> encode) {
    JsonArray list = new JsonArray();
    items.forEach(item -> list.add(encode.apply(item)));
    return list;
  }

  static JsonElement timestamp(long timestampNs) {
    return new JsonPrimitive(Long.toString(timestampNs));
  }

  static JsonObject serverInfo(ServerInfo info) {
    JsonObject fields = new JsonObject();
    fields.addProperty("version", info.version());
    fields.addProperty("durability", lower(info.durability()));
    fields.addProperty("maxMessageBytes", info.maxMessageBytes());
    fields.addProperty("maxRequestBytes", info.maxRequestBytes());
    return fields;
  }

  static JsonObject message(Message message) {
    JsonObject fields = new JsonObject();
    fields.addProperty("topic", message.topic());
    fields.add("timestampNs", timestamp(message.timestampNs()));
    fields.addProperty("value", base64(message.value()));
    if (message.key().length > 0) {
      fields.addProperty("key", base64(message.key()));
    }
    if (!message.headers().isEmpty()) {
      fields.add("headers", list(message.headers(), Answers::header));
    }
    return fields;
  }

  static JsonObject closed(Closed closed) {
    JsonObject fields = new JsonObject();
    fields.add("timestampNs", timestamp(closed.timestampNs()));
    fields.addProperty("messageCount", closed.messageCount());
    fields.addProperty("reason", closed.reason());
    closed.checksum().ifPresent(checksum -> fields.addProperty("checksum", checksum));
    return fields;
  }

  static JsonObject trimmed(Trimmed trimmed) {
    JsonObject fields = new JsonObject();
    fields.addProperty("topic", trimmed.topic());
    addTimestamp(fields, "firstTimestampNs", trimmed.firstTimestampNs());
    return fields;
  }

  static JsonObject page(Page page) {
    JsonObject fields = of("messages", list(page.messages(), Answers::message));
    fields.add("nextTimestampNs", timestamp(page.nextTimestampNs()));
    fields.addProperty("isCaughtUp", page.isCaughtUp());
    page.trimmed().ifPresent(trimmed -> fields.add("trimmed", trimmed(trimmed)));
    page.closed().ifPresent(closed -> fields.add("closed", closed(closed)));
    return fields;
  }

  static JsonObject topic(TopicInfo info) {
    JsonObject fields = new JsonObject();
    fields.addProperty("topic", info.topic());
    fields.add("config", topicConfig(info.config()));
    fields.add("createdTimestampNs", timestamp(info.createdTimestampNs()));
    addTimestamp(fields, "firstTimestampNs", info.firstTimestampNs());
    addTimestamp(fields, "lastTimestampNs", info.lastTimestampNs());
    fields.addProperty("messageCount", info.messageCount());
    fields.addProperty("byteCount", info.byteCount());
    info.closed().ifPresent(closed -> fields.add("closed", closed(closed)));
    return fields;
  }

  static JsonObject durable(SubscriptionInfo info) {
    JsonObject fields = new JsonObject();
    fields.addProperty("topic", info.topic());
    fields.addProperty("subscription", info.subscription());
    fields.add("config", subscriptionConfig(info.config()));
    fields.addProperty("pendingCount", info.pendingCount());
    fields.addProperty("inFlightCount", info.inFlightCount());
    fields.addProperty("waitingCount", info.waitingCount());
    fields.addProperty("redeliveredCount", info.redeliveredCount());
    fields.addProperty("deadLetteredCount", info.deadLetteredCount());
    fields.addProperty("acknowledgedCount", info.acknowledgedCount());
    fields.addProperty("workerCount", info.workerCount());
    fields.addProperty("isDrained", info.isDrained());
    return fields;
  }

  static JsonObject delivery(String name, Delivery delivery) {
    JsonObject fields = of("message", message(delivery.message()));
    fields.addProperty("delivery", name);
    fields.addProperty("attempt", delivery.attempt());
    return fields;
  }

  static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static JsonObject header(Header header) {
    JsonObject fields = new JsonObject();
    fields.addProperty("name", header.name());
    fields.addProperty("value", base64(header.value()));
    return fields;
  }

  private static JsonObject topicConfig(TopicConfig config) {
    JsonObject fields = new JsonObject();
    config.maxAge().ifPresent(value -> fields.addProperty("maxAgeMs", value.toMillis()));
    config.maxBytes().ifPresent(value -> fields.addProperty("maxBytes", value));
    config.maxMessages().ifPresent(value -> fields.addProperty("maxMessages", value));
    config.maxMessageBytes().ifPresent(value -> fields.addProperty("maxMessageBytes", value));
    config.trimConsumed().ifPresent(value -> fields.addProperty("trimConsumed", value));
    return fields;
  }

  private static JsonObject subscriptionConfig(SubscriptionConfig config) {
    JsonObject fields = new JsonObject();
    config.mode().ifPresent(value -> fields.addProperty("mode", lower(value)));
    config.lease().ifPresent(value -> fields.addProperty("leaseMs", value.toMillis()));
    config.maxAttempts().ifPresent(value -> fields.addProperty("maxAttempts", value));
    config.maxInFlight().ifPresent(value -> fields.addProperty("maxInFlight", value));
    if (config.backoff().orElse(null) instanceof RedeliveryBackoff.Delays backoff) {
      Function<Duration, JsonElement> encode = delay -> new JsonPrimitive(delay.toMillis());
      fields.add("backoffMs", list(backoff.delays(), encode));
    }
    config.idleExpiry().ifPresent(value -> fields.addProperty("idleExpiryMs", value.toMillis()));
    config.deadLetterTopic().ifPresent(value -> fields.addProperty("deadLetterTopic", value));
    config.maxPending().ifPresent(value -> fields.addProperty("maxPending", value));
    config.backlogPolicy().ifPresent(value -> fields.addProperty("backlogPolicy", lower(value)));
    return fields;
  }

  private static void addTimestamp(JsonObject fields, String name, OptionalLong timestampNs) {
    timestampNs.ifPresent(value -> fields.add(name, timestamp(value)));
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
