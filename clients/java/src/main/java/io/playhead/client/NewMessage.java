package io.playhead.client;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A message to publish: a value, and, if wanted, a key and headers. Text is stored as UTF-8.
 * Immutable.
 */
public final class NewMessage {
  /**
   * A timestamp of nine bytes: the room that the broker's stamp needs, so that it stores the
   * message where it is.
   */
  private static final long STAMP_ROOM = 1L << 56;

  private final dev.playhead.v1.Message wire;

  private NewMessage(dev.playhead.v1.Message wire) {
    this.wire = wire;
  }

  /** A message with a text as its value. */
  public static NewMessage of(String value) {
    Objects.requireNonNull(value, "value");
    return builder().value(value).build();
  }

  /** A message with this value, which is copied. */
  public static NewMessage of(byte[] value) {
    Objects.requireNonNull(value, "value");
    return builder().value(value).build();
  }

  /** Builds one with a key or headers. */
  public static Builder builder() {
    return new Builder();
  }

  dev.playhead.v1.Message wire() {
    return wire;
  }

  /** Parts of a message. For one thread. */
  public static final class Builder {
    private final dev.playhead.v1.Message.Builder wire =
        dev.playhead.v1.Message.newBuilder().setTimestampNs(STAMP_ROOM);

    private Builder() {}

    /** The key. */
    public Builder key(String key) {
      Objects.requireNonNull(key, "key");
      wire.setKey(ByteString.copyFromUtf8(key));
      return this;
    }

    /** The key, which is copied. */
    public Builder key(byte[] key) {
      Objects.requireNonNull(key, "key");
      wire.setKey(ByteString.copyFrom(key));
      return this;
    }

    /** The value. */
    public Builder value(String value) {
      Objects.requireNonNull(value, "value");
      wire.setValue(ByteString.copyFromUtf8(value));
      return this;
    }

    /** The value, which is copied. */
    public Builder value(byte[] value) {
      Objects.requireNonNull(value, "value");
      wire.setValue(ByteString.copyFrom(value));
      return this;
    }

    /** Adds a header; their order is kept, and a name may come again. */
    public Builder header(String name, String value) {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(value, "value");
      return header(name, value.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a header; their order is kept, and a name may come again. The value is copied. */
    public Builder header(String name, byte[] value) {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(value, "value");
      wire.addHeaders(
          dev.playhead.v1.Header.newBuilder().setName(name).setValue(ByteString.copyFrom(value)));
      return this;
    }

    /** The message. */
    public NewMessage build() {
      return new NewMessage(wire.build());
    }
  }
}
