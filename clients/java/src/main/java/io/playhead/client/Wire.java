package io.playhead.client;

import java.util.OptionalLong;

/** Conventions of the wire. */
final class Wire {
  private Wire() {}

  /** 0 stands for none. */
  static OptionalLong timestamp(long wireNs) {
    return wireNs == 0 ? OptionalLong.empty() : OptionalLong.of(wireNs);
  }
}
