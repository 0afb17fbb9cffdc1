package io.playhead.client;

/** What a subscription meets, in order. */
public sealed interface SubscriptionEvent permits Message, CaughtUp, Trimmed, Closed, Deleted {}
