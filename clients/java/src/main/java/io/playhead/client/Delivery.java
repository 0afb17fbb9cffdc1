package io.playhead.client;

import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * A message and its lease. Any thread may settle it, once. What is settled at about the same time
 * travels in one request, and consecutive deliveries as one range, whose result they have in
 * common.
 */
public final class Delivery {
  private final Message message;
  private final Lease lease;
  private final int index;
  private final int sizeBytes;
  private boolean isSettled;
  private Extension extension;

  /**
   * `index` is the place among the deliveries of the lease, `sizeBytes` what it uses up of the
   * worker's credit.
   */
  Delivery(Message message, Lease lease, int index, int sizeBytes) {
    this.message = message;
    this.lease = lease;
    this.index = index;
    this.sizeBytes = sizeBytes;
  }

  /** What is delivered. */
  public Message message() {
    return message;
  }

  /** The how manieth delivery this is of the message; from 1. */
  public int attempt() {
    return lease.attempt();
  }

  /**
   * When the lease runs out, by the broker's clock; nanoseconds since 1970. An extension moves it.
   */
  public long deadlineNs() {
    synchronized (lease.settlements().lock()) {
      return extension == null || extension.deadlineNs() == 0
          ? lease.deadlineNs()
          : extension.deadlineNs();
    }
  }

  /** Whether it was acknowledged, given back or terminated here. */
  public boolean isSettled() {
    synchronized (lease.settlements().lock()) {
      return isSettled;
    }
  }

  /**
   * Whether the lease went with the connection, with a seek, or because the consumption has ended.
   */
  public boolean isLost() {
    synchronized (lease.settlements().lock()) {
      return lease.lost() != null;
    }
  }

  /**
   * Done. Completes once the broker has that on disk; fails with CONFLICT if the lease is lost or
   * it is settled already.
   */
  public CompletableFuture<Void> ack() {
    return settle(SettleAction.ACKNOWLEDGE);
  }

  /**
   * Not done: deliver it again, after a pause as the subscription's backoff says. Completes as
   * {@link #ack}.
   */
  public CompletableFuture<Void> nack() {
    return settle(new SettleAction.GiveBack(OptionalLong.empty(), false));
  }

  /**
   * Not done: deliver it again after so long, at most 7 days; zero: at once. Completes as {@link
   * #ack}.
   */
  public CompletableFuture<Void> nack(Duration delay) {
    long delayMs = Clock.toMs(Checks.notNegative("delay", delay));
    return settle(new SettleAction.GiveBack(OptionalLong.of(delayMs), false));
  }

  /** As {@link #extend(Duration)}, for as long as the subscription says. */
  public CompletableFuture<Long> extend() {
    return extend(Duration.ZERO);
  }

  /**
   * Not done yet: keeps the lease for so long from now on, 1 ms to 7 days; zero: as long as the
   * subscription says. Completes with the new deadline, as {@link #deadlineNs}.
   */
  public CompletableFuture<Long> extend(Duration duration) {
    long leaseMs = Clock.toMs(Checks.notNegative("duration", duration));
    return settle(new SettleAction.Prolong(leaseMs)).thenApply(done -> deadlineNs());
  }

  /**
   * Never to be done: a dead letter at once. The reason has at most 1024 bytes. Completes as {@link
   * #ack}.
   */
  public CompletableFuture<Void> terminate(String reason) {
    Objects.requireNonNull(reason, "reason");
    return settle(new SettleAction.Bury(reason));
  }

  @Override
  public String toString() {
    return "Delivery[" + message + ", attempt " + attempt() + "]";
  }

  Lease lease() {
    return lease;
  }

  int index() {
    return index;
  }

  int sizeBytes() {
    return sizeBytes;
  }

  // With the lock of the settlement queue.

  boolean isOpen() {
    return !isSettled;
  }

  void markSettled() {
    isSettled = true;
  }

  Extension extension() {
    return extension;
  }

  void extendBy(Extension value) {
    extension = value;
  }

  private CompletableFuture<Void> settle(SettleAction action) {
    return lease.settlements().settle(this, action);
  }
}
