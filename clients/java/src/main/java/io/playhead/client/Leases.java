package io.playhead.client;

import java.util.ArrayList;
import java.util.List;

/** Makes deliveries of a response. */
final class Leases {
  private Leases() {}

  /**
   * The deliveries of messages with these leases. `firstSequence` numbers the first lease, the
   * others follow. Throws INTERNAL if the leases are not those of the messages.
   */
  static List<Delivery> deliver(
      SettlementQueue settlements,
      String topic,
      List<dev.playhead.v1.Message> messages,
      List<dev.playhead.v1.Lease> leases,
      long firstSequence,
      long expiresAtMs) {
    long count = leases.stream().mapToLong(dev.playhead.v1.Lease::getMessageCount).sum();
    if (count != messages.size()) {
      throw new PlayheadException(
          Reason.INTERNAL,
          "the broker sent leases of " + count + " messages with " + messages.size() + " messages");
    }
    List<Delivery> deliveries = new ArrayList<>(messages.size());
    long sequence = firstSequence;
    for (dev.playhead.v1.Lease wire : leases) {
      Lease lease = new Lease(settlements, sequence, wire, expiresAtMs);
      sequence += 1;
      for (int index = 0; index < wire.getMessageCount(); index++) {
        dev.playhead.v1.Message message = messages.get(deliveries.size());
        int sizeBytes = Message.sizeInResponse(message);
        lease.hold(sizeBytes);
        deliveries.add(new Delivery(new Message(topic, message), lease, index, sizeBytes));
      }
    }
    return deliveries;
  }
}
