package io.playhead.client;

/** When a publish is acknowledged. */
public enum Durability {
  /** Once it is on disk. */
  FSYNC,
  /** Once the operating system has it. */
  OS,
  /** Once it is in the broker's memory. */
  MEMORY,
  /** This version of the client does not know. */
  UNKNOWN;

  static Durability ofWire(dev.playhead.v1.Durability wire) {
    return switch (wire) {
      case DURABILITY_FSYNC -> FSYNC;
      case DURABILITY_OS -> OS;
      case DURABILITY_MEMORY -> MEMORY;
      case DURABILITY_UNSPECIFIED, UNRECOGNIZED -> UNKNOWN;
    };
  }
}
