package io.playhead.client;

/**
 * What a worker gives back to the broker as it settles deliveries, so that it never holds more than
 * it allows. While too much of what it settled has no result yet, it gives back nothing: what waits
 * for a slow disk stays bounded. Guarded by its owner.
 */
final class Credit {
  /** So many times what may be held may wait for its result, before credit is held back. */
  private static final long UNCONFIRMED_FACTOR = 4;

  private final int maxMessages;
  private final int maxBytes;
  private long messages;
  private long bytes;
  private long unconfirmed;

  Credit(int maxMessages, int maxBytes) {
    this.maxMessages = maxMessages;
    this.maxBytes = maxBytes;
  }

  int maxMessages() {
    return maxMessages;
  }

  int maxBytes() {
    return maxBytes;
  }

  /** A new stream has all of it. */
  void restart() {
    messages = 0;
    bytes = 0;
    unconfirmed = 0;
  }

  void giveBack(long moreMessages, long moreBytes) {
    messages += moreMessages;
    bytes += moreBytes;
  }

  /** So many deliveries were settled and wait for their result. */
  void expect(int count) {
    unconfirmed += count;
  }

  void confirm(int count) {
    unconfirmed -= count;
  }

  /** Whether there is something to give back, now. */
  boolean isDue() {
    return unconfirmed <= UNCONFIRMED_FACTOR * maxMessages && (messages > 0 || bytes > 0);
  }

  /** Messages that go back with this request. */
  int takeMessages() {
    int taken = (int) Math.min(messages, Integer.MAX_VALUE);
    messages -= taken;
    return taken;
  }

  /** Bytes that go back with this request. */
  int takeBytes() {
    int taken = (int) Math.min(bytes, Integer.MAX_VALUE);
    bytes -= taken;
    return taken;
  }
}
