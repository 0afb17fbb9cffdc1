package io.playhead.conformance;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.playhead.client.ClientBuilder;
import io.playhead.client.PlayheadClient;
import io.playhead.client.TlsOptions;
import io.playhead.client.TopicInfo;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** All operations, and those of clients and topics themselves. */
final class Operations {
  private final Map<String, Operation> operations = new HashMap<>();
  private final Named<PlayheadClient> clients = new Named<>("client");

  Operations() {
    Named<OpenReader> readers = new Named<>("subscription");
    operations.put("connect", this::connect);
    operations.put("disconnect", this::disconnect);
    onClient("serverInfo", (client, request) -> Answers.serverInfo(client.serverInfo()));
    addTopics();
    operations.putAll(new WriteOperations(clients).all());
    operations.putAll(new ReadOperations(clients, readers).all());
    operations.putAll(new ChannelOperations(clients, readers).all());
    operations.putAll(new DurableOperations(clients).all());
    operations.putAll(new WorkerOperations(clients).all());
  }

  Operation.Pending begin(JsonObject request) throws Exception {
    Operation operation = operations.get(Fields.text(request, "op"));
    if (operation == null) {
      throw new IllegalArgumentException("there is no operation " + request.get("op"));
    }
    return operation.begin(request);
  }

  /** Makes one request of a client. */
  @FunctionalInterface
  interface Request {
    JsonObject make(PlayheadClient client, JsonObject request);
  }

  private void onClient(String name, Request operation) {
    operations.put(
        name,
        request -> {
          PlayheadClient client = clients.of(request);
          return () -> operation.make(client, request);
        });
  }

  private Operation.Pending connect(JsonObject request) {
    ClientBuilder builder = PlayheadClient.builder().addresses(Fields.texts(request, "addresses"));
    Fields.duration(request, "giveUpAfterMs").ifPresent(builder::giveUpAfter);
    Fields.duration(request, "requestTimeoutMs").ifPresent(builder::requestTimeout);
    if (request.has("tls")) {
      builder.tls(tls(request.getAsJsonObject("tls")));
    }
    clients.put(request, builder.build());
    return Answers::empty;
  }

  private static TlsOptions tls(JsonObject files) {
    TlsOptions tls =
        files.has("caFile")
            ? TlsOptions.ca(Path.of(Fields.text(files, "caFile")))
            : TlsOptions.systemRoots();
    if (!files.has("certFile")) {
      return tls;
    }
    return tls.withClientCertificate(
        Path.of(Fields.text(files, "certFile")), Path.of(Fields.text(files, "keyFile")));
  }

  private Operation.Pending disconnect(JsonObject request) {
    PlayheadClient client = clients.of(request);
    return () -> {
      client.close();
      return Answers.empty();
    };
  }

  private void addTopics() {
    onTopic(
        "createTopic",
        (client, topic, request) -> client.topics().create(topic, Fields.topicConfig(request)));
    onTopic(
        "updateTopic",
        (client, topic, request) -> client.topics().update(topic, Fields.topicConfig(request)));
    onTopic("getTopic", (client, topic, request) -> client.topics().get(topic));
    onTopic(
        "trimTopic",
        (client, topic, request) ->
            client.topics().trim(topic, request.get("beforeTimestampNs").getAsLong()));
    onClient(
        "listTopics",
        (client, request) ->
            Answers.of(
                "topics",
                Answers.list(
                    client
                        .topics()
                        .list(Fields.textOrEmpty(request, "glob"))
                        .map(TopicInfo::topic)
                        .toList(),
                    JsonPrimitive::new)));
    onClient(
        "closeTopic",
        (client, request) ->
            Answers.closed(
                client
                    .topics()
                    .close(Fields.text(request, "topic"), Fields.textOrEmpty(request, "reason"))));
    onClient(
        "deleteTopic",
        (client, request) -> {
          client.topics().delete(Fields.text(request, "topic"));
          return Answers.empty();
        });
  }

  @FunctionalInterface
  private interface TopicRequest {
    TopicInfo make(PlayheadClient client, String topic, JsonObject request);
  }

  private void onTopic(String name, TopicRequest operation) {
    onClient(
        name,
        (client, request) ->
            Answers.topic(operation.make(client, Fields.text(request, "topic"), request)));
  }
}
