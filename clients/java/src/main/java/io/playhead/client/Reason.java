package io.playhead.client;

import dev.playhead.v1.ErrorReason;

/**
 * Why an operation failed: the broker's reasons, which {@code error.proto} explains, and those of
 * the client.
 */
public enum Reason {
  /** A field breaks a rule. Metadata: {@code field}. */
  INVALID_ARGUMENT(false),
  /** The bytes of a request are not well-formed. */
  MALFORMED(false),
  /** A message is larger than its topic takes. Metadata: {@code limit_bytes}, {@code bytes}. */
  MESSAGE_TOO_LARGE(false),
  /**
   * A request is larger than the broker takes: split it. Metadata: {@code limit_bytes}, {@code
   * bytes}.
   */
  REQUEST_TOO_LARGE(false),
  /** There is no topic of that name. Metadata: {@code topic}. */
  TOPIC_NOT_FOUND(false),
  /** A topic of that name exists with another configuration. Metadata: {@code topic}. */
  TOPIC_EXISTS(false),
  /** The topic was deleted while it was in use. Metadata: {@code topic}. */
  TOPIC_DELETED(false),
  /**
   * The topic is complete and takes no more messages. Metadata: {@code topic}, {@code
   * closed_timestamp_ns}.
   */
  CHANNEL_CLOSED(false),
  /**
   * The topic's last timestamp is not the expected one (metadata: {@code topic}, {@code
   * last_timestamp_ns}), or a lease is not the caller's any more (metadata: {@code receipt}).
   */
  CONFLICT(false),
  /**
   * Another program uses the producer's name. Metadata: {@code topic}, {@code producer}, {@code
   * last_sequence}.
   */
  PRODUCER_CONFLICT(false),
  /** More work is waiting than the broker holds in memory. Metadata: {@code limit_bytes}. */
  OVERLOADED(true),
  /** A limit on a number of things is reached. Metadata: {@code limit}. */
  LIMIT_EXCEEDED(false),
  /** The disk is full; nothing was stored. */
  DISK_FULL(true),
  /**
   * The storage failed while the request was under way. What was under way may have been stored.
   */
  STORAGE_FAILED(true),
  /** The broker takes no new work. */
  SHUTTING_DOWN(true),
  /**
   * What is stored is damaged. Metadata: {@code topic}, {@code first_timestamp_ns}, {@code
   * last_timestamp_ns}.
   */
  DATA_LOSS(false),
  /** A fault of the broker, or an answer that this client does not know. */
  INTERNAL(false),
  /** There is no such subscription. Metadata: {@code topic}, {@code subscription}. */
  SUBSCRIPTION_NOT_FOUND(false),
  /**
   * A subscription of that name exists with other settings. Metadata: {@code topic}, {@code
   * subscription}.
   */
  SUBSCRIPTION_EXISTS(false),
  /**
   * The subscription was deleted while it was in use. Metadata: {@code topic}, {@code
   * subscription}.
   */
  SUBSCRIPTION_DELETED(false),
  /**
   * A subscription has no room for more. Metadata: {@code topic}, {@code subscription}, {@code
   * limit}.
   */
  BACKLOG_FULL(false),
  /** There is no schedule of that id. Metadata: {@code schedule}. */
  SCHEDULE_NOT_FOUND(false),
  /** A schedule of that id exists for something else. Metadata: {@code schedule}. */
  SCHEDULE_EXISTS(false),

  /** No broker answered, or the connection was lost. What was under way may have been stored. */
  UNREACHABLE(true),
  /** The broker did not answer in time. What was under way may have been stored. */
  DEADLINE_EXCEEDED(true),
  /** The thread was interrupted, or the gRPC context was cancelled. */
  CANCELLED(false),
  /** The client, or what was used of it, was closed before or meanwhile. */
  CLIENT_CLOSED(false),
  /** More was handed over than the publisher keeps in memory; nothing of it was sent. */
  PUBLISHER_FULL(true);

  private static final String WIRE_PREFIX = "ERROR_REASON_";

  private final boolean retryable;

  Reason(boolean retryable) {
    this.retryable = retryable;
  }

  /** Whether the same request may succeed if it is sent again, unchanged, a little later. */
  public boolean isRetryable() {
    return retryable;
  }

  /** INTERNAL for what this version does not know. */
  static Reason ofWire(ErrorReason wire) {
    return wire == ErrorReason.UNRECOGNIZED
        ? INTERNAL
        : ofBroker(wire.name().substring(WIRE_PREFIX.length()));
  }

  /** The reason that the broker calls so; INTERNAL if this version does not know it. */
  static Reason ofBroker(String name) {
    for (Reason reason : values()) {
      // What follows are the client's own, which no broker sends.
      if (reason == UNREACHABLE) {
        break;
      }
      if (reason.name().equals(name)) {
        return reason;
      }
    }
    return INTERNAL;
  }
}
