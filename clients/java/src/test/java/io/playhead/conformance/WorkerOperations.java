package io.playhead.conformance;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.playhead.client.ConsumeOptions;
import io.playhead.client.Delivery;
import io.playhead.client.PlayheadClient;
import io.playhead.client.PullOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/** Workers, and what becomes of deliveries. */
final class WorkerOperations {
  private final Named<PlayheadClient> clients;
  private final Named<OpenWorker> workers = new Named<>("consumption");
  private final Named<Delivery> deliveries = new Named<>("delivery");
  private final AtomicInteger deliveryCount = new AtomicInteger();

  WorkerOperations(Named<PlayheadClient> clients) {
    this.clients = clients;
  }

  Map<String, Operation> all() {
    return Map.of(
        "consume",
        this::consume,
        "deliveries",
        this::next,
        "closeConsumption",
        this::close,
        "pull",
        this::pull,
        "ack",
        settle((delivery, request) -> delivery.ack()),
        "nack",
        settle(
            (delivery, request) ->
                Fields.duration(request, "delayMs").map(delivery::nack).orElseGet(delivery::nack)),
        "extend",
        settle(
            (delivery, request) ->
                delivery.extend(Fields.duration(request, "leaseMs").orElse(Duration.ZERO))),
        "terminate",
        settle((delivery, request) -> delivery.terminate(Fields.textOrEmpty(request, "reason"))));
  }

  private Operation.Pending consume(JsonObject request) {
    ConsumeOptions options =
        ConsumeOptions.defaults().withWorker(Fields.textOrEmpty(request, "worker"));
    if (request.has("maxInFlight")) {
      options = options.withMaxInFlight(request.get("maxInFlight").getAsInt());
    }
    workers.put(
        request,
        new OpenWorker(DurableOperations.of(clients.of(request), request).consume(options)));
    return Answers::empty;
  }

  private Operation.Pending next(JsonObject request) {
    OpenWorker worker = workers.of(request);
    return () -> {
      JsonObject answer = named(worker.next(request.get("count").getAsInt()));
      JsonObject end = worker.end();
      if (end != null) {
        answer.add("end", end);
      }
      return answer;
    };
  }

  private Operation.Pending close(JsonObject request) {
    OpenWorker worker = workers.of(request);
    return () -> {
      worker.close();
      return Answers.empty();
    };
  }

  private Operation.Pending pull(JsonObject request) {
    PlayheadClient client = clients.of(request);
    PullOptions options =
        PullOptions.defaults()
            .withMaxMessages(request.has("limit") ? request.get("limit").getAsInt() : 0)
            .withMaxWait(Fields.duration(request, "waitMs").orElse(Duration.ZERO))
            .withLease(Fields.duration(request, "leaseMs").orElse(Duration.ZERO));
    return () -> {
      Optional<CompletableFuture<Void>> interruption = interruptionOf(request);
      try {
        return named(DurableOperations.of(client, request).pull(options).deliveries());
      } finally {
        // This thread serves other requests from here on.
        interruption.ifPresent(each -> each.cancel(false));
        Thread.interrupted();
      }
    };
  }

  /** Interrupts the thread that calls this when the request says so, if it does. */
  private static Optional<CompletableFuture<Void>> interruptionOf(JsonObject request) {
    Thread waiting = Thread.currentThread();
    return Fields.duration(request, "cancelAfterMs")
        .map(after -> CompletableFuture.delayedExecutor(after.toMillis(), TimeUnit.MILLISECONDS))
        .map(later -> CompletableFuture.runAsync(waiting::interrupt, later));
  }

  private Operation settle(BiFunction<Delivery, JsonObject, CompletableFuture<?>> action) {
    return request -> {
      CompletableFuture<?> settled = action.apply(deliveries.of(request), request);
      return () -> {
        WriteOperations.await(settled);
        return Answers.empty();
      };
    };
  }

  private JsonObject named(List<Delivery> taken) {
    JsonArray list = new JsonArray();
    for (Delivery delivery : taken) {
      String name = "delivery-" + deliveryCount.incrementAndGet();
      deliveries.put(name, delivery);
      list.add(Answers.delivery(name, delivery));
    }
    return Answers.of("deliveries", list);
  }
}
