package io.playhead.client;

/**
 * The connections of a client to one broker. What a reader has not taken yet holds up neither
 * publishes nor settlements, and a burst of cancelled subscriptions, for which HTTP/2 servers cut
 * connections, cuts only its own.
 */
enum Lane {
  /** Single requests, and publishing. */
  PUBLISH,
  SUBSCRIBE,
  CONSUME
}
