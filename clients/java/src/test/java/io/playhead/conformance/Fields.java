package io.playhead.conformance;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.playhead.client.BacklogPolicy;
import io.playhead.client.DeliveryMode;
import io.playhead.client.NewMessage;
import io.playhead.client.Position;
import io.playhead.client.RedeliveryBackoff;
import io.playhead.client.SubscriptionConfig;
import io.playhead.client.TopicConfig;
import io.playhead.client.Until;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/** Reads what is in requests. */
final class Fields {
  private Fields() {}

  static String text(JsonObject fields, String name) {
    if (!fields.has(name)) {
      throw new IllegalArgumentException("the request has no " + name);
    }
    return fields.get(name).getAsString();
  }

  static Optional<JsonElement> get(JsonObject fields, String name) {
    return Optional.ofNullable(fields.get(name));
  }

  static String textOrEmpty(JsonObject fields, String name) {
    return get(fields, name).map(JsonElement::getAsString).orElse("");
  }

  static boolean isTrue(JsonObject fields, String name) {
    return fields.has(name) && fields.get(name).getAsBoolean();
  }

  static byte[] bytes(JsonObject fields, String name) {
    return Base64.getDecoder().decode(textOrEmpty(fields, name));
  }

  static Optional<Duration> duration(JsonObject fields, String name) {
    return get(fields, name).map(value -> Duration.ofMillis(value.getAsLong()));
  }

  static List<String> texts(JsonObject fields, String name) {
    return list(fields, name).stream().map(JsonElement::getAsString).toList();
  }

  static List<NewMessage> messages(JsonObject fields) {
    return list(fields, "messages").stream().map(each -> message(each.getAsJsonObject())).toList();
  }

  static Position position(JsonElement position) {
    if (!position.isJsonObject()) {
      return position.getAsString().equals("earliest") ? Position.earliest() : Position.latest();
    }
    JsonObject fields = position.getAsJsonObject();
    if (fields.has("timestampNs")) {
      return Position.timestampNs(fields.get("timestampNs").getAsLong());
    }
    return fields.has("agoMs")
        ? Position.ago(Duration.ofMillis(fields.get("agoMs").getAsLong()))
        : Position.last(fields.get("last").getAsLong());
  }

  static Until until(JsonElement until) {
    return until.isJsonObject()
        ? Until.timestampNs(until.getAsJsonObject().get("timestampNs").getAsLong())
        : Until.now();
  }

  static TopicConfig topicConfig(JsonObject request) {
    TopicConfig config = TopicConfig.unset();
    JsonObject fields = object(request, "config");
    if (fields.has("maxAgeMs")) {
      config = config.withMaxAge(Duration.ofMillis(fields.get("maxAgeMs").getAsLong()));
    }
    if (fields.has("maxBytes")) {
      config = config.withMaxBytes(fields.get("maxBytes").getAsLong());
    }
    if (fields.has("maxMessages")) {
      config = config.withMaxMessages(fields.get("maxMessages").getAsLong());
    }
    if (fields.has("maxMessageBytes")) {
      config = config.withMaxMessageBytes(fields.get("maxMessageBytes").getAsInt());
    }
    if (fields.has("trimConsumed")) {
      config = config.withTrimConsumed(fields.get("trimConsumed").getAsBoolean());
    }
    return config;
  }

  static SubscriptionConfig subscriptionConfig(JsonObject request) {
    JsonObject fields = object(request, "config");
    SubscriptionConfig.Builder config = SubscriptionConfig.builder();
    ifSet(fields, "mode", value -> config.mode(DeliveryMode.valueOf(constant(value))));
    duration(fields, "leaseMs").ifPresent(config::lease);
    ifSet(fields, "maxAttempts", value -> config.maxAttempts(value.getAsInt()));
    ifSet(fields, "maxInFlight", value -> config.maxInFlight(value.getAsInt()));
    ifSet(fields, "backoffMs", value -> config.backoff(backoff(value.getAsJsonArray())));
    duration(fields, "idleExpiryMs").ifPresent(config::idleExpiry);
    ifSet(fields, "deadLetterTopic", value -> config.deadLetterTopic(value.getAsString()));
    ifSet(fields, "maxPending", value -> config.maxPending(value.getAsLong()));
    ifSet(
        fields,
        "backlogPolicy",
        value -> config.backlogPolicy(BacklogPolicy.valueOf(constant(value))));
    return config.build();
  }

  private static NewMessage message(JsonObject fields) {
    NewMessage.Builder message = NewMessage.builder().value(bytes(fields, "value"));
    if (fields.has("key")) {
      message.key(bytes(fields, "key"));
    }
    for (JsonElement each : list(fields, "headers")) {
      JsonObject header = each.getAsJsonObject();
      message.header(text(header, "name"), bytes(header, "value"));
    }
    return message.build();
  }

  private static RedeliveryBackoff backoff(JsonArray delaysMs) {
    List<Duration> delays = new ArrayList<>();
    delaysMs.forEach(each -> delays.add(Duration.ofMillis(each.getAsLong())));
    return new RedeliveryBackoff.Delays(delays);
  }

  private static String constant(JsonElement name) {
    return name.getAsString().toUpperCase(Locale.ROOT);
  }

  private static void ifSet(JsonObject fields, String name, Consumer<JsonElement> set) {
    get(fields, name).ifPresent(set);
  }

  private static JsonObject object(JsonObject fields, String name) {
    return get(fields, name).map(JsonElement::getAsJsonObject).orElseGet(JsonObject::new);
  }

  private static List<JsonElement> list(JsonObject fields, String name) {
    return get(fields, name).map(each -> each.getAsJsonArray().asList()).orElse(List.of());
  }
}
