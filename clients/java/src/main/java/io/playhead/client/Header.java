package io.playhead.client;

import com.google.protobuf.ByteString;

/** One name and value pair of a message. Immutable. */
public final class Header {
  private final String name;
  private final ByteString value;

  Header(String name, ByteString value) {
    this.name = name;
    this.value = value;
  }

  /** The name; several headers may have the same. */
  public String name() {
    return name;
  }

  /** The value, as a new array. */
  public byte[] value() {
    return value.toByteArray();
  }

  /** The value as UTF-8. */
  public String text() {
    return value.toStringUtf8();
  }

  @Override
  public String toString() {
    return name + "=" + text();
  }
}
