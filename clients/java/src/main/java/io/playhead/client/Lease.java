package io.playhead.client;

/**
 * A lease as this client knows it: consecutive deliveries that have a receipt in common. Guarded by
 * its settlement queue.
 */
final class Lease {
  private final SettlementQueue settlements;
  private final long sequence;
  private final long receipt;
  private final int attempt;
  private final long deadlineNs;
  private long expiresAtMs;
  private int heldCount;
  private long heldBytes;
  private boolean isExpired;
  private PlayheadException lost;

  /**
   * `sequence` orders the leases of a queue. `expiresAtMs` is by {@link Clock#nowMs}, and no
   * earlier than at the broker; the largest long if nobody looks at it.
   */
  Lease(SettlementQueue settlements, long sequence, dev.playhead.v1.Lease wire, long expiresAtMs) {
    this.settlements = settlements;
    this.sequence = sequence;
    this.expiresAtMs = expiresAtMs;
    receipt = wire.getReceipt();
    attempt = wire.getAttempt();
    deadlineNs = wire.getDeadlineTimestampNs();
  }

  SettlementQueue settlements() {
    return settlements;
  }

  long sequence() {
    return sequence;
  }

  long receipt() {
    return receipt;
  }

  int attempt() {
    return attempt;
  }

  /** By the broker's clock; where a delivery was extended, that holds instead. */
  long deadlineNs() {
    return deadlineNs;
  }

  /** Deliveries that are not settled. */
  int heldCount() {
    return heldCount;
  }

  /** Bytes of them. */
  long heldBytes() {
    return heldBytes;
  }

  void hold(int sizeBytes) {
    heldCount += 1;
    heldBytes += sizeBytes;
  }

  void release(int sizeBytes) {
    heldCount -= 1;
    heldBytes -= sizeBytes;
  }

  void prolong(long untilMs) {
    expiresAtMs = Math.max(expiresAtMs, untilMs);
  }

  boolean isDue(long nowMs) {
    return expiresAtMs <= nowMs;
  }

  /** Whether the credit of what was held was given back, because the lease ran out. */
  boolean isExpired() {
    return isExpired;
  }

  void expire() {
    isExpired = true;
  }

  /**
   * Whether it ran out or was lost: what nobody has looked at yet is delivered to somebody else.
   */
  boolean isOver(long nowMs) {
    return lost != null || isDue(nowMs);
  }

  /** Why nothing of it can be settled any more; null if it can. */
  PlayheadException lost() {
    return lost;
  }

  void lose(String how) {
    lost = Errors.conflict("the lease " + how, receipt);
  }
}
