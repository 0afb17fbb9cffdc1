package io.playhead.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A message as it was stored. Immutable. */
public final class Message implements SubscriptionEvent {
  private final String topic;
  private final dev.playhead.v1.Message wire;

  Message(String topic, dev.playhead.v1.Message wire) {
    this.topic = topic;
    this.wire = wire;
  }

  /** Name of the topic. */
  public String topic() {
    return topic;
  }

  /**
   * Nanoseconds since 1970, UTC; unique over the whole broker. Resume behind it with {@code
   * timestampNs() + 1}.
   */
  public long timestampNs() {
    return wire.getTimestampNs();
  }

  /** The timestamp. */
  public Instant time() {
    return Clock.toInstant(timestampNs());
  }

  /** The key, as a new array; empty if there is none. */
  public byte[] key() {
    return wire.getKey().toByteArray();
  }

  /** The key as UTF-8; empty if there is none. */
  public String keyText() {
    return wire.getKey().toStringUtf8();
  }

  /** The value, as a new array. */
  public byte[] value() {
    return wire.getValue().toByteArray();
  }

  /** The value without a copy; read-only. */
  public ByteBuffer valueBuffer() {
    return wire.getValue().asReadOnlyByteBuffer();
  }

  /** The value as UTF-8. */
  public String text() {
    return wire.getValue().toStringUtf8();
  }

  /** In the publisher's order. */
  public List<Header> headers() {
    return wire.getHeadersList().stream()
        .map(header -> new Header(header.getName(), header.getValue()))
        .toList();
  }

  /** The first header of this name. */
  public Optional<Header> header(String name) {
    Objects.requireNonNull(name, "name");
    return headers().stream().filter(header -> header.name().equals(name)).findFirst();
  }

  /** Length of its encoding, which the broker counts as its size; bytes. */
  public int sizeBytes() {
    return wire.getSerializedSize();
  }

  @Override
  public String toString() {
    return "Message[" + topic + " " + timestampNs() + ", " + wire.getValue().size() + " bytes]";
  }

  ByteString valueBytes() {
    return wire.getValue();
  }

  /** What it uses up of a worker's credit: its size in a response, tag and length included. */
  static int sizeInResponse(dev.playhead.v1.Message wire) {
    int size = wire.getSerializedSize();
    return 1 + CodedOutputStream.computeUInt32SizeNoTag(size) + size;
  }
}
