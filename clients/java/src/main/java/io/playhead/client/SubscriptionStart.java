package io.playhead.client;

import java.util.OptionalLong;

/**
 * How the broker understood a subscription.
 *
 * @param fromTimestampNs messages from this timestamp on are delivered; nanoseconds since 1970, UTC
 * @param untilTimestampNs the subscription ends before this timestamp
 */
public record SubscriptionStart(long fromTimestampNs, OptionalLong untilTimestampNs) {}
