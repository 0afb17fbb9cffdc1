package io.playhead.client;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;

/**
 * The leases of which something is not settled. Those that run out give their credit back. Guarded
 * by the lock of its owner.
 */
final class HeldLeases {
  private static final long MIN_SWEEP_MS = 50;
  private static final long MAX_SWEEP_MS = 60_000;

  /** Takes back the credit of what is held no longer. */
  @FunctionalInterface
  interface Owner {
    void giveBack(long messages, long bytes);
  }

  private final Connection connection;
  private final Object lock;
  private final Owner owner;
  private final Set<Lease> leases = new LinkedHashSet<>();
  private ScheduledFuture<?> sweep;
  private long sweepMs = MAX_SWEEP_MS;
  private boolean isClosed;

  HeldLeases(Connection connection, Object lock, Owner owner) {
    this.connection = connection;
    this.lock = lock;
    this.owner = owner;
  }

  void add(Lease lease) {
    leases.add(lease);
    arm();
  }

  /** A delivery of it was settled. */
  void released(Lease lease, int sizeBytes) {
    if (lease.heldCount() == 0) {
      leases.remove(lease);
    }
    if (!lease.isExpired()) {
      owner.giveBack(1, sizeBytes);
    }
  }

  /** Looks after leases of this length. */
  void watch(long leaseMs) {
    sweepMs = Math.min(Math.max(leaseMs / 4, MIN_SWEEP_MS), MAX_SWEEP_MS);
  }

  /** Nothing of them can be settled any more. */
  void lose(String how) {
    for (Lease lease : leases) {
      lease.lose(how);
      owner.giveBack(lease.heldCount(), lease.heldBytes());
    }
    leases.clear();
  }

  void close() {
    isClosed = true;
    if (sweep != null) {
      sweep.cancel(false);
    }
  }

  private void arm() {
    if (sweep == null && !isClosed && !leases.isEmpty()) {
      sweep = connection.schedule(this::sweep, sweepMs);
    }
  }

  private void sweep() {
    synchronized (lock) {
      sweep = null;
      long nowMs = Clock.nowMs();
      for (Iterator<Lease> each = leases.iterator(); each.hasNext(); ) {
        Lease lease = each.next();
        if (lease.isDue(nowMs)) {
          // The broker alone says whether something of it can still be settled.
          lease.expire();
          each.remove();
          owner.giveBack(lease.heldCount(), lease.heldBytes());
        }
      }
      arm();
    }
  }
}
