package io.playhead.client;

import java.util.Objects;
import java.util.Optional;

/**
 * Which part of a topic is read. Immutable.
 *
 * @param from where to begin
 * @param until where to end; empty: with what is there now
 * @param limit at most so many messages; 0: 1000
 * @param maxBytes at most so many bytes, but at least one message; 0: 1 MiB
 */
public record ReadOptions(Position from, Optional<Until> until, int limit, int maxBytes) {
  private static final ReadOptions DEFAULTS =
      new ReadOptions(Position.earliest(), Optional.empty(), 0, 0);

  /** Checks. */
  public ReadOptions {
    Objects.requireNonNull(from, "from");
    Objects.requireNonNull(until, "until");
  }

  /** The first page. */
  public static ReadOptions defaults() {
    return DEFAULTS;
  }

  /** The page that begins here. */
  public static ReadOptions from(Position from) {
    return DEFAULTS.withFrom(from);
  }

  /** With another beginning. */
  public ReadOptions withFrom(Position value) {
    return new ReadOptions(value, until, limit, maxBytes);
  }

  /** With an end. */
  public ReadOptions withUntil(Until value) {
    return new ReadOptions(
        from, Optional.of(Objects.requireNonNull(value, "until")), limit, maxBytes);
  }

  /** With at most so many messages, up to 100 000. */
  public ReadOptions withLimit(int messages) {
    return new ReadOptions(from, until, messages, maxBytes);
  }

  /** With at most so many bytes. */
  public ReadOptions withMaxBytes(int bytes) {
    return new ReadOptions(from, until, limit, bytes);
  }
}
