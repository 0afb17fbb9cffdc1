package io.playhead.client;

import dev.playhead.v1.BrokerServiceGrpc;
import dev.playhead.v1.GetServerInfoRequest;
import dev.playhead.v1.GetServerInfoResponse;
import java.util.OptionalLong;

/**
 * What a broker says of itself.
 *
 * @param version as in its package
 * @param durability when a publish is acknowledged
 * @param maxMessageBytes largest message, as the length of its encoding, where the topic does not
 *     set its own
 * @param maxRequestBytes largest request
 * @param clockNs the broker's clock; nanoseconds since 1970, UTC
 * @param lastTimestampNs timestamp of the last message of all topics
 */
public record ServerInfo(
    String version,
    Durability durability,
    int maxMessageBytes,
    int maxRequestBytes,
    long clockNs,
    OptionalLong lastTimestampNs) {
  static ServerInfo get(Connection connection, String operation) {
    GetServerInfoResponse wire =
        connection.request(
            BrokerServiceGrpc.getGetServerInfoMethod(),
            GetServerInfoRequest.getDefaultInstance(),
            operation);
    return new ServerInfo(
        wire.getVersion(),
        Durability.ofWire(wire.getDurability()),
        wire.getMaxMessageBytes(),
        wire.getMaxRequestBytes(),
        wire.getClockNs(),
        Wire.timestamp(wire.getLastTimestampNs()));
  }

  /** The timestamp of a time so long ago, by the broker's clock and not by this machine's. */
  static long timestampAgo(Connection connection, long agoNs) {
    return Math.max(get(connection, "ask for the broker's clock").clockNs() - agoNs, 0);
  }
}
