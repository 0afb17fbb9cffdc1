package io.playhead.conformance;

import com.google.gson.JsonObject;
import io.playhead.client.Channel;
import io.playhead.client.PlayheadClient;
import io.playhead.client.SubscribeOptions;
import java.util.Map;

/** Channels. */
final class ChannelOperations {
  private final Named<PlayheadClient> clients;
  private final Named<OpenReader> readers;
  private final Named<Channel> channels = new Named<>("channel");

  ChannelOperations(Named<PlayheadClient> clients, Named<OpenReader> readers) {
    this.clients = clients;
    this.readers = readers;
  }

  Map<String, Operation> all() {
    return Map.of(
        "openChannel", this::open,
        "writeChannel", this::write,
        "closeChannel", this::close,
        "readChannel", this::read,
        "deleteChannel", this::delete);
  }

  private Operation.Pending open(JsonObject request) {
    channels.put(request, clients.of(request).channel(Fields.text(request, "name")));
    return Answers::empty;
  }

  private Operation.Pending write(JsonObject request) {
    return WriteOperations.published(
        request, channels.of(request).publishEach(Fields.messages(request)));
  }

  private Operation.Pending close(JsonObject request) {
    Channel channel = channels.of(request);
    return () ->
        Answers.closed(
            channel.seal(Fields.messages(request), Fields.textOrEmpty(request, "reason")));
  }

  private Operation.Pending read(JsonObject request) {
    SubscribeOptions options =
        request.has("from")
            ? SubscribeOptions.from(Fields.position(request.get("from")))
            : SubscribeOptions.defaults();
    OpenReader reader = new OpenReader(channels.of(request).subscribe(options));
    readers.put(request, reader);
    return reader::started;
  }

  private Operation.Pending delete(JsonObject request) {
    PlayheadClient client = clients.of(request);
    return () -> {
      client.deleteChannel(Fields.text(request, "name"));
      return Answers.empty();
    };
  }
}
