package io.playhead.client;

import dev.playhead.v1.Settlement;
import dev.playhead.v1.SettlementResult;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** What was settled and not sent yet, and what came of it. Guarded by the lock of its owner. */
final class SettlementQueue {
  /** What the owner does about it; with the lock. */
  interface Owner {
    /** There is something to take. */
    void onPending();

    /** A delivery of a lease is held no longer. */
    void onReleased(Lease lease, int sizeBytes);

    /** A lease, or a part of it, was extended; 0 is as long as the subscription says. */
    void onExtended(Lease lease, long leaseMs);
  }

  /** A delivery that was settled, and who waits. */
  private record Pending(Delivery delivery, SettleAction action, CompletableFuture<Void> future) {
    /** Whether this is the next delivery, with the same fate at the broker. */
    boolean follows(Pending before) {
      return delivery.lease() == before.delivery.lease()
          && delivery.index() == before.delivery.index() + 1
          // Parts of a lease that were extended apart run out apart.
          && delivery.extension() == before.delivery.extension()
          && action.equals(before.action);
    }
  }

  private static final Comparator<Pending> BY_PLACE =
      Comparator.<Pending>comparingLong(pending -> pending.delivery().lease().sequence())
          .thenComparingInt(pending -> pending.delivery().index());

  private final Object lock;
  private final Executor executor;
  private final Owner owner;
  private List<Pending> acks = new ArrayList<>();
  private List<Pending> extensions = new ArrayList<>();

  /** Deliveries given back or terminated. */
  private List<Pending> others = new ArrayList<>();

  private PlayheadException closed;

  SettlementQueue(Object lock, Executor executor, Owner owner) {
    this.lock = lock;
    this.executor = executor;
    this.owner = owner;
  }

  Object lock() {
    return lock;
  }

  boolean isEmpty() {
    return acks.isEmpty() && extensions.isEmpty() && others.isEmpty();
  }

  /**
   * Fails with CONFLICT, and changes nothing, if the delivery is settled or its lease lost. Takes
   * the lock.
   */
  CompletableFuture<Void> settle(Delivery delivery, SettleAction action) {
    synchronized (lock) {
      if (!delivery.isOpen()) {
        return CompletableFuture.failedFuture(
            Errors.conflict("the delivery is settled already", delivery.lease().receipt()));
      }
      PlayheadException refusal = closed == null ? delivery.lease().lost() : closed;
      if (refusal != null) {
        return CompletableFuture.failedFuture(refusal);
      }
      CompletableFuture<Void> future = new CompletableFuture<>();
      add(new Pending(delivery, action, future));
      owner.onPending();
      return future;
    }
  }

  /**
   * Acknowledges what of these is not settled. Completes when all is answered; fails with the first
   * error. Takes the lock.
   */
  CompletableFuture<Void> acknowledge(Collection<Delivery> deliveries) {
    List<CompletableFuture<Void>> futures = new ArrayList<>();
    synchronized (lock) {
      for (Delivery delivery : deliveries) {
        if (delivery.isOpen()) {
          futures.add(settle(delivery, SettleAction.ACKNOWLEDGE));
        }
      }
    }
    return Futures.all(futures);
  }

  /** Up to `limit` settlements, in the order in which their results are expected. */
  List<SentSettlement> take(int limit) {
    List<SentSettlement> taken = new ArrayList<>();
    // To extend comes before what ends a lease: the other way round it would be refused.
    extensions = merge(extensions, taken, limit);
    others = merge(others, taken, limit);
    acks.sort(BY_PLACE);
    acks = merge(acks, taken, limit);
    return taken;
  }

  /** The result of a settlement that was taken. */
  void answer(SentSettlement sent, SettlementResult result) {
    if (result.hasError()) {
      fail(sent.futures(), Errors.ofWire(result.getError()));
      return;
    }
    if (sent.extension() != null) {
      sent.extension().answered(result.getDeadlineTimestampNs());
      owner.onExtended(sent.lease(), sent.wire().getExtend().getLeaseMs());
    }
    executor.execute(() -> sent.futures().forEach(future -> future.complete(null)));
  }

  /** Of settlements that were taken nobody knows what came. */
  void abandon(Collection<SentSettlement> sent, PlayheadException error) {
    sent.forEach(each -> fail(each.futures(), error));
  }

  /** Fails what was not taken. */
  void clear(PlayheadException error) {
    List<CompletableFuture<Void>> futures = new ArrayList<>();
    for (List<Pending> pending : List.of(extensions, others, acks)) {
      pending.forEach(each -> futures.add(each.future()));
      pending.clear();
    }
    fail(futures, error);
  }

  /** Fails what was not taken, and refuses the rest. */
  void close(PlayheadException error) {
    closed = error;
    clear(error);
  }

  private void add(Pending pending) {
    SettleAction action = pending.action();
    if (action instanceof SettleAction.Prolong) {
      extensions.add(pending);
      return;
    }
    (action instanceof SettleAction.Acknowledge ? acks : others).add(pending);
    Delivery delivery = pending.delivery();
    delivery.markSettled();
    delivery.lease().release(delivery.sizeBytes());
    owner.onReleased(delivery.lease(), delivery.sizeBytes());
  }

  private void fail(List<CompletableFuture<Void>> futures, PlayheadException error) {
    if (!futures.isEmpty()) {
      executor.execute(() -> futures.forEach(future -> future.completeExceptionally(error)));
    }
  }

  /**
   * Moves what is pending to `taken`, what follows each other as one settlement, up to the limit.
   * Returns the rest.
   */
  private static List<Pending> merge(List<Pending> pending, List<SentSettlement> taken, int limit) {
    int at = 0;
    while (at < pending.size() && taken.size() < limit) {
      int end = at + 1;
      while (end < pending.size() && pending.get(end).follows(pending.get(end - 1))) {
        end += 1;
      }
      taken.add(join(pending.subList(at, end)));
      at = end;
    }
    return at == 0 ? pending : new ArrayList<>(pending.subList(at, pending.size()));
  }

  private static SentSettlement join(List<Pending> group) {
    Pending first = group.get(0);
    Lease lease = first.delivery().lease();
    Settlement.Builder wire =
        Settlement.newBuilder()
            .setReceipt(lease.receipt())
            .setFirstTimestampNs(first.delivery().message().timestampNs());
    if (group.size() > 1) {
      wire.setLastTimestampNs(group.get(group.size() - 1).delivery().message().timestampNs());
    }
    first.action().encode(wire);
    List<CompletableFuture<Void>> futures = group.stream().map(Pending::future).toList();
    if (!(first.action() instanceof SettleAction.Prolong)) {
      return new SentSettlement(wire.build(), futures, null, null);
    }
    Extension extension = new Extension();
    group.forEach(each -> each.delivery().extendBy(extension));
    return new SentSettlement(wire.build(), futures, lease, extension);
  }
}
