package io.playhead.client;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The one exception that the client reports. Programs decide by the reason; the message is for
 * people and may change.
 */
public final class PlayheadException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final String text;
  private final TreeMap<String, String> metadata;

  PlayheadException(Reason reason, String message) {
    this(reason, message, Map.of(), null);
  }

  PlayheadException(Reason reason, String message, Throwable cause) {
    this(reason, message, Map.of(), cause);
  }

  PlayheadException(Reason reason, String message, Map<String, String> metadata, Throwable cause) {
    super(reason + ": " + message, cause);
    this.text = message;
    this.reason = reason;
    this.metadata = new TreeMap<>(metadata);
  }

  /** Why. */
  public Reason reason() {
    return reason;
  }

  /** Whether the same request may succeed if it is sent again, unchanged, a little later. */
  public boolean isRetryable() {
    return reason.isRetryable();
  }

  /** Values that belong to the reason, such as {@code limit_bytes}. */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(metadata);
  }

  /** The same error with the stack of the caller, who waited for it on another thread. */
  PlayheadException here() {
    return new PlayheadException(reason, text, metadata, this);
  }
}
