package io.playhead.client;

import dev.playhead.v1.ConsumeResponse;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/**
 * Deliveries that have come and that nobody has taken yet, in order. Guarded by the lock of its
 * owner.
 */
final class ReadyDeliveries {
  private final SettlementQueue settlements;
  private final String topic;
  private final Queue<Delivery> queue = new ArrayDeque<>();
  private long leaseCount;

  ReadyDeliveries(SettlementQueue settlements, String topic) {
    this.settlements = settlements;
    this.topic = topic;
  }

  /**
   * Adds the deliveries of a response, and answers with their leases. Throws INTERNAL if these are
   * not those of the messages.
   */
  List<Lease> add(ConsumeResponse response, long expiresAtMs) {
    List<Delivery> deliveries =
        Leases.deliver(
            settlements,
            topic,
            response.getMessagesList(),
            response.getLeasesList(),
            leaseCount,
            expiresAtMs);
    leaseCount += response.getLeasesCount();
    queue.addAll(deliveries);
    return deliveries.stream().map(Delivery::lease).distinct().toList();
  }

  /** The next one that is still the worker's; null if there is none. */
  Delivery peek() {
    long nowMs = Clock.nowMs();
    // What waited here too long is somebody else's.
    while (!queue.isEmpty() && queue.element().lease().isOver(nowMs)) {
      queue.remove();
    }
    return queue.peek();
  }

  /** Takes that one. */
  Delivery poll() {
    peek();
    return queue.poll();
  }

  void clear() {
    queue.clear();
  }
}
