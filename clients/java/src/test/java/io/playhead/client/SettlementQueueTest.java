package io.playhead.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.playhead.v1.ErrorReason;
import dev.playhead.v1.Settlement;
import dev.playhead.v1.SettlementResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

final class SettlementQueueTest {
  private final List<String> told = new ArrayList<>();
  private final SettlementQueue queue =
      new SettlementQueue(
          new Object(),
          Runnable::run,
          new SettlementQueue.Owner() {
            @Override
            public void onPending() {}

            @Override
            public void onReleased(Lease lease, int sizeBytes) {
              told.add("released of " + lease.receipt());
            }

            @Override
            public void onExtended(Lease lease, long leaseMs) {
              told.add("extended " + lease.receipt() + " by " + leaseMs);
            }
          });

  /**
   * Deliveries of two leases, of three messages each: receipt 1 from 10 on, receipt 2 from 20 on.
   */
  private List<Delivery> deliveries() {
    List<dev.playhead.v1.Message> messages = new ArrayList<>();
    for (long timestampNs : new long[] {10, 11, 12, 20, 21, 22}) {
      messages.add(dev.playhead.v1.Message.newBuilder().setTimestampNs(timestampNs).build());
    }
    return Leases.deliver(queue, "orders", messages, List.of(lease(1), lease(2)), 0, 0);
  }

  private static dev.playhead.v1.Lease lease(long receipt) {
    return dev.playhead.v1.Lease.newBuilder().setReceipt(receipt).setMessageCount(3).build();
  }

  private List<String> take() {
    return queue.take(100).stream().map(sent -> describe(sent.wire())).toList();
  }

  private static String describe(Settlement wire) {
    return wire.getActionCase()
        + " "
        + wire.getReceipt()
        + " "
        + wire.getFirstTimestampNs()
        + "-"
        + wire.getLastTimestampNs();
  }

  private static Reason reasonOf(CompletableFuture<?> future) {
    ExecutionException error = assertThrows(ExecutionException.class, future::get);
    return ((PlayheadException) error.getCause()).reason();
  }

  @Test
  void consecutiveDeliveriesOfALeaseTravelAsOneRange() {
    List<Delivery> deliveries = deliveries();
    var all = queue.acknowledge(deliveries);
    assertEquals(List.of("ACK 1 10-12", "ACK 2 20-22"), take());
    assertFalse(all.isDone());
    assertTrue(queue.isEmpty());
  }

  @Test
  void theOrderOfAcknowledgementsDoesNotMatter() {
    List<Delivery> deliveries = deliveries();
    for (int index : new int[] {2, 0, 4, 1}) {
      var unused = deliveries.get(index).ack();
    }
    assertEquals(List.of("ACK 1 10-12", "ACK 2 21-0"), take());
  }

  @Test
  void aDeliveryIsSettledOnce() {
    Delivery delivery = deliveries().get(0);
    var unused = delivery.ack();
    assertEquals(Reason.CONFLICT, reasonOf(delivery.nack()));
    assertEquals(List.of("released of 1"), told);
  }

  @Test
  void partsOfALeaseThatWereExtendedApartTravelApart() {
    List<Delivery> deliveries = deliveries();
    CompletableFuture<Long> extended = deliveries.get(0).extend(Duration.ofSeconds(5));
    assertEquals(List.of("EXTEND 1 10-0"), take());
    CompletableFuture<Void> acknowledged = queue.acknowledge(deliveries.subList(0, 3));
    assertEquals(List.of("ACK 1 10-0", "ACK 1 11-12"), take());
    assertFalse(extended.isDone() || acknowledged.isDone());
  }

  @Test
  void anExtensionMovesTheDeadline() throws Exception {
    Delivery delivery = deliveries().get(0);
    CompletableFuture<Long> extended = delivery.extend(Duration.ofSeconds(5));
    SentSettlement sent = queue.take(100).get(0);
    queue.answer(sent, SettlementResult.newBuilder().setDeadlineTimestampNs(77).build());
    assertEquals(77, extended.get());
    assertEquals(77, delivery.deadlineNs());
    assertEquals(List.of("extended 1 by 5000"), told);
  }

  @Test
  void aResultIsThatOfEveryDeliveryInItsRange() {
    List<Delivery> deliveries = deliveries();
    CompletableFuture<Void> first = deliveries.get(0).ack();
    CompletableFuture<Void> second = deliveries.get(1).ack();
    SentSettlement sent = queue.take(100).get(0);
    dev.playhead.v1.Error error =
        dev.playhead.v1.Error.newBuilder().setReason(ErrorReason.ERROR_REASON_CONFLICT).build();
    queue.answer(sent, SettlementResult.newBuilder().setError(error).build());
    assertEquals(Reason.CONFLICT, reasonOf(first));
    assertEquals(Reason.CONFLICT, reasonOf(second));
  }

  @Test
  void noMoreIsTakenThanARequestHolds() {
    List<Delivery> deliveries = deliveries();
    for (int index : new int[] {0, 2, 4}) {
      var unused = deliveries.get(index).ack();
    }
    assertEquals(2, queue.take(2).size());
    assertEquals(List.of("ACK 2 21-0"), take());
  }

  @Test
  void aQueueThatIsClosedRefuses() {
    List<Delivery> deliveries = deliveries();
    CompletableFuture<Void> pending = deliveries.get(0).ack();
    queue.close(new PlayheadException(Reason.CONFLICT, "over"));
    assertEquals(Reason.CONFLICT, reasonOf(pending));
    assertEquals(Reason.CONFLICT, reasonOf(deliveries.get(1).ack()));
  }
}
