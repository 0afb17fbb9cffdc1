package io.playhead.conformance;

import com.google.gson.JsonObject;
import io.playhead.client.PlayheadClient;
import io.playhead.client.ReadOptions;
import io.playhead.client.SubscribeOptions;
import java.util.Map;

/** Pages, and subscriptions of topics. */
final class ReadOperations {
  private final Named<PlayheadClient> clients;
  private final Named<OpenReader> readers;

  ReadOperations(Named<PlayheadClient> clients, Named<OpenReader> readers) {
    this.clients = clients;
    this.readers = readers;
  }

  Map<String, Operation> all() {
    return Map.of(
        "read", this::read,
        "subscribe", this::subscribe,
        "next", this::next,
        "unsubscribe", this::unsubscribe,
        "verify", request -> readers.of(request)::verify);
  }

  private Operation.Pending read(JsonObject request) {
    PlayheadClient client = clients.of(request);
    ReadOptions options = ReadOptions.defaults();
    if (request.has("from")) {
      options = options.withFrom(Fields.position(request.get("from")));
    }
    if (request.has("until")) {
      options = options.withUntil(Fields.until(request.get("until")));
    }
    if (request.has("limit")) {
      options = options.withLimit(request.get("limit").getAsInt());
    }
    if (request.has("maxBytes")) {
      options = options.withMaxBytes(request.get("maxBytes").getAsInt());
    }
    ReadOptions decided = options;
    return () -> Answers.page(client.read(Fields.text(request, "topic"), decided));
  }

  private Operation.Pending subscribe(JsonObject request) {
    SubscribeOptions options = SubscribeOptions.defaults();
    if (request.has("from")) {
      options = options.withFrom(Fields.position(request.get("from")));
    }
    if (request.has("until")) {
      options = options.withUntil(Fields.until(request.get("until")));
    }
    if (request.has("limit")) {
      options = options.withLimit(request.get("limit").getAsLong());
    }
    OpenReader reader =
        new OpenReader(clients.of(request).subscribe(Fields.text(request, "topic"), options));
    readers.put(request, reader);
    return reader::started;
  }

  private Operation.Pending next(JsonObject request) {
    OpenReader reader = readers.of(request);
    boolean withCaughtUp = request.has("events") && request.get("events").getAsBoolean();
    return () -> reader.next(request.get("count").getAsInt(), withCaughtUp);
  }

  private Operation.Pending unsubscribe(JsonObject request) {
    OpenReader reader = readers.of(request);
    return () -> {
      reader.close();
      return Answers.empty();
    };
  }
}
