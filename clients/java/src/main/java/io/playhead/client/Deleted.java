package io.playhead.client;

/**
 * A topic was deleted. Ends a subscription, unless it is of a glob.
 *
 * @param topic name of the topic
 */
public record Deleted(String topic) implements SubscriptionEvent {}
