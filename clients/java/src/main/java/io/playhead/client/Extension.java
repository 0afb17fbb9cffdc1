package io.playhead.client;

/**
 * An extension of a lease, in common to the deliveries that were extended together. Guarded by its
 * settlement queue.
 */
final class Extension {
  private long deadlineNs;

  /** By the broker's clock; 0 until it has answered. */
  long deadlineNs() {
    return deadlineNs;
  }

  void answered(long ns) {
    deadlineNs = ns;
  }
}
