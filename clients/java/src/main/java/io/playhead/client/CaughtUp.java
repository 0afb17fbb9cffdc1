package io.playhead.client;

/**
 * Everything that was committed has been delivered; what follows is new.
 *
 * @param nextTimestampNs the next message has this timestamp or a later one; nanoseconds since
 *     1970, UTC
 */
public record CaughtUp(long nextTimestampNs) implements SubscriptionEvent {}
