package io.playhead.client;

import java.util.OptionalLong;

/**
 * What {@link Publisher#publishAll} stored.
 *
 * @param messageCount number of messages
 * @param lastTimestampNs of the last message; empty without messages
 */
public record PublishedAll(long messageCount, OptionalLong lastTimestampNs) {}
