/**
 * The Java client of playhead, a small gRPC log broker: network channels, publishers, subscriptions
 * that rewind, durable subscriptions, topics. Begin at {@link io.playhead.client.PlayheadClient}.
 *
 * <p>Timestamps are nanoseconds since 1970, UTC, as {@code long}. Everything that the broker or the
 * connection refuses is a {@link io.playhead.client.PlayheadException}; a wrong argument is an
 * {@link IllegalArgumentException}, and null, which is nowhere an argument, a {@link
 * NullPointerException}. Nothing answers with null. A call that blocks ends with {@link
 * io.playhead.client.Reason#CANCELLED} when its thread is interrupted, which then stays
 * interrupted.
 */
package io.playhead.client;
