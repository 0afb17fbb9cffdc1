package io.playhead.conformance;

import com.google.gson.JsonObject;
import io.playhead.client.NewMessage;
import io.playhead.client.PlayheadClient;
import io.playhead.client.PlayheadException;
import io.playhead.client.Publisher;
import io.playhead.client.PublisherOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Publishers. */
final class WriteOperations {
  private final Named<PlayheadClient> clients;
  private final Named<Publisher> publishers = new Named<>("publisher");

  WriteOperations(Named<PlayheadClient> clients) {
    this.clients = clients;
  }

  Map<String, Operation> all() {
    return Map.of(
        "openPublisher", this::open,
        "publish", this::publish,
        "flush", this::flush,
        "closePublisher", this::close);
  }

  /** What comes of messages; nobody waits for it if the request says so. */
  static Operation.Pending published(JsonObject request, List<CompletableFuture<Long>> publishing) {
    return Fields.isTrue(request, "unwaited") ? Answers::empty : timestamps(publishing);
  }

  /** Waits for all, and fails with the first error, in their order. */
  private static Operation.Pending timestamps(List<CompletableFuture<Long>> publishing) {
    return () -> {
      List<Long> timestampsNs = new ArrayList<>();
      PlayheadException first = null;
      for (CompletableFuture<Long> each : publishing) {
        try {
          timestampsNs.add(await(each));
        } catch (PlayheadException e) {
          first = first == null ? e : first;
        }
      }
      if (first != null) {
        throw first;
      }
      return Answers.of("timestampsNs", Answers.list(timestampsNs, Answers::timestamp));
    };
  }

  /** Waits, and throws what the future failed with. */
  static <T> T await(CompletableFuture<T> future) throws Exception {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private Operation.Pending open(JsonObject request) {
    PublisherOptions options = PublisherOptions.defaults();
    if (request.has("name")) {
      options = options.withName(Fields.text(request, "name"));
    }
    if (request.has("maxBufferedBytes")) {
      options = options.withMaxBufferedBytes(request.get("maxBufferedBytes").getAsLong());
    }
    publishers.put(request, clients.of(request).publisher(Fields.text(request, "topic"), options));
    return Answers::empty;
  }

  private Operation.Pending publish(JsonObject request) {
    Publisher publisher = publishers.of(request);
    List<NewMessage> messages = Fields.messages(request);
    if (!request.has("expectedLastTimestampNs")) {
      return published(request, publisher.publishEach(messages));
    }
    long expectedNs = request.get("expectedLastTimestampNs").getAsLong();
    return timestamps(
        messages.stream().map(message -> publisher.publishIf(expectedNs, message)).toList());
  }

  private Operation.Pending flush(JsonObject request) {
    CompletableFuture<Void> flushed = publishers.of(request).flush();
    return () -> {
      await(flushed);
      return Answers.empty();
    };
  }

  private Operation.Pending close(JsonObject request) {
    Publisher publisher = publishers.of(request);
    return () -> {
      publisher.close();
      return Answers.empty();
    };
  }
}
