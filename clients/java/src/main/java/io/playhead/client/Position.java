package io.playhead.client;

import dev.playhead.v1.Edge;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/** Where reading begins. Immutable. */
public final class Position {
  private static final Position EARLIEST = ofEdge(Edge.EDGE_EARLIEST);
  private static final Position LATEST = ofEdge(Edge.EDGE_LATEST);

  private final dev.playhead.v1.Position wire;

  private Position(dev.playhead.v1.Position.Builder wire) {
    this.wire = wire.build();
  }

  /** With the first retained message. */
  public static Position earliest() {
    return EARLIEST;
  }

  /** With the next message to come. */
  public static Position latest() {
    return LATEST;
  }

  /**
   * With the first message of this time or later; nanoseconds since 1970, UTC. A time in the future
   * is waited for.
   */
  public static Position timestampNs(long timestampNs) {
    return new Position(dev.playhead.v1.Position.newBuilder().setTimestampNs(timestampNs));
  }

  /** With the first message of this time or later. */
  public static Position at(Instant time) {
    Objects.requireNonNull(time, "time");
    return timestampNs(Clock.toNs(time));
  }

  /** With the first message since so long ago, by the broker's clock. */
  public static Position ago(Duration duration) {
    Objects.requireNonNull(duration, "duration");
    return new Position(dev.playhead.v1.Position.newBuilder().setAgoNs(Clock.toNs(duration)));
  }

  /** With the last so many messages; at least 1. */
  public static Position last(long messages) {
    return new Position(
        dev.playhead.v1.Position.newBuilder()
            .setLastMessages(Checks.positive("messages", messages)));
  }

  dev.playhead.v1.Position wire() {
    return wire;
  }

  /** Whether it is where the topic begins. */
  boolean isBeginning() {
    return switch (wire.getAtCase()) {
      case EDGE -> wire.getEdge() == Edge.EDGE_EARLIEST;
      case TIMESTAMP_NS -> wire.getTimestampNs() == 0;
      default -> false;
    };
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Position position && position.wire.equals(wire);
  }

  @Override
  public int hashCode() {
    return wire.hashCode();
  }

  @Override
  public String toString() {
    return switch (wire.getAtCase()) {
      case EDGE -> wire.getEdge() == Edge.EDGE_EARLIEST ? "earliest" : "latest";
      case TIMESTAMP_NS -> Long.toString(wire.getTimestampNs());
      case AGO_NS -> "-" + Duration.ofNanos(wire.getAgoNs());
      case LAST_MESSAGES -> "last " + wire.getLastMessages();
      case AT_NOT_SET -> "";
    };
  }

  private static Position ofEdge(Edge edge) {
    return new Position(dev.playhead.v1.Position.newBuilder().setEdge(edge));
  }
}
