package io.playhead.conformance;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.playhead.client.CreateSubscriptionOptions;
import io.playhead.client.DurableSubscription;
import io.playhead.client.PlayheadClient;
import io.playhead.client.SubscriptionInfo;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;

/** Durable subscriptions, without what works for them. */
final class DurableOperations {
  private final Named<PlayheadClient> clients;
  private final Map<String, Operation> operations = new HashMap<>();

  DurableOperations(Named<PlayheadClient> clients) {
    this.clients = clients;
    add("createSubscription", DurableOperations::create);
    add(
        "updateSubscription",
        (durable, request) -> Answers.durable(durable.update(Fields.subscriptionConfig(request))));
    add("getSubscription", (durable, request) -> Answers.durable(durable.info()));
    add(
        "deleteSubscription",
        (durable, request) -> {
          durable.delete();
          return Answers.empty();
        });
    add("seekSubscription", DurableOperations::seek);
    add(
        "snapshotSubscription",
        (durable, request) ->
            Answers.of("snapshot", new JsonPrimitive(Answers.base64(durable.snapshot()))));
    add("redrive", DurableOperations::redrive);
    operations.put("listSubscriptions", this::list);
  }

  Map<String, Operation> all() {
    return operations;
  }

  /** The subscription that a request names. */
  static DurableSubscription of(PlayheadClient client, JsonObject request) {
    return client.subscription(Fields.text(request, "topic"), Fields.text(request, "subscription"));
  }

  private void add(String name, BiFunction<DurableSubscription, JsonObject, JsonObject> make) {
    operations.put(
        name,
        request -> {
          PlayheadClient client = clients.of(request);
          return () -> make.apply(of(client, request), request);
        });
  }

  private Operation.Pending list(JsonObject request) {
    PlayheadClient client = clients.of(request);
    return () ->
        Answers.of(
            "subscriptions",
            Answers.list(
                client
                    .subscriptions()
                    .list(Fields.text(request, "topic"))
                    .map(SubscriptionInfo::subscription)
                    .toList(),
                JsonPrimitive::new));
  }

  private static JsonObject create(DurableSubscription durable, JsonObject request) {
    CreateSubscriptionOptions options =
        CreateSubscriptionOptions.defaults()
            .withConfig(Fields.subscriptionConfig(request))
            .withCreateTopic(
                request.has("createTopic") && request.get("createTopic").getAsBoolean());
    if (request.has("from")) {
      options = options.withFrom(Fields.position(request.get("from")));
    }
    return Answers.durable(durable.create(options));
  }

  private static JsonObject seek(DurableSubscription durable, JsonObject request) {
    JsonElement to = request.get("to");
    boolean isSnapshot = to.isJsonObject() && to.getAsJsonObject().has("snapshot");
    return Answers.durable(
        isSnapshot
            ? durable.seek(Fields.bytes(to.getAsJsonObject(), "snapshot"))
            : durable.seek(Fields.position(to)));
  }

  private static JsonObject redrive(DurableSubscription durable, JsonObject request) {
    long limit = request.has("limit") ? request.get("limit").getAsLong() : 0;
    long count = durable.redrive(Fields.textOrEmpty(request, "to"), limit);
    return Answers.of("messageCount", new JsonPrimitive(count));
  }
}
