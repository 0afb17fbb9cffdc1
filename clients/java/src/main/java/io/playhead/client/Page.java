package io.playhead.client;

import dev.playhead.v1.BrokerServiceGrpc;
import dev.playhead.v1.ReadRequest;
import dev.playhead.v1.ReadResponse;
import java.util.List;
import java.util.Optional;

/**
 * A part of a topic, or of the topics of a glob.
 *
 * @param messages in order
 * @param nextTimestampNs where the next page begins; nanoseconds since 1970, UTC
 * @param isCaughtUp whether the page reaches the end of what was there, or until
 * @param trimmed set if the page begins later than asked for, because that is gone
 * @param closed set if the page reaches the close marker: there is no more, ever
 */
public record Page(
    List<Message> messages,
    long nextTimestampNs,
    boolean isCaughtUp,
    Optional<Trimmed> trimmed,
    Optional<Closed> closed) {
  static Page read(Connection connection, String topic, ReadOptions options) {
    ReadRequest.Builder request =
        ReadRequest.newBuilder()
            .setTopic(topic)
            .setFrom(options.from().wire())
            .setMaxMessages(options.limit())
            .setMaxBytes(options.maxBytes());
    if (options.until().isPresent()) {
      Until until = options.until().get();
      if (until instanceof Until.Timestamp time) {
        request.setUntilTimestampNs(time.timestampNs());
      } else if (until instanceof Until.Ago ago) {
        request.setUntilTimestampNs(
            ServerInfo.timestampAgo(connection, Clock.toNs(ago.duration())));
      }
    }
    ReadResponse response =
        connection.request(BrokerServiceGrpc.getReadMethod(), request.build(), "read " + topic);
    return new Page(
        Runs.name(topic, response.getMessagesList(), response.getRunsList()),
        response.getNextTimestampNs(),
        response.getIsCaughtUp(),
        response.hasTrimmed()
            ? Optional.of(Trimmed.ofWire(response.getTrimmed()))
            : Optional.empty(),
        response.hasClosed() ? Optional.of(Closed.ofWire(response.getClosed())) : Optional.empty());
  }
}
